//! Tickets, the rules that open them, and the groups those watch.

pub(crate) mod desk;
pub(crate) mod group_tree;
pub(crate) mod leaves;
pub(crate) mod mutes;
pub(crate) mod rule_edit;
pub(crate) mod rule_form;
pub(crate) mod rule_source;
pub(crate) mod switch_on;
pub(crate) mod ticket;
pub(crate) mod ticket_rule;
