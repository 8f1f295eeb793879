//! Devices that left a group at once, in words.

use contract::tickets::MassLeave;

use crate::words::count;

/// What has happened.
pub(crate) fn what(leaves: &MassLeave) -> String {
    match leaves.until {
        Some(_) => format!("{} of {} left the group at once.", leaves.devices, count(leaves.were, "device", "devices")),
        None => format!(
            "{} left the group at once, and their tickets stay open until they show again.",
            count(leaves.devices, "device", "devices")
        ),
    }
}

/// Which devices they are, the first ones by name.
pub(crate) fn who(leaves: &MassLeave) -> String {
    let named = leaves.names.join(", ");
    let more = (leaves.devices as usize).saturating_sub(leaves.names.len());
    match (named.is_empty(), more) {
        (true, _) => String::new(),
        (false, 0) => named,
        (false, more) => format!("{named} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves(devices: u32, names: &[&str], waits: bool) -> MassLeave {
        let since = "2026-11-10T12:00:00Z".parse().expect("a moment");
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        MassLeave { devices, were: 25, since, until: waits.then_some(since), names }
    }

    #[test]
    fn the_number_comes_first_and_then_who_they_are() {
        assert_eq!(what(&leaves(23, &[], true)), "23 of 25 devices left the group at once.");
        assert_eq!(who(&leaves(23, &["PC-1", "PC-2"], true)), "PC-1, PC-2 and 21 more");
        assert_eq!(who(&leaves(2, &["PC-1", "PC-2"], true)), "PC-1, PC-2");
        assert_eq!(who(&leaves(25, &[], true)), "");
        assert!(what(&leaves(1, &["PC-1"], false)).starts_with("1 device left the group at once, and"));
    }
}
