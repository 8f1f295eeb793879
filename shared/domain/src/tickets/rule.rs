//! Rules: which devices get a ticket, where it goes and what it says.
//!
//! A rule is what a person decided, and it is off until a person switches it on. It names one source, one place in ConnectWise
//! and one way of dealing with devices ([`Lifecycle`]); what it knows of each device is a [`Case`](super::Case).

use serde::{Deserialize, Serialize};

use super::lifecycle::Lifecycle;
use super::target::TicketTarget;
use crate::ids::{ConnectionId, DeviceGroupId, TicketRuleId};

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TicketRule {
    /// Made when it was; left out of a new one.
    #[serde(default = "no_id")]
    pub id: TicketRuleId,
    /// What people call it.
    pub name: String,
    /// Whether anything is done; off until somebody switches it on.
    #[serde(default)]
    pub enabled: bool,
    /// What it watches.
    pub source: RuleSource,
    /// Who gets a ticket of their own.
    #[serde(default)]
    pub per: Per,
    /// Where its tickets go.
    pub target: TicketTarget,
    /// How it deals with devices that come, go and come back.
    #[serde(default)]
    pub lifecycle: Lifecycle,
    /// Tickets it opens in one pass at most; the rest is told in one summary.
    #[serde(default = "usual_cap")]
    pub cap: u32,
    /// The summary of its tickets, a template.
    pub summary: String,
    /// Their text, a template.
    pub text: String,
    /// What is made of the device's configuration in ConnectWise.
    #[serde(default)]
    pub attach: Attach,
}

/// What a rule watches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum RuleSource {
    /// The devices of a group.
    Group {
        /// The connection to the console.
        connection: ConnectionId,
        /// The group.
        group: DeviceGroupId,
    },
    /// The devices on which something was detected since the rule was switched on. What happened before is history, and no
    /// console says that a detection is over: such a rule closes nothing.
    Detections {
        /// The connection to the console.
        connection: ConnectionId,
        /// How severe it has to be at least.
        severity_at_least: Severity,
        /// Of which kind; empty for all.
        categories: Vec<DetectionCategory>,
    },
}

/// Who gets a ticket of their own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// Each device.
    #[default]
    Device,
    /// The group as a whole, as long as anything is in it.
    Group,
}

/// What is made of the device's configuration, which is how ConnectWise knows a device.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Attach {
    /// Nothing.
    #[default]
    Nothing,
    /// It is attached to the ticket when there is one.
    Attach,
    /// It is attached, and made first when there is none.
    AttachOrCreate,
}

/// How severe a detection is (`SEVERITY_LEVEL_…`), the mildest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Of interest to whoever looks for an error.
    Diagnostic,
    /// To be known.
    Informational,
    /// Low.
    Low,
    /// Medium.
    Medium,
    /// High; there is no higher one.
    High,
}

impl Severity {
    /// Its name, as it stands in tickets.
    pub fn label(self) -> &'static str {
        match self {
            Self::Diagnostic => "diagnostic",
            Self::Informational => "informational",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// What kind of detection it is (`DETECTION_CATEGORY_…`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DetectionCategory {
    /// A rule of ESET Inspect.
    CorrelationRule,
    /// A rule of the firewall.
    FirewallRule,
    /// The scanner.
    Antivirus,
    /// The host intrusion prevention system.
    Hips,
    /// An attack over the network.
    NetworkIntrusion,
    /// A rule of the host intrusion prevention system.
    HipsRule,
    /// A site that was blocked.
    WebAccess,
    /// A vulnerability.
    Vulnerability,
    /// A patch of an application.
    ApplicationPatch,
    /// Something that looks suspicious.
    SuspiciousActivity,
}

impl RuleSource {
    /// The connection it is read through.
    pub fn connection(&self) -> &ConnectionId {
        match self {
            Self::Group { connection, .. } | Self::Detections { connection, .. } => connection,
        }
    }

    /// Whether it watches detections.
    pub fn is_detections(&self) -> bool {
        matches!(self, Self::Detections { .. })
    }

    /// Whether it goes on watching what `other` watched: the same group, or detections of the same console by whatever filter.
    pub fn goes_on(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Detections { connection, .. }, Self::Detections { connection: before, .. }) => connection == before,
            _ => self == other,
        }
    }

    /// Whether a detection is one of those it watches. What the console does not say of a detection does not leave it out:
    /// unknown is not harmless. A group watches none.
    pub fn takes(&self, severity: Option<Severity>, category: Option<DetectionCategory>) -> bool {
        let Self::Detections { severity_at_least, categories, .. } = self else { return false };
        severity.is_none_or(|severity| severity >= *severity_at_least)
            && category.is_none_or(|category| categories.is_empty() || categories.contains(&category))
    }
}

/// The id of a rule that is not stored yet.
fn no_id() -> TicketRuleId {
    TicketRuleId(String::new())
}

/// The cap of a rule that names none.
const fn usual_cap() -> u32 {
    10
}
