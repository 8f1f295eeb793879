//! What the screen knows and decides, without the screen: plain types, tested natively.

pub(crate) mod address;
pub(crate) mod books;
pub(crate) mod changes;
pub(crate) mod connection_form;
pub(crate) mod desk;
pub(crate) mod door;
pub(crate) mod drift;
pub(crate) mod freshness;
pub(crate) mod group_tree;
pub(crate) mod keys;
pub(crate) mod limits;
pub(crate) mod lines;
pub(crate) mod mapping;
pub(crate) mod pace;
pub(crate) mod place;
pub(crate) mod rule_edit;
pub(crate) mod rule_form;
pub(crate) mod rule_source;
pub(crate) mod selection;
pub(crate) mod silences;
pub(crate) mod ticket_rule;
pub(crate) mod tickets;
pub(crate) mod typed;
