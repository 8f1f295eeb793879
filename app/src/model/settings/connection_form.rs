//! The connection form: its fields, what each wants, and what is wrong with what was typed.

use contract::connections::{ConnectionChange, ConnectionView, NewConnection};
use domain::connections::{ConnectionKind, Credentials, EMA2_ADDRESS};

use crate::model::typed::{Complaint, Typed};

/// One field of the form, by the name problems call it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Field {
    /// Its name in the contract.
    pub(crate) name: &'static str,
    /// What stands above it.
    pub(crate) label: &'static str,
    /// What stands below it.
    pub(crate) hint: &'static str,
    /// Whether it is part of the credentials, which are only ever written.
    pub(crate) credential: bool,
    /// Whether it is not to be read over a shoulder.
    pub(crate) secret: bool,
}

const fn open(name: &'static str, label: &'static str, hint: &'static str) -> Field {
    Field { name, label, hint, credential: false, secret: false }
}

const fn credential(name: &'static str, label: &'static str, hint: &'static str, secret: bool) -> Field {
    Field { name, label, hint, credential: true, secret }
}

const EMA2: [Field; 4] = [
    open("name", "Name", "What you call this connection; shown wherever its age is."),
    open("address", "API address", "ESET's own unless you were given another."),
    credential("username", "Login", "An API user of ESET MSP Administrator 2, of an MSP or MSP Manager company.", false),
    credential("password", "Password", "Stored encrypted and never shown again.", true),
];

const CONNECT: [Field; 4] = [
    open("name", "Name", "What you call this connection; shown wherever its age is."),
    open("address", "Region", "Where your ESET PROTECT console is: eu, de, us, ca or jpn."),
    credential(
        "username",
        "Login",
        "A user of ESET PROTECT Hub or ESET Business Account with Integrations on; Read is enough. The Superuser cannot be used.",
        false,
    ),
    credential("password", "Password", "Stored encrypted and never shown again.", true),
];

const ONPREM: [Field; 4] = [
    open("name", "Name", "What you call this connection; shown wherever its age is."),
    open(
        "address",
        "Server address",
        "https://protect.example.com:9443. ESET PROTECT On-Prem 13 or later with its REST API on, under a public name with a valid certificate or through a tunnel. ERA 5 and 6 (ports 2223 and 2226) have no such API and cannot be read from here.",
    ),
    credential("username", "Login", "A user whose permission set allows the API; not the Administrator.", false),
    credential("password", "Password", "Stored encrypted and never shown again.", true),
];

const CONNECTWISE: [Field; 6] = [
    open("name", "Name", "What you call this connection; shown wherever its age is."),
    open("address", "ConnectWise site", "What you type to sign in: na.myconnectwise.net, or your own server."),
    credential("company_id", "Company id", "The company you type when you sign in.", false),
    credential("public_key", "Public key", "Of an API member: System > Members > API members > API keys.", false),
    credential("private_key", "Private key", "Shown once by ConnectWise when the key is made.", true),
    credential("client_id", "Client id", "Of the integration, from developer.connectwise.com.", false),
];

/// The fields of a vendor's form, in order.
pub(crate) fn fields(kind: ConnectionKind) -> &'static [Field] {
    match kind {
        ConnectionKind::Ema2 => &EMA2,
        ConnectionKind::Connect => &CONNECT,
        ConnectionKind::Onprem => &ONPREM,
        ConnectionKind::Connectwise => &CONNECTWISE,
    }
}

impl Typed {
    /// A form that nobody has typed in yet.
    pub(crate) fn blank(kind: ConnectionKind) -> Self {
        let mut typed = Self::default();
        typed.set("name", kind.vendor().to_owned());
        if kind == ConnectionKind::Ema2 {
            typed.set("address", EMA2_ADDRESS.to_owned());
        }
        typed
    }

    /// The form of a stored connection. Its credentials are not in it: nothing can read them.
    pub(crate) fn stored(connection: &ConnectionView) -> Self {
        let mut typed = Self::default();
        typed.set("name", connection.name.clone());
        typed.set("address", connection.address.clone());
        typed
    }

    fn owned(&self, field: &str) -> String {
        self.get(field).to_owned()
    }

    fn has_credentials(&self, kind: ConnectionKind) -> bool {
        fields(kind).iter().any(|field| field.credential && !self.get(field.name).is_empty())
    }

    fn credentials(&self, kind: ConnectionKind) -> Credentials {
        // A password may begin or end with a blank.
        let (username, password) = (self.owned("username"), self.raw("password"));
        match kind {
            ConnectionKind::Ema2 => Credentials::Ema2 { username, password },
            ConnectionKind::Connect => Credentials::Connect { username, password },
            ConnectionKind::Onprem => Credentials::Onprem { username, password },
            ConnectionKind::Connectwise => Credentials::Connectwise {
                company_id: self.owned("company_id"),
                public_key: self.owned("public_key"),
                private_key: self.owned("private_key"),
                client_id: self.owned("client_id"),
            },
        }
    }
}

