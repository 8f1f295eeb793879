//! Why a vendor did not do what was asked.

use chrono::TimeDelta;
use domain::Timestamp;
use domain::connections::VendorWords;
use domain::seats::EntityKind;

use egress::ports::TransportError;
use egress::{Because, Blocked, EgressError};

/// Why a vendor did not do what was asked. Text from a vendor has credentials taken out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VendorError {
    /// No answer.
    #[error(transparent)]
    Egress(#[from] EgressError),
    /// The vendor refused, in its own words.
    #[error("refused with status {status}: {message}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// The vendor's error code.
        code: Option<String>,
        /// Its message.
        message: String,
        /// The field it names.
        field: Option<String>,
    },
    /// The answer is not JSON: a proxy's or a login page, or cut in the middle.
    #[error("status {status}, but not JSON: {excerpt}")]
    NotJson {
        /// HTTP status.
        status: u16,
        /// How the answer begins; at most 200 characters.
        excerpt: String,
    },
    /// JSON of another shape than the vendor documents.
    #[error("unexpected answer: {what}")]
    Unexpected {
        /// The field, and what was wrong with it.
        what: String,
    },
    /// The vendor does not know these credentials.
    #[error("the credentials are refused: {message}")]
    BadCredentials {
        /// HTTP status.
        status: u16,
        /// The vendor's words, or what its answer means.
        message: String,
    },
    /// The credentials are known, but may not do this.
    #[error("no permission for {what}: {message}")]
    NoPermission {
        /// What was asked for, in the vendor's words.
        what: String,
        /// The vendor's words.
        message: String,
    },
    /// The vendor has no such thing.
    #[error("{what} was not found")]
    NotFound {
        /// What was asked for.
        what: String,
    },
    /// The account is of a kind that reaches no customers' seats.
    #[error("an account of the kind {} cannot be connected", .kind.label())]
    AccountRefused {
        /// The account's kind.
        kind: EntityKind,
    },
    /// The ConnectWise server does not know this company.
    #[error("the server does not know the company {company}")]
    UnknownCompany {
        /// As it was typed.
        company: String,
    },
}

impl VendorError {
    /// In a sentence or two, for a person.
    pub fn message(&self) -> String {
        match self {
            Self::Egress(error) => egress_message(error),
            Self::Refused { status: 429, .. } => "It asks for fewer calls.".to_owned(),
            Self::Refused { status, message, .. } if message.is_empty() => format!("It refused with status {status}."),
            Self::Refused { status, message, field: Some(field), .. } => {
                format!("It refused with status {status}: {message} (field {field})")
            }
            Self::Refused { status, message, .. } => format!("It refused with status {status}: {message}"),
            Self::NotJson { status, excerpt } if excerpt.is_empty() => format!("It answered {status} with nothing in it."),
            Self::NotJson { status, excerpt } => {
                format!("It answered {status} with something that is not JSON. It begins: {excerpt}")
            }
            Self::Unexpected { what } => format!("It answered in a shape this version cannot read: {what}."),
            Self::BadCredentials { message, .. } if message.is_empty() => "It refuses the credentials.".to_owned(),
            Self::BadCredentials { message, .. } => format!("It refuses the credentials: {message}"),
            Self::NoPermission { what, message } if message.is_empty() => format!("The credentials may not use {what}."),
            Self::NoPermission { what, message } => format!("The credentials may not use {what}: {message}"),
            Self::NotFound { what } => format!("It has no {what}."),
            Self::AccountRefused { kind } => account_label(*kind),
            Self::UnknownCompany { company } => format!("The server does not know the company \u{201c}{company}\u{201d}."),
        }
    }

    /// How long no call is made to the vendor, when that is why there is no answer.
    pub fn wait(&self, now: Timestamp) -> Option<TimeDelta> {
        match self {
            Self::Egress(EgressError::CircuitOpen { until, .. }) => Some(*until - now),
            _ => None,
        }
    }

    /// Whether the same call may well work in a minute: the vendor is too busy, is failing, or was not there.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Refused { status, .. } | Self::NotJson { status, .. } => matches!(status, 408 | 425 | 429 | 500..),
            Self::Egress(EgressError::NoAnswer(TransportError::TimedOut(_) | TransportError::Failed(_))) => true,
            _ => false,
        }
    }

    /// Whether the vendor as a whole gives no answers now. An answer that is too long to be read is one all the same.
    pub fn is_unreachable(&self) -> bool {
        matches!(self, Self::Egress(error) if !matches!(error, EgressError::NoAnswer(TransportError::TooLarge(_))))
    }

    /// Whether only the calls of this run are used up: not a failure, go on in the next run.
    pub fn is_budget(&self) -> bool {
        matches!(self, Self::Egress(EgressError::BudgetSpent))
    }

    /// The field a refusal names.
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::Refused { field, .. } => field.as_deref(),
            _ => None,
        }
    }

    /// What the vendor itself said, if it said anything.
    pub fn vendor_words(&self) -> Option<VendorWords> {
        let said = |status: Option<u16>, message: &str| VendorWords { status, code: None, message: message.to_owned(), field: None };
        match self {
            Self::Refused { status, code, message, field } => {
                Some(VendorWords { code: code.clone(), field: field.clone(), ..said(Some(*status), message) })
            }
            Self::NotJson { status, excerpt } => Some(said(Some(*status), excerpt)),
            Self::BadCredentials { status, message } => Some(said(Some(*status), message)),
            Self::NoPermission { message, .. } => Some(said(Some(403), message)),
            Self::Egress(EgressError::Redirected { status }) => Some(said(Some(*status), "")),
            _ => None,
        }
    }

    /// An answer whose shape is wrong.
    pub fn unexpected(what: impl Into<String>) -> Self {
        Self::Unexpected { what: what.into() }
    }
}

/// Why an account of this kind is refused.
fn account_label(kind: EntityKind) -> String {
    match kind {
        EntityKind::Distributor => {
            "The account belongs to a distributor. A distributor's account sees money, not its customers' seats.".to_owned()
        }
        EntityKind::MspCustomer => {
            "The account belongs to a single customer. It does not reach the seats of the other customers.".to_owned()
        }
        EntityKind::Division => "The account belongs to a division. ESET answers an empty list for divisions.".to_owned(),
        _ => format!("The account is of the kind {}, which does not reach customers' seats.", kind.label()),
    }
}

fn egress_message(error: &EgressError) -> String {
    match error {
        EgressError::BlockedAddress { why } => format!("The address is not allowed: {why}."),
        EgressError::BudgetSpent => "The calls of this run are used up; it goes on in the next one.".to_owned(),
        EgressError::CircuitOpen { until, because } => {
            let until = until.format("%H:%M:%S UTC");
            match because {
                Because::Unreachable => format!("It failed several times in a row and is left alone until {until}."),
                Because::RefusedCredentials => format!("It refused the credentials and is left alone until {until}."),
                Because::AskedForSilence => format!("It asked for no calls until {until}."),
            }
        }
        EgressError::NoAnswer(TransportError::TimedOut(limit)) => format!("No answer within {} s.", limit.as_secs()),
        EgressError::NoAnswer(TransportError::TooLarge(bytes)) => format!("The answer is larger than {bytes} bytes."),
        EgressError::NoAnswer(TransportError::Failed(_)) => "The server could not be reached, or the connection was lost.".to_owned(),
        EgressError::Redirected { status } => {
            format!("It answered {status}, a redirect to another address. Credentials are never sent on.")
        }
    }
}

impl From<Blocked> for VendorError {
    fn from(why: Blocked) -> Self {
        Self::Egress(EgressError::BlockedAddress { why })
    }
}
