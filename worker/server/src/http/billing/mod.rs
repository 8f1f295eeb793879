//! The month and what follows from it: lines, decisions, drift, history, closed months.

pub(in crate::http) mod drift;
pub(in crate::http) mod history;
pub(in crate::http) mod lines;
pub(in crate::http) mod month;
pub(in crate::http) mod month_table;
pub(in crate::http) mod months;
pub(in crate::http) mod plan_slice;
pub(in crate::http) mod policy;
pub(in crate::http) mod reconciliation;
pub(in crate::http) mod repairs;
