//! What a customer is shown by a share link.

mod contents;
mod extracts;
mod links;
