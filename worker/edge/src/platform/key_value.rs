//! The key-value port on Workers KV.

use async_trait::async_trait;
use worker::KvStore;

use store::ports::{KeyValue, Keys, StoreError};

/// A Workers KV namespace.
pub(super) struct Namespace(pub(super) KvStore);

#[async_trait(?Send)]
impl KeyValue for Namespace {
    // As text: the crate's own JSON reader goes through JavaScript values, which bend numbers and flattened maps.
    async fn get(&self, key: &str) -> Result<Option<String>, StoreError> {
        self.0.get(key).text().await.map_err(|error| StoreError(format!("KV get {key}: {error}")))
    }

    async fn put(&self, key: &str, text: String) -> Result<(), StoreError> {
        let failed = |error| StoreError(format!("KV put {key}: {error}"));
        self.0.put(key, text).map_err(failed)?.execute().await.map_err(failed)
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        self.0.delete(key).await.map_err(|error| StoreError(format!("KV delete {key}: {error}")))
    }

    async fn keys(&self, from: Option<String>) -> Result<Keys, StoreError> {
        let list = self.0.list();
        let list = match from {
            Some(place) => list.cursor(place),
            None => list,
        };
        let found = list.execute().await.map_err(|error| StoreError(format!("KV list: {error}")))?;
        let next = found.cursor.filter(|place| !found.list_complete && !place.is_empty());
        Ok(Keys { keys: found.keys.into_iter().map(|key| key.name).collect(), next })
    }
}
