//! The tree of a console's device groups, ready to be shown and searched.

use std::collections::HashMap;

use contract::groups::{ConsoleGroups, GroupView};

/// No tree is deeper; a longer way up is a circle.
const DEEPEST: usize = 64;

/// The groups of a console, each found by its id, with what is below it in the order of names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct GroupTree {
    groups: Vec<GroupView>,
    places: HashMap<String, usize>,
    below: HashMap<String, Vec<usize>>,
    top: Vec<usize>,
}

impl GroupTree {
    /// The tree of a console.
    pub(crate) fn of(console: &ConsoleGroups) -> Self {
        let mut groups = console.groups.clone();
        groups.sort_by_key(|group| (group.name.to_lowercase(), group.group.0.clone()));
        let places = groups.iter().enumerate().map(|(place, group)| (group.group.0.clone(), place)).collect();
        let (mut below, mut top) = (HashMap::<String, Vec<usize>>::new(), Vec::new());
        for (place, group) in groups.iter().enumerate() {
            match &group.parent {
                Some(parent) => below.entry(parent.0.clone()).or_default().push(place),
                None => top.push(place),
            }
        }
        Self { groups, places, below, top }
    }

    /// A group.
    pub(crate) fn get(&self, id: &str) -> Option<&GroupView> {
        self.places.get(id).and_then(|place| self.groups.get(*place))
    }

    /// Groups that are below no other.
    pub(crate) fn top(&self) -> impl Iterator<Item = &GroupView> {
        self.top.iter().filter_map(|place| self.groups.get(*place))
    }

    /// Groups right below a group.
    pub(crate) fn below(&self, id: &str) -> impl Iterator<Item = &GroupView> {
        self.below.get(id).into_iter().flatten().filter_map(|place| self.groups.get(*place))
    }

    /// The names from the top down to a group: "All › Acme › Servers".
    pub(crate) fn path(&self, id: &str) -> String {
        let up = std::iter::successors(self.get(id), |group| self.get(group.parent.as_ref()?.as_str()));
        let mut names: Vec<&str> = up.take(DEEPEST).map(|group| group.name.as_str()).collect();
        names.reverse();
        names.join(" › ")
    }

    /// Groups with a text in their name, or in the name of the company they belong to; up to `most`, and whether there are more.
    pub(crate) fn search(&self, text: &str, most: usize) -> (Vec<&GroupView>, bool) {
        let text = text.trim().to_lowercase();
        let named = |group: &GroupView| group.name.to_lowercase().contains(&text);
        let company = |group: &GroupView| group.company.as_ref().and_then(|company| self.get(company.as_str())).is_some_and(named);
        let mut found: Vec<&GroupView> = self.groups.iter().filter(|group| named(group) || company(group)).take(most + 1).collect();
        let more = found.len() > most;
        found.truncate(most);
        (found, more)
    }

    /// Whose devices a group holds: the company's name in ESET, and the name of the ConnectWise company its tickets go to. None for
    /// a group that belongs to no company.
    pub(crate) fn belongs(&self, group: &GroupView) -> Option<Belongs> {
        let company = self.get(group.company.as_ref()?.as_str())?;
        let mapped = company.owner.as_ref().and_then(|owner| owner.mapped.as_ref());
        let psa = mapped.map(|mapped| mapped.name.clone().unwrap_or_else(|| format!("company {}", mapped.company)));
        Some(Belongs { company: company.name.clone(), known: company.owner.is_some(), psa })
    }
}

/// Whose a group is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Belongs {
    /// The company's name in the console.
    pub(crate) company: String,
    /// Whether it is surely one of ESET MSP Administrator's.
    pub(crate) known: bool,
    /// The ConnectWise company; none while it is not mapped.
    pub(crate) psa: Option<String>,
}

#[cfg(test)]
mod tests {
    use contract::groups::{GroupOwner, MappedOwner};
    use domain::groups::StandsFor;
    use domain::ids::PsaCompanyId;

    use super::*;

    fn group(id: &str, name: &str, parent: Option<&str>, company: Option<&str>) -> GroupView {
        GroupView {
            group: id.into(),
            name: name.to_owned(),
            parent: parent.map(Into::into),
            dynamic: false,
            stands_for: (company == Some(id)).then_some(StandsFor::Company),
            devices: Some(1),
            company: company.map(Into::into),
            owner: None,
            said: None,
            suggested: None,
        }
    }

    fn tree() -> GroupTree {
        let mut acme = group("acme", "Acme", Some("all"), Some("acme"));
        let mapped = Some(MappedOwner { psa: "psa".into(), company: PsaCompanyId(7), name: Some("Acme Inc.".to_owned()) });
        acme.owner = Some(GroupOwner { connection: "ema".into(), company: "acme".into(), name: "Acme".to_owned(), mapped });
        let groups = vec![
            group("s", "Servers", Some("acme"), Some("acme")),
            group("all", "All", None, None),
            acme,
            group("b", "Borealis", Some("all"), Some("b")),
            group("l", "Laptops", Some("acme"), Some("acme")),
        ];
        GroupTree::of(&ConsoleGroups { connection: "c".into(), name: "Console".to_owned(), read_at: None, groups })
    }

    #[test]
    fn a_tree_is_in_the_order_of_names_and_knows_the_way_to_each_group() {
        let tree = tree();
        let names = |groups: Vec<&GroupView>| groups.into_iter().map(|group| group.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(tree.top().collect()), ["All"]);
        assert_eq!(names(tree.below("all").collect()), ["Acme", "Borealis"]);
        assert_eq!(names(tree.below("acme").collect()), ["Laptops", "Servers"]);
        assert_eq!(tree.path("s"), "All › Acme › Servers");
        assert_eq!(tree.path("gone"), "");
    }

    #[test]
    fn a_group_is_found_by_its_name_and_by_its_company() {
        let tree = tree();
        let found = |text: &str, most| {
            let (found, more) = tree.search(text, most);
            (found.into_iter().map(|group| group.group.0.clone()).collect::<Vec<_>>(), more)
        };
        assert_eq!(found("serv", 9), (vec!["s".to_owned()], false));
        assert_eq!(found("ACME", 9), (vec!["acme".to_owned(), "l".to_owned(), "s".to_owned()], false));
        assert_eq!(found("acme", 1), (vec!["acme".to_owned()], true));
    }

    #[test]
    fn a_group_belongs_to_the_company_above_it() {
        let tree = tree();
        let belongs = |id: &str| tree.belongs(tree.get(id).expect("a group"));
        assert_eq!(belongs("s"), Some(Belongs { company: "Acme".to_owned(), known: true, psa: Some("Acme Inc.".to_owned()) }));
        assert_eq!(belongs("b"), Some(Belongs { company: "Borealis".to_owned(), known: false, psa: None }));
        assert_eq!(belongs("all"), None);
    }

    #[test]
    fn a_circle_has_an_end() {
        let groups = vec![group("a", "A", Some("b"), None), group("b", "B", Some("a"), None)];
        let tree = GroupTree::of(&ConsoleGroups { connection: "c".into(), name: String::new(), read_at: None, groups });
        assert!(tree.path("a").len() < 1_000);
    }
}
