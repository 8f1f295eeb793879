//! The install itself: backups, connections, look-only mode, passes, retention, snapshots, the vault, the overview.

pub(in crate::http) mod backup;
pub(in crate::http) mod connections;
pub(in crate::http) mod forgetting;
pub(in crate::http) mod look_only;
pub(in crate::http) mod overview;
pub(in crate::http) mod passes;
pub(in crate::http) mod retention;
pub(in crate::http) mod snapshots;
pub(in crate::http) mod vault;
