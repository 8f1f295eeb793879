//! A line in words: its state, its risk, and where its guards can be put right.

use contract::month::{GuardView, LineState, LineView, Segment};
use domain::Timestamp;
use domain::billing::{Line, Risk};
use domain::ids::AdditionId;
use domain::seats::NotCounted;

use super::changes::waits;
use crate::words::date;

/// How something stands, as an icon, a word and a colour together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// In order.
    Good,
    /// Waits for a person, or worth a look.
    Attention,
    /// Wrong.
    Bad,
    /// Under way.
    Busy,
    /// Nothing to say.
    Quiet,
}

impl Tone {
    /// Its class in the style sheet.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Attention => "attention",
            Self::Bad => "bad",
            Self::Busy => "busy",
            Self::Quiet => "quiet",
        }
    }

    /// Its icon.
    pub(crate) fn icon(self) -> &'static str {
        match self {
            Self::Good => "check",
            Self::Attention => "pause",
            Self::Bad => "alert",
            Self::Busy => "sync",
            Self::Quiet => "dot",
        }
    }
}

/// A line's state.
fn state(state: LineState) -> (Tone, &'static str) {
    match state {
        LineState::ToApprove => (Tone::Quiet, "To approve"),
        LineState::Held => (Tone::Attention, "Held"),
        LineState::Committing => (Tone::Busy, "Writing"),
        LineState::Done => (Tone::Good, "Done"),
        LineState::Failed => (Tone::Bad, "Not written"),
        LineState::Parked => (Tone::Bad, "Look here"),
        LineState::Unchanged => (Tone::Quiet, "Unchanged"),
        LineState::Dismissed => (Tone::Quiet, "Dismissed"),
    }
}

/// A line's state, with the day an approved change waits for.
pub(crate) fn standing(view: &LineView, now: Timestamp) -> (Tone, String) {
    match view.intent.as_ref().and_then(|intent| waits(intent, now)) {
        Some(words) if view.state == LineState::Committing => (Tone::Attention, words),
        _ => {
            let (tone, words) = state(view.state);
            (tone, words.to_owned())
        }
    }
}

/// Which additions a line's billed quantity is of.
pub(crate) fn billed_on(line: &Line) -> String {
    let of = |ids: &[AdditionId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match (line.parts.as_slice(), line.addition) {
        ([], None) => "no ongoing addition on the agreement".to_owned(),
        ([], Some(one)) => format!("addition {} in ConnectWise, as last read", of(&[one])),
        (several, _) => {
            let word = if several.len() == 1 { "addition" } else { "additions" };
            format!("{word} {} in ConnectWise, as last read", of(several))
        }
    }
}

/// What stands below a line's target, when it is not simply written at once: "new, 1 Dec" or "from 1 Dec". There is little room.
pub(crate) fn target_note(view: &LineView, now: Timestamp) -> Option<String> {
    let day = view.line.effective.map(|day| date(day, now));
    match (&view.line.create, day) {
        (Some(_), Some(day)) => Some(format!("new, {day}")),
        (Some(_), None) => Some("new".to_owned()),
        (None, day) => day.map(|day| format!("from {day}")),
    }
}

/// A line's risk.
pub(crate) fn risk(risk: Risk) -> (Tone, &'static str) {
    match risk {
        Risk::Low => (Tone::Quiet, "Low"),
        Risk::Medium => (Tone::Attention, "Medium"),
        Risk::High => (Tone::Bad, "High"),
    }
}

/// Why a licence is not counted.
pub(crate) fn not_counted(why: NotCounted) -> &'static str {
    match why {
        NotCounted::Trial => "Trial: ESET does not bill it",
        NotCounted::Suspended => "Suspended: ESET does not bill it",
        NotCounted::Obsolete => "Replaced by another licence",
    }
}

/// The segments, in the order they are shown, with their names in addresses.
pub(crate) const SEGMENTS: [(Segment, &str, &str); 5] = [
    (Segment::ToApprove, "to_approve", "To approve"),
    (Segment::Held, "held", "Held"),
    (Segment::Done, "done", "Done"),
    (Segment::Unchanged, "unchanged", "Unchanged"),
    (Segment::All, "all", "All"),
];

/// The segment an address names; the first when it names none.
pub(crate) fn segment(name: &str) -> Segment {
    SEGMENTS.iter().find(|(_, known, _)| *known == name).map_or_else(Segment::default, |(segment, ..)| *segment)
}

/// The name of a segment in addresses.
pub(crate) fn segment_name(segment: Segment) -> &'static str {
    SEGMENTS.iter().find(|(known, ..)| *known == segment).map_or("all", |(_, name, _)| name)
}

