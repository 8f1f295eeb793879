//! Rows that remember which of them were touched, so that a change can be saved without saving the world.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Rows in key order.
#[derive(Clone, Debug)]
pub(crate) struct Table<K, V> {
    rows: BTreeMap<K, V>,
    touched: BTreeSet<K>,
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self { rows: BTreeMap::new(), touched: BTreeSet::new() }
    }
}

impl<K: Ord + Clone, V> Table<K, V> {
    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        self.rows.get(key)
    }

    /// The row for changing it; counts as changed.
    pub(crate) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let row = self.rows.get_mut(key)?;
        self.touched.insert(key.clone());
        Some(row)
    }

    pub(crate) fn insert(&mut self, key: K, row: V) {
        self.touched.insert(key.clone());
        self.rows.insert(key, row);
    }

    pub(crate) fn remove(&mut self, key: &K) -> Option<V> {
        self.touched.insert(key.clone());
        self.rows.remove(key)
    }

    pub(crate) fn values(&self) -> impl DoubleEndedIterator<Item = &V> {
        self.rows.values()
    }

    pub(crate) fn range(&self, range: impl std::ops::RangeBounds<K>) -> impl Iterator<Item = &V> {
        self.rows.range(range).map(|(_, row)| row)
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }
}

impl<K, V> Table<K, V>
where
    K: Ord + Clone + Serialize + DeserializeOwned,
    V: Serialize + DeserializeOwned,
{
    /// One line per row touched since the last call: the row as it is now, or null when it is gone.
    pub(crate) fn take_changes(&mut self, name: &str, lines: &mut Vec<Value>) {
        for key in std::mem::take(&mut self.touched) {
            lines.push(json!({ "table": name, "key": key, "row": self.rows.get(&key) }));
        }
    }

    /// Counts every row as changed.
    pub(crate) fn touch(&mut self) {
        self.touched = self.rows.keys().cloned().collect();
    }

    /// Forgets what was touched: the rows as they are count as saved.
    pub(crate) fn settle(&mut self) {
        self.touched.clear();
    }

    /// Applies a line made by [`Table::take_changes`].
    pub(crate) fn replay(&mut self, key: Value, row: Value) -> serde_json::Result<()> {
        let key = serde_json::from_value(key)?;
        match serde_json::from_value::<Option<V>>(row)? {
            Some(row) => self.rows.insert(key, row),
            None => self.rows.remove(&key),
        };
        Ok(())
    }
}
