//! Which of ESET MSP Administrator's companies a company's device group stands for.

use std::collections::{BTreeMap, BTreeSet};

use super::{Groups, StandsFor};
use crate::ids::{DeviceGroupId, EsetCompanyId};

/// Companies by id and by name, so that thousands of groups find theirs among thousands of companies. That both consoles give a
/// company one id is not documented, so the name is compared too, capitals aside; where two companies bear it, neither is taken. A
/// name that is only alike is another customer's: a console may have some that ESET MSP Administrator does not know.
pub struct CompanyIndex<T> {
    ids: BTreeMap<String, T>,
    /// The id of the only company with a name; none where several bear it.
    names: BTreeMap<String, Option<String>>,
}

impl<T: Clone> CompanyIndex<T> {
    /// Puts companies in order.
    pub fn of<'a>(companies: impl Iterator<Item = (&'a EsetCompanyId, &'a str, T)>) -> Self {
        let mut index = Self { ids: BTreeMap::new(), names: BTreeMap::new() };
        for (id, name, kept) in companies {
            let (id, name) = (id.as_str().to_ascii_lowercase(), called(name));
            if !name.is_empty() {
                let only = if index.names.contains_key(&name) { None } else { Some(id.clone()) };
                index.names.insert(name, only);
            }
            index.ids.entry(id).or_insert(kept);
        }
        index
    }

    /// What is kept of the company that each company's group of a console stands for: of the one with the very same id, else of the
    /// only one with the same name, if no other group of the console bears it, or has the company's id.
    pub fn among<'g>(&self, read: &'g Groups) -> BTreeMap<&'g DeviceGroupId, T> {
        let companies = || read.groups.iter().filter(|(_, group)| group.stands_for == Some(StandsFor::Company));
        let id_of = |id: &DeviceGroupId| id.as_str().to_ascii_lowercase();
        let (mut there, mut borne) = (BTreeSet::new(), BTreeMap::<String, u32>::new());
        for (id, group) in companies() {
            there.insert(id_of(id));
            *borne.entry(called(&group.name)).or_default() += 1;
        }
        let by_name = |name: String| {
            let id = self.names.get(&name)?.as_ref()?;
            self.ids.get(id).filter(|_| borne.get(&name) == Some(&1) && !there.contains(id))
        };
        let owned = companies().filter_map(|(id, group)| {
            let kept = self.ids.get(&id_of(id)).or_else(|| by_name(called(&group.name)))?;
            Some((id, kept.clone()))
        });
        owned.collect()
    }
}

fn called(name: &str) -> String {
    name.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Timestamp;
    use crate::groups::{DeviceGroup, GROUPS_SCHEMA};

    /// Whose each company's group of a console is, by the place of the company.
    fn owners(groups: &[(&str, &str)], companies: &[(&str, &str)]) -> Vec<Option<usize>> {
        let group = |name: &str| DeviceGroup { name: name.to_owned(), stands_for: Some(StandsFor::Company), ..DeviceGroup::default() };
        let mut read = Groups {
            schema: GROUPS_SCHEMA,
            connection: "onprem".into(),
            pass: "pass".into(),
            taken_at: Timestamp::UNIX_EPOCH,
            groups: groups.iter().map(|(id, name)| ((*id).into(), group(name))).collect(),
        };
        // What is no company is nobody's, whatever it is called.
        let rest = companies.iter().enumerate().map(|(place, (_, name))| {
            (format!("site {place}").as_str().into(), DeviceGroup { name: (*name).to_owned(), ..DeviceGroup::default() })
        });
        read.groups.extend(rest);
        let ids: Vec<EsetCompanyId> = companies.iter().map(|(id, _)| (*id).into()).collect();
        let rows = ids.iter().zip(companies).enumerate().map(|(place, (id, (_, name)))| (id, *name, place));
        let found = CompanyIndex::of(rows).among(&read);
        assert!(found.keys().all(|id| !id.as_str().starts_with("site")), "{found:?}");
        groups.iter().map(|(id, _)| found.get(&DeviceGroupId::from(*id)).copied()).collect()
    }

    #[test]
    fn whose_devices_are_is_told_by_the_id_or_by_a_name_that_nobody_else_bears() {
        type Case<'a> = (&'a [(&'a str, &'a str)], &'a [(&'a str, &'a str)], &'a [Option<usize>]);
        let table: [Case<'_>; 10] = [
            (&[("a", "Renamed")], &[("b", "Renamed"), ("A", "Acme")], &[Some(1)]),
            (&[("x", " ACME ltd ")], &[("a", "Acme Ltd")], &[Some(0)]),
            (&[("x", "Acme AG")], &[("a", "Acme Ltd")], &[None]),
            (&[("x", "Acmé Ltd")], &[("a", "Acme Ltd")], &[None]),
            (&[("x", "Acme, Ltd.")], &[("a", "Acme Ltd")], &[None]),
            (&[("x", "Acme GmbH")], &[("a", "Acme AG"), ("b", "Acme GmbH")], &[Some(1)]),
            (&[("x", "Acme")], &[("a", "Acme"), ("b", "acme")], &[None]),
            (&[("x", "Acme"), ("y", "acme")], &[("a", "Acme")], &[None, None]),
            (&[("a", "Acme Berlin"), ("y", "Acme")], &[("a", "Acme")], &[Some(0), None]),
            (&[("x", " ")], &[("a", "")], &[None]),
        ];
        for (groups, companies, expected) in table {
            assert_eq!(owners(groups, companies), expected, "{groups:?} {companies:?}");
        }
    }
}
