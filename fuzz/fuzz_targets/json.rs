//! Our reader of JSON and serde_json's agree on every text: on whether it is JSON, and on what it says.

use contract::companies::CompanyChanges;
use contract::connections::NewConnection;
use domain::json::strict::read;
use serde_json::Value;

fuzz_target!(|text: &[u8]| {
    let (ours, theirs) = (read::<Value>(text), serde_json::from_slice::<Value>(text));
    // Nothing at all is null: some vendors answer so.
    if !text.trim_ascii().is_empty() {
        assert_eq!(ours.is_ok(), theirs.is_ok(), "{theirs:?}");
        if let (Ok(ours), Ok(theirs)) = (ours, theirs) {
            assert_eq!(ours, theirs);
        }
    }
    let _ = read::<CompanyChanges>(text);
    let _ = read::<NewConnection>(text);
});
