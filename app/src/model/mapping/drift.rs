//! Drift in words: what happened, and what each repair does.

use domain::drift::{Drift, DriftKind, DriftState, Repair};

use crate::words::quantity;

/// The states, in the order they are shown, with their names in addresses.
pub(crate) const STATES: [(DriftState, &str, &str); 3] =
    [(DriftState::Open, "open", "Open"), (DriftState::Ignored, "ignored", "Ignored"), (DriftState::Resolved, "resolved", "Resolved")];

/// The state an address names; open when it names none.
pub(crate) fn drift_state(name: &str) -> (DriftState, &'static str) {
    STATES.iter().find(|(_, known, _)| *known == name).map_or((DriftState::Open, "open"), |(state, name, _)| (*state, name))
}

/// What happened.
pub(crate) fn happened(kind: DriftKind) -> &'static str {
    match kind {
        DriftKind::EsetCompanyGone => "ESET company gone",
        DriftKind::EsetCompanyRenamed => "ESET company renamed",
        DriftKind::LicenceGone => "Licence gone",
        DriftKind::PsaCompanyGone => "ConnectWise company gone",
        DriftKind::PsaCompanyRenamed => "ConnectWise company renamed",
        DriftKind::AgreementGone => "Agreement gone",
        DriftKind::AgreementEnded => "Agreement ended",
        DriftKind::AgreementRenamed => "Agreement renamed",
        DriftKind::AgreementMoved => "Agreement moved to another company",
        DriftKind::AdditionGone => "Addition gone",
        DriftKind::AdditionCancelled => "Addition cancelled",
        DriftKind::AdditionDuplicated => "Addition doubled",
        DriftKind::AdditionEdited => "Quantity edited by hand",
        DriftKind::AdditionOfAnother => "Made by another Seatbridge",
        DriftKind::ProductGone => "Catalog product gone",
        DriftKind::ProductInactive => "Catalog product inactive",
        DriftKind::ProductRenamed => "Catalog product renamed",
        DriftKind::MappingTakenAway => "Mapping taken away, still billed",
        DriftKind::TicketRulePaused => "Ticket rule paused",
    }
}

/// A repair, as its button says it.
pub(crate) fn repair(repair: Repair, drift: &Drift) -> String {
    let words = match repair {
        Repair::Acknowledge if !drift.place.licences.is_empty() => "All were removed on purpose",
        Repair::Acknowledge if drift.kind == DriftKind::LicenceGone => "It was removed on purpose",
        Repair::Acknowledge => "Take the new name as known",
        Repair::KeepTheirNumber if drift.kind == DriftKind::AdditionOfAnother => "This install bills it",
        Repair::KeepTheirNumber => {
            return drift
                .place
                .found
                .map_or_else(|| "Keep ConnectWise’s number".to_owned(), |found| format!("Keep ConnectWise’s {}", quantity(found)));
        }
        Repair::ReleaseLine => "Let the line be approved",
        Repair::MoveMapping => "Bill on the other agreement",
        Repair::UnmapProduct => "Take the product’s mapping away",
        Repair::MapBack => "Map it back",
        Repair::Handled => "Somebody else looks after it",
        Repair::ExcludeCompanies => "They have left: exclude all of them",
    };
    words.to_owned()
}

/// Text by which the month finds the lines of an event: whom it happened to.
pub(crate) fn whose(drift: &Drift) -> &str {
    drift.subject.split(" · ").next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use domain::drift::Place;
    use domain::money::Quantity;

    use super::*;

    fn drift(kind: DriftKind) -> Drift {
        Drift {
            id: "event".into(),
            kind,
            subject: "Acme · Managed security".to_owned(),
            was: None,
            is: None,
            words: String::new(),
            remedy: String::new(),
            lines: Vec::new(),
            repairs: Vec::new(),
            place: Place::default(),
        }
    }

    #[test]
    fn a_button_says_what_the_repair_does() {
        let mut edited = drift(DriftKind::AdditionEdited);
        assert_eq!(repair(Repair::KeepTheirNumber, &edited), "Keep ConnectWise’s number");
        edited.place.found = Some(Quantity::from(31));
        assert_eq!(repair(Repair::KeepTheirNumber, &edited), "Keep ConnectWise’s 31");
        assert_eq!(repair(Repair::Acknowledge, &drift(DriftKind::LicenceGone)), "It was removed on purpose");
        assert_eq!(repair(Repair::Acknowledge, &drift(DriftKind::AgreementRenamed)), "Take the new name as known");
        assert_eq!(whose(&edited), "Acme");
    }

    #[test]
    fn every_state_is_found_by_its_name() {
        for (state, name, _) in STATES {
            assert_eq!(drift_state(name), (state, name));
        }
        assert_eq!(drift_state("nonsense"), (DriftState::Open, "open"));
    }
}
