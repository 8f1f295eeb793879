//! Readings that lag behind: ConnectWise answers from several replicas, and what one of them has not heard of yet is no news.

use chrono::DateTime;

use super::Addition;
use crate::ids::AdditionId;
use crate::money::Quantity;

/// Whether a version of a record is older than another. Versions that are no moments say nothing.
pub fn is_older(version: &str, than: &str) -> bool {
    let moment = |version: &str| DateTime::parse_from_rfc3339(version).ok();
    moment(version).zip(moment(than)).is_some_and(|(version, than)| version < than)
}

/// What is known of an agreement's additions after a reading of all of them. What the reading shows as it was before what is known stays as
/// it is known. Of what was written and read back a moment ago, `ours` tells the quantity: a reading without a version says nothing of it,
/// nor does one that leaves it out, nor one that shows another quantity after one that left it out.
pub fn taken_in(known: Vec<Addition>, read: Vec<Addition>, ours: impl Fn(AdditionId) -> Option<Quantity>) -> Vec<Addition> {
    let mut known = known;
    let mut taken: Vec<Addition> = read
        .into_iter()
        .map(|read| {
            let before = known.iter().position(|known| known.id == read.id).map(|place| known.swap_remove(place));
            let written = ours(read.id);
            match before {
                Some(before) if is_older(&read.version, &before.version) || read.version.is_empty() && written.is_some() => before,
                Some(_) => read,
                None => Addition { quantity: written.unwrap_or(read.quantity), ..read },
            }
        })
        .collect();
    taken.extend(known.into_iter().filter(|left| ours(left.id).is_some()));
    taken
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::CatalogId;

    const BEFORE: &str = "2026-11-30T10:00:00Z";
    const AFTER: &str = "2026-11-30T12:00:00+01:00";

    fn addition(id: i64, quantity: u32, version: &str) -> Addition {
        Addition {
            id: AdditionId(id),
            product: CatalogId(1),
            quantity: Quantity::from(quantity),
            included: Quantity::ZERO,
            unit_price: None,
            unit_cost: None,
            bill: None,
            effective: None,
            cancelled: None,
            serial: None,
            version: version.to_owned(),
        }
    }

    #[test]
    fn a_reading_that_lags_changes_nothing_and_a_newer_one_everything() {
        let table = [
            // Known, read, whether we wrote it a moment ago, what is known then.
            ((13, AFTER), Some((12, BEFORE)), false, Some(13)),
            ((13, AFTER), Some((13, AFTER)), false, Some(13)),
            ((12, BEFORE), Some((13, AFTER)), true, Some(13)),
            ((13, AFTER), Some((15, "2026-11-30T11:00:01Z")), true, Some(15)),
            ((13, AFTER), Some((12, "")), true, Some(13)),
            ((13, AFTER), Some((12, "")), false, Some(12)),
            ((13, ""), Some((12, BEFORE)), true, Some(12)),
            ((13, AFTER), None, true, Some(13)),
            ((13, AFTER), None, false, None),
        ];
        for ((quantity, version), read, ours, expected) in table {
            let read: Vec<_> = read.into_iter().map(|(quantity, version)| addition(7, quantity, version)).collect();
            let taken = taken_in(vec![addition(7, quantity, version)], read.clone(), |_| ours.then(|| Quantity::from(quantity)));
            let quantities: Vec<_> = taken.iter().map(|addition| addition.quantity).collect();
            assert_eq!(quantities, expected.map(Quantity::from).into_iter().collect::<Vec<_>>(), "{quantity} {version}, {read:?}, {ours}");
        }
        let emptied = |ours: Option<u32>| taken_in(Vec::new(), vec![addition(8, 25, BEFORE)], |_| ours.map(Quantity::from));
        assert_eq!(emptied(Some(27))[0].quantity, Quantity::from(27), "an emptied list made us forget it");
        assert_eq!(emptied(None)[0].quantity, Quantity::from(25));
    }
}
