//! What a rule's tickets and notes say, and the intents that carry it.

use super::intent::{DeviceTraits, Parts, Progress, TicketActionKind, TicketIntent};
use crate::Course;
use domain::hash::fingerprint;
use domain::ids::{IntentId, PsaCompanyId, TicketId, TicketRuleId};
use domain::tickets::TicketAction;
use domain::tickets::{Attach, RuleSource, TicketRule};
use domain::tickets::{Fields, Template, UnknownField, plain};

/// The most devices a summary names one by one.
const MOST_NAMED: usize = 500;

impl TicketActionKind {
    /// The note it leaves in the ticket, a template.
    fn note(self, source: &RuleSource) -> &'static str {
        match self {
            Self::Reopen if source.is_detections() => {
                "{detections} on {device} since {entered}, so this ticket was opened again. The newest: {detection}, severity {severity}, {occurred}. {object}"
            }
            Self::Note if source.is_detections() => {
                "{detections} more on {device} since {entered}. The newest: {detection}, severity {severity}, {occurred}. {object}"
            }
            Self::Reopen => "{device} is in {group} again, since {entered}, so this ticket was opened again.",
            Self::Note => "{device} left {group} and is in it again, since {entered}.",
            Self::Close => "{device} is not in {group} any more, so this ticket was closed.",
            Self::Open | Self::Summary | Self::Test => "",
        }
    }
}

/// What a action is about, beside its rule.
#[derive(Debug, Clone)]
pub struct About<'a> {
    /// The device or group; of a summary or test whatever tells it from all others.
    pub subject: &'a str,
    /// Which entry of the case.
    pub entry: u32,
    /// The company the ticket is for: the device's, or the rule's catch-all.
    pub company: PsaCompanyId,
    /// What the templates can tell.
    pub fields: Fields<'a>,
    /// The device, where the rule attaches its configuration and it is one device.
    pub device: Option<DeviceTraits>,
}

impl TicketIntent {
    /// The intent that does `action` for a rule. Closing, noting and opening again belongs on the board the ticket was opened on: see
    /// [`TicketIntent::on`].
    ///
    /// # Errors
    /// When a template names a field there is none of; a rule that was checked has none.
    pub fn of(rule: &TicketRule, action: TicketAction, about: About<'_>) -> Result<Self, UnknownField> {
        let (kind, ticket) = TicketActionKind::of(action);
        let text = if kind.creates() { rule.text.as_str() } else { kind.note(&rule.source) };
        let text = Template::parse(text)?.fill(&about.fields);
        let summary = if kind.creates() { Template::parse(&rule.summary)?.summary(&about.fields) } else { String::new() };
        Ok(Self::composed(rule, kind, ticket, about, summary, text))
    }

    /// The intent of a ticket that a person wants to see: a rule's own, marked as a test.
    ///
    /// # Errors
    /// When a template names a field there is none of; a rule that was checked has none.
    pub fn test_of(rule: &TicketRule, about: About<'_>) -> Result<Self, UnknownField> {
        let summary = Template::parse(&format!("Test: {}", rule.summary))?.summary(&about.fields);
        let text = format!("This is a test of the rule {{rule}}. Nothing is wrong.\n\n{}", rule.text);
        let text = Template::parse(&text)?.fill(&about.fields);
        Ok(Self::composed(rule, TicketActionKind::Test, None, about, summary, text))
    }

    /// The intent of one ticket for all `devices` that were beyond the cap of a pass, oldest first. Its subject is
    /// [`summary_subject`]; the cases have to remember the intent, which stands for all of them.
    ///
    /// # Errors
    /// Never; every field it names is known.
    pub fn summary_of(rule: &TicketRule, devices: &[&str], about: About<'_>) -> Result<Self, UnknownField> {
        let summary = Template::parse(&format!("{} devices: {{rule}}", devices.len()))?.summary(&about.fields);
        let mut text = format!(
            "More devices needed a ticket at once than the {} that the rule opens in one go. These have none of their own:",
            rule.cap
        );
        for device in devices.iter().take(MOST_NAMED) {
            text.push_str("\n- ");
            text.push_str(&plain(device));
        }
        if devices.len() > MOST_NAMED {
            text.push_str(&format!("\n- and {} more", devices.len() - MOST_NAMED));
        }
        Ok(Self::composed(rule, TicketActionKind::Summary, None, about, summary, text))
    }

    fn composed(
        rule: &TicketRule,
        action: TicketActionKind,
        ticket: Option<TicketId>,
        about: About<'_>,
        summary: String,
        text: String,
    ) -> Self {
        let About { subject, entry, company, device, .. } = about;
        let wanted = |wanted: bool| if wanted { Progress::Wanted } else { Progress::Nothing };
        let device = device.filter(|_| rule.attach != Attach::Nothing && action == TicketActionKind::Open);
        let device = device.map(|device| DeviceTraits { create: rule.attach == Attach::AttachOrCreate, ..device });
        Self {
            id: Self::named(&rule.id, subject, entry, action),
            rule: rule.id.clone(),
            subject: subject.to_owned(),
            entry,
            action,
            ticket,
            target: rule.target.clone(),
            company,
            summary,
            text,
            configuration: None,
            course: Course::planned(None),
            sent: false,
            parts: Parts {
                status: wanted(matches!(action, TicketActionKind::Reopen | TicketActionKind::Close)),
                note: wanted(!action.creates()),
                configuration: wanted(device.as_ref().is_some_and(|device| device.create)),
                attached: wanted(device.is_some()),
            },
            device,
            came: None,
            remarks: Vec::new(),
            withdrawn: None,
        }
    }

    /// The id of the intent that does `action` about this entry of a subject. Where there is one already, the action was done or
    /// waits for a person, and no other takes its place.
    pub fn named(rule: &TicketRuleId, subject: &str, entry: u32, action: TicketActionKind) -> IntentId {
        IntentId(fingerprint(&("ticket", rule, subject, entry, action)))
    }
}

/// The subject of the summary of these subjects and their entries.
pub fn summary_subject<'a>(told: impl IntoIterator<Item = (&'a str, u32)>) -> String {
    format!("summary:{}", fingerprint(&told.into_iter().collect::<Vec<_>>()))
}
