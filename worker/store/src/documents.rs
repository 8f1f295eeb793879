//! Documents: immutable, versioned texts. The ledger holds the current version of each; Workers KV holds a copy of every version.
//!
//! KV is not consistent: a read may be old by a minute or more, and a look-up of a key that is not there yet is remembered as
//! missing. So a version is written once under a key nobody has asked for before, and what is current is read from the ledger.
//! A KV value that is gone costs that version of the past, and nothing else.

use std::any::Any;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use domain::Timestamp;
use domain::hash::sha256_hex;
use domain::json::JsonError;
use domain::json::strict::read;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::ledger::{Ledger, Pointer};
use crate::ports::{KeyValue, Keys, StoreError};

/// Why a document could not be read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The ledger points to it, but KV does not show it (yet).
    #[error("document {name} is not visible yet: {key}")]
    NotVisibleYet {
        /// Its name.
        name: String,
        /// The key wanted.
        key: String,
    },
    /// It is not what was written.
    #[error("document {name} is damaged: {what}")]
    Damaged {
        /// Its name.
        name: String,
        /// What is wrong.
        what: String,
    },
    /// Someone else changed it in the meantime.
    #[error("document {0} was changed by someone else in the meantime")]
    ChangedMeanwhile(String),
}

/// A document's text as stored: what it is, and its body.
#[derive(Serialize, Deserialize)]
struct Stored<B> {
    schema: u32,
    name: String,
    version: u32,
    written_at: Timestamp,
    hash: String,
    body: B,
}

/// A document as read.
#[derive(Debug, Clone)]
pub struct Document<T> {
    /// Its version.
    pub version: u32,
    /// When it was written.
    pub written_at: Timestamp,
    /// SHA-256 of its body.
    pub hash: String,
    /// Its content.
    pub content: Rc<T>,
}

/// The key a document was read from, and its content.
type Read = (String, Rc<dyn Any>);

/// The documents of the install.
#[derive(Clone)]
pub struct Documents {
    store: Rc<dyn KeyValue>,
    ledger: Ledger,
    /// The current content of each name, by the key it was read from; a document never changes, so this is never stale.
    read: Rc<RefCell<BTreeMap<String, Read>>>,
}

impl Documents {
    /// Documents in `store`, pointed to by `ledger`.
    pub fn new(store: Rc<dyn KeyValue>, ledger: Ledger) -> Self {
        Self { store, ledger, read: Rc::default() }
    }

