//! Which of ESET MSP Administrator's companies a company's device group stands for.

use crate::ids::{DeviceGroupId, EsetCompanyId};
use crate::mapping::normalised;
use crate::sorted::SortedMap;

/// Companies by id and by name, so that thousands of groups find theirs among thousands of companies. That both consoles give a
/// company one id is not documented, so the name is compared too; where two bear it, neither is taken.
pub struct CompanyIndex<T> {
    ids: SortedMap<String, T>,
    /// None where several bear the name.
    names: SortedMap<String, Option<T>>,
}

impl<T: Clone> CompanyIndex<T> {
    /// Puts companies in order.
    pub fn of<'a>(companies: impl Iterator<Item = (&'a EsetCompanyId, &'a str, T)>) -> Self {
        let mut index = Self { ids: SortedMap::new(), names: SortedMap::new() };
        for (id, name, kept) in companies {
            let id = id.as_str().to_ascii_lowercase();
            if !index.ids.contains_key(&id) {
                index.ids.insert(id, kept.clone());
            }
            let name = normalised(name);
            if !name.is_empty() {
                let only = if index.names.contains_key(&name) { None } else { Some(kept) };
                index.names.insert(name, only);
            }
        }
        index
    }

    /// What is kept of the company that a group with this name stands for: of the one with the very same id, else of the only one
    /// with the same name.
    pub fn behind(&self, group: &DeviceGroupId, name: &str) -> Option<T> {
        let by_id = self.ids.get(&group.as_str().to_ascii_lowercase());
        by_id.or_else(|| self.names.get(&normalised(name))?.as_ref()).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_the_company_with_its_id_else_the_only_one_with_its_name() {
        type Case<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)], Option<usize>);
        let table: [Case<'_>; 8] = [
            ("a", "Acme", &[("b", "Borealis"), ("a", "Renamed")], Some(1)),
            ("A", "Acme", &[("a", "Renamed")], Some(0)),
            ("a", "Acme", &[("b", "Acme"), ("c", "Acme"), ("a", "Renamed")], Some(2)),
            ("x", "Acme GmbH", &[("b", "Borealis"), ("c", "ACME")], Some(1)),
            ("x", "Acme", &[("b", "Acme"), ("c", "acme")], None),
            ("x", "Acme", &[("b", "Acme"), ("c", "acme"), ("d", "Acme")], None),
            ("x", "", &[("b", ""), ("c", "Acme")], None),
            ("x", "Acme", &[], None),
        ];
        for (group, name, companies, expected) in table {
            let ids: Vec<EsetCompanyId> = companies.iter().map(|(id, _)| (*id).into()).collect();
            let rows = ids.iter().zip(companies).enumerate().map(|(place, (id, (_, name)))| (id, *name, place));
            assert_eq!(CompanyIndex::of(rows).behind(&group.into(), name), expected, "{group} {name} {companies:?}");
        }
    }
}
