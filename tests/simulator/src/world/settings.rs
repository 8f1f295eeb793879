//! Switches of the vendors' side: who may log in, what the API member may do, which version runs.

use serde::{Deserialize, Serialize};

use crate::connectwise::replicas::Lag;

/// How far a right of a ConnectWise security role goes (schema MySecurity).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the vendor's own names")]
pub enum Level {
    None,
    My,
    All,
}

/// What a right is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the vendor's own names")]
pub enum Action {
    Add,
    Edit,
    Delete,
    Inquire,
}

/// The API member's rights on one function of one module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the vendor's own names")]
pub struct Permission {
    pub module: String,
    pub function: String,
    pub add: Level,
    pub edit: Level,
    pub delete: Level,
    pub inquire: Level,
}

impl Permission {
    /// The level for an action.
    pub fn level(&self, action: Action) -> Level {
        match action {
            Action::Add => self.add,
            Action::Edit => self.edit,
            Action::Delete => self.delete,
            Action::Inquire => self.inquire,
        }
    }

    pub(crate) fn level_mut(&mut self, action: Action) -> &mut Level {
        match action {
            Action::Add => &mut self.add,
            Action::Edit => &mut self.edit,
            Action::Delete => &mut self.delete,
            Action::Inquire => &mut self.inquire,
        }
    }
}

/// The switches. They are saved with the world.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// The ESET company the EMA 2 user belongs to.
    pub account: String,
    /// EMA 2 refuses the login.
    pub ema2_revoked: bool,
    /// ConnectWise refuses the keys.
    pub connectwise_revoked: bool,
    /// ESET Connect refuses the login.
    pub connect_revoked: bool,
    /// Life of an EMA 2 access token in seconds. The vendor's pages say both one minute and one hour.
    pub token_lifetime: i64,
    /// What ConnectWise calls its current code base in paths, with a trailing slash.
    pub codebase: String,
    /// What company info says in `IsCloud`.
    pub is_cloud: bool,
    /// Bad keys look like a missing page, as in the cloud, instead of 401.
    pub bad_keys_look_missing: bool,
    /// Rights of the API member.
    pub permissions: Vec<Permission>,
    /// Both vendors count calls and answer 429.
    pub enforce_rate_limits: bool,
    /// EMA 2 answers every list empty: valid, but wrong.
    pub empty_ema2_lists: bool,
    /// EMA 2 does not say how many of a product inside a bundle are in use.
    #[serde(default)]
    pub hide_part_usage: bool,
    /// The highest id an addition ever had; ids are not used again.
    pub last_addition_id: i32,
    /// The highest id a ticket ever had.
    #[serde(default)]
    pub last_ticket_id: i32,
    /// The highest id a note ever had.
    #[serde(default)]
    pub last_note_id: i32,
    /// The highest id a configuration ever had.
    #[serde(default)]
    pub last_configuration_id: i32,
    /// Seconds after which lists of tickets know what was done; a ticket read by its id shows it at once.
    #[serde(default)]
    pub search_lag: i64,
    /// By how much reads of additions lag behind writes.
    #[serde(default)]
    pub additions_lag: Lag,
    /// ESET Connect has no listDelta, as its published description has none.
    #[serde(default)]
    pub no_list_delta: bool,
    /// The account is at home in another region than the one asked: the token service knows no such user.
    #[serde(default)]
    pub wrong_region: bool,
    /// ESET PROTECT On-Prem refuses the login.
    #[serde(default)]
    pub protect_revoked: bool,
}

impl Default for Settings {
    fn default() -> Self {
        use Level::{All, None};
        let permission = |module: &str, function: &str, [add, edit, delete, inquire]: [Level; 4]| Permission {
            module: module.to_owned(),
            function: function.to_owned(),
            add,
            edit,
            delete,
            inquire,
        };
        Self {
            account: String::new(),
            ema2_revoked: false,
            connectwise_revoked: false,
            connect_revoked: false,
            token_lifetime: 3600,
            codebase: "v2026_4/".to_owned(),
            is_cloud: false,
            bad_keys_look_missing: true,
            permissions: vec![
                permission("Companies", "Company Maintenance", [None, None, None, All]),
                permission("Companies", "Contacts", [None, None, None, All]),
                permission("Companies", "Configurations", [All, All, None, All]),
                permission("Finance", "Agreements", [All, All, All, All]),
                permission("Finance", "Invoicing", [None, None, None, All]),
                permission("Procurement", "Products", [None, None, None, All]),
                permission("Procurement", "Product Catalog", [None, None, None, All]),
                permission("Service Desk", "Service Tickets", [All, All, None, All]),
                permission("Service Desk", "Close Service Tickets", [All, All, None, All]),
                permission("System", "Table Setup", [None, None, None, All]),
                permission("System", "Member Maintenance", [None, None, None, All]),
            ],
            enforce_rate_limits: false,
            empty_ema2_lists: false,
            hide_part_usage: false,
            last_addition_id: 0,
            last_ticket_id: 0,
            last_note_id: 0,
            last_configuration_id: 0,
            search_lag: 0,
            additions_lag: Lag::default(),
            no_list_delta: false,
            wrong_region: false,
            protect_revoked: false,
        }
    }
}
