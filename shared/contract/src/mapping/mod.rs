//! Which ESET company and product is billed as what in ConnectWise.

pub mod companies;
pub mod groups;
pub mod mapping_table;
pub mod products;
pub mod psa;
