//! The table of contents of the API.

use crate::access::Action;

/// The methods the API uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Starts or decides something.
    Post,
    /// Replaces.
    Put,
    /// Changes a part.
    Patch,
    /// Takes away.
    Delete,
}

/// What a route does for a caller who sees some access groups alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// The same as for everybody: it tells nothing of any company, or is asked before it is known who asks.
    Free,
    /// Only what is about companies of theirs. Whatever else there is, is answered for as if it were not there.
    Scoped,
    /// Nothing: it concerns the whole install, and is refused.
    Whole,
}

/// One route: what it is called by, what it does, who may and how far it reaches.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// HTTP method.
    pub method: Method,
    /// Path, with `{name}` for its parts.
    pub path: &'static str,
    /// What it does, to be looked up in the roles' table.
    pub action: Action,
    /// What it does for a caller who does not see every company.
    pub reach: Reach,
    /// One line for people.
    pub summary: &'static str,
}

const fn route(method: Method, path: &'static str, action: Action, reach: Reach, summary: &'static str) -> Route {
    Route { method, path, action, reach, summary }
}

use Action::{
    CloseMonth, DecideLines, ManageConnections, ManageMappings, ManagePeople, ManageShares, ManageTickets, ManageTokens, OpenShare,
    OwnPasskeys, OwnSession, SeeBilling, SeeConnections, SeePeople, SeeShare, SeeStatus, SeeTickets, SetPolicy, SignIn, StartPass,
};
use Method::{Delete, Get, Patch, Post, Put};
use Reach::{Free, Scoped, Whole};

/// The path of the API's description, which is a static file: the platform answers it, not the router.
pub const DESCRIPTION: &str = "/api/openapi.json";

