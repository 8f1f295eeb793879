//! What the deployment says of who else vouches for people.

use url::Url;

use crate::config::ConfigError;
use crate::egress::{Environment, guard};

/// Who else vouches for people. Each part is none, whole, or wrong; what is wrong lets nobody in.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The wall in front of everything.
    pub wall: Result<Option<Wall>, ConfigError>,
}

/// An application of Cloudflare Access.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wall {
    /// Who signs its tokens: the team's address, without a slash at its end.
    pub issuer: String,
    /// Where the team's keys are published.
    pub keys: Url,
    /// The application's audience tag.
    pub audience: String,
}

impl Identity {
    /// Reads the settings from `variable`, which answers a variable or secret by name.
    pub fn read(environment: Environment, variable: impl Fn(&str) -> Option<String>) -> Self {
        let given = |name: &str| variable(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        Self { wall: Wall::read(environment, given) }
    }
}

impl Wall {
    fn read(environment: Environment, given: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, ConfigError> {
        const DOMAIN: &str = "ACCESS_TEAM_DOMAIN";
        const AUDIENCE: &str = "ACCESS_AUDIENCE";
        let (domain, audience) = match (given(DOMAIN), given(AUDIENCE)) {
            (None, None) => return Ok(None),
            (Some(domain), Some(audience)) => (domain, audience),
            (None, Some(_)) => return Err(ConfigError { name: DOMAIN, problem: "is not set, although ACCESS_AUDIENCE is" }),
            (Some(_), None) => return Err(ConfigError { name: AUDIENCE, problem: "is not set, although ACCESS_TEAM_DOMAIN is" }),
        };
        let wrong = ConfigError { name: DOMAIN, problem: "is not the name of a team, such as example.cloudflareaccess.com" };
        let address = if domain.contains("://") { domain } else { format!("https://{domain}") };
        let Ok(team) = Url::parse(&address) else { return Err(wrong) };
        if guard::admit_team(&team, environment).is_err() || team.path() != "/" || team.query().is_some() {
            return Err(wrong);
        }
        let issuer = team.as_str().trim_end_matches('/').to_owned();
        let Ok(keys) = team.join("/cdn-cgi/access/certs") else { return Err(wrong) };
        Ok(Some(Self { issuer, keys, audience }))
    }
}

#[cfg(test)]
#[path = "settings_tests.rs"]
mod tests;
