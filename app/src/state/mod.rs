//! What the screen remembers while it is open. One type a file; what it decides is in `model`.

pub(crate) mod appearance;
pub(crate) mod clock;
pub(crate) mod connectivity;
mod lists;
pub(crate) mod live;
pub(crate) mod notices;
pub(crate) mod paged;
pub(crate) mod preview;
pub(crate) mod remote;
pub(crate) mod sending;
pub(crate) mod signed;
pub(crate) mod step_up;