    /// The current version of `name`; none when there has never been one.
    ///
    /// # Errors
    /// When the store fails, does not show the version the ledger names, or shows something else.
    pub async fn current<T: DeserializeOwned + 'static>(&self, name: &str) -> Result<Option<Document<T>>, DocumentError> {
        let Some(pointer) = self.ledger.pointers().current(name)? else { return Ok(None) };
        let content = match self.remembered(name, &pointer.key) {
            Some(content) => content,
            None => self.read(name, &pointer).await?,
        };
        Ok(Some(Document { version: pointer.version, written_at: pointer.written_at, hash: pointer.hash, content }))
    }

    /// Writes a new version of `name` with this content, and makes it current. `key` is the new version's key up to the part
    /// that makes it unique. Content that is already current is not written again.
    ///
    /// # Errors
    /// When the store fails, or the document is not at version `before` any more.
    pub async fn publish<T: Serialize + 'static>(
        &self,
        name: &str,
        key: &str,
        schema: u32,
        before: Option<u32>,
        content: T,
        now: Timestamp,
    ) -> Result<Document<T>, DocumentError> {
        let damaged = |error: serde_json::Error| DocumentError::Damaged { name: name.to_owned(), what: error.to_string() };
        let body = serde_json::value::to_raw_value(&content).map_err(damaged)?;
        let hash = sha256_hex(body.get().as_bytes());
        let content = Rc::new(content);
        if let Some(current) = self.ledger.pointers().current(name)?
            && current.hash == hash
            && Some(current.version) == before
        {
            self.remember(name, &current.key, &content);
            return Ok(Document { version: current.version, written_at: current.written_at, hash, content });
        }
        let pointer = self.put(name, key, schema, before, body, now).await?;
        self.remember(name, &pointer.key, &content);
        Ok(Document { version: pointer.version, written_at: now, hash: pointer.hash, content })
    }

    /// The current version of a document that is read once, and not kept in memory.
    ///
    /// # Errors
    /// As [`Documents::current`].
    pub async fn once<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, DocumentError> {
        let Some(pointer) = self.ledger.pointers().current(name)? else { return Ok(None) };
        let body = self.current_body(name, &pointer).await?;
        read(body.as_bytes()).map(Some).map_err(|error| DocumentError::Damaged { name: name.to_owned(), what: error.to_string() })
    }

    /// Takes the bodies in that a release before this one left in KV alone. One that KV does not show is looked for again later.
    ///
    /// # Errors
    /// When the ledger fails.
    pub async fn take_in(&self) -> Result<(), StoreError> {
        for name in self.ledger.pointers().without_body()? {
            let Some(pointer) = self.ledger.pointers().current(&name)? else { continue };
            if let Err(error) = self.current_body(&name, &pointer).await {
                log::warn!("{name} is still in KV alone: {error}");
            }
        }
        Ok(())
    }

    /// The body of the document under `key`, byte for byte as it was written.
    ///
    /// # Errors
    /// When the store fails or does not show it, or what it shows has another hash.
    pub async fn body(&self, name: &str, key: &str, hash: &str) -> Result<String, DocumentError> {
        let mut text =
            self.store.get(key).await?.ok_or_else(|| DocumentError::NotVisibleYet { name: name.to_owned(), key: key.to_owned() })?;
        let damaged = |what: String| DocumentError::Damaged { name: name.to_owned(), what };
        let stored: Stored<&serde_json::value::RawValue> = serde_json::from_str(&text).map_err(|error| damaged(error.to_string()))?;
        let body = stored.body.get();
        if sha256_hex(body.as_bytes()) != hash {
            return Err(damaged("its hash is not the one that was written".to_owned()));
        }
        // The text of thousands of companies is megabytes: what is around the body is cut off, and nothing is copied.
        let (start, length) = (body.as_ptr().addr() - text.as_ptr().addr(), body.len());
        text.truncate(start + length);
        text.drain(..start);
        Ok(text)
    }

    /// A copy in KV as it stands there, if it is there.
    ///
    /// # Errors
    /// When KV cannot be reached.
    pub async fn copy(&self, key: &str) -> Result<Option<String>, StoreError> {
        self.store.get(key).await
    }

    /// Writes the copy under `key` anew with another body, beside it. Returns the new one's key and hash.
    ///
    /// # Errors
    /// When KV cannot be reached, or does not show the copy as it was written.
    pub async fn write_beside<T: Serialize>(&self, name: &str, key: &str, content: &T) -> Result<(String, String), DocumentError> {
        let damaged = |error: serde_json::Error| DocumentError::Damaged { name: name.to_owned(), what: error.to_string() };
        let gone = || DocumentError::NotVisibleYet { name: name.to_owned(), key: key.to_owned() };
        let text = self.store.get(key).await?.ok_or_else(gone)?;
        let before: Stored<&serde_json::value::RawValue> = serde_json::from_str(&text).map_err(damaged)?;
        let body = serde_json::value::to_raw_value(content).map_err(damaged)?;
        let hash = sha256_hex(body.get().as_bytes());
        let folder = key.rsplit_once('/').map_or(key, |(folder, _)| folder);
        let beside = format!("{folder}/{}-{}", before.version, hash.get(..12).unwrap_or(&hash));
        let stored = Stored {
            body: &*body,
            hash: hash.clone(),
            schema: before.schema,
            name: before.name,
            version: before.version,
            written_at: before.written_at,
        };
        self.store.put(&beside, serde_json::to_string(&stored).map_err(damaged)?).await?;
        Ok((beside, hash))
    }

    /// Removes the copy of a version from KV. The ledger's body of the current version stays.
    ///
    /// # Errors
    /// When KV cannot be reached.
    pub async fn remove_copy(&self, key: &str) -> Result<(), StoreError> {
        self.store.delete(key).await
    }

    /// Some of the keys in KV, from a place on; see [`KeyValue::keys`].
    ///
    /// # Errors
    /// When KV cannot be reached.
    pub async fn copies(&self, from: Option<String>) -> Result<Keys, StoreError> {
        self.store.keys(from).await
    }

    /// Stores a new version under a key of its own and points to it.
    async fn put(
        &self,
        name: &str,
        key: &str,
        schema: u32,
        before: Option<u32>,
        body: Box<serde_json::value::RawValue>,
        now: Timestamp,
    ) -> Result<Pointer, DocumentError> {
        let damaged = |error: serde_json::Error| DocumentError::Damaged { name: name.to_owned(), what: error.to_string() };
        let hash = sha256_hex(body.get().as_bytes());
        let version = before.unwrap_or_default() + 1;
        let key = format!("{key}/{version}-{}", hash.get(..12).unwrap_or(&hash));
        let stored = Stored { schema, name: name.to_owned(), version, written_at: now, hash: hash.clone(), body: &*body };
        self.store.put(&key, serde_json::to_string(&stored).map_err(damaged)?).await?;
        let pointer = Pointer { version, key, hash, written_at: now };
        if !self.ledger.pointers().advance(name, before, &pointer, body.get())? {
            return Err(DocumentError::ChangedMeanwhile(name.to_owned()));
        }
        Ok(pointer)
    }

    async fn read<T: DeserializeOwned + 'static>(&self, name: &str, pointer: &Pointer) -> Result<Rc<T>, DocumentError> {
        let body = self.current_body(name, pointer).await?;
        let damaged = |error: JsonError| DocumentError::Damaged { name: name.to_owned(), what: error.to_string() };
        let content: Rc<T> = Rc::new(read(body.as_bytes()).map_err(damaged)?);
        self.remember(name, &pointer.key, &content);
        Ok(content)
    }

    /// The body of the current version: the ledger's, or, until it is taken in, KV's.
    async fn current_body(&self, name: &str, pointer: &Pointer) -> Result<String, DocumentError> {
        if let Some(body) = self.ledger.pointers().body(name)? {
            if sha256_hex(body.as_bytes()) == pointer.hash {
                return Ok(body);
            }
            return Err(DocumentError::Damaged { name: name.to_owned(), what: "its hash is not the one that was written".to_owned() });
        }
        let body = self.body(name, &pointer.key, &pointer.hash).await?;
        self.ledger.pointers().adopt(name, pointer, &body)?;
        Ok(body)
    }

    fn remembered<T: 'static>(&self, name: &str, key: &str) -> Option<Rc<T>> {
        let read = self.read.borrow();
        let (known, content) = read.get(name)?;
        if known != key {
            return None;
        }
        Rc::clone(content).downcast().ok()
    }

    fn remember<T: 'static>(&self, name: &str, key: &str, content: &Rc<T>) {
        let content: Rc<dyn Any> = Rc::<T>::clone(content);
        self.read.borrow_mut().insert(name.to_owned(), (key.to_owned(), content));
    }
}
