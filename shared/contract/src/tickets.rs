//! Tickets: the rules that open them, what they know of each device, what was decided, and what is muted.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Page;
use super::endpoint::endpoints;
use domain::Timestamp;
use domain::ids::{ConnectionId, ContactId, IntentId, TicketId, TicketRuleId};
use domain::tickets::{BoardSetup, Case, Mute, MuteScope, Named, ServiceBoardOptions, TicketRule};
use engine::tickets::TicketIntent;

endpoints! {
    "tickets";

    /// Ticket rules, in their order.
    ListTicketRules("list_ticket_rules") = Get "/api/ticket-rules" (SeeTickets, Whole) => 200 Vec<TicketRuleView>;

    /// Make a ticket rule.
    CreateTicketRule("create_ticket_rule") = Post "/api/ticket-rules" (ManageTickets, Whole),
        body TicketRule => 201 TicketRuleView, or [409, 502, 503];

    /// Switch many ticket rules on or off.
    SwitchTicketRules("switch_ticket_rules") = Post "/api/ticket-rules/switch" (ManageTickets, Whole),
        body SwitchRules => 200 Vec<TicketRuleView>, or [404, 409, 502, 503];

    /// Who is in the groups of ticket rules now, and how many tickets switching the rules on would open.
    PreviewSwitch("preview_switch") = Post "/api/ticket-rules/switch/preview" (ManageTickets, Whole),
        body SwitchPreview => 200 Vec<GroupNow>, or [404, 409, 502, 503];

    /// Change many ticket rules, all of them or none.
    EditTicketRules("edit_ticket_rules") = Post "/api/ticket-rules/edit" (ManageTickets, Whole),
        body EditRules => 200 Vec<TicketRuleView>, or [404, 409, 502, 503];

    /// The ticket a rule would open, exactly.
    PreviewRule("preview_ticket") = Post "/api/ticket-rules/preview" (ManageTickets, Whole),
        body PreviewTicket => 200 TicketIntent, or [404];

    /// One ticket rule.
    ShowTicketRule("ticket_rule") = Get "/api/ticket-rules/{id}" (SeeTickets, Whole), path TicketRuleId => 200 TicketRuleView;

    /// Change a ticket rule.
    ChangeTicketRule("change_ticket_rule") = Put "/api/ticket-rules/{id}" (ManageTickets, Whole),
        path TicketRuleId, body TicketRule => 200 TicketRuleView, or [409, 502, 503];

    /// Delete a ticket rule; its tickets are left to people.
    DeleteTicketRule("delete_ticket_rule") = Delete "/api/ticket-rules/{id}" (ManageTickets, Whole), path TicketRuleId => 204;

    /// Open a ticket that is about nothing, to see one.
    TestTicketRule("test_ticket_rule") = Post "/api/ticket-rules/{id}/test" (ManageTickets, Whole), path TicketRuleId => 202 TicketIntent;

    /// Say whether devices that left a rule's group at once are gone.
    DecideLeaves("decide_leaves") = Post "/api/ticket-rules/{id}/leaves" (ManageTickets, Whole),
        path TicketRuleId, body LeaveDecision => 200 TicketRuleView, or [404, 409];

    /// Boards, priorities and sources of a ConnectWise connection.
    ShowBoardOptions("desk") = Get "/api/desks/{id}" (SeeTickets, Free), path ConnectionId => 200 ServiceBoardOptions, or [409, 502, 503];

    /// What a ticket of a board can choose from.
    ShowBoardSetup("desk_board") = Get "/api/desks/{id}/boards/{board}" (SeeTickets, Free),
        path (ConnectionId, String) => 200 BoardSetup, or [409, 502, 503];

    /// Types a new configuration can be of.
    ListConfigurationTypes("configuration_types") = Get "/api/desks/{id}/configuration-types" (SeeTickets, Free),
        path ConnectionId => 200 Vec<Named>, or [409, 502, 503];

    /// Look up contacts of a ConnectWise company.
    LookUpContacts("contacts") = Get "/api/desks/{id}/companies/{company}/contacts" (SeeTickets, Whole),
        path (ConnectionId, String), query ContactsQuery => 200 Vec<Named>, or [409, 502, 503];

    /// What rules know of devices and their tickets.
    ListTickets("list_tickets") = Get "/api/tickets" (SeeTickets, Scoped), query TicketsQuery => 200 Page<TicketView>;

    /// What was decided about tickets, latest first.
    ListTicketLog("ticket_log") = Get "/api/ticket-log" (SeeTickets, Scoped), query TicketLogQuery => 200 Page<TicketLogRow>;

    /// Try what failed or was parked again.
    RetryTicket("retry_ticket") = Post "/api/ticket-intents/{id}/retry" (ManageTickets, Scoped),
        path IntentId => 200 TicketIntent, or [409];

    /// Mutes and maintenance windows, latest first.
    ListMutes("list_silences") = Get "/api/silences" (SeeTickets, Whole) => 200 Vec<MuteView>;

    /// Mute a rule, group, company or device.
    CreateMute("create_silence") = Post "/api/silences" (ManageTickets, Whole), body NewMute => 201 MuteView;

    /// End a mute.
    DeleteMute("delete_silence") = Delete "/api/silences/{id}" (ManageTickets, Whole), path String => 204;
}

