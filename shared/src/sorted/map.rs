//! A map in the order of its keys, kept in a list of short lists.

use std::borrow::Borrow;
use std::{iter, slice, vec};

/// Entries of a run that another one may still be put into.
const CROWDED: usize = 128;

/// A map in the order of its keys.
///
/// It is a list of runs of entries. What is collected is one run; whoever puts an entry into a long run or takes one out first
/// cuts it into halves until it is short, so few entries are moved however many there are.
#[derive(Clone)]
pub struct SortedMap<K, V> {
    /// In order, within and between; none is empty.
    pub(super) runs: Vec<Vec<(K, V)>>,
}

/// A run, and a place in it.
type Place = (usize, usize);

impl<K, V> SortedMap<K, V> {
    /// A map without entries.
    pub const fn new() -> Self {
        Self { runs: Vec::new() }
    }

    /// How many entries it has.
    pub fn len(&self) -> usize {
        self.runs.iter().map(Vec::len).sum()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// The entries, in the order of their keys.
    pub fn iter(&self) -> Iter<'_, K, V> {
        Iter { run: [].iter(), runs: self.runs.iter() }
    }

    /// The keys, in order.
    pub fn keys(&self) -> impl Iterator<Item = &K> + Clone {
        self.iter().map(|(key, _)| key)
    }

    /// The values, in the order of their keys.
    pub fn values(&self) -> impl Iterator<Item = &V> + Clone {
        self.iter().map(|(_, value)| value)
    }

    /// The entries, their values to be changed, in the order of their keys.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&K, &mut V)> {
        self.runs.iter_mut().flatten().map(|(key, value)| (&*key, value))
    }

    /// The values to be changed, in the order of their keys.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.iter_mut().map(|(_, value)| value)
    }

    /// The keys themselves, in order.
    pub fn into_keys(self) -> impl Iterator<Item = K> {
        self.into_iter().map(|(key, _)| key)
    }

    /// The values themselves, in the order of their keys.
    pub fn into_values(self) -> impl Iterator<Item = V> {
        self.into_iter().map(|(_, value)| value)
    }

    /// The entry of the smallest key.
    pub fn first_key_value(&self) -> Option<(&K, &V)> {
        self.iter().next()
    }

    /// The entry of the largest key.
    pub fn last_key_value(&self) -> Option<(&K, &V)> {
        self.runs.last()?.last().map(|(key, value)| (key, value))
    }

    /// Takes every entry out.
    pub fn clear(&mut self) {
        self.runs.clear();
    }

    /// Keeps the entries a judge says yes to.
    pub fn retain(&mut self, mut keep: impl FnMut(&K, &mut V) -> bool) {
        self.runs.retain_mut(|run| {
            run.retain_mut(|(key, value)| keep(key, value));
            !run.is_empty()
        });
    }

    /// Cuts the run around a place until it is short, and says where the place is then. Behind the last entry of a long run begins
    /// a new, empty one.
    fn uncrowd(&mut self, (mut run, mut place): Place) -> Place {
        while let Some(crowded) = self.runs.get_mut(run).filter(|run| run.len() > CROWDED) {
            let half = if place == crowded.len() { place } else { crowded.len() / 2 };
            let later = crowded.split_off(half);
            crowded.shrink_to_fit();
            self.runs.insert(run + 1, later);
            if place >= half {
                (run, place) = (run + 1, place - half);
            }
        }
        (run, place)
    }

    fn put(&mut self, place: Place, key: K, value: V) -> Place {
        if self.runs.is_empty() {
            self.runs.push(Vec::new());
        }
        let (run, place) = self.uncrowd(place);
        if let Some(run) = self.runs.get_mut(run) {
            run.insert(place, (key, value));
        }
        (run, place)
    }
}

