//! Reads a response's body up to a limit.

use http_body::Body;
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::ports::TransportError;

/// Reads an answer's body up to `most` bytes, without taking in more of a larger one.
///
/// # Errors
/// When it is larger, or breaks off.
pub async fn read_body<B>(body: B, most: usize) -> Result<Vec<u8>, TransportError>
where
    B: Body,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    match Limited::new(body, most).collect().await {
        Ok(collected) => Ok(collected.to_bytes().to_vec()),
        Err(error) if error.is::<LengthLimitError>() => Err(TransportError::TooLarge(most)),
        Err(error) => Err(TransportError::Failed(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use axum::body::Body as Sent;
    use futures::stream;

    use super::*;

    /// A body of so many chunks of 1,000 bytes, and how many of them were taken.
    fn chunks(count: usize) -> (Sent, Arc<AtomicUsize>) {
        let taken = Arc::<AtomicUsize>::default();
        let counter = Arc::clone(&taken);
        let chunks = (0..count).map(move |_| {
            counter.fetch_add(1, Ordering::Relaxed);
            Ok::<_, Infallible>(vec![b'x'; 1_000])
        });
        (Sent::from_stream(stream::iter(chunks)), taken)
    }

    #[tokio::test]
    async fn a_body_within_its_bounds_is_read_whole() {
        let (body, _) = chunks(5);
        assert_eq!(read_body(body, 5_000).await.expect("a body").len(), 5_000);
    }

    #[tokio::test]
    async fn no_more_of_a_larger_one_is_taken_in_than_is_allowed() {
        let (body, taken) = chunks(1_000_000);
        assert_eq!(read_body(body, 5_000).await, Err(TransportError::TooLarge(5_000)));
        assert_eq!(taken.load(Ordering::Relaxed), 6, "the chunk that is too much ends it");
    }
}
