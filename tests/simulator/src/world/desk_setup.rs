//! Setup tables of the service desk that nobody changes: what a board offers, priorities, sources, kinds of configurations.

/// A type, subtype, item or team of a board.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Offered {
    pub(crate) id: i32,
    pub(crate) board: i32,
    pub(crate) name: &'static str,
    pub(crate) inactive: bool,
}

const fn offered(id: i32, board: i32, name: &'static str) -> Offered {
    Offered { id, board, name, inactive: false }
}

/// The boards: id, name, out of use.
pub(super) const BOARDS: [(i32, &str, bool); 4] =
    [(21, "Help Desk", false), (22, "Security Alerts", false), (23, "Managed Services", false), (24, "Legacy Service", true)];

/// A status: id, board, name, closed, the board's default, out of use. Two boards have a "Completed" that does not close.
pub(super) const STATUSES: [(i32, i32, &str, bool, bool, bool); 17] = [
    (301, 21, "New", false, true, false),
    (302, 21, "In Progress", false, false, false),
    (303, 21, "Waiting on Customer", false, false, false),
    (304, 21, "Scheduled (old)", false, false, true),
    (305, 21, "Closed", true, false, false),
    (311, 22, "New", false, true, false),
    (312, 22, "In Progress", false, false, false),
    (313, 22, "Waiting", false, false, false),
    (314, 22, "Completed", false, false, false),
    (315, 22, "Closed", true, false, false),
    (316, 22, "Closed - False Positive", true, false, false),
    (321, 23, "New", false, true, false),
    (322, 23, "Assigned", false, false, false),
    (323, 23, "Completed", false, false, false),
    (324, 23, "Closed", true, false, false),
    (331, 24, "New", false, true, false),
    (332, 24, "Closed", true, false, false),
];

/// Types; the first active one of a board is its default.
pub(crate) const TYPES: [Offered; 8] = [
    offered(41, 21, "Workstation"),
    offered(42, 21, "Server"),
    Offered { id: 43, board: 21, name: "Printer (old)", inactive: true },
    offered(44, 22, "Security Incident"),
    offered(45, 22, "Malware"),
    offered(46, 23, "Alert"),
    offered(47, 23, "Maintenance"),
    offered(48, 24, "General"),
];

pub(crate) const SUB_TYPES: [Offered; 6] = [
    offered(51, 21, "Hardware"),
    offered(52, 21, "Software"),
    offered(53, 22, "Antivirus"),
    offered(54, 22, "Phishing"),
    offered(55, 23, "Endpoint"),
    Offered { id: 56, board: 22, name: "Firewall (old)", inactive: true },
];

pub(crate) const ITEMS: [Offered; 5] = [
    offered(61, 21, "Install"),
    offered(62, 21, "Repair"),
    offered(63, 22, "Not cleaned"),
    offered(64, 22, "Out of date"),
    offered(65, 23, "Offline"),
];

pub(crate) const TEAMS: [Offered; 5] = [
    offered(71, 21, "Service Team"),
    offered(72, 22, "Security Team"),
    offered(73, 22, "Night Watch"),
    offered(74, 23, "Operations"),
    offered(75, 24, "Legacy Team"),
];

/// What goes with what: id, type, subtype, item.
pub(crate) const ASSOCIATIONS: [(i32, i32, i32, Option<i32>); 9] = [
    (1, 41, 51, None),
    (2, 41, 51, Some(62)),
    (3, 41, 52, Some(61)),
    (4, 42, 51, Some(62)),
    (5, 44, 53, Some(63)),
    (6, 44, 54, None),
    (7, 45, 53, Some(63)),
    (8, 45, 53, Some(64)),
    (9, 46, 55, Some(65)),
];

/// Priorities: id, name, colour, level. Names are whatever an MSP typed. The third is the default.
pub(crate) const PRIORITIES: [(i32, &str, &str, &str); 4] = [
    (6, "Priority 1 - Emergency Response", "Red", "Critical"),
    (15, "Priority 2 - Quick Response", "Orange", "High"),
    (8, "Priority 3 - Normal Response", "Yellow", "Medium"),
    (13, "Do Not Respond", "White", "Low"),
];
pub(crate) const DEFAULT_PRIORITY: i32 = 8;

/// Where tickets come from. The first is the default.
pub(crate) const SOURCES: [(i32, &str); 4] = [(2, "Call"), (3, "Email Connector"), (5, "Monitoring"), (9, "ESET")];

/// Kinds of configurations: id, name, out of use.
pub(crate) const CONFIGURATION_TYPES: [(i32, &str, bool); 5] = [
    (11, "Managed Workstation", false),
    (12, "Managed Server", false),
    (13, "Network Device", false),
    (14, "Workstation (old)", true),
    (15, "Printer", false),
];

/// Statuses of configurations: id, description, closed. The first is the default.
pub(crate) const CONFIGURATION_STATUSES: [(i32, &str, bool); 3] = [(1, "Active", false), (2, "Inactive", true), (3, "Spare", false)];