/// Every route of the API.
pub const ROUTES: &[Route] = &[
    route(Get, "/api/health", SeeStatus, Free, "Whether the service is up"),
    route(Get, DESCRIPTION, SeeStatus, Free, "This document"),
    route(Post, "/api/session/challenge", SignIn, Free, "A challenge for a passkey, to sign in or to prove who is there"),
    route(Post, "/api/session", SignIn, Free, "Sign in by a passkey"),
    route(Get, "/api/session/ways", SignIn, Free, "The ways of signing in"),
    route(Post, "/api/session/openid", SignIn, Free, "Begin to sign in with the identity provider, or to prove by it who is there"),
    route(Post, "/api/session/openid/finish", SignIn, Free, "Sign in by what the identity provider answered"),
    route(Get, "/api/session", OwnSession, Free, "Who is signed in"),
    route(Delete, "/api/session", OwnSession, Free, "Sign out"),
    route(Post, "/api/session/proof", OwnSession, Free, "Show the passkey again, for what wants it"),
    route(Get, "/api/sessions", OwnSession, Free, "One's own sessions"),
    route(Delete, "/api/sessions/{id}", OwnSession, Free, "End one of one's own sessions"),
    route(Get, "/api/passkeys", OwnSession, Free, "One's own passkeys"),
    route(Post, "/api/passkeys/challenge", OwnPasskeys, Free, "A challenge to make another passkey with"),
    route(Post, "/api/passkeys", OwnPasskeys, Free, "Keep another passkey"),
    route(Delete, "/api/passkeys/{id}", OwnPasskeys, Free, "Give a passkey up, unless it is the last"),
    route(Post, "/api/invitations/open", SignIn, Free, "What a one-time link invites to"),
    route(Post, "/api/invitations/accept", SignIn, Free, "Come in by a one-time link, with a new passkey"),
    route(Get, "/api/people", SeePeople, Whole, "People who may come in"),
    route(Post, "/api/people", ManagePeople, Whole, "Invite somebody"),
    route(Patch, "/api/people/{id}", ManagePeople, Whole, "Change somebody's name or role"),
    route(Delete, "/api/people/{id}", ManagePeople, Whole, "Shut somebody out, at once"),
    route(Post, "/api/people/{id}/link", ManagePeople, Whole, "Make a one-time link for somebody invited, or who has lost their passkeys"),
    route(Delete, "/api/people/{id}/sessions", ManagePeople, Whole, "End all sessions of somebody"),
    route(Get, "/api/access-groups", SeePeople, Whole, "Access groups, by name"),
    route(Post, "/api/access-groups", ManagePeople, Whole, "Make an access group"),
    route(Patch, "/api/access-groups/{id}", ManagePeople, Whole, "Rename an access group"),
    route(Delete, "/api/access-groups/{id}", ManagePeople, Whole, "Delete an access group that nobody is given"),
    route(Put, "/api/access-groups/companies", ManagePeople, Whole, "Put companies into an access group, or take them out"),
    route(Get, "/api/tokens", ManageTokens, Whole, "List API tokens"),
    route(Post, "/api/tokens", ManageTokens, Whole, "Make an API token"),
    route(Delete, "/api/tokens/{id}", ManageTokens, Whole, "Revoke an API token"),
    route(Get, "/api/share-links", ManageShares, Scoped, "Share links, latest first"),
    route(Post, "/api/share-links", ManageShares, Scoped, "Make a share link for one company"),
    route(Delete, "/api/share-links/{id}", ManageShares, Scoped, "Revoke a share link, at once"),
    route(Post, "/api/share/open", OpenShare, Free, "Open a share link"),
    route(Get, "/api/share/company", SeeShare, Free, "What a share link shows of its company"),
    route(Get, "/api/share/statement", SeeShare, Free, "A month of a share link's company"),
    route(Get, "/api/overview", SeeBilling, Scoped, "What needs a person, and how old everything is"),
    route(Get, "/api/connections", SeeConnections, Free, "List connections"),
    route(Post, "/api/connections", ManageConnections, Whole, "Create a connection and test it"),
    route(Post, "/api/connections/test", ManageConnections, Whole, "Test credentials without storing them"),
    route(Get, "/api/connections/{id}", SeeConnections, Free, "One connection"),
    route(Patch, "/api/connections/{id}", ManageConnections, Whole, "Change a connection"),
    route(Delete, "/api/connections/{id}", ManageConnections, Whole, "Delete a connection; history is kept"),
    route(Post, "/api/connections/{id}/test", ManageConnections, Whole, "Test a stored connection"),
    route(Get, "/api/connections/{id}/consequences", SeeConnections, Whole, "What deleting it takes along"),
    route(Get, "/api/vault", SeeConnections, Whole, "Which master key stored credentials are sealed with"),
    route(Post, "/api/vault/rotate", ManageConnections, Whole, "Seal stored credentials anew with the present master key"),
    route(Get, "/api/companies", SeeBilling, Scoped, "ESET companies, where they are billed and who they may be"),
    route(Put, "/api/companies/tickets", ManageTickets, Scoped, "Switch tickets on or off for the devices of companies"),
    route(Put, "/api/mappings/companies", ManageMappings, Scoped, "Map, exclude or clear ESET companies"),
    route(Get, "/api/mappings/companies.csv", SeeBilling, Scoped, "Every company's mapping as a table"),
    route(Post, "/api/mappings/companies/import", ManageMappings, Scoped, "Take a table of company mappings, or say what it would change"),
    route(Get, "/api/products", SeeBilling, Scoped, "ESET products in use and what they are billed as"),
    route(Put, "/api/mappings/products", ManageMappings, Whole, "Map, exclude or clear ESET products"),
    route(Get, "/api/plan-slice", SeeBilling, Scoped, "What the lines of a product or a company are planned from"),
    route(Get, "/api/psa/companies", SeeBilling, Scoped, "Look up ConnectWise companies and agreements"),
    route(Get, "/api/psa/products", SeeBilling, Free, "Look up catalog products"),
    route(Get, "/api/month", SeeBilling, Scoped, "The month's lines"),
    route(Get, "/api/month.csv", SeeBilling, Scoped, "All lines of a filter as a table"),
    route(Get, "/api/reconciliation", SeeBilling, Scoped, "What ESET bills, what is used and what ConnectWise bills, side by side"),
    route(Get, "/api/reconciliation.csv", SeeBilling, Scoped, "All rows of a reconciliation as a table"),
    route(Get, "/api/lines/{id}", SeeBilling, Scoped, "One line with its evidence"),
    route(Post, "/api/lines/approve", DecideLines, Scoped, "Approve lines"),
    route(Post, "/api/lines/hold", DecideLines, Scoped, "Hold lines"),
    route(Post, "/api/lines/dismiss", DecideLines, Scoped, "Leave lines as they are until a number changes"),
    route(Post, "/api/lines/release", DecideLines, Scoped, "Take holds and dismissals back"),
    route(Post, "/api/lines/retry", DecideLines, Scoped, "Try failed and parked changes of lines again"),
    route(Get, "/api/drift", SeeBilling, Scoped, "What changed under mappings"),
    route(Post, "/api/drift/{id}/resolve", ManageMappings, Scoped, "Repair what changed under a mapping"),
    route(Post, "/api/drift/{id}/ignore", ManageMappings, Scoped, "Leave what changed under a mapping as it is"),
    route(Get, "/api/policy", SeeBilling, Free, "The caps lines and approvals must keep"),
    route(Put, "/api/policy", SetPolicy, Whole, "Set the caps lines and approvals must keep"),
    route(Post, "/api/passes", StartPass, Whole, "Sync or bill now"),
    route(Get, "/api/passes", SeeBilling, Whole, "Passes, latest first"),
    route(Get, "/api/passes/{id}", SeeBilling, Whole, "One pass"),
    route(Get, "/api/intents", SeeBilling, Scoped, "Changes that were approved, latest first"),
    route(Post, "/api/intents/{id}/retry", DecideLines, Scoped, "Try a failed or parked change again"),
    route(Post, "/api/intents/{id}/reverse", DecideLines, Scoped, "Take a written change back"),
    route(Get, "/api/history", SeeBilling, Whole, "Who did what, latest first"),
    route(Get, "/api/history.csv", SeeBilling, Whole, "All rows of a filter of the history as a table"),
    route(Get, "/api/months", SeeBilling, Scoped, "Months, and whether they are closed"),
    route(Get, "/api/months/{period}", SeeBilling, Scoped, "What keeps a month from being closed, or its statement"),
    route(Post, "/api/months/{period}/close", CloseMonth, Whole, "Close a month, for good"),
    route(Get, "/api/months/{period}/statement", SeeBilling, Scoped, "The statement as a page to print"),
    route(Get, "/api/months/{period}/statement.csv", SeeBilling, Scoped, "The statement as a table"),
    route(Get, "/api/snapshots", SeeBilling, Whole, "Snapshots of past days, latest first"),
    route(Get, "/api/snapshots/{id}", SeeBilling, Whole, "One snapshot, byte for byte as it was read"),
    route(Get, "/api/groups", SeeTickets, Scoped, "Device groups of each console, and whose they are"),
    route(Get, "/api/groups/{id}/{group}/devices", SeeTickets, Scoped, "Devices in a group now, asked of its console"),
    route(Put, "/api/groups/{id}/{group}/owner", ManageMappings, Whole, "Say whose a company's device group is"),
    route(Get, "/api/ticket-rules", SeeTickets, Whole, "Ticket rules, in their order"),
    route(Post, "/api/ticket-rules", ManageTickets, Whole, "Make a ticket rule"),
    route(Post, "/api/ticket-rules/switch", ManageTickets, Whole, "Switch many ticket rules on or off"),
    route(Post, "/api/ticket-rules/edit", ManageTickets, Whole, "Change many ticket rules, all of them or none"),
    route(Post, "/api/ticket-rules/preview", ManageTickets, Whole, "The ticket a rule would open, exactly"),
    route(Get, "/api/ticket-rules/{id}", SeeTickets, Whole, "One ticket rule"),
    route(Put, "/api/ticket-rules/{id}", ManageTickets, Whole, "Change a ticket rule"),
    route(Delete, "/api/ticket-rules/{id}", ManageTickets, Whole, "Delete a ticket rule; its tickets are left to people"),
    route(Post, "/api/ticket-rules/{id}/test", ManageTickets, Whole, "Open a ticket that is about nothing, to see one"),
    route(Get, "/api/desks/{id}", SeeTickets, Free, "Boards, priorities and sources of a ConnectWise connection"),
    route(Get, "/api/desks/{id}/boards/{board}", SeeTickets, Free, "What a ticket of a board can choose from"),
    route(Get, "/api/desks/{id}/configuration-types", SeeTickets, Free, "Types a new configuration can be of"),
    route(Get, "/api/desks/{id}/companies/{company}/contacts", SeeTickets, Whole, "Look up contacts of a ConnectWise company"),
    route(Get, "/api/tickets", SeeTickets, Scoped, "What rules know of devices and their tickets"),
    route(Get, "/api/ticket-log", SeeTickets, Scoped, "What was decided about tickets, latest first"),
    route(Post, "/api/ticket-intents/{id}/retry", ManageTickets, Scoped, "Try what failed or was parked again"),
    route(Get, "/api/silences", SeeTickets, Whole, "What is kept quiet, latest first"),
    route(Post, "/api/silences", ManageTickets, Whole, "Keep a rule, group, company or device quiet"),
    route(Delete, "/api/silences/{id}", ManageTickets, Whole, "End a silence"),
];

