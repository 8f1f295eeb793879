//! Tickets, their rules and what is kept quiet.

use gloo_net::http::Method;
use shared::api::groups::{ConsoleGroups, NameOwner, OwnerChoice};
use shared::api::tickets::{EditRules, NewSilence, PreviewTicket, SilenceView, SwitchRules, TicketRuleView};
use shared::engine::tickets::TicketIntent;
use shared::ids::{IntentId, TicketRuleId};
use shared::tickets::TicketRule;

use super::{Answer, Client, written};
use crate::model::address::encoded;

impl Client {
    /// Device groups of each console.
    pub(crate) async fn groups(self) -> Answer<Vec<ConsoleGroups>> {
        self.get("/api/groups").await
    }

    /// Says whose a company's device group is.
    pub(crate) async fn name_owner(self, console: &str, group: &str, owner: OwnerChoice) -> Answer<()> {
        let path = format!("/api/groups/{}/{}/owner", encoded(console), encoded(group));
        self.send(Method::PUT, &path, written(&NameOwner { owner })).await
    }

    /// One ticket rule.
    pub(crate) async fn ticket_rule(self, id: &str) -> Answer<TicketRuleView> {
        self.get(&format!("/api/ticket-rules/{}", encoded(id))).await
    }

    /// Makes a ticket rule, or changes the one with its id.
    pub(crate) async fn save_rule(self, rule: &TicketRule) -> Answer<TicketRuleView> {
        if rule.id.as_str().is_empty() {
            self.send(Method::POST, "/api/ticket-rules", written(rule)).await
        } else {
            self.send(Method::PUT, &rule_path(&rule.id, ""), written(rule)).await
        }
    }

    /// Switches ticket rules on or off.
    pub(crate) async fn switch_rules(self, switch: &SwitchRules) -> Answer<Vec<TicketRuleView>> {
        self.send(Method::POST, "/api/ticket-rules/switch", written(switch)).await
    }

    /// Changes many ticket rules, all of them or none.
    pub(crate) async fn edit_rules(self, edit: &EditRules) -> Answer<Vec<TicketRuleView>> {
        self.send(Method::POST, "/api/ticket-rules/edit", written(edit)).await
    }

    /// Deletes a ticket rule; its tickets are left to people.
    pub(crate) async fn delete_rule(self, id: &TicketRuleId) -> Answer<()> {
        self.send(Method::DELETE, &rule_path(id, ""), None).await
    }

    /// The ticket a rule would open, exactly. Stores and sends nothing.
    pub(crate) async fn preview_ticket(self, preview: &PreviewTicket) -> Answer<TicketIntent> {
        self.send(Method::POST, "/api/ticket-rules/preview", written(preview)).await
    }

    /// Opens a ticket that is about nothing.
    pub(crate) async fn test_rule(self, id: &TicketRuleId) -> Answer<TicketIntent> {
        self.send(Method::POST, &rule_path(id, "/test"), None).await
    }

    /// Tries what failed or was parked again.
    pub(crate) async fn retry_ticket(self, id: &IntentId) -> Answer<serde::de::IgnoredAny> {
        self.send(Method::POST, &format!("/api/ticket-intents/{}/retry", encoded(id.as_str())), None).await
    }

    /// Keeps a rule, group or device quiet.
    pub(crate) async fn silence(self, silence: &NewSilence) -> Answer<SilenceView> {
        self.send(Method::POST, "/api/silences", written(silence)).await
    }

    /// Ends a silence.
    pub(crate) async fn end_silence(self, id: &str) -> Answer<()> {
        self.send(Method::DELETE, &format!("/api/silences/{}", encoded(id)), None).await
    }
}

fn rule_path(id: &TicketRuleId, rest: &str) -> String {
    format!("/api/ticket-rules/{}{rest}", encoded(id.as_str()))
}