impl<K: Ord, V> SortedMap<K, V> {
    /// Where a key is, or else where it would have to stand.
    fn find<Q: Ord + ?Sized>(&self, key: &Q) -> Result<Place, Place>
    where
        K: Borrow<Q>,
    {
        let begun = self.runs.partition_point(|run| run.first().is_some_and(|(first, _)| first.borrow() <= key));
        let run = begun.saturating_sub(1);
        let place = self.runs.get(run).map_or(Err(0), |run| run.binary_search_by(|(other, _)| other.borrow().cmp(key)));
        place.map(|place| (run, place)).map_err(|place| (run, place))
    }

    /// The value of a key.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.get_key_value(key).map(|(_, value)| value)
    }

    /// The entry of a key, with the key as it is kept here.
    pub fn get_key_value<Q: Ord + ?Sized>(&self, key: &Q) -> Option<(&K, &V)>
    where
        K: Borrow<Q>,
    {
        let (run, place) = self.find(key).ok()?;
        self.runs.get(run)?.get(place).map(|(key, value)| (key, value))
    }

    /// The value of a key, to be changed.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let (run, place) = self.find(key).ok()?;
        self.runs.get_mut(run)?.get_mut(place).map(|(_, value)| value)
    }

    /// Whether there is an entry of a key.
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.find(key).is_ok()
    }

    /// Sets the value of a key and answers the one before.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.find(&key) {
            Ok((run, place)) => {
                let (_, old) = self.runs.get_mut(run)?.get_mut(place)?;
                Some(std::mem::replace(old, value))
            }
            Err(place) => {
                self.put(place, key, value);
                None
            }
        }
    }

    /// Takes an entry out and answers its value.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let place = self.find(key).ok()?;
        let (at, place) = self.uncrowd(place);
        let run = self.runs.get_mut(at)?;
        let (_, value) = run.remove(place);
        if run.is_empty() {
            self.runs.remove(at);
        }
        Some(value)
    }

    /// The entry of a key, to be looked at and made in one go.
    pub fn entry(&mut self, key: K) -> Entry<'_, K, V> {
        Entry { found: self.find(&key), map: self, key }
    }
}

/// Where the entry of a key is, or would be.
pub struct Entry<'a, K, V> {
    map: &'a mut SortedMap<K, V>,
    key: K,
    found: Result<Place, Place>,
}

impl<'a, K, V> Entry<'a, K, V> {
    /// The value that is there, or else the one that is made now.
    #[expect(clippy::indexing_slicing, reason = "the entry was found in this place, or put into it just before")]
    pub fn or_insert_with(self, make: impl FnOnce() -> V) -> &'a mut V {
        let (run, place) = match self.found {
            Ok(place) => place,
            Err(place) => self.map.put(place, self.key, make()),
        };
        &mut self.map.runs[run][place].1
    }

    /// The value that is there, or else this one.
    pub fn or_insert(self, value: V) -> &'a mut V {
        self.or_insert_with(|| value)
    }

    /// The value that is there, or else an empty one.
    pub fn or_default(self) -> &'a mut V
    where
        V: Default,
    {
        self.or_insert_with(V::default)
    }
}

/// The entries of a map, in the order of their keys.
pub struct Iter<'a, K, V> {
    run: slice::Iter<'a, (K, V)>,
    runs: slice::Iter<'a, Vec<(K, V)>>,
}

impl<K, V> Clone for Iter<'_, K, V> {
    fn clone(&self) -> Self {
        Self { run: self.run.clone(), runs: self.runs.clone() }
    }
}

impl<'a, K, V> Iterator for Iter<'a, K, V> {
    type Item = (&'a K, &'a V);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some((key, value)) = self.run.next() {
                return Some((key, value));
            }
            self.run = self.runs.next()?.iter();
        }
    }
}

impl<'a, K, V> IntoIterator for &'a SortedMap<K, V> {
    type Item = (&'a K, &'a V);
    type IntoIter = Iter<'a, K, V>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<K, V> IntoIterator for SortedMap<K, V> {
    type Item = (K, V);
    type IntoIter = iter::Flatten<vec::IntoIter<Vec<(K, V)>>>;

    fn into_iter(self) -> Self::IntoIter {
        self.runs.into_iter().flatten()
    }
}
