//! Whatever a person types as a server's address: what passes the guard may be called, and is called as it stands.

use egress::{Environment, guard};
use fuzz::assert_may_be_called;
use url::Url;

fuzz_target!(|text: &str| {
    if let Ok(url) = guard::parse(text, Environment::Production) {
        assert_may_be_called(&url);
        assert_eq!(Url::parse(url.as_str()).as_ref(), Ok(&url), "what is sent is what was looked at");
        assert!(guard::parse(url.as_str(), Environment::Production).is_ok_and(|again| again == url));
    }
});
