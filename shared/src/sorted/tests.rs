use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::{SortedMap, SortedSet};

/// One thing done to a map.
#[derive(Debug, Clone)]
enum Step {
    Insert(u16, u8),
    Add(u16, u8),
    Remove(u16),
    KeepEven,
    Extend(Vec<(u16, u8)>),
}

fn step() -> impl Strategy<Value = Step> {
    let key = || 0..600_u16;
    prop_oneof![
        4 => (key(), any::<u8>()).prop_map(|(key, value)| Step::Insert(key, value)),
        4 => (key(), any::<u8>()).prop_map(|(key, value)| Step::Add(key, value)),
        4 => key().prop_map(Step::Remove),
        1 => Just(Step::KeepEven),
        2 => prop::collection::vec((key(), any::<u8>()), 0..300).prop_map(Step::Extend),
    ]
}

proptest! {
    #[test]
    fn a_map_does_what_the_standard_one_does(
        collected in prop::collection::vec((0..600_u16, any::<u8>()), 0..500),
        steps in prop::collection::vec(step(), 0..60),
    ) {
        let mut map: SortedMap<u16, u8> = collected.iter().copied().collect();
        let mut standard: BTreeMap<u16, u8> = collected.into_iter().collect();
        for step in steps {
            match step {
                Step::Insert(key, value) => prop_assert_eq!(map.insert(key, value), standard.insert(key, value)),
                Step::Add(key, value) => {
                    let (ours, theirs) = (map.entry(key).or_default(), standard.entry(key).or_default());
                    *ours = ours.wrapping_add(value);
                    *theirs = theirs.wrapping_add(value);
                }
                Step::Remove(key) => prop_assert_eq!(map.remove(&key), standard.remove(&key)),
                Step::KeepEven => {
                    map.retain(|key, _| key % 2 == 0);
                    standard.retain(|key, _| key % 2 == 0);
                }
                Step::Extend(entries) => {
                    map.extend(entries.iter().copied());
                    standard.extend(entries);
                }
            }
            prop_assert!(map.iter().eq(&standard));
            prop_assert_eq!((map.len(), map.is_empty()), (standard.len(), standard.is_empty()));
            prop_assert_eq!((map.first_key_value(), map.last_key_value()), (standard.first_key_value(), standard.last_key_value()));
        }
        prop_assert!((0..600).all(|key| map.get(&key) == standard.get(&key) && map.get_key_value(&key) == standard.get_key_value(&key)));
        let json = serde_json::to_string(&map).expect("json");
        prop_assert_eq!(&json, &serde_json::to_string(&standard).expect("json"));
        prop_assert_eq!(serde_json::from_str::<SortedMap<u16, u8>>(&json).expect("a map"), map);
    }

    #[test]
    fn a_set_does_what_the_standard_one_does(left in prop::collection::vec(0..40_u8, 0..40), right in prop::collection::vec(0..40_u8, 0..40)) {
        let (a, b): (SortedSet<u8>, SortedSet<u8>) = (left.iter().copied().collect(), right.iter().copied().collect());
        let (x, y): (BTreeSet<u8>, BTreeSet<u8>) = (left.into_iter().collect(), right.into_iter().collect());
        prop_assert!(a.intersection(&b).eq(x.intersection(&y)));
        prop_assert!(a.difference(&b).eq(x.difference(&y)));
        prop_assert_eq!((a.first(), a.last(), a.len()), (x.first(), x.last(), x.len()));
        prop_assert_eq!(serde_json::to_string(&a).expect("json"), serde_json::to_string(&x).expect("json"));
        prop_assert!(a.into_iter().eq(x));
    }
}

#[test]
fn many_entries_in_any_order_stay_in_order() {
    let scattered = || (0..50_000_u64).map(|number| number * 7_919 % 50_000);
    let mut map = SortedMap::new();
    for key in scattered() {
        map.insert(key, ());
    }
    assert!(map.keys().copied().eq(0..50_000));
    let mut collected: SortedMap<u64, ()> = map.clone().into_iter().collect();
    assert_eq!(collected, map, "equal whatever their runs");
    for key in scattered() {
        assert_eq!(collected.remove(&key), Some(()));
    }
    assert!(collected.is_empty());
}

/// A number that counts how often it is compared.
struct Weighed<'a>(u32, &'a std::cell::Cell<u32>);

impl PartialEq for Weighed<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Weighed<'_> {}

impl PartialOrd for Weighed<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Weighed<'_> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.1.set(self.1.get() + 1);
        self.0.cmp(&other.0)
    }
}

#[test]
fn an_entry_is_found_among_twenty_thousand_by_a_few_comparisons() {
    let compared = std::cell::Cell::new(0);
    let map: SortedMap<Weighed<'_>, u32> = (0..20_000).map(|key| (Weighed(key, &compared), key)).collect();
    for key in [0, 1, 9_999, 19_999] {
        compared.set(0);
        let found = map.get_key_value(&Weighed(key, &compared)).map(|(kept, value)| (kept.0, *value));
        assert_eq!(found, Some((key, key)));
        assert!(compared.get() <= 20, "{} comparisons for {key}", compared.get());
    }
}
