//! Tickets: rules, what they open and close, and the service desk they work on.

mod api;
mod configurations;
mod connections;
mod desk;
mod detections;
mod leaves;
mod life;
mod many;
mod off;
mod once;
mod places;
mod second_install;
mod start;
mod unchanged;
