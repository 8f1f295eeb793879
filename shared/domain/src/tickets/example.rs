//! A rule and where its tickets go, for tests.
#![allow(missing_docs, reason = "names say it; nothing here is part of the product")]

use super::{Attach, Lifecycle, Per, RuleSource, TicketRule, TicketTarget};
use crate::ids::{BoardId, PsaCompanyId, StatusId};

pub fn target() -> TicketTarget {
    TicketTarget {
        psa: "cw".into(),
        board: BoardId(1),
        kind: None,
        subtype: None,
        item: None,
        team: None,
        priority: None,
        source: None,
        open_status: StatusId(16),
        closed_status: StatusId(17),
        contact: None,
        catch_all: PsaCompanyId(2),
        due_hours: Some(8),
        configuration_type: None,
    }
}

pub fn rule() -> TicketRule {
    TicketRule {
        id: "r".into(),
        name: "Not protected".to_owned(),
        enabled: true,
        source: RuleSource::Group { connection: "console".into(), group: "g".into() },
        per: Per::Device,
        target: target(),
        lifecycle: Lifecycle::default(),
        cap: 10,
        summary: "{device} is in {group}".to_owned(),
        text: "It needs a look.".to_owned(),
        attach: Attach::Nothing,
    }
}
