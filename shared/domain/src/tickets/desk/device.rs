//! Which of a company's configurations is a device.

use serde::{Deserialize, Serialize};

use crate::ids::{ConfigurationId, ConfigurationTypeId, PsaCompanyId};

/// What is known of a device that a company's configuration may stand for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Device {
    /// The `deviceIdentifier` of a configuration that we would have made for it.
    pub identifier: Option<String>,
    /// Its serial number.
    pub serial: Option<String>,
    /// The addresses of its network cards, in any spelling.
    pub macs: Vec<String>,
    /// Its name.
    pub name: String,
}

/// A configuration of a company (`/company/configurations`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configuration {
    /// Its id.
    pub id: ConfigurationId,
    /// Its name.
    pub name: String,
    /// Its serial number.
    pub serial: Option<String>,
    /// Its network card's address.
    pub mac: Option<String>,
    /// Its `deviceIdentifier`.
    pub identifier: Option<String>,
    /// Whether it is in use.
    pub active: bool,
}

/// A configuration that is to be made for a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewConfiguration {
    /// Whose it is.
    pub company: PsaCompanyId,
    /// Its type.
    pub kind: ConfigurationTypeId,
    /// Its name; at most a hundred characters reach ConnectWise.
    pub name: String,
    /// Its serial number.
    pub serial: Option<String>,
    /// Its network card's address.
    pub mac: Option<String>,
    /// What it is found again by (`deviceIdentifier`), at most a hundred characters.
    pub identifier: Option<String>,
}

/// By what a configuration was found to be a device, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MatchedBy {
    /// The identifier we gave it.
    Identifier,
    /// The serial number.
    Serial,
    /// The address of a network card.
    Mac,
    /// Nothing but the name.
    Name,
}

/// The configuration that is a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceMatch {
    /// Its id.
    pub configuration: ConfigurationId,
    /// Its name.
    pub name: String,
    /// By what it was found.
    pub by: MatchedBy,
}

/// Whether a company has a configuration that is a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeviceFit {
    /// None fits.
    Nothing,
    /// This one.
    One(DeviceMatch),
    /// Several fit alike, so that none is it for sure.
    Several,
}

/// What makers leave in the place of a serial number.
const NO_SERIALS: [&str; 12] = [
    "tobefilledbyoem",
    "defaultstring",
    "systemserialnumber",
    "chassisserialnumber",
    "serialnumber",
    "notspecified",
    "notapplicable",
    "notavailable",
    "unknown",
    "invalid",
    "none",
    "123456789",
];

/// The longest serial number that is asked for: conditions travel in an address of 2,000 characters.
const LONGEST_SERIAL: usize = 100;
/// Network cards that are asked for, for the same reason.
const MOST_MACS: usize = 4;

impl Device {
    /// Its serial number, unless it is one that many devices have.
    pub fn serial(&self) -> Option<&str> {
        let serial = self.serial.as_deref()?.trim();
        let plain: String = serial.chars().filter(|sign| sign.is_alphanumeric()).collect::<String>().to_lowercase();
        let mut signs = plain.chars();
        let first = signs.next()?;
        let telling = plain.chars().count() >= 4 && signs.any(|sign| sign != first) && !NO_SERIALS.contains(&plain.as_str());
        (telling && serial.chars().count() <= LONGEST_SERIAL).then_some(serial)
    }

    /// The addresses of its first network cards as twelve capital hexadecimal digits each; what is none is left out.
    pub fn macs(&self) -> Vec<String> {
        let mut macs = Vec::new();
        for mac in self.macs.iter().filter_map(|mac| plain_mac(mac)) {
            if !macs.contains(&mac) && macs.len() < MOST_MACS {
                macs.push(mac);
            }
        }
        macs
    }

    /// Its name, and the name before its domain.
    pub fn names(&self) -> Vec<&str> {
        let whole = self.name.trim();
        let host = whole.split('.').next().filter(|host| *host != whole && host.chars().any(char::is_alphabetic));
        [Some(whole), host].into_iter().flatten().filter(|name| !name.is_empty()).collect()
    }

    /// The configuration that is this device. The surest sign that any has decides. Where it names several, those in use count,
    /// and several of them are none: a ticket is better without a device than with a wrong one.
    pub fn among(&self, configurations: &[Configuration]) -> DeviceFit {
        let (serial, macs, names) = (self.serial(), self.macs(), self.names());
        let is = |known: &Option<String>, own: Option<&str>| {
            let known = known.as_deref().map(str::trim);
            known.zip(own).is_some_and(|(known, own)| known.to_lowercase() == own.to_lowercase())
        };
        for by in [MatchedBy::Identifier, MatchedBy::Serial, MatchedBy::Mac, MatchedBy::Name] {
            let matches = |known: &&Configuration| match by {
                MatchedBy::Identifier => is(&known.identifier, self.identifier.as_deref()),
                MatchedBy::Serial => is(&known.serial, serial),
                MatchedBy::Mac => known.mac.as_deref().and_then(plain_mac).is_some_and(|mac| macs.contains(&mac)),
                MatchedBy::Name => names.iter().any(|name| known.name.trim().to_lowercase() == name.to_lowercase()),
            };
            let found: Vec<&Configuration> = configurations.iter().filter(matches).collect();
            let in_use: Vec<&Configuration> = found.iter().copied().filter(|known| known.active).collect();
            match (found.as_slice(), in_use.as_slice()) {
                ([], _) => {}
                ([one], _) | (_, [one]) => {
                    return DeviceFit::One(DeviceMatch { configuration: one.id, name: one.name.clone(), by });
                }
                _ => return DeviceFit::Several,
            }
        }
        DeviceFit::Nothing
    }
}

/// Twelve capital hexadecimal digits; none for what is no address of one card.
fn plain_mac(text: &str) -> Option<String> {
    let signs = text.trim().chars().filter(|sign| !matches!(sign, ':' | '-' | '.' | ' '));
    let mac: String = signs.map(|sign| sign.to_ascii_uppercase()).collect();
    let digits = mac.len() == 12 && mac.chars().all(|sign| sign.is_ascii_hexdigit());
    (digits && mac != "000000000000" && mac != "FFFFFFFFFFFF").then_some(mac)
}
