//! Tests of the settings of Cloudflare Access and of an identity provider.

use super::*;

fn read(environment: Environment, variables: &[(&str, &str)]) -> Identity {
    Identity::read(environment, |name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
}

fn cloudflare_access(environment: Environment, domain: &str) -> Result<Option<CloudflareAccess>, ConfigError> {
    read(environment, &[("ACCESS_TEAM_DOMAIN", domain), ("ACCESS_AUDIENCE", "tag")]).cloudflare_access
}

#[test]
fn nothing_set_means_no_cloudflare_access() {
    assert_eq!(read(Environment::Production, &[]).cloudflare_access, Ok(None));
    assert_eq!(read(Environment::Production, &[("ACCESS_TEAM_DOMAIN", " "), ("ACCESS_AUDIENCE", "")]).cloudflare_access, Ok(None));
}

#[test]
fn a_team_and_an_audience_turn_cloudflare_access_on() {
    for domain in ["example.cloudflareaccess.com", " https://example.cloudflareaccess.com/ ", "https://EXAMPLE.cloudflareaccess.com"] {
        let cloudflare_access = cloudflare_access(Environment::Production, domain).expect("settings").expect("Cloudflare Access");
        assert_eq!(cloudflare_access.issuer, "https://example.cloudflareaccess.com", "{domain}");
        assert_eq!(cloudflare_access.keys.as_str(), "https://example.cloudflareaccess.com/cdn-cgi/access/certs", "{domain}");
        assert_eq!(cloudflare_access.audience, "tag");
    }
}

#[test]
fn half_a_configuration_of_cloudflare_access_refuses() {
    let half = read(Environment::Production, &[("ACCESS_TEAM_DOMAIN", "example.cloudflareaccess.com")]).cloudflare_access;
    assert_eq!(half.expect_err("half").to_string(), "ACCESS_AUDIENCE is not set, although ACCESS_TEAM_DOMAIN is");
    let half = read(Environment::Production, &[("ACCESS_AUDIENCE", "tag"), ("ACCESS_TEAM_DOMAIN", "")]).cloudflare_access;
    assert_eq!(half.expect_err("half").to_string(), "ACCESS_TEAM_DOMAIN is not set, although ACCESS_AUDIENCE is");
}

#[test]
fn keys_are_taken_from_a_team_of_access_and_from_nobody_else() {
    for domain in [
        "cloudflareaccess.com",
        "example.com",
        "example.cloudflareaccess.com.evil.example",
        "evilcloudflareaccess.com",
        "http://example.cloudflareaccess.com",
        "https://user@example.cloudflareaccess.com",
        "https://example.cloudflareaccess.com:8443",
        "https://example.cloudflareaccess.com/other",
        "https://example.cloudflareaccess.com/?team",
        "http://127.0.0.1:9000",
        "not a name",
    ] {
        assert!(cloudflare_access(Environment::Production, domain).is_err(), "{domain}");
    }
    assert!(cloudflare_access(Environment::Local, "http://127.0.0.1:9000").is_ok(), "on one's own machine the team is simulated");
    assert!(cloudflare_access(Environment::Local, "http://192.168.0.1:9000").is_err());
}

/// A provider with this issuer and more variables.
fn openid(issuer: &str, more: &[(&str, &str)]) -> Result<Option<OpenId>, ConfigError> {
    let whole = [("OPENID_ISSUER", issuer), ("OPENID_CLIENT_ID", "us"), ("OPENID_CLIENT_SECRET", "secret")];
    read(Environment::Production, &[&whole, more].concat()).openid
}

#[test]
fn a_provider_is_whole_or_says_what_is_missing() {
    assert!(read(Environment::Production, &[("OPENID_TENANTS", "a"), ("OPENID_NAME", "b")]).openid.is_ok_and(|openid| openid.is_none()));
    let whole = [("OPENID_ISSUER", "https://login.example"), ("OPENID_CLIENT_ID", "us"), ("OPENID_CLIENT_SECRET", "secret")];
    for missing in 0..3 {
        let mut part = whole.to_vec();
        let (name, _) = part.remove(missing);
        let Err(error) = read(Environment::Production, &part).openid else { panic!("taken without {name}") };
        assert_eq!(error.name, name);
    }
}

#[test]
fn a_provider_is_at_a_public_address_and_has_a_name() {
    let name = |issuer: &str, more: &[(&str, &str)]| openid(issuer, more).ok().flatten().map(|openid| openid.name.clone());
    assert_eq!(name("https://login.microsoftonline.com/9f0c/v2.0", &[]).as_deref(), Some("Microsoft"));
    assert_eq!(name("https://login.example/", &[]).as_deref(), Some("login.example"));
    assert_eq!(name("https://login.example", &[("OPENID_NAME", "Example")]).as_deref(), Some("Example"));
    for issuer in [
        "http://login.example",
        "login.example",
        "https://127.0.0.1",
        "https://login.local",
        "https://login.example?x",
        "https://a@login.example",
    ] {
        assert_eq!(name(issuer, &[]), None, "{issuer}");
    }
    let discovery = openid("https://login.example/", &[]).ok().flatten().expect("a provider").discovery;
    assert_eq!(discovery.as_str(), "https://login.example/.well-known/openid-configuration");
}

#[test]
fn an_issuer_that_speaks_for_any_tenant_needs_the_list() {
    for path in ["common", "organizations", "consumers"] {
        let issuer = format!("https://login.microsoftonline.com/{path}/v2.0");
        assert_eq!(openid(&issuer, &[]).err().map(|error| error.name), Some("OPENID_TENANTS"), "{path}");
        let tenants = openid(&issuer, &[("OPENID_TENANTS", "9F0C, 77aa")]).ok().flatten().expect("a provider").tenants;
        assert_eq!(tenants, ["9f0c", "77aa"]);
    }
}
