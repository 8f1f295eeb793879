//! Stable sorting through one sort of places, whatever the items are.

use std::cmp::Ordering;

/// Sorts items by their own order.
pub fn sort<T: Ord>(items: &mut [T]) {
    sort_by(items, T::cmp);
}

/// Sorts items by a comparison. Equal items stay in the order they were in.
pub fn sort_by<T>(items: &mut [T], mut compare: impl FnMut(&T, &T) -> Ordering) {
    let places = destinations(items.len(), &mut |left, right| match (items.get(left), items.get(right)) {
        (Some(left), Some(right)) => compare(left, right),
        _ => Ordering::Equal,
    });
    arrange(places, &mut |left, right| items.swap(left, right));
}

/// Sorts items by a key, which is made once of each. Equal items stay in the order they were in.
pub fn sort_by_key<T, K: Ord>(items: &mut [T], key: impl FnMut(&T) -> K) {
    let keys: Vec<K> = items.iter().map(key).collect();
    let places = destinations(keys.len(), &mut |left, right| keys.get(left).cmp(&keys.get(right)));
    arrange(places, &mut |left, right| items.swap(left, right));
}

/// Where each of `count` items belongs.
fn destinations(count: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|left, right| compare(*left, *right));
    let mut places = vec![0; count];
    for (place, item) in order.into_iter().enumerate() {
        if let Some(destination) = places.get_mut(item) {
            *destination = place;
        }
    }
    places
}

/// Brings every item to its place; each swap brings one home.
fn arrange(mut places: Vec<usize>, swap: &mut dyn FnMut(usize, usize)) {
    for here in 0..places.len() {
        while let Some(&there) = places.get(here).filter(|there| **there != here) {
            swap(here, there);
            places.swap(here, there);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn items_are_sorted_as_the_standard_library_sorts_them(mut items in prop::collection::vec((0_u8..20, any::<u32>()), 0..200)) {
            let (mut by_key, mut expected) = (items.clone(), items.clone());
            expected.sort_by_key(|item| item.0);
            sort_by(&mut items, |left, right| left.0.cmp(&right.0));
            prop_assert_eq!(&items, &expected);
            sort_by_key(&mut by_key, |item| item.0);
            prop_assert_eq!(by_key, expected);
        }
    }
}
