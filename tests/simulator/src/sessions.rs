//! Tokens that were given out.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};

use crate::journal::Vendor;

/// One login's tokens.
#[derive(Clone, Debug)]
struct Session {
    vendor: Vendor,
    access: String,
    refresh: String,
    expires: DateTime<Utc>,
}

/// What an access token is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Valid,
    Expired,
    Unknown,
}

/// Time after an access token's end in which its refresh token still works (EMA 2 API, Token: session of 30 minutes).
const GRACE: Duration = Duration::minutes(30);

/// All sessions by access token.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    open: BTreeMap<String, Session>,
}

impl Sessions {
    pub(crate) fn begin(&mut self, vendor: Vendor, access: &str, refresh: &str, expires: DateTime<Utc>) {
        let session = Session { vendor, access: access.to_owned(), refresh: refresh.to_owned(), expires };
        self.open.insert(access.to_owned(), session);
    }

    pub(crate) fn standing(&self, vendor: Vendor, access: &str, now: DateTime<Utc>) -> Standing {
        match self.open.get(access) {
            Some(session) if session.vendor == vendor && session.expires > now => Standing::Valid,
            Some(session) if session.vendor == vendor => Standing::Expired,
            _ => Standing::Unknown,
        }
    }

    /// Uses a refresh token up; false when it is unknown, used or too old.
    pub(crate) fn redeem(&mut self, vendor: Vendor, refresh: &str, now: DateTime<Utc>) -> bool {
        let found = self.open.values_mut().find(|session| session.vendor == vendor && session.refresh == refresh);
        match found {
            Some(session) if session.expires + GRACE > now => {
                session.refresh = format!("used by {}", session.access);
                true
            }
            _ => false,
        }
    }

    /// Ends all sessions of a vendor.
    pub(crate) fn end(&mut self, vendor: Vendor) {
        self.open.retain(|_, session| session.vendor != vendor);
    }
}
