//! Device groups of a company that are billed on agreements of their own: checked, and told in the history.

use std::rc::Rc;

use domain::groups::Groups;
use domain::ids::{AgreementId, ConnectionId, EsetCompanyId, PsaCompanyId};
use domain::mapping::{CompanyTarget, GroupSplit, Mappings};
use domain::psa::PsaCatalogue;

use crate::http::middleware::error::{Failure, invalid};

/// The most groups of a company that are billed apart.
const MOST: usize = 50;

/// What a company's parts are checked against.
pub(in crate::http) struct Splits<'a> {
    pub(in crate::http) read: &'a [Rc<Groups>],
    pub(in crate::http) catalogue: &'a PsaCatalogue,
    /// The ConnectWise company it is mapped to.
    pub(in crate::http) company: PsaCompanyId,
    /// The company's own agreement.
    pub(in crate::http) own: AgreementId,
    /// What it splits already: a group that has gone since is not complained of at every other change.
    pub(in crate::http) before: &'a [GroupSplit],
}

impl Splits<'_> {
    /// The parts, if each can be. Refused by the field below `field` that cannot.
    pub(in crate::http) fn checked(
        &self,
        splits: &[GroupSplit],
        mappings: &Mappings,
        whose: (&ConnectionId, &EsetCompanyId),
        field: &str,
    ) -> Result<Vec<GroupSplit>, Failure> {
        if splits.len() > MOST {
            return Err(invalid(field, "At most 50 groups of a company can be billed apart.", "Choose a group above several of them."));
        }
        for (place, split) in splits.iter().enumerate() {
            let (group, agreement) = (format!("{field}[{place}].group"), format!("{field}[{place}].agreement"));
            let read = self.read.iter().find(|read| read.connection == split.connection);
            let known = read.and_then(|read| read.groups.get(&split.group));
            if known.is_none() && !self.before.contains(split) {
                return Err(invalid(&group, "ESET shows no such group.", "Sync now, then choose it from the list."));
            }
            if known.is_some_and(|known| known.dynamic) {
                let title = "A device can be in several dynamic groups, so its seat would be billed several times.";
                return Err(invalid(&group, title, "Choose a static group."));
            }
            let others = mappings.targets().filter(|(connection, company, _)| (*connection, *company) != whose);
            let elsewhere = others.flat_map(|(_, _, target)| &target.groups).any(|other| other.group == split.group);
            if elsewhere || splits.iter().take(place).any(|other| other.group == split.group) {
                return Err(invalid(&group, "The group is billed apart already.", "Take it off there first."));
            }
            let found = self.catalogue.agreements.get(&split.agreement);
            let found = found
                .ok_or_else(|| invalid(&agreement, "ConnectWise has no such agreement.", "Sync now, then choose it from the list."))?;
            if found.company != self.company {
                let remedy = "Choose an agreement of the company this one is mapped to.";
                return Err(invalid(&agreement, "The agreement is with another company.", remedy));
            }
            if split.agreement == self.own {
                let remedy = "Choose another agreement, or leave the group where it is.";
                return Err(invalid(&agreement, "The company is billed on this agreement already.", remedy));
            }
        }
        Ok(splits.to_vec())
    }
}

/// `; group Servers on Server care` for each part.
pub(in crate::http) fn describe(target: &CompanyTarget, catalogue: Option<&PsaCatalogue>, read: &[Rc<Groups>]) -> String {
    let one = |split: &GroupSplit| {
        let known = read.iter().find(|read| read.connection == split.connection).and_then(|read| read.groups.get(&split.group));
        let group = known.map_or_else(|| split.group.to_string(), |known| known.name.clone());
        let agreement = catalogue.and_then(|catalogue| catalogue.agreements.get(&split.agreement));
        let agreement = agreement.map_or_else(|| format!("agreement {}", split.agreement), |known| known.name.clone());
        format!("; group {group} on {agreement}")
    };
    target.groups.iter().map(one).collect()
}
