//! How fresh what we know is, in a tone and words.

use chrono::FixedOffset;
use contract::connections::Freshness;
use contract::overview::VendorFreshness;
use domain::Timestamp;

use crate::model::billing::lines::Tone;
use crate::words::{long_moment, spoken_age};

/// The tone of one connection: red while it fails, amber while what it read is too old.
pub(crate) fn tone(freshness: &Freshness) -> Tone {
    match freshness {
        Freshness { failure: Some(_), .. } => Tone::Bad,
        Freshness { reading: true, .. } => Tone::Busy,
        Freshness { stale: true, .. } | Freshness { read_at: None, .. } => Tone::Attention,
        _ => Tone::Good,
    }
}

/// The tone of all of them: the one that matters most.
pub(crate) fn worst(vendors: &[VendorFreshness]) -> Tone {
    let tones: Vec<Tone> = vendors.iter().map(|vendor| tone(&vendor.freshness)).collect();
    [Tone::Bad, Tone::Attention, Tone::Busy].into_iter().find(|tone| tones.contains(tone)).unwrap_or(if tones.is_empty() {
        Tone::Quiet
    } else {
        Tone::Good
    })
}

/// One connection's age in a sentence, with what it means for billing.
pub(crate) fn sentence(freshness: &Freshness, now: Timestamp, zone: FixedOffset) -> String {
    let read = freshness
        .read_at
        .map_or_else(|| "Not read yet".to_owned(), |read| format!("Read {}, {}", spoken_age(now, read), long_moment(read, zone)));
    match freshness {
        Freshness { reading: true, .. } => format!("{read}. Being read now."),
        Freshness { failure: Some(_), .. } => format!("{read}. Reading fails since then; its lines are held."),
        Freshness { stale: true, .. } => format!("{read}. Too old to bill from; its lines are held."),
        _ => format!("{read}."),
    }
}

#[cfg(test)]
mod tests {
    use domain::connections::ConnectionKind;

    use super::*;

    fn vendor(freshness: Freshness) -> VendorFreshness {
        VendorFreshness { connection: "c".into(), name: "c".to_owned(), kind: ConnectionKind::Ema2, freshness }
    }

    fn read() -> Freshness {
        Freshness { read_at: Some("2026-11-22T11:00:00Z".parse().expect("a moment")), ..Freshness::default() }
    }

    #[test]
    fn the_worst_vendor_gives_the_tone() {
        let failing = Freshness { failure: Some("refused".to_owned()), stale: true, ..read() };
        let stale = Freshness { stale: true, ..read() };
        let reading = Freshness { reading: true, ..read() };
        assert_eq!(worst(&[]), Tone::Quiet);
        assert_eq!(worst(&[vendor(read())]), Tone::Good);
        assert_eq!(worst(&[vendor(read()), vendor(reading.clone())]), Tone::Busy);
        assert_eq!(worst(&[vendor(stale.clone()), vendor(reading)]), Tone::Attention);
        assert_eq!(worst(&[vendor(stale), vendor(failing)]), Tone::Bad);
        assert_eq!(worst(&[vendor(Freshness::default())]), Tone::Attention);
    }

    #[test]
    fn an_age_says_what_it_means_for_billing() {
        let now = "2026-11-22T12:00:00Z".parse().expect("a moment");
        let zone = FixedOffset::east_opt(0).expect("an offset");
        assert_eq!(sentence(&read(), now, zone), "Read 1 hour ago, 22 Nov 2026, 11:00.");
        let stale = Freshness { stale: true, ..read() };
        assert!(sentence(&stale, now, zone).ends_with("Too old to bill from; its lines are held."));
    }
}
