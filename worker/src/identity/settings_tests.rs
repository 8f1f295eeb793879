use super::*;

fn read(environment: Environment, variables: &[(&str, &str)]) -> Identity {
    Identity::read(environment, |name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
}

fn wall(environment: Environment, domain: &str) -> Result<Option<Wall>, ConfigError> {
    read(environment, &[("ACCESS_TEAM_DOMAIN", domain), ("ACCESS_AUDIENCE", "tag")]).wall
}

#[test]
fn nothing_said_is_no_wall() {
    assert_eq!(read(Environment::Production, &[]).wall, Ok(None));
    assert_eq!(read(Environment::Production, &[("ACCESS_TEAM_DOMAIN", " "), ("ACCESS_AUDIENCE", "")]).wall, Ok(None));
}

#[test]
fn a_team_and_an_audience_are_a_wall() {
    for domain in ["example.cloudflareaccess.com", " https://example.cloudflareaccess.com/ ", "https://EXAMPLE.cloudflareaccess.com"] {
        let wall = wall(Environment::Production, domain).expect("settings").expect("a wall");
        assert_eq!(wall.issuer, "https://example.cloudflareaccess.com", "{domain}");
        assert_eq!(wall.keys.as_str(), "https://example.cloudflareaccess.com/cdn-cgi/access/certs", "{domain}");
        assert_eq!(wall.audience, "tag");
    }
}

#[test]
fn half_a_wall_is_none_and_no_door() {
    let half = read(Environment::Production, &[("ACCESS_TEAM_DOMAIN", "example.cloudflareaccess.com")]).wall;
    assert_eq!(half.expect_err("half").to_string(), "ACCESS_AUDIENCE is not set, although ACCESS_TEAM_DOMAIN is");
    let half = read(Environment::Production, &[("ACCESS_AUDIENCE", "tag"), ("ACCESS_TEAM_DOMAIN", "")]).wall;
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
        assert!(wall(Environment::Production, domain).is_err(), "{domain}");
    }
    assert!(wall(Environment::Local, "http://127.0.0.1:9000").is_ok(), "on one's own machine the team is simulated");
    assert!(wall(Environment::Local, "http://192.168.0.1:9000").is_err());
}
