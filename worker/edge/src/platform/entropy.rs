//! Randomness from the runtime.

use egress::ports::Entropy;

/// The runtime's generator (`crypto.getRandomValues`).
pub(super) struct WorkerEntropy;

impl Entropy for WorkerEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        if let Err(error) = getrandom::fill(bytes) {
            // Without randomness no secret may be made; ending the request is the only safe answer.
            log::error!("no randomness: {error}");
            std::process::abort();
        }
    }
}