/// The connection that was typed in.
///
/// # Errors
/// What is missing or malformed, field by field.
pub(crate) fn creation(kind: ConnectionKind, typed: &Typed) -> Result<NewConnection, Vec<Complaint>> {
    let complaints = complaints(kind, typed, true);
    if !complaints.is_empty() {
        return Err(complaints);
    }
    let address = typed.owned("address");
    Ok(NewConnection { name: typed.owned("name"), address: (!address.is_empty()).then_some(address), credentials: typed.credentials(kind) })
}

/// The change that was typed in: credentials only when any of them was filled in, and then all of them.
///
/// # Errors
/// What is missing or malformed, field by field.
pub(crate) fn change(stored: &ConnectionView, typed: &Typed) -> Result<ConnectionChange, Vec<Complaint>> {
    let renew = typed.has_credentials(stored.kind);
    let complaints = complaints(stored.kind, typed, renew);
    if !complaints.is_empty() {
        return Err(complaints);
    }
    let changed = |field: &str, was: &str| Some(typed.owned(field)).filter(|now| now != was);
    Ok(ConnectionChange {
        name: changed("name", &stored.name),
        address: changed("address", &stored.address),
        credentials: renew.then(|| typed.credentials(stored.kind)),
    })
}

fn complaints(kind: ConnectionKind, typed: &Typed, with_credentials: bool) -> Vec<Complaint> {
    let wanted = fields(kind).iter().filter(|field| !field.credential || with_credentials);
    wanted.filter_map(|field| complaint(kind, field, typed.get(field.name)).map(|words| (field.name, words))).collect()
}

fn complaint(kind: ConnectionKind, field: &Field, value: &str) -> Option<String> {
    match field.name {
        "address" if value.is_empty() && kind == ConnectionKind::Ema2 => None,
        _ if value.is_empty() => Some(format!("{} is missing.", field.label)),
        "name" if value.chars().count() > 60 => Some("Use at most 60 characters.".to_owned()),
        "address" if value.contains(char::is_whitespace) => Some("An address has no blanks in it.".to_owned()),
        "client_id" if !is_guid(value) => Some("A client id looks like 1f0c4f0e-5a1b-4c3d-9e8f-123456789abc.".to_owned()),
        _ => None,
    }
}

fn is_guid(text: &str) -> bool {
    let parts: Vec<usize> = text.split('-').map(str::len).collect();
    parts == [8, 4, 4, 4, 12] && text.chars().all(|letter| letter == '-' || letter.is_ascii_hexdigit())
}

/// The field of the form that a problem is about: `credentials.password` and `password` are the same field.
pub(crate) fn field_named(kind: ConnectionKind, problem_field: &str) -> Option<&'static Field> {
    let last = problem_field.rsplit(['.', '/']).next().unwrap_or_default();
    fields(kind).iter().find(|field| field.name == last)
}

#[cfg(test)]
mod tests {
    use contract::connections::Freshness;

    use super::*;

    fn typed(values: &[(&'static str, &str)]) -> Typed {
        let mut typed = Typed::default();
        for (field, value) in values {
            typed.set(field, (*value).to_owned());
        }
        typed
    }

    fn stored() -> ConnectionView {
        ConnectionView {
            id: "1".into(),
            name: "ESET".to_owned(),
            kind: ConnectionKind::Ema2,
            address: EMA2_ADDRESS.to_owned(),
            identity: "api@msp.example".to_owned(),
            credentials_set_at: "2026-11-01T00:00:00Z".parse().expect("a moment"),
            last_test: None,
            freshness: Freshness::default(),
        }
    }

    #[test]
    fn what_is_missing_is_said_at_its_field() {
        let Err(complaints) = creation(ConnectionKind::Connectwise, &typed(&[("name", "PSA"), ("client_id", "not one")])) else {
            panic!("an incomplete form was accepted");
        };
        let fields: Vec<&str> = complaints.iter().map(|(field, _)| *field).collect();
        assert_eq!(fields, ["address", "company_id", "public_key", "private_key", "client_id"]);
    }

    #[test]
    fn eset_needs_no_address() {
        let new = creation(ConnectionKind::Ema2, &typed(&[("name", "ESET"), ("username", "me"), ("password", " pass ")]));
        let Ok(NewConnection { address: None, credentials: Credentials::Ema2 { password, .. }, .. }) = new else {
            panic!("a complete form was refused");
        };
        assert_eq!(password, " pass ");
    }

    #[test]
    fn empty_credentials_are_kept_and_a_part_of_them_is_refused() {
        let kept = change(&stored(), &typed(&[("name", "ESET Europe"), ("address", EMA2_ADDRESS)])).unwrap_or_default();
        assert_eq!(kept.name.as_deref(), Some("ESET Europe"));
        assert!(kept.address.is_none() && kept.credentials.is_none());
        let part = change(&stored(), &typed(&[("name", "ESET"), ("username", "other")]));
        assert_eq!(part.err().map(|complaints| complaints.len()), Some(1));
    }

    #[test]
    fn a_problem_finds_its_field() {
        let name = |text| field_named(ConnectionKind::Ema2, text).map(|field| field.name);
        assert_eq!(name("credentials.password"), Some("password"));
        assert_eq!(name("address"), Some("address"));
        assert_eq!(name("something.else"), None);
    }
}
