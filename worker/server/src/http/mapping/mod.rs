//! What is billed where: companies, products and device groups, and the ConnectWise records they point to.

pub(in crate::http) mod companies;
pub(in crate::http) mod groups;
pub(in crate::http) mod in_use;
pub(in crate::http) mod mapping_table;
pub(in crate::http) mod overrides;
pub(in crate::http) mod products;
pub(in crate::http) mod psa;
pub(in crate::http) mod rules;
pub(in crate::http) mod splits;
