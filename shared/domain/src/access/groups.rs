//! Access groups: which ESET companies a person or an API token sees, and how a company comes by its group.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ids::{AccessGroupId, EsetCompanyId};

/// The most companies above one another: ESET has no such limit, and a longer way up is a circle.
const DEEPEST: usize = 64;

/// What somebody sees and works on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "sees", rename_all = "snake_case", deny_unknown_fields)]
pub enum Visibility {
    /// Every company, and what concerns the whole install.
    #[default]
    Everything,
    /// The companies of these access groups alone. With none of them: nothing.
    Groups {
        /// The groups.
        groups: Vec<AccessGroupId>,
    },
}

impl Visibility {
    /// Sees no company, and nothing that concerns the whole install.
    pub fn nothing() -> Self {
        Self::Groups { groups: Vec::new() }
    }

    /// Whether nothing is kept from whoever has it.
    pub fn is_everything(&self) -> bool {
        *self == Self::Everything
    }
}

/// The access group of each of `companies`, which come with the company above them: a company's own, else that of the nearest
/// above it that has one. A company without is in nobody's group; so is one whose way up is a circle without a group in it.
///
/// A company above that is not among `companies` counts by its own group and leads no further.
pub fn effective<'a>(
    companies: impl Iterator<Item = (&'a EsetCompanyId, Option<&'a EsetCompanyId>)>,
    own: &'a BTreeMap<EsetCompanyId, AccessGroupId>,
) -> BTreeMap<&'a EsetCompanyId, &'a AccessGroupId> {
    let above: BTreeMap<&EsetCompanyId, Option<&EsetCompanyId>> = companies.collect();
    let group_of = |company: &'a EsetCompanyId| {
        let climb = |below: &&'a EsetCompanyId| above.get(*below).copied().flatten();
        std::iter::successors(Some(company), climb).take(DEEPEST).find_map(|company| own.get(company))
    };
    above.keys().filter_map(|company| Some((*company, group_of(company)?))).collect()
}

#[cfg(test)]
#[path = "groups_laws.rs"]
mod laws;
