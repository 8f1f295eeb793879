//! What is billed where: mappings, device groups, what changes under them, and tables of them.

mod drift;
mod group_owners;
mod groups;
mod groups_tree;
mod mass;
mod tables;