/// The page on which the cause of a guard is put right, and what the link says.
pub(crate) fn remedy_page(guard: &GuardView) -> Option<(&'static str, &'static str)> {
    match guard.code.as_str() {
        "unmapped_company"
        | "company_gone"
        | "agreement_gone"
        | "agreement_not_active"
        | "agreement_ended"
        | "agreement_of_another"
        | "billed_elsewhere" => Some(("/companies", "Open companies")),
        "unmapped_product" | "write_rules_differ" | "not_prorated" | "dated_split" | "no_ongoing_addition" => {
            Some(("/products", "Open products"))
        }
        "over_cap" => Some(("/settings/limits", "Open limits")),
        "drift" => Some(("/drift", "Open drift")),
        "psa_stale" | "snapshot_stale" | "snapshot_partial" | "seat_days_unread" => Some(("/settings/connections", "Open connections")),
        _ => None,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use domain::billing::{Evidence, Line, LineKey, NewAddition, ProductRef};
    use domain::ids::{AgreementId, CatalogId};
    use domain::mapping::BillCustomer;
    use domain::money::{Money, Quantity};

    use super::*;

    /// A line that waits for approval: `change` more seats at two euros.
    pub(crate) fn view(id: &str, agreement: i64, change: u32) -> LineView {
        let target = Quantity::from(20) + Quantity::from(change);
        LineView {
            line: Line {
                id: id.into(),
                preview: format!("preview of {id}").as_str().into(),
                key: LineKey::Billed { psa: "psa".into(), agreement: AgreementId(agreement), product: CatalogId(9) },
                period: "2026-11".parse().expect("a month"),
                company: "Acme".to_owned(),
                agreement: Some(domain::billing::AgreementRef {
                    psa: "psa".into(),
                    id: AgreementId(agreement),
                    name: "Managed security".to_owned(),
                    company: domain::ids::PsaCompanyId(1),
                    next_invoice: None,
                }),
                product: ProductRef { catalog: None, name: "ESET-PROTECT".to_owned(), eset: Vec::new() },
                addition: None,
                parts: Vec::new(),
                version: None,
                ordered: Some(20 + change),
                activated: Some(20),
                billed: Some(Quantity::from(20)),
                invoiced: None,
                bill: None,
                included: Quantity::ZERO,
                target: Some(target),
                unit_price: Money::from_vendor(2.0),
                currency: Some("EUR".to_owned()),
                reason: String::new(),
                guards: Vec::new(),
                risk: Risk::Low,
                counts: Vec::new(),
                notes: Vec::new(),
                evidence: Evidence::default(),
                automatic: false,
                effective: None,
                create: None,
                end: None,
                members: Vec::new(),
            },
            state: LineState::ToApprove,
            change: Some(Quantity::from(change)),
            amount: Money::from_vendor(2.0 * f64::from(change)),
            guards: Vec::new(),
            decision: None,
            intent: None,
            corrections: Vec::new(),
        }
    }

    #[test]
    fn what_is_billed_now_names_the_additions_it_is_of() {
        let mut line = view("a", 1, 5).line;
        assert_eq!(billed_on(&line), "no ongoing addition on the agreement");
        line.addition = Some(AdditionId(5));
        assert_eq!(billed_on(&line), "addition 5 in ConnectWise, as last read");
        line.parts = vec![AdditionId(4), AdditionId(6)];
        assert_eq!(billed_on(&line), "additions 4, 6 in ConnectWise, as last read");
    }

    #[test]
    fn a_change_for_a_later_day_says_which() {
        let now = "2026-11-22T12:00:00Z".parse().expect("a moment");
        let mut line = view("a", 1, 5);
        line.line.addition = Some(AdditionId(3));
        assert_eq!(target_note(&line, now), None);
        line.line.effective = Some("2026-12-14".parse().expect("a day"));
        assert_eq!(target_note(&line, now).as_deref(), Some("from 14 Dec"));
        line.intent = engine::Intent::of(&line.line);
        assert_eq!(standing(&line, now).1, "To approve");
        line.state = LineState::Committing;
        assert_eq!(standing(&line, now).1, "Waits until 14 Dec");
        let on_the_day = "2026-12-14T00:00:00Z".parse().expect("a moment");
        assert_eq!(standing(&line, on_the_day).1, "Writing");
    }

    #[test]
    fn what_would_be_made_is_said_to_be_new() {
        let now = "2026-11-22T12:00:00Z".parse().expect("a moment");
        let mut line = view("a", 1, 5);
        line.line.create = Some(NewAddition {
            product: CatalogId(9),
            description: "ESET PROTECT".to_owned(),
            bill: BillCustomer::Billable,
            effective: "2026-12-01".parse().expect("a day"),
            beside: None,
        });
        assert_eq!(target_note(&line, now).as_deref(), Some("new"));
        line.line.effective = Some("2026-12-01".parse().expect("a day"));
        assert_eq!(target_note(&line, now).as_deref(), Some("new, 1 Dec"));
    }

    #[test]
    fn every_segment_is_found_by_its_name() {
        for (expected, name, _) in SEGMENTS {
            assert_eq!(segment(name), expected);
            assert_eq!(segment_name(expected), name);
        }
        assert_eq!(segment("nonsense"), Segment::ToApprove);
    }
}
