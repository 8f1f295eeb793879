//! What each page reads first, known before its code has arrived. `tests/browser/loading.test.mjs` holds this to what the pages do.

use contract::access_groups::ListAccessGroups;
use contract::backup::ShowNightlyBackup;
use contract::companies::{CompaniesQuery, ListCompanies};
use contract::connections::{ListConnections, ShowConnection};
use contract::drift::{DriftQuery, ListDrift};
use contract::groups::ListGroups;
use contract::history::ListIntents;
use contract::look_only::ShowLookOnly;
use contract::month::{MonthQuery, ShowMonth};
use contract::months::{ListMonths, MonthDetailQuery, ShowMonthDetail};
use contract::people::ListPeople;
use contract::policy::ShowPolicy;
use contract::products::ListProducts;
use contract::reconciliation::{ReconciliationQuery, ShowReconciliation};
use contract::retention::ShowRetention;
use contract::session::{ListPasskeys, ListSessions};
use contract::tickets::{ListMutes, ListTicketLog, ListTicketRules, ListTickets, ShowTicketRule, TicketLogQuery, TicketsQuery};
use contract::tokens::ListTokens;
use contract::{DEFAULT_PAGE, Endpoint, PageQuery};

use crate::api::{Link, asked, part_of};
use crate::components::segments::mapping_state;
use crate::model::billing::lines::segment;
use crate::model::billing::months::{finding_kind, finding_name};
use crate::model::mapping::drift::drift_state;
use crate::model::place::Place;
use crate::model::tickets::ticket::{self, Rows};

/// Addresses that the page reads as soon as it is shown. `query` has the values of the page's own address.
///
/// What only some people may read is left out, and so is the overview, which the whole screen follows.
pub(super) fn first_reads(place: &Place, query: impl Fn(&str) -> String) -> Vec<String> {
    let text = || asked(&query("q"));
    let consoles = || vec![whole::<ListConnections>(), whole::<ListGroups>()];
    match place {
        Place::Overview | Place::NewConnection | Place::About | Place::Nowhere => Vec::new(),
        Place::Companies => {
            let state = asked(mapping_state(&query("state"))).unwrap_or_default();
            vec![part(Link::<ListCompanies>::of(&CompaniesQuery { state, q: text(), ..CompaniesQuery::default() }))]
        }
        Place::Products => vec![list::<ListProducts>()],
        Place::Month => {
            let segment = segment(&query("segment"));
            vec![part(Link::<ShowMonth>::of(&MonthQuery { segment, q: text(), ..MonthQuery::default() }))]
        }
        Place::Drift => {
            let state = Some(drift_state(&query("state")).0);
            vec![part(Link::<ListDrift>::of(&DriftQuery { state, q: text(), ..DriftQuery::default() }))]
        }
        Place::Months => vec![list::<ListMonths>()],
        Place::OneMonth(period) => period.parse().map_or_else(
            |_| Vec::new(),
            |period| vec![part(Link::<ShowMonthDetail>::at(&period).with(&MonthDetailQuery { q: text(), ..MonthDetailQuery::default() }))],
        ),
        Place::Reconciliation => {
            let finding = finding_kind(finding_name(&query("finding")));
            vec![part(Link::<ShowReconciliation>::of(&ReconciliationQuery { finding, q: text(), ..ReconciliationQuery::default() }))]
        }
        Place::History => match query("show").as_str() {
            "passes" | "events" => Vec::new(),
            _ => vec![part(Link::<ListIntents>::of(&PageQuery { q: text(), ..PageQuery::default() }))],
        },
        Place::Tickets => {
            let (rule, q) = (asked(&query("rule")), text());
            let rows = match ticket::segment(&query("state")).1 {
                Rows::Devices(state) => {
                    part(Link::<ListTickets>::of(&TicketsQuery { state: asked(state), rule, q, ..TicketsQuery::default() }))
                }
                Rows::Decisions(events) => {
                    part(Link::<ListTicketLog>::of(&TicketLogQuery { event: asked(events), rule, q, ..TicketLogQuery::default() }))
                }
            };
            [consoles(), vec![rows]].concat()
        }
        Place::TicketRules => [consoles(), vec![list::<ListTicketRules>(), list::<ListMutes>()]].concat(),
        Place::NewTicketRule => consoles(),
        Place::TicketRule(id) => vec![Link::<ShowTicketRule>::at(&id.as_str().into()).into_text()],
        Place::Groups => vec![whole::<ListGroups>()],
        Place::Connections => vec![list::<ListConnections>()],
        Place::Connection(id) => vec![Link::<ShowConnection>::at(&id.as_str().into()).into_text()],
        Place::Limits => vec![whole::<ShowPolicy>()],
        Place::LookOnly => vec![whole::<ShowLookOnly>()],
        Place::Backup => vec![whole::<ShowNightlyBackup>()],
        Place::Data => vec![whole::<ShowRetention>()],
        Place::People => vec![list::<ListPeople>(), whole::<ListAccessGroups>()],
        Place::AccessGroups => vec![list::<ListAccessGroups>()],
        Place::Access => vec![list::<ListTokens>(), whole::<ListAccessGroups>()],
        Place::Account => vec![list::<ListPasskeys>(), list::<ListSessions>()],
    }
}

/// An address without a query.
fn whole<E: Endpoint<Path = ()>>() -> String {
    Link::<E>::here().into_text()
}

/// The first part of a list.
fn list<E: Endpoint<Path = ()>>() -> String {
    part(Link::<E>::here())
}

/// The first part of what a link lists.
fn part<E: Endpoint>(link: Link<E>) -> String {
    part_of(link.into_text(), None, DEFAULT_PAGE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads(place: &Place, query: &[(&str, &str)]) -> Vec<String> {
        let value = |name: &str| query.iter().find(|(known, _)| *known == name).map_or_else(String::new, |(_, value)| (*value).to_owned());
        first_reads(place, value)
    }

    #[test]
    fn a_page_begins_with_what_its_address_asks_for() {
        assert_eq!(reads(&Place::Month, &[("segment", "held"), ("q", "Bär")]), ["/api/month?segment=held&q=B%C3%A4r&limit=100"]);
        assert_eq!(reads(&Place::Month, &[("segment", "nonsense")]), ["/api/month?segment=to_approve&limit=100"]);
        assert_eq!(reads(&Place::OneMonth("2026-10".to_owned()), &[]), ["/api/months/2026-10?limit=100"]);
        assert!(
            reads(&Place::Tickets, &[("state", "skipped")])
                .contains(&"/api/ticket-log?event=skipped%2Cmuted%2Cwithdrawn&limit=100".to_owned())
        );
    }
}
