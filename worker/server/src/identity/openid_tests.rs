//! Tests of a sign-in by OpenID Connect: what is sent, and whose token is accepted.

use serde_json::json;
use zeroize::Zeroizing;

use super::*;

fn settings(issuer: &str, tenants: &[&str]) -> OpenId {
    let discovery = Url::parse(&format!("{issuer}/.well-known/openid-configuration")).expect("an address");
    OpenId {
        issuer: issuer.to_owned(),
        is_entra: discovery.host_str() == Some("login.microsoftonline.com"),
        discovery,
        client: "us".to_owned(),
        secret: Zeroizing::new("secret".to_owned()),
        tenants: tenants.iter().map(|tenant| (*tenant).to_owned()).collect(),
        name: "House".to_owned(),
    }
}

fn discovery(issuer: &str) -> Discovery {
    let said = json!({ "issuer": issuer, "authorization_endpoint": "https://login.example/go?p=1", "token_endpoint": "https://login.example/t",
                       "jwks_uri": "https://login.example/k", "response_modes_supported": ["query", "fragment"] });
    Discovery::read(said.to_string().as_bytes()).expect("a description")
}

fn secret() -> BrowserSecret {
    BrowserSecret("kept by the browser".to_owned())
}

fn token(more: &Value) -> Value {
    let mut token = json!({ "iss": "https://login.example", "sub": "42", "nonce": secret().nonce(), "name": "Ada", "roles": ["Viewer"] });
    for (name, value) in more.as_object().expect("claims") {
        token[name] = value.clone();
    }
    token
}

fn known(more: &Value) -> Result<Outsider, TokenError> {
    outsider(&settings("https://login.example", &[]), &secret(), token(more))
}

#[test]
fn the_browser_is_sent_with_everything_that_binds_the_answer_to_it() {
    let secret = secret();
    let asked = Asked { back: "https://us.example/signed-in", state: "the state", secret: &secret, again: false };
    let page = discovery("https://login.example").sign_in_page(&settings("https://login.example", &[]), &asked);
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(secret.verifier()));
    let query: Vec<(String, String)> = page.query_pairs().into_owned().collect();
    let has =
        |name: &str, value: &str| query.iter().filter(|(known, _)| known == name).map(|(_, found)| found == value).collect::<Vec<_>>();
    for (name, value) in [
        ("p", "1"),
        ("response_type", "code"),
        ("client_id", "us"),
        ("redirect_uri", "https://us.example/signed-in"),
        ("scope", "openid profile"),
        ("state", "the state"),
        ("nonce", &secret.nonce()),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
        ("response_mode", "fragment"),
    ] {
        assert_eq!(has(name, value), [true], "{name} of {page}");
    }
    assert!(has("prompt", "login").is_empty());
    let again = discovery("https://login.example").sign_in_page(&settings("https://login.example", &[]), &Asked { again: true, ..asked });
    assert!(again.as_str().ends_with("&prompt=login&max_age=0"), "{again}");
    for hidden in [secret.verifier(), secret.0.clone()] {
        assert!(!again.as_str().contains(&hidden));
    }
    assert_eq!(secret.verifier().len(), 43, "as RFC 7636 wants it");
    assert_ne!(secret.verifier(), secret.nonce());
}

#[test]
fn only_the_issuer_that_was_set_is_taken_or_a_tenant_of_the_list() {
    let entra = "https://login.microsoftonline.com";
    let each = format!("{entra}/{TENANT}/v2.0");
    let table = [
        ("https://login.example", vec![], "https://login.example", Some(vec!["https://login.example".to_owned()])),
        ("https://login.example", vec![], "https://login.example/", None),
        ("https://login.example", vec![], "https://evil.example", None),
        ("https://login.example", vec!["a"], "https://login.example/{tenantid}", None),
        ("https://login.microsoftonline.com/organizations/v2.0", vec![], &each, None),
        (
            "https://login.microsoftonline.com/organizations/v2.0",
            vec!["a", "b"],
            &each,
            Some(vec![format!("{entra}/a/v2.0"), format!("{entra}/b/v2.0")]),
        ),
        ("https://login.microsoftonline.com/common/v2.0", vec!["a"], "https://evil.example/{tenantid}/v2.0", None),
    ];
    for (set, tenants, says, expected) in table {
        assert_eq!(discovery(says).issuers(&settings(set, &tenants)), expected, "{set} says {says}");
    }
}

