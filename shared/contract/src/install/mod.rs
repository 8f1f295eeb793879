//! The install itself: its connections, limits, passes, backups and what it says of itself.

pub mod backup;
pub mod connections;
pub mod forgetting;
pub mod history;
pub mod look_only;
pub mod overview;
pub mod passes;
pub mod policy;
pub mod retention;
pub mod service;
pub mod snapshots;
pub mod vault;