/// A rule as shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TicketRuleView {
    /// The rule.
    pub rule: TicketRule,
    /// Why nothing is opened for it, in sentences; none while all is well.
    pub trouble: Option<String>,
    /// When its group or detections were last read to the end.
    pub polled_at: Option<Timestamp>,
    /// When a person last changed it.
    pub changed_at: Timestamp,
    /// Devices that are in its group, or on which something was detected.
    pub devices: u32,
    /// Devices that have an open ticket, or are told of in one.
    pub open: u32,
    /// Devices that left its group at once and are not believed to be gone; none while there are none.
    #[serde(default)]
    pub leaves: Option<MassLeave>,
    /// Devices, or one for a group with one ticket, that were in its group when it was switched on and have no ticket for that; none when
    /// those that were in it were taken for newcomers.
    #[serde(default)]
    pub left_out: Option<u32>,
}

/// Devices that left a group at once. None of their tickets is closed before later readings or a person say that they are gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MassLeave {
    /// How many.
    pub devices: u32,
    /// Of how many that were in the group.
    pub were: u32,
    /// When a reading first did not show one of them.
    pub since: Timestamp,
    /// When a reading that does not show them either is believed, at the earliest; none once a person said that their tickets stay open.
    pub until: Option<Timestamp>,
    /// The names of the first of them.
    pub names: Vec<String>,
}

/// `POST /api/ticket-rules/{id}/leaves`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LeaveDecision {
    /// Whether they are gone, so that their tickets are closed; else they stay open until the devices show again.
    pub gone: bool,
    /// How many devices it is about, as they were shown. Refused when it is another number by now.
    pub devices: u32,
}

/// `POST /api/ticket-rules/switch`: switches many on or off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SwitchRules {
    /// Which, at most 500.
    pub rules: Vec<TicketRuleId>,
    /// On or off.
    pub enabled: bool,
    /// What becomes of devices that are in their groups when they are switched on.
    #[serde(default)]
    pub existing: Existing,
}

/// What becomes of devices that are in a rule's group when it is switched on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Existing {
    /// Each of them has a ticket, as if it had just entered.
    #[default]
    Open,
    /// None of them has one before it has left and entered again. At most 30 rules are switched on like this at once: their groups are read.
    LeaveOut,
}

/// `POST /api/ticket-rules/switch/preview`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SwitchPreview {
    /// Which, at most 30.
    pub rules: Vec<TicketRuleId>,
}

/// Who is in a rule's group now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GroupNow {
    /// The rule.
    pub rule: TicketRuleId,
    /// Its name.
    pub name: String,
    /// Devices in its group; none under a rule about detections, which opens nothing for what happened before it is switched on.
    pub devices: u32,
    /// Tickets that switching it on opens, beyond its cap told in a summary. Devices that the rule has dealt with already are not among them.
    pub tickets: u32,
}

/// `POST /api/ticket-rules/edit`: changes many at once, all of them or none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EditRules {
    /// Which, at most 500.
    pub rules: Vec<TicketRuleId>,
    /// What of their `target`, `lifecycle`, `cap`, `summary`, `text` and `attach` is set; `null` empties (RFC 7396).
    pub change: Map<String, Value>,
}