#[test]
fn the_most_powerful_known_role_counts_and_no_other() {
    for (roles, expected) in [
        (json!(["Viewer", "Admin", "Billing"]), Some(Role::Admin)),
        (json!(["viewer", "TECHNICIAN"]), Some(Role::Technician)),
        (json!(["Billing", "Viewer"]), Some(Role::Billing)),
        (json!("Viewer"), Some(Role::Viewer)),
        (json!([]), None),
        (json!(["Owner", "Visitor", "Anonymous", "Administrator", " Admin"]), None),
        (json!([["Admin"], { "Admin": 1 }, 7]), None),
        (json!("Admin Viewer"), None),
        (json!({ "Admin": true }), None),
        (json!(null), None),
    ] {
        assert_eq!(known(&json!({ "roles": roles })).expect("somebody").role, expected, "{roles}");
    }
}

#[test]
fn a_token_for_another_sign_in_party_or_tenant_is_refused() {
    assert_eq!(known(&json!({ "nonce": "another" })), Err(TokenError::Wrong("the nonce")));
    assert_eq!(known(&json!({ "nonce": null })), Err(TokenError::Unreadable("what it says")));
    assert_eq!(known(&json!({ "azp": "them" })), Err(TokenError::Wrong("the party it was made for")));
    assert!(known(&json!({ "azp": "us" })).is_ok());
    for sub in ["", "line\nbreak", &"x".repeat(256)] {
        assert_eq!(known(&json!({ "sub": sub })), Err(TokenError::Wrong("the person's id")));
    }
    let tenants = settings("https://login.example", &["a"]);
    let of = |more: Value| outsider(&tenants, &secret(), token(&more));
    assert_eq!(of(json!({ "oid": "7" })), Err(TokenError::Wrong("the tenant")));
    assert_eq!(of(json!({ "oid": "7", "tid": "b" })), Err(TokenError::Wrong("the tenant")));
    assert_eq!(of(json!({ "tid": "a" })), Err(TokenError::Wrong("the person's id")));
    let ada = of(json!({ "oid": "7", "tid": "a" })).expect("somebody");
    assert_eq!((ada.provider.as_str(), ada.subject.as_str()), ("tenant a", "7"), "not by `sub`, which is another for each client");
}

#[test]
fn a_name_is_plain_and_two_people_are_never_called_alike() {
    for (said, expected) in [
        (json!({ "name": "  Ada\u{7}\nLovelace " }), "AdaLovelace"),
        (json!({ "name": " ", "preferred_username": "ada@example.com" }), "ada@example.com"),
        (json!({ "name": null }), "42"),
        (json!({ "name": "é".repeat(99) }), &"é".repeat(60)),
    ] {
        assert_eq!(known(&said).expect("somebody").name, expected);
    }
    let ada = known(&json!({ "preferred_username": "ada@example.com" })).expect("somebody");
    assert_eq!(ada.names().take(4).collect::<Vec<_>>(), ["Ada", "Ada (ada@example.com)", "Ada (2)", "Ada (3)"]);
    let long = known(&json!({ "name": "é".repeat(60) })).expect("somebody");
    assert!(long.names().all(|name| (1..=60).contains(&name.chars().count())));
}

#[test]
fn who_was_only_remembered_there_has_not_signed_in_again() {
    let begun: Timestamp = "2026-03-10T09:00:00Z".parse().expect("a moment");
    let at = |seconds: i64| known(&json!({ "auth_time": begun.timestamp() + seconds })).expect("somebody").has_signed_in_since(begun);
    assert!(at(20) && at(0) && at(-60), "clocks may differ by a minute");
    assert!(!at(-61) && !at(-3600));
    assert!(!known(&json!({})).expect("somebody").has_signed_in_since(begun), "it does not say");
}

#[test]
fn a_description_that_is_none_is_refused() {
    for text in ["", "{}", "[]", r#"{"issuer":"x","authorization_endpoint":"x","token_endpoint":"y","jwks_uri":"z"}"#] {
        assert!(Discovery::read(text.as_bytes()).is_err(), "{text}");
    }
}
