//! What a ticket says.

use std::borrow::Cow;

use crate::hash::fingerprint;
use crate::ids::TicketRuleId;

/// The most characters of a summary (ConnectWise, `ticket.summary`).
const MOST_SUMMARY: usize = 100;

/// What a template can tell. What is not known is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields<'a> {
    /// The device's name; the group's where a ticket is for a group.
    pub device: Cow<'a, str>,
    /// Its company as ESET calls it.
    pub company: Cow<'a, str>,
    /// The group.
    pub group: Cow<'a, str>,
    /// The rule.
    pub rule: Cow<'a, str>,
    /// When it entered, in words.
    pub entered: Cow<'a, str>,
    /// Its operating system.
    pub system: Cow<'a, str>,
    /// Its local address.
    pub address: Cow<'a, str>,
    /// Its serial number.
    pub serial: Cow<'a, str>,
    /// What was detected last.
    pub detection: Cow<'a, str>,
    /// How severe that is.
    pub severity: Cow<'a, str>,
    /// The file or address it was found in.
    pub object: Cow<'a, str>,
    /// When it happened, in words.
    pub occurred: Cow<'a, str>,
    /// How much was detected since it entered, in words.
    pub detections: Cow<'a, str>,
}

const NAMES: [&str; 13] = [
    "device",
    "company",
    "group",
    "rule",
    "entered",
    "system",
    "address",
    "serial",
    "detection",
    "severity",
    "object",
    "occurred",
    "detections",
];

/// Fields that only rules about groups can tell.
pub(super) const OF_GROUPS: &[&str] = &["group"];

/// Fields that only rules about detections can tell.
pub(super) const OF_DETECTIONS: &[&str] = &["detection", "severity", "object", "occurred", "detections"];

impl Fields<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        let value = match name {
            "device" => &self.device,
            "company" => &self.company,
            "group" => &self.group,
            "rule" => &self.rule,
            "entered" => &self.entered,
            "system" => &self.system,
            "address" => &self.address,
            "serial" => &self.serial,
            "detection" => &self.detection,
            "severity" => &self.severity,
            "object" => &self.object,
            "occurred" => &self.occurred,
            "detections" => &self.detections,
            _ => return None,
        };
        Some(value)
    }
}

/// A field that no ticket has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no field {{{0}}}; the fields are {known}", known = NAMES.join(", "))]
pub struct UnknownField(pub String);

/// A text with fields in braces: `{device} needs a look`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Field(String),
}

impl Template {
    /// Reads a template. A brace that closes nothing is a brace.
    ///
    /// # Errors
    /// When it names a field there is none of.
    pub fn parse(text: &str) -> Result<Self, UnknownField> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let Some((name, behind)) = after.split_once('}') else { break };
            if !NAMES.contains(&name) {
                return Err(UnknownField(name.to_owned()));
            }
            pieces.extend([Piece::Text(before.to_owned()), Piece::Field(name.to_owned())]);
            rest = behind;
        }
        pieces.push(Piece::Text(rest.to_owned()));
        Ok(Self(pieces))
    }

    /// Whether it names one of these fields.
    pub(super) fn names_any(&self, fields: &[&str]) -> bool {
        self.0.iter().any(|piece| matches!(piece, Piece::Field(name) if fields.contains(&name.as_str())))
    }

    /// The text with these fields. What comes from a vendor is one line of plain text in it.
    pub fn fill(&self, fields: &Fields<'_>) -> String {
        let pieces = self.0.iter().map(|piece| match piece {
            Piece::Text(text) => Cow::Borrowed(text.as_str()),
            Piece::Field(name) => Cow::Owned(plain(fields.get(name).unwrap_or_default())),
        });
        pieces.collect()
    }

    /// The text as a summary: one line, at most a hundred characters.
    pub fn summary(&self, fields: &Fields<'_>) -> String {
        let line = plain(&self.fill(fields));
        if line.chars().count() <= MOST_SUMMARY {
            return line;
        }
        let kept: String = line.chars().take(MOST_SUMMARY - 1).collect();
        format!("{}…", kept.trim_end())
    }
}

/// One line without anything a browser would take for markup: device names are whatever somebody typed.
pub fn plain(text: &str) -> String {
    let shown = text.chars().map(|sign| match sign {
        '<' => '‹',
        '>' => '›',
        sign if sign.is_control() => ' ',
        sign => sign,
    });
    shown.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a ticket is marked with (`externalXRef`), so that it is found again whatever becomes of an answer: the rule, the device
/// or group, and which entry it is about.
pub fn marker(rule: &TicketRuleId, subject: &str, entry: u32) -> String {
    format!("seatbridge:{}", fingerprint(&(rule, subject, entry)))
}
