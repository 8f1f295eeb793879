//! Which company of ESET MSP Administrator a company's device group stands for: the one a person has named, else the one with its
//! id, else the only one with its very name.

use std::collections::BTreeMap;
use std::rc::Rc;

use domain::billing::Member;
use domain::groups::{CompanyIndex, Groups};
use domain::ids::{DeviceGroupId, EsetCompanyId};
use domain::seats::Snapshot;

use store::ledger::SaidOwners;

/// Whose the groups of every console are.
pub struct Owners {
    index: CompanyIndex<Member>,
    said: SaidOwners,
}

impl Owners {
    /// By the companies of these snapshots, and what was said.
    pub fn of_companies(snapshots: &[Rc<Snapshot>], said: SaidOwners) -> Self {
        let index = CompanyIndex::of(snapshots.iter().flat_map(|snapshot| {
            let member = |company: &EsetCompanyId| Member { connection: snapshot.connection.clone(), company: company.clone() };
            snapshot.companies.iter().map(move |(id, company)| (id, company.name.as_str(), member(id)))
        }));
        Self { index, said }
    }

    /// The company that each company's group of a console stands for.
    pub fn of<'g>(&self, read: &'g Groups) -> BTreeMap<&'g DeviceGroupId, Member> {
        let mut owners = self.index.among(read);
        for ((_, group), said) in self.said.iter().filter(|((console, _), _)| *console == read.connection) {
            let Some((group, _)) = read.groups.get_key_value(group) else { continue };
            match &said.owner {
                Some(owner) => owners.insert(group, owner.clone()),
                None => owners.remove(group),
            };
        }
        owners
    }
}
