//! What the deployment says of who else vouches for people.

use url::Url;
use zeroize::Zeroizing;

use super::provider::description_of;
use crate::config::ConfigError;
use egress::{Environment, guard};

/// Who else vouches for people. Each part is none, whole, or wrong; what is wrong lets nobody in.
#[derive(Clone)]
pub struct Identity {
    /// Cloudflare Access in front of everything.
    pub cloudflare_access: Result<Option<CloudflareAccess>, ConfigError>,
    /// A provider beside passkeys.
    pub openid: Result<Option<OpenId>, ConfigError>,
}

/// An OpenID Connect provider. It has no `Debug`: it holds a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct OpenId {
    /// Who signs, as the provider writes it.
    pub issuer: String,
    /// Where it says more about itself.
    pub discovery: Url,
    /// What the install is called there.
    pub client: String,
    /// What it shows there.
    pub secret: Zeroizing<String>,
    /// Tenants of Entra ID whose people may come in; none for all that the issuer speaks for, when that is one.
    pub tenants: Vec<String>,
    /// What people know it by.
    pub name: String,
    /// Whether it is Microsoft's.
    pub is_entra: bool,
}

/// An application of Cloudflare Access.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloudflareAccess {
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
        Self { cloudflare_access: CloudflareAccess::read(environment, given), openid: OpenId::read(environment, given) }
    }
}

impl CloudflareAccess {
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

/// Where Entra ID is: for everybody, for the government of the United States, and in China.
const ENTRA: [&str; 3] = ["login.microsoftonline.com", "login.microsoftonline.us", "login.partner.microsoftonline.cn"];

impl OpenId {
    fn read(environment: Environment, given: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, ConfigError> {
        const ISSUER: &str = "OPENID_ISSUER";
        const CLIENT: &str = "OPENID_CLIENT_ID";
        const SECRET: &str = "OPENID_CLIENT_SECRET";
        let parts = [ISSUER, CLIENT, SECRET].map(|name| (name, given(name)));
        let missing = parts.iter().find(|(_, value)| value.is_none()).map(|(name, _)| *name);
        let [(_, Some(issuer)), (_, Some(client)), (_, Some(secret))] = parts else {
            return match missing {
                Some(name) if [ISSUER, CLIENT, SECRET].iter().any(|part| given(part).is_some()) => {
                    Err(ConfigError { name, problem: "is not set, although others of OpenID Connect are" })
                }
                _ => Ok(None),
            };
        };
        let wrong = ConfigError {
            name: ISSUER,
            problem: "is not the address of a provider, such as https://login.microsoftonline.com/<tenant>/v2.0",
        };
        let Some(discovery) = description_of(&issuer, environment) else { return Err(wrong) };
        let host = discovery.host_str().unwrap_or_default().to_owned();
        let is_entra = ENTRA.contains(&host.as_str());
        let tenants: Vec<String> = given("OPENID_TENANTS")
            .map(|text| text.split([',', ' ']).filter(|tenant| !tenant.is_empty()).map(str::to_ascii_lowercase).collect())
            .unwrap_or_default();
        let many = ["/common/", "/organizations/", "/consumers/"].iter().any(|path| issuer.contains(path));
        if is_entra && many && tenants.is_empty() {
            return Err(ConfigError { name: "OPENID_TENANTS", problem: "is not set, although the issuer speaks for any tenant" });
        }
        let name = given("OPENID_NAME").unwrap_or_else(|| if is_entra { "Microsoft".to_owned() } else { host });
        Ok(Some(Self { issuer, discovery, client, secret: Zeroizing::new(secret), tenants, name, is_entra }))
    }
}

#[cfg(test)]
#[path = "settings_tests.rs"]
mod tests;
