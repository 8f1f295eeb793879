//! Detections of ESET Connect (incident-management v1). ESET PROTECT On-Prem has none.

use chrono::SecondsFormat;
use domain::Timestamp;
use domain::ids::DeviceId;
use domain::tickets::{DetectionCategory, Severity};
use url::Url;

use super::client::{Connect, Listed, PAGE, below, listed};
use super::wire;
use vendor::VendorError;

/// The token that asks for nothing but the first token.
const LATEST: &str = "latest";

/// Something that was found on a device (ESET Connect swagger: `incident_managementv1Detection`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detection {
    /// Its id.
    pub id: String,
    /// The device it was found on.
    pub device: Option<DeviceId>,
    /// What was found.
    pub name: String,
    /// How severe it is.
    pub severity: Option<Severity>,
    /// Of which kind it is.
    pub category: Option<DetectionCategory>,
    /// The file or address it was found in; empty when ESET names none.
    pub object: String,
    /// When it happened, by the clock of the device.
    pub occurred_at: Option<Timestamp>,
}

/// A part of what was reported since a token was given out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delta {
    /// What was reported, and what to ask for the next part.
    pub list: Listed<Detection>,
    /// The token to ask with the next time; only the last part names one.
    pub token: Option<String>,
}

impl Connect {
    /// A page of what happened from `start` on, whenever it was reported. ESET Connect swagger: `GET /v1/detections`.
    ///
    /// # Errors
    /// Any [`VendorError`].
    pub async fn detections(&self, start: Timestamp, page: Option<&str>) -> Result<Listed<Detection>, VendorError> {
        let mut url = incidents(&self.base, "detections");
        url.query_pairs_mut().append_pair("startTime", &start.to_rfc3339_opts(SecondsFormat::Secs, true));
        let list = self.list(url, page, PAGE, "detections").await?;
        listed(&list, "detections", page, wire::detection)
    }

    /// The token to ask [`Connect::detections_since`] with for what is reported from now on. None where ESET gives none:
    /// `GET /v1/detections:listDelta` is in no swagger, and used here as ESET's own integration does
    /// (eset-enterprise-integration, `utils.py`).
    ///
    /// # Errors
    /// Any [`VendorError`], other than that there is no such call.
    pub async fn detections_token(&self) -> Result<Option<String>, VendorError> {
        match self.detections_since(LATEST, None).await {
            Ok(delta) => Ok(delta.token),
            Err(VendorError::NoPermission { .. }) => Ok(None),
            Err(error) if is_refused(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A page of what was reported since `token` was given out, whenever it happened.
    ///
    /// # Errors
    /// Any [`VendorError`]; [`is_refused`] tells a token that is not taken any more.
    pub async fn detections_since(&self, token: &str, page: Option<&str>) -> Result<Delta, VendorError> {
        let mut url = incidents(&self.base, "detections:listDelta");
        url.query_pairs_mut().append_pair("deltaToken", token);
        let list = self.list(url, page, PAGE, "new detections").await?;
        Ok(Delta { list: listed(&list, "createdDetections", page, wire::detection)?, token: wire::ListRow::of(&list).delta_token() })
    }
}

/// An address of the incidents' service, which has a host of its own in each region; a gateway in front of it has one host.
fn incidents(base: &Url, name: &str) -> Url {
    let own = base.host_str().and_then(|host| host.split_once('.')).filter(|(_, rest)| rest.ends_with("eset.systems"));
    let host = own.and_then(|(region, _)| Url::parse(&format!("https://{region}.incident-management.eset.systems")).ok());
    below(host.as_ref().unwrap_or(base), &["v1", name])
}

/// Whether ESET does not take what was asked, and not that it could not answer: the call or its token is not there any more.
pub fn is_refused(error: &VendorError) -> bool {
    matches!(error, VendorError::NotFound { .. } | VendorError::Refused { status: 400 | 405 | 409 | 410 | 412 | 422 | 501, .. })
}

#[cfg(test)]
#[path = "detections_tests.rs"]
mod tests;
