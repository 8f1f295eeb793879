//! Companies for whose devices tickets are opened, or not.

use axum::extract::{Extension, State};
use contract::companies::{SwitchCompanyTickets, SwitchTickets};
use domain::billing::Member;
use domain::history::HistoryEvent;

use crate::http::App;
use crate::http::mapping::companies::MOST_CHANGES;
use crate::http::middleware::caller::Caller;
use crate::http::middleware::error::{Failure, invalid};
use crate::http::middleware::extract::Body;
use crate::http::routes::Routes;
use store::ledger::NewAudit;

/// Serves these endpoints.
pub(in crate::http) fn routes(routes: Routes) -> Routes {
    routes.on(SwitchCompanyTickets, companies)
}

#[worker::send]
async fn companies(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Body(request): Body<SwitchTickets>,
) -> Result<(), Failure> {
    if request.companies.is_empty() || request.companies.len() > MOST_CHANGES {
        return Err(invalid("companies", "1 to 500 companies are switched at once.", "Choose some of them."));
    }
    let visible = app.visible(&caller.scope)?;
    let snapshots = app.snapshots_in(&visible).await?;
    let off = app.ledger.ticket_switches().off()?;
    let name = |Member { connection, company }: &Member| {
        let snapshot = snapshots.iter().find(|snapshot| snapshot.connection == *connection)?;
        snapshot.companies.get(company).map(|company| company.name.clone())
    };
    let mut changed = Vec::new();
    for (index, member) in request.companies.iter().enumerate() {
        let (name, is_off) = (name(member), off.contains_key(member));
        // One that has left ESET can be switched on again.
        if !visible.sees(&member.connection, &member.company) || (name.is_none() && !is_off) {
            return Err(invalid(&format!("companies[{index}]"), "ESET shows no such company.", "Sync now, then choose it from the list."));
        }
        if is_off == request.tickets {
            changed.push((member, name.unwrap_or_else(|| member.company.to_string())));
        }
    }
    let now = app.now();
    for (member, subject) in changed {
        let event = if request.tickets { HistoryEvent::CompanyTicketsOn } else { HistoryEvent::CompanyTicketsOff };
        let connection = Some(member.connection.clone());
        match request.tickets {
            true => app.ledger.ticket_switches().switch_on(member)?,
            false => app.ledger.ticket_switches().switch_off(member, &caller.name, now)?,
        }
        app.ledger.history().add(NewAudit { by: &caller.name, subject, connection, ..NewAudit::of(event) }, now)?;
    }
    Ok(())
}
