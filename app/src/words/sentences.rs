//! The sentences that stand above numbers.

use chrono::FixedOffset;
use contract::month::{CurrencyAmount, MonthSummary};
use contract::overview::VendorFreshness;
use contract::passes::{PassKind, PassState, PassView};
use domain::Timestamp;
use domain::billing::Difference;
use domain::money::Money;

use super::{brief_age, count, grouped, period, signed, signed_amount};
use crate::model::billing::selection::Proposal;

/// "November 2026: 31 of 214 lines change, +57 seats, about +412.00 EUR a month. 4 are held."
pub(crate) fn month(summary: &MonthSummary) -> String {
    let name = period(summary.period);
    if summary.planned_at.is_none() {
        return format!("{name}: nothing is planned yet.");
    }
    let waiting = match summary.to_approve {
        0 if summary.held == 0 => format!("{name}: all {} are right. Nothing to approve.", count(summary.lines, "line", "lines")),
        0 => format!("{name}: nothing to approve in {}.", count(summary.lines, "line", "lines")),
        changing => format!(
            "{name}: {} of {} {}, {} seats{}.",
            grouped(changing.into()),
            count(summary.lines, "line", "lines"),
            if changing == 1 { "changes" } else { "change" },
            signed(summary.change),
            about(&summary.amounts),
        ),
    };
    format!("{waiting}{}{}", set_aside(summary.held, "held"), set_aside(summary.dismissed, "dismissed"))
}

fn set_aside(lines: u32, how: &str) -> String {
    match lines {
        0 => String::new(),
        1 => format!(" 1 is {how}."),
        lines => format!(" {} are {how}.", grouped(lines.into())),
    }
}

fn about(amounts: &[CurrencyAmount]) -> String {
    let amounts: Vec<String> =
        amounts.iter().filter(|sum| sum.amount != Money::ZERO).map(|sum| signed_amount(sum.amount, sum.currency.as_deref())).collect();
    if amounts.is_empty() { String::new() } else { format!(", about {} a month", amounts.join(" and ")) }
}

/// What an edited mapping changes: "3 lines change: −12 seats, −48.00 EUR a month. 1 would be held." Of `left_out` agreements it
/// is not known.
pub(crate) fn difference(told: &Difference, left_out: u32) -> String {
    let mut words = match told.lines {
        0 => "Nothing changes: every line stays as it is".to_owned(),
        1 => format!("1 line changes: {} seats", signed(told.change)),
        lines => format!("{} lines change: {} seats", grouped(lines.into()), signed(told.change)),
    };
    let amounts: Vec<String> = told.amounts.iter().map(|(currency, amount)| signed_amount(*amount, currency.as_deref())).collect();
    if !amounts.is_empty() {
        words.push_str(&format!(", {} a month", amounts.join(" and ")));
    }
    words.push('.');
    for (number, what) in [
        (told.unpriced, "without a known price"),
        (told.unknown, "with a change that is not known"),
        (told.held, "would be held"),
        (left_out, "more agreements are too many to look at here"),
    ] {
        if number > 0 {
            words.push_str(&format!(" {} {what}.", grouped(number.into())));
        }
    }
    words
}

/// What approving a selection does: "Approve 31 changes on 27 agreements, +57 seats, about +412.00 EUR a month."
pub(crate) fn approval(proposal: &Proposal) -> String {
    format!(
        "Approve {} on {}, {} seats{}.",
        count(proposal.lines, "change", "changes"),
        count(proposal.agreements, "agreement", "agreements"),
        signed(proposal.change),
        about(&proposal.amounts),
    )
}

/// What became of an approval: "31 approved.", "30 approved, 1 not taken."
pub(crate) fn outcome_of_approval(accepted: usize, refused: usize) -> String {
    match (accepted, refused) {
        (0, refused) => format!("None approved: {} not taken.", count(refused as u64, "line was", "lines were")),
        (accepted, 0) => format!("{} approved. ConnectWise is written by itself from here.", count(accepted as u64, "change", "changes")),
        (accepted, refused) => {
            format!("{} approved, {} not taken: each says why.", grouped(accepted as u64), grouped(refused as u64))
        }
    }
}

/// What a pass is doing: "ESET Europe: reading licences, 120 of 300".
pub(crate) fn pass_step(pass: &PassView) -> String {
    let what = match (pass.kind, &pass.connection_name) {
        (PassKind::Billing, _) => "Billing pass",
        (_, Some(name)) => name.as_str(),
        (PassKind::Sync | PassKind::Groups | PassKind::Tickets, None) => "ESET",
        (PassKind::Read, None) => "ConnectWise",
    };
    match (pass.state, pass.of) {
        (PassState::Queued, _) => format!("{what}: waiting for its turn"),
        (PassState::Running, Some(of)) if of > 0 => {
            format!("{what}: {}, {} of {}", pass.step, grouped(pass.done.into()), grouped(of.into()))
        }
        (PassState::Running, _) => format!("{what}: {}", pass.step),
        (_, _) => format!("{what}: {}", pass.result.as_deref().unwrap_or(&pass.step)),
    }
}

