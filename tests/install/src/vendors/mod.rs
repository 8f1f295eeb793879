//! The vendors' clients: what they send, and what they make of what comes back.

mod conformance;
mod connectwise;
mod egress;
mod ema2;
mod hostile_answers;
mod odd_rows;
mod put_off;
