//! Ticket rules whose place in ConnectWise is gone.

use super::{Drift, DriftKind, Place};
use crate::hash::fingerprint;
use crate::ids::DriftId;
use crate::tickets::TicketRule;

/// The event of a rule that opens nothing for this reason. For another reason it is another event: who ignored the one has not
/// seen the other.
pub fn paused_rule(rule: &TicketRule, reason: &str) -> Drift {
    let kind = DriftKind::TicketRulePaused;
    Drift {
        id: DriftId(fingerprint(&(kind, &rule.id, reason))),
        kind,
        subject: rule.name.clone(),
        was: None,
        is: None,
        words: reason.to_owned(),
        remedy: "Devices are still watched: tickets for those that wait are opened once the rule has a place again.".to_owned(),
        lines: Vec::new(),
        repairs: Vec::new(),
        place: Place { psa: Some(rule.target.psa.clone()), rule: Some(rule.id.clone()), ..Place::default() },
    }
}