/// The top line's "ESET 03:10 · ConnectWise 6 min ago". A vendor with several connections is as old as its oldest.
pub(crate) fn vendors(vendors: &[VendorFreshness], now: Timestamp, zone: FixedOffset) -> String {
    let mut oldest: Vec<&VendorFreshness> = Vec::new();
    for vendor in vendors {
        match oldest.iter_mut().find(|known| known.kind == vendor.kind) {
            Some(known) if vendor.freshness.read_at < known.freshness.read_at => *known = vendor,
            Some(_) => {}
            None => oldest.push(vendor),
        }
    }
    let parts: Vec<String> = oldest
        .iter()
        .map(|vendor| {
            let age = vendor.freshness.read_at.map_or_else(|| "not read yet".to_owned(), |read| brief_age(now, read, zone));
            format!("{} {age}", vendor.kind.vendor())
        })
        .collect();
    parts.join(" · ")
}

#[cfg(test)]
mod tests {
    use contract::connections::Freshness;
    use domain::connections::ConnectionKind;
    use domain::money::Quantity;

    use super::*;

    fn summary() -> MonthSummary {
        MonthSummary {
            period: "2026-11".parse().expect("a month"),
            lines: 214,
            to_approve: 31,
            held: 4,
            done: 0,
            dismissed: 0,
            unchanged: 179,
            committing: 0,
            change: Quantity::from(57),
            amounts: vec![CurrencyAmount { currency: Some("EUR".to_owned()), amount: Money::from_vendor(412.0).expect("an amount") }],
            planned_at: Some("2026-11-22T12:00:00Z".parse().expect("a moment")),
        }
    }

    #[test]
    fn the_month_begins_with_its_sentence() {
        assert_eq!(month(&summary()), "November 2026: 31 of 214 lines change, +57 seats, about +412.00 EUR a month. 4 are held.");
        assert_eq!(
            month(&MonthSummary { to_approve: 0, held: 0, ..summary() }),
            "November 2026: all 214 lines are right. Nothing to approve."
        );
        assert_eq!(
            month(&MonthSummary { to_approve: 1, held: 1, dismissed: 2, amounts: Vec::new(), ..summary() }),
            "November 2026: 1 of 214 lines changes, +57 seats. 1 is held. 2 are dismissed."
        );
        assert_eq!(month(&MonthSummary { planned_at: None, ..summary() }), "November 2026: nothing is planned yet.");
    }

    #[test]
    fn currencies_are_never_added_up() {
        let mut two = summary();
        two.amounts.push(CurrencyAmount { currency: Some("USD".to_owned()), amount: Money::from_vendor(-20.0).expect("an amount") });
        assert!(month(&two).contains("about +412.00 EUR and −20.00 USD a month"), "{}", month(&two));
    }

    #[test]
    fn an_edited_mapping_says_what_it_changes() {
        assert_eq!(difference(&Difference::default(), 0), "Nothing changes: every line stays as it is.");
        let told = Difference {
            lines: 3,
            change: Quantity::from_vendor(-12.0).expect("a quantity"),
            amounts: vec![(Some("EUR".to_owned()), Money::from_vendor(-48.0).expect("an amount"))],
            ..Difference::default()
        };
        assert_eq!(difference(&told, 0), "3 lines change: −12 seats, −48.00 EUR a month.");
        let told = Difference { lines: 1, amounts: Vec::new(), unpriced: 1, held: 1, ..told };
        assert_eq!(
            difference(&told, 7),
            "1 line changes: −12 seats. 1 without a known price. 1 would be held. 7 more agreements are too many to look at here."
        );
    }

    #[test]
    fn an_approval_says_what_was_not_taken() {
        assert_eq!(outcome_of_approval(30, 1), "30 approved, 1 not taken: each says why.");
        assert_eq!(outcome_of_approval(0, 2), "None approved: 2 lines were not taken.");
    }

    #[test]
    fn a_vendor_is_as_old_as_its_oldest_connection() {
        let now = "2026-11-22T12:00:00Z".parse().expect("a moment");
        let vendor = |kind, read: Option<&str>| VendorFreshness {
            connection: "c".into(),
            name: "c".to_owned(),
            kind,
            freshness: Freshness { read_at: read.map(|read| read.parse().expect("a moment")), ..Freshness::default() },
        };
        let zone = FixedOffset::east_opt(0).expect("an offset");
        let list = [
            vendor(ConnectionKind::Ema2, Some("2026-11-22T11:58:00Z")),
            vendor(ConnectionKind::Connectwise, Some("2026-11-22T11:54:00Z")),
            vendor(ConnectionKind::Ema2, Some("2026-11-22T03:10:00Z")),
        ];
        assert_eq!(vendors(&list, now, zone), "ESET 03:10 · ConnectWise 6 min ago");
        assert_eq!(vendors(&[vendor(ConnectionKind::Ema2, None)], now, zone), "ESET not read yet");
    }
}
