//! What each page reads first, known before its code has arrived. `tests/browser/loading.test.mjs` holds this to what the pages do.

use shared::api::DEFAULT_PAGE;

use crate::components::segments::mapping_state;
use crate::model::address::{Address, encoded};
use crate::model::billing::books::finding_name;
use crate::model::billing::lines::{segment, segment_name};
use crate::model::mapping::drift::drift_state;
use crate::model::place::Place;
use crate::model::tickets::ticket::{self, Rows};

/// Addresses that the page reads as soon as it is shown. `query` has the values of the page's own address.
///
/// What only some people may read is left out, and so is the overview, which the whole screen follows.
pub(super) fn first_reads(place: &Place, query: impl Fn(&str) -> String) -> Vec<Address> {
    let text = || query("q");
    let list = |path: &str| Address::of(path).part(None, DEFAULT_PAGE);
    let filtered = |address: Address| address.with("q", &text()).part(None, DEFAULT_PAGE);
    let consoles = || [Address::of("/api/connections"), Address::of("/api/groups")];
    match place {
        Place::Overview | Place::NewConnection | Place::About | Place::Nowhere => Vec::new(),
        Place::Companies => vec![filtered(Address::of("/api/companies").with("state", mapping_state(&query("state"))))],
        Place::Products => vec![list("/api/products")],
        Place::Month => vec![filtered(Address::of("/api/month").with("segment", segment_name(segment(&query("segment")))))],
        Place::Drift => vec![filtered(Address::of("/api/drift").with("state", drift_state(&query("state")).1))],
        Place::Months => vec![list("/api/months")],
        Place::Books(period) => vec![filtered(Address::of(&format!("/api/months/{}", encoded(period))))],
        Place::Reconciliation => vec![filtered(Address::of("/api/reconciliation").with("finding", finding_name(&query("finding"))))],
        Place::History => match query("show").as_str() {
            "passes" | "events" => Vec::new(),
            _ => vec![filtered(Address::of("/api/intents"))],
        },
        Place::Tickets => {
            let rows = match ticket::segment(&query("state")).1 {
                Rows::Devices(state) => Address::of("/api/tickets").with("state", state),
                Rows::Decisions(events) => Address::of("/api/ticket-log").with("event", events),
            };
            let mut reads = Vec::from(consoles());
            reads.push(filtered(rows.with("rule", &query("rule"))));
            reads
        }
        Place::TicketRules => {
            let mut reads = Vec::from(consoles());
            reads.extend([list("/api/ticket-rules"), list("/api/silences")]);
            reads
        }
        Place::NewTicketRule => Vec::from(consoles()),
        Place::TicketRule(id) => vec![Address::of(&format!("/api/ticket-rules/{}", encoded(id)))],
        Place::Groups => vec![Address::of("/api/groups")],
        Place::Connections => vec![list("/api/connections")],
        Place::Connection(id) => vec![Address::of(&format!("/api/connections/{}", encoded(id)))],
        Place::Limits => vec![Address::of("/api/policy")],
        Place::People => vec![list("/api/people"), Address::of("/api/access-groups")],
        Place::AccessGroups => vec![list("/api/access-groups")],
        Place::Access => vec![list("/api/tokens"), Address::of("/api/access-groups")],
        Place::Account => vec![list("/api/passkeys"), list("/api/sessions")],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads(place: &Place, query: &[(&str, &str)]) -> Vec<String> {
        let value = |name: &str| query.iter().find(|(known, _)| *known == name).map_or_else(String::new, |(_, value)| (*value).to_owned());
        first_reads(place, value).into_iter().map(String::from).collect()
    }

    #[test]
    fn a_page_begins_with_what_its_address_asks_for() {
        assert_eq!(reads(&Place::Month, &[("segment", "held"), ("q", "Bär")]), ["/api/month?segment=held&q=B%C3%A4r&limit=100"]);
        assert_eq!(reads(&Place::Month, &[("segment", "nonsense")]), ["/api/month?segment=to_approve&limit=100"]);
        assert_eq!(reads(&Place::Books("2026-10".to_owned()), &[]), ["/api/months/2026-10?limit=100"]);
        assert!(
            reads(&Place::Tickets, &[("state", "skipped")])
                .contains(&"/api/ticket-log?event=skipped%2Cmuted%2Cwithdrawn&limit=100".to_owned())
        );
    }
}
