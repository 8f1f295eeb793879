//! Which pieces of the app are put together, so that no page loads more than a few files.
//!
//! The splitting makes a piece for every set of groups that some function is needed by: hundreds of them. Two pieces together are
//! loaded by every group that needs either, so those are put together that cost the groups the fewest bytes they do not need.

use std::num::NonZero;

/// Code that stands together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    /// The groups of pages that load it, a bit for each.
    pub(super) groups: u64,
    /// The modules it is made of.
    pub(super) stems: Vec<String>,
    /// How much code and data they have together.
    pub(super) bytes: u64,
}

/// Puts pieces together until no group loads more of them than `most` says, a number for each group.
pub(super) fn gather(mut pieces: Vec<Piece>, most: &[usize]) -> Vec<Piece> {
    while let Some((kept, taken)) = cheapest(&pieces, most) {
        let taken = pieces.remove(taken);
        if let Some(kept) = pieces.get_mut(kept) {
            kept.groups |= taken.groups;
            kept.stems.extend(taken.stems);
            kept.bytes += taken.bytes;
        }
    }
    pieces
}

/// The two pieces, the earlier one first, that cost the least for each group that has too many and then one less. A byte costs a group
/// the more, the more that group loads already. None when no group has too many.
fn cheapest(pieces: &[Piece], most: &[usize]) -> Option<(usize, usize)> {
    let of = |group: u32| pieces.iter().filter(move |piece| piece.groups & (1 << group) != 0);
    let load: Vec<u64> = (0..u64::BITS).map(|group| of(group).map(|piece| piece.bytes).sum()).collect();
    let crowded = (0_u32..).zip(most).filter(|(group, most)| of(*group).count() > **most).fold(0_u64, |all, (group, _)| all | (1 << group));
    let needless = |piece: &Piece, with: &Piece| {
        let (mut newcomers, mut cost) = (with.groups & !piece.groups, 0);
        while newcomers != 0 {
            cost += piece.bytes * load[newcomers.trailing_zeros() as usize];
            newcomers &= newcomers - 1;
        }
        cost
    };
    let mut found: Option<(u64, (usize, usize))> = None;
    for (later, second) in pieces.iter().enumerate() {
        for (earlier, first) in pieces.iter().enumerate().take(later) {
            let relieved = NonZero::new(u64::from((first.groups & second.groups & crowded).count_ones()));
            if let Some(relieved) = relieved {
                let cost = (needless(first, second) + needless(second, first)) / relieved;
                if found.is_none_or(|(least, _)| cost < least) {
                    found = Some((cost, (earlier, later)));
                }
            }
        }
    }
    found.map(|(_, pair)| pair)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(groups: u64, stem: &str, bytes: u64) -> Piece {
        Piece { groups, stems: vec![stem.to_owned()], bytes }
    }

    #[test]
    fn small_pieces_that_nearly_the_same_groups_need_are_put_together() {
        let pieces = vec![
            piece(0b01, "a", 900),
            piece(0b10, "b", 800),
            piece(0b11, "shared", 50),
            piece(0b111, "common", 10),
            piece(0b100, "c", 700),
        ];
        let gathered = gather(pieces, &[2; 3]);
        let of = |group: u64| gathered.iter().filter(|piece| piece.groups & group != 0).count();
        assert!((0..3).all(|group| of(1 << group) <= 2), "{gathered:?}");
        assert!(
            gathered.contains(&Piece { groups: 0b111, stems: vec!["shared".to_owned(), "common".to_owned()], bytes: 60 }),
            "{gathered:?}"
        );
        assert!(gathered.contains(&piece(0b01, "a", 900)), "{gathered:?}");
    }

    #[test]
    fn a_group_that_may_load_more_keeps_its_pieces_apart() {
        let pieces = vec![piece(0b01, "a", 900), piece(0b11, "shared", 50), piece(0b10, "b", 800)];
        assert_eq!(gather(pieces.clone(), &[2, 2]), pieces);
        let of_first = |most: &[usize]| gather(pieces.clone(), most).iter().filter(|piece| piece.groups & 0b01 != 0).count();
        assert_eq!((of_first(&[2, 1]), of_first(&[1, 2])), (2, 1));
    }

    #[test]
    fn few_pieces_are_left_as_they_are() {
        let pieces = vec![piece(0b01, "a", 9), piece(0b11, "shared", 5)];
        assert_eq!(gather(pieces.clone(), &[2; 2]), pieces);
    }
}
