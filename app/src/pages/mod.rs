//! The pages, in the month's order of work.

pub(crate) mod books;
pub(crate) mod companies;
pub(crate) mod drift;
pub(crate) mod history;
pub(crate) mod month;
pub(crate) mod not_found;
pub(crate) mod overview;
pub(crate) mod products;
pub(crate) mod reverse;
pub(crate) mod settings;
pub(crate) mod sign_in;
