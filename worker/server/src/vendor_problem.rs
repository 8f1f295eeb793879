//! A vendor's failure as a problem of our own API: a stable code, a sentence, and what to do next.

use contract::Problem;
use domain::connections::ConnectionKind;

use egress::{Because, EgressError};
use vendor::VendorError;

const TRY_LATER: &str = "Try again in a few minutes. If it stays so, look at the vendor's status page and at the connection's address.";
const ADDRESS: &str = "Correct the address under Connections, then test the connection.";
const CREDENTIALS: &str = "Set the credentials again under Connections, then test the connection.";
const PERMISSION: &str = "Test the connection: it lists each permission and where to grant it.";

/// A vendor's failure as a problem. `vendor` is whose failure it is.
pub fn problem(error: &VendorError, vendor: ConnectionKind) -> Problem {
    let name = vendor.label();
    let make = |status, code: &str, title: String, remedy: &str| Problem::new(status, code, &title, error.message(), remedy);
    let problem = match error {
        VendorError::Egress(cause) => return egress_problem(cause, error.message(), name),
        VendorError::Refused { status: 429, .. } => make(503, "rate_limited", format!("{name} asks for fewer calls."), TRY_LATER),
        VendorError::Refused { status: 500.., .. } => make(502, "vendor_failed", format!("{name} failed."), TRY_LATER),
        VendorError::Refused { .. } => {
            let remedy = "Read the vendor's words, put right what they name in the vendor's console, and try again.";
            make(502, "vendor_refused", format!("{name} refused."), remedy)
        }
        VendorError::NotJson { .. } => make(502, "not_json", format!("{name} did not answer with JSON."), ADDRESS),
        VendorError::Unexpected { .. } => {
            let remedy = "Look whether the vendor changed its API and whether a newer Seatbridge is out. Nothing was changed.";
            make(502, "unexpected_answer", format!("{name} answered in an unknown shape."), remedy)
        }
        VendorError::BadCredentials { .. } => {
            make(422, "bad_credentials", format!("{name} refuses the credentials."), CREDENTIALS).about("credentials")
        }
        VendorError::NoPermission { .. } => make(422, "missing_permission", format!("{name} withholds a permission."), PERMISSION),
        VendorError::NotFound { .. } => {
            let remedy = "Synchronise, then look at the mapping: what it names was deleted or moved.";
            make(502, "vendor_not_found", format!("{name} no longer has it."), remedy)
        }
        VendorError::AccountRefused { .. } => {
            let remedy = "Connect an API user of an MSP, Managed MSP or MSP Manager account.";
            make(422, "account_refused", "This kind of ESET account cannot be connected.".to_owned(), remedy).about("credentials")
        }
        VendorError::UnknownCompany { .. } => {
            let remedy = "Correct the company id (the one typed at login), or the site: each region knows its own companies only.";
            make(422, "unknown_company", format!("{name} does not know the company."), remedy).about("credentials.company_id")
        }
    };
    match error.vendor_words() {
        Some(words) => problem.said(words),
        None => problem,
    }
}

fn egress_problem(error: &EgressError, words: String, name: &str) -> Problem {
    match error {
        EgressError::BlockedAddress { .. } => {
            let remedy = "Give the public https:// name of the server.";
            Problem::new(422, "blocked_address", "This address may not be called.", words, remedy).about("address")
        }
        EgressError::BudgetSpent => {
            let remedy = "Nothing: it goes on by itself.";
            Problem::new(503, "budget_spent", "The calls of this run are used up.", words, remedy)
        }
        EgressError::CircuitOpen { because: Because::RefusedCredentials, .. } => {
            Problem::new(422, "bad_credentials", &format!("{name} refuses the credentials."), words, CREDENTIALS).about("credentials")
        }
        EgressError::CircuitOpen { because: Because::AskedForSilence, .. } => {
            Problem::new(503, "rate_limited", &format!("{name} asks for fewer calls."), words, TRY_LATER)
        }
        EgressError::CircuitOpen { because: Because::Unreachable, .. } | EgressError::NoAnswer(_) => {
            Problem::new(502, "vendor_unreachable", &format!("{name} cannot be reached."), words, TRY_LATER)
        }
        EgressError::Redirected { .. } => {
            Problem::new(502, "wrong_address", &format!("{name} is not at this address."), words, ADDRESS).about("address")
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::Timestamp;
    use domain::seats::EntityKind;

    use super::*;
    use egress::Blocked;
    use egress::ports::TransportError;

    #[test]
    fn each_failure_has_a_stable_code_and_a_remedy() {
        let until = Timestamp::UNIX_EPOCH;
        let refused = |status| VendorError::Refused { status, code: None, message: "no".to_owned(), field: None };
        let open = |because| VendorError::from(EgressError::CircuitOpen { until, because });
        let text = || "text".to_owned();
        let table = [
            (VendorError::from(Blocked::IpAddress), "blocked_address", 422),
            (EgressError::BudgetSpent.into(), "budget_spent", 503),
            (open(Because::Unreachable), "vendor_unreachable", 502),
            (open(Because::RefusedCredentials), "bad_credentials", 422),
            (open(Because::AskedForSilence), "rate_limited", 503),
            (EgressError::NoAnswer(TransportError::Failed(text())).into(), "vendor_unreachable", 502),
            (EgressError::Redirected { status: 302 }.into(), "wrong_address", 502),
            (refused(400), "vendor_refused", 502),
            (refused(429), "rate_limited", 503),
            (refused(500), "vendor_failed", 502),
            (VendorError::NotJson { status: 200, excerpt: text() }, "not_json", 502),
            (VendorError::unexpected("quantity"), "unexpected_answer", 502),
            (VendorError::BadCredentials { status: 401, message: text() }, "bad_credentials", 422),
            (VendorError::NoPermission { what: text(), message: text() }, "missing_permission", 422),
            (VendorError::NotFound { what: text() }, "vendor_not_found", 502),
            (VendorError::AccountRefused { kind: EntityKind::Distributor }, "account_refused", 422),
            (VendorError::UnknownCompany { company: text() }, "unknown_company", 422),
        ];
        for (error, code, status) in table {
            let problem = problem(&error, ConnectionKind::Connectwise);
            assert_eq!((problem.code.as_str(), problem.status), (code, status), "{error:?}");
            assert!(!problem.remedy.is_empty() && !problem.detail.is_empty() && problem.title.ends_with('.'), "{problem:?}");
        }
    }

    #[test]
    fn the_vendors_words_are_kept() {
        let error = VendorError::Refused {
            status: 400,
            code: Some("InvalidObject".to_owned()),
            message: "addition object is invalid".to_owned(),
            field: Some("effectiveDate".to_owned()),
        };
        let words = problem(&error, ConnectionKind::Connectwise).vendor.expect("words");
        assert_eq!(words.code.as_deref(), Some("InvalidObject"));
        assert_eq!(words.field.as_deref(), Some("effectiveDate"));
        assert!(error.message().contains("addition object is invalid"));
    }
}
