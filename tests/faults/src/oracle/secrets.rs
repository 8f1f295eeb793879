//! Credentials stay where they belong.

use super::calls::ESET;
use super::{Broken, Violation};
use crate::run::Run;

/// No credential in a document, in the ledger, in the log, or on its way to the other vendor.
pub(crate) fn look(run: &Run, found: &mut Vec<Violation>) {
    let install = &run.install;
    found.extend(install.leaks().into_iter().map(|words| Violation { broken: Broken::Secret, words }));
    let known = install.simulator.credentials();
    let keys = &known.connectwise;
    for call in install.wire.sent.borrow().iter() {
        let to_eset = call.url.authority() == ESET;
        let foreign: &[&String] = if to_eset { &[&keys.private_key, &keys.public_key, &keys.client_id] } else { &[&known.ema2.password] };
        let text = format!("{} {:?} {}", call.url, call.headers, String::from_utf8_lossy(&call.body));
        if foreign.iter().any(|secret| text.contains(secret.as_str())) || (!to_eset && text.contains(&known.ema2.username)) {
            let words = format!("{} {} carries the other vendor's credential", call.method, call.url.path());
            found.push(Violation { broken: Broken::Secret, words });
        }
    }
}
