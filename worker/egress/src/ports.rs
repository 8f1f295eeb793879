//! What egress needs of its surroundings: the time, randomness, and one way to send a request.

#[cfg(feature = "scripted")]
pub mod scripted;

use std::time::Duration;

use async_trait::async_trait;
use chrono::{FixedOffset, TimeDelta};
use domain::Timestamp;

/// The time, and waiting.
#[async_trait(?Send)]
pub trait Clock {
    /// Now. In a Worker the clock stands still during computation and moves with I/O.
    fn now(&self) -> Timestamp;

    /// Waits; not at all for a wait that is not positive.
    async fn sleep(&self, wait: TimeDelta);

    /// How far the clocks of a time zone of the IANA database are ahead of UTC at a moment; none when there is no such zone.
    fn offset(&self, zone: &str, at: Timestamp) -> Option<FixedOffset>;
}

/// Randomness fit for keys.
pub trait Entropy {
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]);
}

/// Sends one HTTP request. Used by [`crate`] alone.
#[async_trait(?Send)]
pub trait Transport {
    /// Sends `request` and reads the whole answer. Redirects are not followed: a 3xx is an answer.
    ///
    /// # Errors
    /// When no complete answer came; the request may have taken effect all the same.
    async fn send(&self, request: http::Request<Vec<u8>>, limits: Limits) -> Result<http::Response<Vec<u8>>, TransportError>;
}

/// Limits of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// From sending to the last byte of the answer.
    pub timeout: Duration,
    /// Bytes of the answer's body.
    pub max_body: usize,
}

/// Why no complete answer came.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// Nothing, or not everything, within the timeout.
    #[error("no answer within {} s", .0.as_secs())]
    TimedOut(Duration),
    /// No connection, or it was lost.
    #[error("the connection failed: {0}")]
    Failed(String),
    /// The body is larger than allowed.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
}
