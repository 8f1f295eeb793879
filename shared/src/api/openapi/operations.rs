//! What each route is asked with and answers.

use super::{SchemaOf, inline, of};
use crate::api::Method::{self, Delete, Get, Patch, Post, Put};
use crate::api::access_groups::{AccessGroupView, AssignCompanies, NameAccessGroup};
use crate::api::companies::{CompaniesQuery, CompanyChanges, CompanyView, MappingsStored, SwitchTickets};
use crate::api::connections::{ConnectionChange, ConnectionView, Consequences, NewConnection, TestReport};
use crate::api::drift::{DriftQuery, DriftView, Ignore, Resolve};
use crate::api::groups::{ConsoleGroups, MemberView, MembersQuery, NameOwner};
use crate::api::history::{AuditRow, HistoryQuery, IntentView, Reverse};
use crate::api::mapping_table::{ImportTable, Imported};
use crate::api::month::{Approve, Decided, Dismiss, Hold, LineView, Month, MonthQuery, Release, Retry};
use crate::api::months::{CloseMonth, ClosedView, MonthDetail, MonthDetailQuery, MonthItem, StatementQuery};
use crate::api::overview::{Health, Overview};
use crate::api::passes::{PassView, StartPasses, StartedPasses};
use crate::api::people::{InvitationLink, Invite, PersonChange, PersonView};
use crate::api::plan_slice::SliceQuery;
use crate::api::policy::PolicyView;
use crate::api::products::{ProductChanges, ProductView};
use crate::api::psa::{CatalogView, LookupQuery, PsaCompanyView};
use crate::api::reconciliation::{Reconciliation, ReconciliationQuery};
use crate::api::session::{
    AcceptInvitation, Assertion, BeginOpenId, CreatedToken, FinishOpenId, Invitation, NewPasskey, NewToken, OpenIdBegun, OpenIdFinished,
    OpenInvitation, PasskeyCreation, PasskeyRequest, PasskeyView, Session, SessionView, SignInWays, TokenView,
};
use crate::api::share::{
    CreatedShareLink, NewShareLink, OpenShare, ShareLinkView, ShareLinksQuery, SharedCompany, SharedStatement, SharedStatementQuery,
};
use crate::api::snapshots::{SnapshotView, SnapshotsQuery};
use crate::api::tickets::{
    ContactsQuery, EditRules, NewSilence, PreviewTicket, SilenceView, SwitchRules, TicketLogQuery, TicketLogRow, TicketRuleView,
    TicketView, TicketsQuery,
};
use crate::api::vault::VaultView;
use crate::api::{Page, PageQuery};
use crate::billing::{PlanSlice, Policy};
use crate::engine::tickets::TicketIntent;
use crate::tickets::{BoardSetup, Desk, Named, TicketRule};

/// One route's types.
pub(super) struct Operation {
    pub(super) method: Method,
    pub(super) path: &'static str,
    /// The name generated clients call it by.
    pub(super) id: &'static str,
    /// The resource it belongs to.
    pub(super) tag: &'static str,
    pub(super) query: Option<SchemaOf>,
    pub(super) body: Option<SchemaOf>,
    pub(super) status: u16,
    pub(super) answer: Answer,
    /// Problems that do not follow from the route's kind.
    pub(super) problems: &'static [u16],
}

/// What a route answers when all is well.
#[derive(Clone, Copy)]
pub(super) enum Answer {
    Nothing,
    /// The OpenAPI document.
    Document,
    Json(SchemaOf),
    /// A file of this kind.
    File(&'static str),
}

/// A route that takes nothing and answers nothing; what follows adds to it.
const fn op(method: Method, path: &'static str, id: &'static str, tag: &'static str) -> Operation {
    Operation { method, path, id, tag, query: None, body: None, status: 204, answer: Answer::Nothing, problems: &[] }
}

impl Operation {
    const fn query(mut self, query: SchemaOf) -> Self {
        self.query = Some(query);
        self
    }

    const fn body(mut self, body: SchemaOf) -> Self {
        self.body = Some(body);
        self
    }

