//! A ticket's life: opened for a device that is in a group, closed once it has left, opened again when it returns.

pub mod desk;
pub mod side;

use domain::ids::PsaCompanyId;
use domain::tickets::example::rule;
use domain::tickets::{Case, Fields, Lifecycle, Return, TicketAction, TicketRule};
use engine::tickets::{About, TicketIntent};

use self::desk::Desk;
use crate::clock::now;
use crate::moves::Exploration;
use crate::world::Left;

/// The device has just entered; it leaves and returns as often as `polls` says.
pub fn exploration(polls: u8, left: Left) -> Exploration<Desk> {
    let case = Case::entered(now());
    let first = intent(&case, TicketAction::Open);
    Exploration::new(Desk::new(case, polls), first, left)
}

/// No delays: what waits for one is not begun, and the rule of `next` alone.
fn watching() -> TicketRule {
    let lifecycle = Lifecycle { delay_minutes: 0, close_after_minutes: Some(0), return_days: 7, on_return: Return::Reopen };
    TicketRule { lifecycle, ..rule() }
}

fn intent(case: &Case, action: TicketAction) -> TicketIntent {
    let fields = Fields { device: "PC-042".into(), ..Fields::default() };
    let about = About { subject: "device", entry: case.entries, company: PsaCompanyId(2), fields, device: None };
    TicketIntent::of(&watching(), action, about).expect("the rule's own templates")
}
