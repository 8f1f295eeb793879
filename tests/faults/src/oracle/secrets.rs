//! Credentials stay where they belong.

use seatbridge_worker::ports::{Sql, SqlValue};

use super::calls::ESET;
use super::{Broken, Violation};
use crate::run::Run;

/// No credential in a document, in the ledger, in the log, or on its way to the other vendor.
pub(super) fn look(run: &Run, found: &mut Vec<Violation>) {
    let house = &run.house;
    let secrets = house.secrets();
    let mut look = |place: &str, text: &str| {
        if let Some(secret) = secrets.iter().find(|secret| text.contains(secret.as_str())) {
            let words = format!("a credential of {} characters in {place}", secret.len());
            found.push(Violation { broken: Broken::Secret, words });
        }
    };
    house.texts.texts.borrow().values().for_each(|text| look("KV", text));
    house::log::lines().iter().for_each(|line| look("the log", line));
    let tables = house.sql.run("SELECT name FROM sqlite_master WHERE type = 'table'", &[]).expect("tables");
    for table in tables {
        let Some(SqlValue::Text(name)) = table.first() else { continue };
        for row in house.sql.run(&format!("SELECT * FROM {name}"), &[]).expect("rows") {
            for value in row {
                if let SqlValue::Text(text) = value {
                    look(name, &text);
                }
            }
        }
    }
    let known = house.simulator.credentials();
    let keys = &known.connectwise;
    for call in house.wire.sent.borrow().iter() {
        let to_eset = call.url.authority() == ESET;
        let foreign: &[&String] = if to_eset { &[&keys.private_key, &keys.public_key, &keys.client_id] } else { &[&known.ema2.password] };
        let text = format!("{} {:?} {}", call.url, call.headers, String::from_utf8_lossy(&call.body));
        if foreign.iter().any(|secret| text.contains(secret.as_str())) || (!to_eset && text.contains(&known.ema2.username)) {
            let words = format!("{} {} carries the other vendor's credential", call.method, call.url.path());
            found.push(Violation { broken: Broken::Secret, words });
        }
    }
}
