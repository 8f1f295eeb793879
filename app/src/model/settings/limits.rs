//! The limits form: its fields, and what is wrong with what was typed.

use domain::billing::Policy;

/// One field: its name in the contract, what stands above and below it, and where it lies in a policy.
pub(crate) struct Limit {
    /// Its name in the contract.
    pub(crate) name: &'static str,
    /// What stands above it.
    pub(crate) label: &'static str,
    /// What stands below it.
    pub(crate) hint: &'static str,
    /// Its place.
    of: fn(&mut Policy) -> &mut u32,
}

/// The fields, in the order of the form: for a line, for a run, for ages, for groups.
pub(crate) const LIMITS: [Limit; 10] = [
    Limit {
        name: "max_units",
        label: "Largest change of a line, in units",
        hint: "A line that changes more is held and approved alone.",
        of: |policy| &mut policy.max_units,
    },
    Limit {
        name: "max_percent",
        label: "Largest change of a line, in percent",
        hint: "Of what is billed now.",
        of: |policy| &mut policy.max_percent,
    },
    Limit {
        name: "small_units",
        label: "Always small, in units",
        hint: "Changes up to this many units are let through whatever their percentage.",
        of: |policy| &mut policy.small_units,
    },
    Limit { name: "run_lines", label: "Lines of one approval", hint: "Also of one automatic run.", of: |policy| &mut policy.run_lines },
    Limit {
        name: "run_units",
        label: "Units of one approval",
        hint: "What its lines add and take, taken together.",
        of: |policy| &mut policy.run_units,
    },
    Limit {
        name: "run_percent",
        label: "Percent of one approval",
        hint: "Of everything that is billed on the month’s lines.",
        of: |policy| &mut policy.run_percent,
    },
    Limit {
        name: "snapshot_hours",
        label: "Oldest seat counts, in hours",
        hint: "Lines counted from older ones are held.",
        of: |policy| &mut policy.snapshot_hours,
    },
    Limit {
        name: "psa_hours",
        label: "Oldest reading of ConnectWise, in hours",
        hint: "Lines proposed from an older one are held.",
        of: |policy| &mut policy.psa_hours,
    },
    Limit {
        name: "leave_devices",
        label: "Devices that may leave a group at once",
        hint: "Of fewer than this it is believed, as long as somebody is left.",
        of: |policy| &mut policy.leave_devices,
    },
    Limit {
        name: "leave_percent",
        label: "Share of a group that may leave at once, in percent",
        hint: "When more leave, no ticket is closed for an hour, or until you confirm.",
        of: |policy| &mut policy.leave_percent,
    },
];

/// What stands in each field, in their order.
pub(crate) fn written(policy: &Policy) -> Vec<String> {
    let mut policy = policy.clone();
    LIMITS.iter().map(|limit| (limit.of)(&mut policy).to_string()).collect()
}

/// The policy that was typed, on top of the one in force.
///
/// # Errors
/// The first field that is wrong, and what is wrong with it.
pub(crate) fn typed(texts: &[String], known: &Policy) -> Result<Policy, (&'static str, String)> {
    let mut policy = known.clone();
    for (limit, text) in LIMITS.iter().zip(texts) {
        let number = text.trim().replace(',', "").parse();
        *(limit.of)(&mut policy) = number.map_err(|_| (limit.name, "Type a whole number.".to_owned()))?;
    }
    match policy.invalid() {
        Some((name, range)) => Err((name, format!("Choose a number from {range}."))),
        None => Ok(policy),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_what_is_set() {
        let policy = Policy { run_units: 3_000, psa_hours: 12, ..Policy::default() };
        assert_eq!(typed(&written(&policy), &Policy::default()), Ok(policy.clone()));
        let fields = serde_json::to_value(&policy).expect("json");
        for limit in &LIMITS {
            assert!(fields.get(limit.name).is_some(), "{}", limit.name);
        }
        assert_eq!(fields.as_object().map(serde_json::Map::len), Some(LIMITS.len()));
    }

    #[test]
    fn a_wrong_value_is_named_where_it_stands() {
        let policy = Policy::default();
        let with = |index: usize, text: &str| {
            let mut texts = written(&policy);
            texts[index] = text.to_owned();
            typed(&texts, &policy)
        };
        assert_eq!(with(0, "many"), Err(("max_units", "Type a whole number.".to_owned())));
        assert_eq!(with(1, "-3"), Err(("max_percent", "Type a whole number.".to_owned())));
        assert_eq!(with(6, "24"), Err(("snapshot_hours", "Choose a number from 25 to 168.".to_owned())));
        assert_eq!(with(4, "12,000").map(|policy| policy.run_units), Ok(12_000));
    }
}