/// The actions of which no route is anything for who sees some access groups alone, as bits; made when this is compiled, so that the
/// table itself does not weigh in the app.
const WHOLE: u32 = {
    let (mut whole, mut reached, mut rest) = (0_u32, 0_u32, ROUTES);
    while let [route, others @ ..] = rest {
        let bit = 1 << route.action as u32;
        if matches!(route.reach, Whole) {
            whole |= bit;
        } else {
            reached |= bit;
        }
        rest = others;
    }
    whole & !reached
};

/// Whether all that an action does concerns the whole install, so that it is nothing for who sees some access groups alone.
pub const fn is_whole(action: Action) -> bool {
    WHOLE & (1 << action as u32) != 0
}

/// How far a route reaches; one that is not in the table as one that concerns the whole install. Meant for constants.
pub const fn reach(method: Method, path: &str) -> Reach {
    let mut rest = ROUTES;
    while let [route, others @ ..] = rest {
        if route.method as u8 == method as u8 && same(route.path, path) {
            return route.reach;
        }
        rest = others;
    }
    Whole
}

const fn same(one: &str, other: &str) -> bool {
    let (mut one, mut other) = (one.as_bytes(), other.as_bytes());
    while let ([a, left @ ..], [b, right @ ..]) = (one, other) {
        if *a != *b {
            return false;
        }
        (one, other) = (left, right);
    }
    one.is_empty() && other.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_is_of_the_whole_when_each_of_its_routes_is() {
        for action in Action::ALL {
            let mut routes = ROUTES.iter().filter(|route| route.action == action).peekable();
            let whole = routes.peek().is_some() && routes.all(|route| route.reach == Whole);
            assert_eq!(is_whole(action), whole, "{action:?}");
        }
        assert!(is_whole(SetPolicy) && is_whole(CloseMonth) && !is_whole(ManageTickets) && !is_whole(Action::AutomateBilling));
    }

    #[test]
    fn how_far_a_route_reaches_is_what_the_table_says() {
        for route in ROUTES {
            assert_eq!(reach(route.method, route.path), route.reach, "{}", route.path);
        }
        assert_eq!((reach(Get, "/api/month"), reach(Post, "/api/month"), reach(Get, "/api/month.cs")), (Scoped, Whole, Whole));
    }

    #[test]
    fn who_comes_in_what_is_connected_and_what_is_written_down_is_nothing_for_a_branch() {
        for route in ROUTES.iter().filter(|route| matches!(route.action, SeePeople | ManagePeople | ManageTokens | ManageConnections)) {
            assert_eq!(route.reach, Whole, "{}", route.path);
        }
        let told = ROUTES.iter().filter(|route| ["/history", "/snapshots", "/passes"].iter().any(|part| route.path.contains(part)));
        assert!(told.into_iter().all(|route| route.reach == Whole));
    }
}
