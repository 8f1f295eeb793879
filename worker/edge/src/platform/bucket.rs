//! The bucket port on Cloudflare's R2.

use async_trait::async_trait;
use worker::{Bucket as R2, HttpMetadata};

use store::ports::{Bucket, StoreError};

/// The R2 bucket that nightly backups go into.
pub(super) struct Backups(pub(super) R2);

#[async_trait(?Send)]
impl Bucket for Backups {
    async fn put(&self, name: &str, kind: &str, bytes: Vec<u8>) -> Result<(), StoreError> {
        let told = HttpMetadata { content_type: Some(kind.to_owned()), ..HttpMetadata::default() };
        let put = self.0.put(name, bytes).http_metadata(told).execute().await;
        put.map(drop).map_err(|error| StoreError(format!("R2 put {name}: {error}")))
    }
}
