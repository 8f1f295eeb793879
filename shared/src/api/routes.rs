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

/// One route: what it is called by, what it does and who may.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// HTTP method.
    pub method: Method,
    /// Path, with `{name}` for its parts.
    pub path: &'static str,
    /// What it does, to be looked up in the roles' table.
    pub action: Action,
    /// One line for people.
    pub summary: &'static str,
}

const fn route(method: Method, path: &'static str, action: Action, summary: &'static str) -> Route {
    Route { method, path, action, summary }
}

use Action::{
    CloseMonth, DecideLines, ManageConnections, ManageMappings, ManagePeople, ManageShares, ManageTickets, ManageTokens, OpenShare,
    OwnPasskeys, OwnSession, SeeBilling, SeeConnections, SeePeople, SeeShare, SeeStatus, SeeTickets, SetPolicy, SignIn, StartPass,
};
use Method::{Delete, Get, Patch, Post, Put};

/// The path of the API's description, which is a static file: the platform answers it, not the router.
pub const DESCRIPTION: &str = "/api/openapi.json";

/// Every route of the API.
pub const ROUTES: &[Route] = &[
    route(Get, "/api/health", SeeStatus, "Whether the service is up"),
    route(Get, DESCRIPTION, SeeStatus, "This document"),
    route(Post, "/api/session/challenge", SignIn, "A challenge for a passkey, to sign in or to prove who is there"),
    route(Post, "/api/session", SignIn, "Sign in by a passkey"),
    route(Get, "/api/session/ways", SignIn, "The ways of signing in"),
    route(Post, "/api/session/openid", SignIn, "Begin to sign in with the identity provider, or to prove by it who is there"),
    route(Post, "/api/session/openid/finish", SignIn, "Sign in by what the identity provider answered"),
    route(Get, "/api/session", OwnSession, "Who is signed in"),
    route(Delete, "/api/session", OwnSession, "Sign out"),
    route(Post, "/api/session/proof", OwnSession, "Show the passkey again, for what wants it"),
    route(Get, "/api/sessions", OwnSession, "One's own sessions"),
    route(Delete, "/api/sessions/{id}", OwnSession, "End one of one's own sessions"),
    route(Get, "/api/passkeys", OwnSession, "One's own passkeys"),
    route(Post, "/api/passkeys/challenge", OwnPasskeys, "A challenge to make another passkey with"),
    route(Post, "/api/passkeys", OwnPasskeys, "Keep another passkey"),
    route(Delete, "/api/passkeys/{id}", OwnPasskeys, "Give a passkey up, unless it is the last"),
    route(Post, "/api/invitations/open", SignIn, "What a one-time link invites to"),
    route(Post, "/api/invitations/accept", SignIn, "Come in by a one-time link, with a new passkey"),
    route(Get, "/api/people", SeePeople, "People who may come in"),
    route(Post, "/api/people", ManagePeople, "Invite somebody"),
    route(Patch, "/api/people/{id}", ManagePeople, "Change somebody's name or role"),
    route(Delete, "/api/people/{id}", ManagePeople, "Shut somebody out, at once"),
    route(Post, "/api/people/{id}/link", ManagePeople, "Make a one-time link for somebody invited, or who has lost their passkeys"),
    route(Delete, "/api/people/{id}/sessions", ManagePeople, "End all sessions of somebody"),
    route(Get, "/api/tokens", ManageTokens, "List API tokens"),
    route(Post, "/api/tokens", ManageTokens, "Make an API token"),
    route(Delete, "/api/tokens/{id}", ManageTokens, "Revoke an API token"),
    route(Get, "/api/share-links", ManageShares, "Share links, latest first"),
    route(Post, "/api/share-links", ManageShares, "Make a share link for one company"),
    route(Delete, "/api/share-links/{id}", ManageShares, "Revoke a share link, at once"),
    route(Post, "/api/share/open", OpenShare, "Open a share link"),
    route(Get, "/api/share/company", SeeShare, "What a share link shows of its company"),
    route(Get, "/api/share/statement", SeeShare, "A month of a share link's company"),
    route(Get, "/api/overview", SeeBilling, "What needs a person, and how old everything is"),
    route(Get, "/api/connections", SeeConnections, "List connections"),
    route(Post, "/api/connections", ManageConnections, "Create a connection and test it"),
    route(Post, "/api/connections/test", ManageConnections, "Test credentials without storing them"),
    route(Get, "/api/connections/{id}", SeeConnections, "One connection"),
    route(Patch, "/api/connections/{id}", ManageConnections, "Change a connection"),
    route(Delete, "/api/connections/{id}", ManageConnections, "Delete a connection; history is kept"),
    route(Post, "/api/connections/{id}/test", ManageConnections, "Test a stored connection"),
    route(Get, "/api/connections/{id}/consequences", SeeConnections, "What deleting it takes along"),
    route(Get, "/api/vault", SeeConnections, "Which master key stored credentials are sealed with"),
    route(Post, "/api/vault/rotate", ManageConnections, "Seal stored credentials anew with the present master key"),
    route(Get, "/api/companies", SeeBilling, "ESET companies, where they are billed and who they may be"),
    route(Put, "/api/companies/tickets", ManageTickets, "Switch tickets on or off for the devices of companies"),
    route(Put, "/api/mappings/companies", ManageMappings, "Map, exclude or clear ESET companies"),
    route(Get, "/api/mappings/companies.csv", SeeBilling, "Every company's mapping as a table"),
    route(Post, "/api/mappings/companies/import", ManageMappings, "Take a table of company mappings, or say what it would change"),
    route(Get, "/api/products", SeeBilling, "ESET products in use and what they are billed as"),
    route(Put, "/api/mappings/products", ManageMappings, "Map, exclude or clear ESET products"),
    route(Get, "/api/plan-slice", SeeBilling, "What the lines of a product or a company are planned from"),
    route(Get, "/api/psa/companies", SeeBilling, "Look up ConnectWise companies and agreements"),
    route(Get, "/api/psa/products", SeeBilling, "Look up catalog products"),
    route(Get, "/api/month", SeeBilling, "The month's lines"),
    route(Get, "/api/month.csv", SeeBilling, "All lines of a filter as a table"),
    route(Get, "/api/reconciliation", SeeBilling, "What ESET bills, what is used and what ConnectWise bills, side by side"),
    route(Get, "/api/reconciliation.csv", SeeBilling, "All rows of a reconciliation as a table"),
    route(Get, "/api/lines/{id}", SeeBilling, "One line with its evidence"),
    route(Post, "/api/lines/approve", DecideLines, "Approve lines"),
    route(Post, "/api/lines/hold", DecideLines, "Hold lines"),
    route(Post, "/api/lines/dismiss", DecideLines, "Leave lines as they are until a number changes"),
    route(Post, "/api/lines/release", DecideLines, "Take holds and dismissals back"),
    route(Post, "/api/lines/retry", DecideLines, "Try failed and parked changes of lines again"),
    route(Get, "/api/drift", SeeBilling, "What changed under mappings"),
    route(Post, "/api/drift/{id}/resolve", ManageMappings, "Repair what changed under a mapping"),
    route(Post, "/api/drift/{id}/ignore", ManageMappings, "Leave what changed under a mapping as it is"),
    route(Get, "/api/policy", SeeBilling, "The caps lines and approvals must keep"),
    route(Put, "/api/policy", SetPolicy, "Set the caps lines and approvals must keep"),
    route(Post, "/api/passes", StartPass, "Sync or bill now"),
    route(Get, "/api/passes", SeeBilling, "Passes, latest first"),
    route(Get, "/api/passes/{id}", SeeBilling, "One pass"),
    route(Get, "/api/intents", SeeBilling, "Changes that were approved, latest first"),
    route(Post, "/api/intents/{id}/retry", DecideLines, "Try a failed or parked change again"),
    route(Post, "/api/intents/{id}/reverse", DecideLines, "Take a written change back"),
    route(Get, "/api/history", SeeBilling, "Who did what, latest first"),
    route(Get, "/api/history.csv", SeeBilling, "All rows of a filter of the history as a table"),
    route(Get, "/api/months", SeeBilling, "Months, and whether they are closed"),
    route(Get, "/api/months/{period}", SeeBilling, "What keeps a month from being closed, or its statement"),
    route(Post, "/api/months/{period}/close", CloseMonth, "Close a month, for good"),
    route(Get, "/api/months/{period}/statement", SeeBilling, "The statement as a page to print"),
    route(Get, "/api/months/{period}/statement.csv", SeeBilling, "The statement as a table"),
    route(Get, "/api/snapshots", SeeBilling, "Snapshots of past days, latest first"),
    route(Get, "/api/snapshots/{id}", SeeBilling, "One snapshot, byte for byte as it was read"),
    route(Get, "/api/groups", SeeTickets, "Device groups of each console, and whose they are"),
    route(Get, "/api/ticket-rules", SeeTickets, "Ticket rules, in their order"),
    route(Post, "/api/ticket-rules", ManageTickets, "Make a ticket rule"),
    route(Post, "/api/ticket-rules/switch", ManageTickets, "Switch many ticket rules on or off"),
    route(Post, "/api/ticket-rules/edit", ManageTickets, "Change many ticket rules, all of them or none"),
    route(Post, "/api/ticket-rules/preview", ManageTickets, "The ticket a rule would open, exactly"),
    route(Get, "/api/ticket-rules/{id}", SeeTickets, "One ticket rule"),
    route(Put, "/api/ticket-rules/{id}", ManageTickets, "Change a ticket rule"),
    route(Delete, "/api/ticket-rules/{id}", ManageTickets, "Delete a ticket rule; its tickets are left to people"),
    route(Post, "/api/ticket-rules/{id}/test", ManageTickets, "Open a ticket that is about nothing, to see one"),
    route(Get, "/api/desks/{id}", SeeTickets, "Boards, priorities and sources of a ConnectWise connection"),
    route(Get, "/api/desks/{id}/boards/{board}", SeeTickets, "What a ticket of a board can choose from"),
    route(Get, "/api/desks/{id}/configuration-types", SeeTickets, "Types a new configuration can be of"),
    route(Get, "/api/desks/{id}/companies/{company}/contacts", SeeTickets, "Look up contacts of a ConnectWise company"),
    route(Get, "/api/tickets", SeeTickets, "What rules know of devices and their tickets"),
    route(Get, "/api/ticket-log", SeeTickets, "What was decided about tickets, latest first"),
    route(Post, "/api/ticket-intents/{id}/retry", ManageTickets, "Try what failed or was parked again"),
    route(Get, "/api/silences", SeeTickets, "What is kept quiet, latest first"),
    route(Post, "/api/silences", ManageTickets, "Keep a rule, group, company or device quiet"),
    route(Delete, "/api/silences/{id}", ManageTickets, "End a silence"),
];
