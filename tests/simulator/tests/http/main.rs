//! The simulator over HTTP, as clients meet it.

mod conformance;
mod connect;
mod connectwise;
mod control;
mod desk;
mod desk_control;
mod detections;
mod ema2;
mod estate;
mod faults;
mod on_prem;
mod restart;
mod rig;
mod schema;