/// `POST /api/ticket-rules/preview`: the ticket a rule would open, exactly. Nothing is stored or sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PreviewTicket {
    /// The rule, saved or not.
    pub rule: TicketRule,
    /// A device the rule knows; an invented one when left out.
    pub device: Option<String>,
}

/// `GET /api/desks/{id}/companies/{company}/contacts`: the first hundred active contacts of a ConnectWise company, by last name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ContactsQuery {
    /// Words to find in the first or last name.
    pub q: Option<String>,
    /// Only the one of this id, also when it is inactive.
    pub contact: Option<ContactId>,
}

/// Which devices are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TicketsState {
    /// With an open ticket.
    Open,
    /// With a ticket that is not open any more.
    Closed,
    /// About which something is still to be done.
    Waiting,
}

/// `GET /api/tickets`: what rules know of devices, the latest change first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TicketsQuery {
    /// Which devices; all when left out.
    pub state: Option<TicketsState>,
    /// Only of this rule.
    pub rule: Option<TicketRuleId>,
    /// Text to find in the device's name.
    pub q: Option<String>,
    /// `next` of the page before.
    pub after: Option<String>,
    /// Items to a page.
    pub limit: Option<u32>,
}

/// What a rule knows of a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TicketView {
    /// The rule.
    pub rule: TicketRuleId,
    /// Its name.
    pub rule_name: String,
    /// The device's id, or `group:` and the group's where a group has one ticket as a whole.
    pub subject: String,
    /// Its name.
    pub device: String,
    /// Its company as ESET calls it; empty when it belongs to none.
    pub company: String,
    /// Whether it is in the group or something was detected on it, and how its ticket stands.
    pub case: Case,
    /// The ConnectWise connection its ticket is in.
    pub psa: Option<ConnectionId>,
    /// What opened its ticket.
    pub opened_by: Option<IntentId>,
}

/// `GET /api/ticket-log`: latest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TicketLogQuery {
    /// Text to find in the names of the device, company or rule, or in the words.
    pub q: Option<String>,
    /// Only these kinds of decision, with commas between them: `opened`, `failed,parked`, …
    pub event: Option<String>,
    /// Only of this rule, also of one that is deleted.
    pub rule: Option<TicketRuleId>,
    /// Only of this device: its timeline.
    pub device: Option<String>,
    /// `next` of the page before.
    pub after: Option<String>,
    /// Items to a page.
    pub limit: Option<u32>,
}

/// One decision about tickets. Rows are only ever added, and outlive the rule and the connections.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TicketLogRow {
    /// Rises with every row.
    pub number: i64,
    /// When.
    pub at: Timestamp,
    /// The rule.
    pub rule: Option<TicketRuleId>,
    /// Its name then.
    pub rule_name: String,
    /// The device's id, or what else it is about.
    pub subject: String,
    /// The device's name then.
    pub device: String,
    /// Its company as ESET called it.
    pub company: String,
    /// What was decided: `opened`, `summary_opened`, `told`, `reopened`, `noted`, `closed`, `skipped`, `muted`, `withdrawn`,
    /// `failed`, `parked`, `closed_by_person`, `ticket_gone`, `ticket_moved`, `tested`, `rule_paused`, `rule_resumed`.
    pub event: String,
    /// Why, or what came of it, in sentences.
    pub words: String,
    /// The ticket.
    pub ticket: Option<TicketId>,
    /// The ConnectWise connection it is in.
    pub psa: Option<ConnectionId>,
    /// What carried it out; a failed or parked one can be tried again.
    pub intent: Option<IntentId>,
}

/// `POST /api/silences`: nothing is opened meanwhile, and nothing that happens then is forgotten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewMute {
    /// What is muted.
    pub scope: MuteScope,
    /// When; a mute ends within 90 days.
    #[serde(rename = "silence")]
    pub mute: Mute,
    /// Why, 1 to 200 characters.
    pub reason: String,
}

/// What is muted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MuteView {
    /// Its id.
    pub id: String,
    /// What is muted.
    pub scope: MuteScope,
    /// What that was called when it was asked for; its id if nobody knew a name.
    pub name: String,
    /// When.
    #[serde(rename = "silence")]
    pub mute: Mute,
    /// Until when it lasts, if it does now.
    pub quiet_until: Option<Timestamp>,
    /// Why.
    pub reason: String,
    /// Who asked for it.
    pub by: String,
    /// When it was asked for.
    pub at: Timestamp,
}
