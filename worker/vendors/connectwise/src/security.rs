//! What the API member may do, module by module.

/// How far a right goes (ConnectWise PSA: /system/mySecurity).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Not at all.
    None,
    /// Only the member's own records.
    My,
    /// Every record.
    All,
}

/// The API member's rights on one function of one module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permission {
    /// The module: "Finance".
    pub module: String,
    /// The function: "Agreements".
    pub function: String,
    /// Adding.
    pub add: Level,
    /// Changing.
    pub edit: Level,
    /// Deleting.
    pub delete: Level,
    /// Reading.
    pub inquire: Level,
}