    const fn answers(mut self, status: u16, schema: SchemaOf) -> Self {
        self.status = status;
        self.answer = Answer::Json(schema);
        self
    }

    const fn answers_itself(mut self) -> Self {
        self.status = 200;
        self.answer = Answer::Document;
        self
    }

    const fn answers_file(mut self, kind: &'static str) -> Self {
        self.status = 200;
        self.answer = Answer::File(kind);
        self
    }

    const fn or(mut self, problems: &'static [u16]) -> Self {
        self.problems = problems;
        self
    }
}

/// Every operation, in the order of `ROUTES`.
pub(super) const OPERATIONS: &[Operation] = &[
    op(Get, "/api/health", "health", "service").answers(200, of::<Health>),
    op(Get, "/api/openapi.json", "openapi", "service").answers_itself(),
    op(Post, "/api/session/challenge", "challenge", "session").answers(200, of::<PasskeyRequest>).or(&[403, 429]),
    op(Post, "/api/session", "sign_in", "session").body(of::<Assertion>).answers(200, of::<Session>).or(&[401, 403, 429]),
    op(Get, "/api/session/ways", "sign_in_ways", "session").answers(200, of::<SignInWays>),
    op(Post, "/api/session/openid", "begin_openid", "session")
        .body(of::<BeginOpenId>)
        .answers(200, of::<OpenIdBegun>)
        .or(&[403, 404, 429, 503]),
    op(Post, "/api/session/openid/finish", "finish_openid", "session")
        .body(of::<FinishOpenId>)
        .answers(200, of::<OpenIdFinished>)
        .or(&[401, 403, 404, 429, 503]),
    op(Get, "/api/session", "session", "session").answers(200, of::<Session>),
    op(Delete, "/api/session", "sign_out", "session"),
    op(Post, "/api/session/proof", "prove", "session").body(of::<Assertion>),
    op(Get, "/api/sessions", "list_sessions", "session").answers(200, of::<Vec<SessionView>>),
    op(Delete, "/api/sessions/{id}", "end_session", "session"),
    op(Get, "/api/passkeys", "list_passkeys", "session").answers(200, of::<Vec<PasskeyView>>),
    op(Post, "/api/passkeys/challenge", "challenge_new_passkey", "session").answers(200, of::<PasskeyCreation>),
    op(Post, "/api/passkeys", "add_passkey", "session").body(of::<NewPasskey>).answers(201, of::<PasskeyView>),
    op(Delete, "/api/passkeys/{id}", "remove_passkey", "session").or(&[409]),
    op(Post, "/api/invitations/open", "open_invitation", "session")
        .body(of::<OpenInvitation>)
        .answers(200, of::<Invitation>)
        .or(&[401, 403, 429]),
    op(Post, "/api/invitations/accept", "accept_invitation", "session")
        .body(of::<AcceptInvitation>)
        .answers(200, of::<Session>)
        .or(&[401, 403, 409, 429]),
    op(Get, "/api/people", "list_people", "people").answers(200, of::<Vec<PersonView>>),
    op(Post, "/api/people", "invite_person", "people").body(of::<Invite>).answers(201, of::<InvitationLink>).or(&[409]),
    op(Patch, "/api/people/{id}", "change_person", "people").body(of::<PersonChange>).answers(200, of::<PersonView>).or(&[409]),
    op(Delete, "/api/people/{id}", "remove_person", "people").or(&[409]),
    op(Post, "/api/people/{id}/link", "link_person", "people").answers(201, of::<InvitationLink>),
    op(Delete, "/api/people/{id}/sessions", "end_sessions", "people"),
    op(Get, "/api/access-groups", "list_access_groups", "access groups").answers(200, of::<Vec<AccessGroupView>>),
    op(Post, "/api/access-groups", "create_access_group", "access groups")
        .body(of::<NameAccessGroup>)
        .answers(201, of::<AccessGroupView>)
        .or(&[409]),
    op(Patch, "/api/access-groups/{id}", "rename_access_group", "access groups")
        .body(of::<NameAccessGroup>)
        .answers(200, of::<AccessGroupView>)
        .or(&[409]),
    op(Delete, "/api/access-groups/{id}", "delete_access_group", "access groups").or(&[409]),
    op(Put, "/api/access-groups/companies", "assign_companies", "access groups").body(of::<AssignCompanies>),
    op(Get, "/api/tokens", "list_tokens", "tokens").answers(200, of::<Vec<TokenView>>),
    op(Post, "/api/tokens", "create_token", "tokens").body(of::<NewToken>).answers(201, of::<CreatedToken>),
    op(Delete, "/api/tokens/{id}", "revoke_token", "tokens"),
    op(Get, "/api/share-links", "list_share_links", "share").query(inline::<ShareLinksQuery>).answers(200, of::<Page<ShareLinkView>>),
    op(Post, "/api/share-links", "create_share_link", "share").body(of::<NewShareLink>).answers(201, of::<CreatedShareLink>),
    op(Delete, "/api/share-links/{id}", "revoke_share_link", "share"),
    op(Post, "/api/share/open", "open_share", "share").body(of::<OpenShare>).or(&[403, 404, 429]),
    op(Get, "/api/share/company", "shared_company", "share").answers(200, of::<SharedCompany>),
    op(Get, "/api/share/statement", "shared_statement", "share")
        .query(inline::<SharedStatementQuery>)
        .answers(200, of::<SharedStatement>)
        .or(&[404]),
    op(Get, "/api/overview", "overview", "overview").answers(200, of::<Overview>),
    op(Get, "/api/connections", "list_connections", "connections").answers(200, of::<Vec<ConnectionView>>),
    op(Post, "/api/connections", "create_connection", "connections")
        .body(of::<NewConnection>)
        .answers(201, of::<ConnectionView>)
        .or(&[409, 502, 503]),
    op(Post, "/api/connections/test", "test_credentials", "connections")
        .body(of::<NewConnection>)
        .answers(200, of::<TestReport>)
        .or(&[502, 503]),
    op(Get, "/api/connections/{id}", "connection", "connections").answers(200, of::<ConnectionView>),
    op(Patch, "/api/connections/{id}", "change_connection", "connections")
        .body(of::<ConnectionChange>)
        .answers(200, of::<ConnectionView>)
        .or(&[409, 502, 503]),
    op(Delete, "/api/connections/{id}", "delete_connection", "connections").or(&[409]),
    op(Post, "/api/connections/{id}/test", "test_connection", "connections").answers(200, of::<TestReport>).or(&[409, 502, 503]),
    op(Get, "/api/connections/{id}/consequences", "consequences_of_deleting", "connections").answers(200, of::<Consequences>),
    op(Get, "/api/vault", "vault", "connections").answers(200, of::<VaultView>),
    op(Post, "/api/vault/rotate", "rotate_vault", "connections").answers(200, of::<VaultView>),
    op(Get, "/api/companies", "list_companies", "companies").query(inline::<CompaniesQuery>).answers(200, of::<Page<CompanyView>>),
    op(Put, "/api/companies/tickets", "switch_company_tickets", "companies").body(of::<SwitchTickets>),
    op(Put, "/api/mappings/companies", "map_companies", "companies")
        .body(of::<CompanyChanges>)
        .answers(200, of::<MappingsStored>)
        .or(&[409]),
    op(Get, "/api/mappings/companies.csv", "company_mapping_table", "companies").answers_file("text/csv"),
    op(Post, "/api/mappings/companies/import", "import_company_mappings", "companies")
        .body(of::<ImportTable>)
        .answers(200, of::<Imported>)
        .or(&[409]),
    op(Get, "/api/products", "list_products", "products").answers(200, of::<Vec<ProductView>>),
    op(Put, "/api/mappings/products", "map_products", "products").body(of::<ProductChanges>).answers(200, of::<MappingsStored>).or(&[409]),
    op(Get, "/api/plan-slice", "plan_slice", "products").query(inline::<SliceQuery>).answers(200, of::<PlanSlice>),
    op(Get, "/api/psa/companies", "look_up_psa_companies", "psa").query(inline::<LookupQuery>).answers(200, of::<Page<PsaCompanyView>>),
    op(Get, "/api/psa/products", "look_up_psa_products", "psa").query(inline::<LookupQuery>).answers(200, of::<Page<CatalogView>>),
    op(Get, "/api/month", "month", "month").query(inline::<MonthQuery>).answers(200, of::<Month>),
    op(Get, "/api/month.csv", "month_table", "month").query(inline::<MonthQuery>).answers_file("text/csv"),
    op(Get, "/api/reconciliation", "reconciliation", "month").query(inline::<ReconciliationQuery>).answers(200, of::<Reconciliation>),
    op(Get, "/api/reconciliation.csv", "reconciliation_table", "month").query(inline::<ReconciliationQuery>).answers_file("text/csv"),
    op(Get, "/api/lines/{id}", "line", "month").answers(200, of::<LineView>),
    op(Post, "/api/lines/approve", "approve_lines", "month").body(of::<Approve>).answers(200, of::<Decided>).or(&[409]),
    op(Post, "/api/lines/hold", "hold_lines", "month").body(of::<Hold>).answers(200, of::<Decided>),
    op(Post, "/api/lines/dismiss", "dismiss_lines", "month").body(of::<Dismiss>).answers(200, of::<Decided>),
    op(Post, "/api/lines/release", "release_lines", "month").body(of::<Release>).answers(200, of::<Decided>),
    op(Post, "/api/lines/retry", "retry_lines", "month").body(of::<Retry>).answers(200, of::<Decided>),
    op(Get, "/api/drift", "list_drift", "drift").query(inline::<DriftQuery>).answers(200, of::<Page<DriftView>>),
    op(Post, "/api/drift/{id}/resolve", "resolve_drift", "drift").body(of::<Resolve>).answers(200, of::<DriftView>).or(&[409]),
    op(Post, "/api/drift/{id}/ignore", "ignore_drift", "drift").body(of::<Ignore>).answers(200, of::<DriftView>).or(&[409]),
    op(Get, "/api/policy", "policy", "policy").answers(200, of::<PolicyView>),
    op(Put, "/api/policy", "set_policy", "policy").body(of::<Policy>).answers(200, of::<PolicyView>),
    op(Post, "/api/passes", "start_passes", "passes").body(of::<StartPasses>).answers(202, of::<StartedPasses>).or(&[409]),
    op(Get, "/api/passes", "list_passes", "passes").query(inline::<PageQuery>).answers(200, of::<Page<PassView>>),
    op(Get, "/api/passes/{id}", "pass", "passes").answers(200, of::<PassView>),
    op(Get, "/api/intents", "list_intents", "history").query(inline::<PageQuery>).answers(200, of::<Page<IntentView>>),
    op(Post, "/api/intents/{id}/retry", "retry_intent", "history").answers(200, of::<IntentView>).or(&[409]),
    op(Post, "/api/intents/{id}/reverse", "reverse_intent", "history").body(of::<Reverse>).answers(200, of::<IntentView>).or(&[409]),
    op(Get, "/api/history", "list_history", "history").query(inline::<HistoryQuery>).answers(200, of::<Page<AuditRow>>),
    op(Get, "/api/history.csv", "history_table", "history").query(inline::<HistoryQuery>).answers_file("text/csv"),
    op(Get, "/api/months", "list_months", "months").answers(200, of::<Vec<MonthItem>>),
    op(Get, "/api/months/{period}", "month_detail", "months").query(inline::<MonthDetailQuery>).answers(200, of::<MonthDetail>),
    op(Post, "/api/months/{period}/close", "close_month", "months").body(of::<CloseMonth>).answers(200, of::<ClosedView>).or(&[409]),
    op(Get, "/api/months/{period}/statement", "statement", "months").query(inline::<StatementQuery>).answers_file("text/html"),
    op(Get, "/api/months/{period}/statement.csv", "statement_table", "months").query(inline::<StatementQuery>).answers_file("text/csv"),
    op(Get, "/api/snapshots", "list_snapshots", "snapshots").query(inline::<SnapshotsQuery>).answers(200, of::<Page<SnapshotView>>),
    op(Get, "/api/snapshots/{id}", "snapshot", "snapshots").answers_file("application/json").or(&[409]),
    op(Get, "/api/groups", "list_groups", "groups").answers(200, of::<Vec<ConsoleGroups>>),
    op(Get, "/api/groups/{id}/{group}/devices", "list_members", "groups")
        .query(inline::<MembersQuery>)
        .answers(200, of::<Page<MemberView>>)
        .or(&[409, 502, 503]),
    op(Put, "/api/groups/{id}/{group}/owner", "name_owner", "groups").body(of::<NameOwner>),
    op(Get, "/api/ticket-rules", "list_ticket_rules", "tickets").answers(200, of::<Vec<TicketRuleView>>),
    op(Post, "/api/ticket-rules", "create_ticket_rule", "tickets")
        .body(of::<TicketRule>)
        .answers(201, of::<TicketRuleView>)
        .or(&[409, 502, 503]),
    op(Post, "/api/ticket-rules/switch", "switch_ticket_rules", "tickets")
        .body(of::<SwitchRules>)
        .answers(200, of::<Vec<TicketRuleView>>)
        .or(&[404]),
    op(Post, "/api/ticket-rules/edit", "edit_ticket_rules", "tickets")
        .body(of::<EditRules>)
        .answers(200, of::<Vec<TicketRuleView>>)
        .or(&[404, 409, 502, 503]),
    op(Post, "/api/ticket-rules/preview", "preview_ticket", "tickets")
        .body(of::<PreviewTicket>)
        .answers(200, of::<TicketIntent>)
        .or(&[404]),
    op(Get, "/api/ticket-rules/{id}", "ticket_rule", "tickets").answers(200, of::<TicketRuleView>),
    op(Put, "/api/ticket-rules/{id}", "change_ticket_rule", "tickets")
        .body(of::<TicketRule>)
        .answers(200, of::<TicketRuleView>)
        .or(&[409, 502, 503]),
    op(Delete, "/api/ticket-rules/{id}", "delete_ticket_rule", "tickets"),
    op(Post, "/api/ticket-rules/{id}/test", "test_ticket_rule", "tickets").answers(202, of::<TicketIntent>),
    op(Get, "/api/desks/{id}", "desk", "tickets").answers(200, of::<Desk>).or(&[409, 502, 503]),
    op(Get, "/api/desks/{id}/boards/{board}", "desk_board", "tickets").answers(200, of::<BoardSetup>).or(&[409, 502, 503]),
    op(Get, "/api/desks/{id}/configuration-types", "configuration_types", "tickets").answers(200, of::<Vec<Named>>).or(&[409, 502, 503]),
    op(Get, "/api/desks/{id}/companies/{company}/contacts", "contacts", "tickets")
        .query(inline::<ContactsQuery>)
        .answers(200, of::<Vec<Named>>)
        .or(&[409, 502, 503]),
    op(Get, "/api/tickets", "list_tickets", "tickets").query(inline::<TicketsQuery>).answers(200, of::<Page<TicketView>>),
    op(Get, "/api/ticket-log", "ticket_log", "tickets").query(inline::<TicketLogQuery>).answers(200, of::<Page<TicketLogRow>>),
    op(Post, "/api/ticket-intents/{id}/retry", "retry_ticket", "tickets").answers(200, of::<TicketIntent>).or(&[409]),
    op(Get, "/api/silences", "list_silences", "tickets").answers(200, of::<Vec<SilenceView>>),
    op(Post, "/api/silences", "create_silence", "tickets").body(of::<NewSilence>).answers(201, of::<SilenceView>),
    op(Delete, "/api/silences/{id}", "delete_silence", "tickets"),
];
