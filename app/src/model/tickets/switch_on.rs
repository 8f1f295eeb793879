//! What is asked before rules are switched on, in words.

use contract::tickets::GroupNow;

use crate::words::count;

/// What is asked about.
pub(crate) fn title(groups: &[GroupNow]) -> String {
    match groups {
        [only] => format!("Switch on {}", only.name),
        several => format!("Switch on {}", count(several.len() as u64, "rule", "rules")),
    }
}

/// Who is in the groups now: a sentence for each rule that would open a ticket.
pub(crate) fn now(groups: &[GroupNow]) -> Vec<String> {
    let devices = |group: &GroupNow| count(group.devices, "device", "devices");
    let dealt = |group: &GroupNow| match group.devices > group.tickets && group.tickets > 1 {
        true => format!(" {} of them have no ticket yet.", group.tickets),
        false => String::new(),
    };
    match groups {
        [only] => vec![format!("This group has {} now.{}", devices(only), dealt(only))],
        several => several
            .iter()
            .filter(|group| group.tickets > 0)
            .map(|group| format!("{}: its group has {} now.{}", group.name, devices(group), dealt(group)))
            .collect(),
    }
}

/// How many tickets there would be.
pub(crate) fn tickets(groups: &[GroupNow]) -> String {
    let sum: u64 = groups.iter().map(|group| u64::from(group.tickets)).sum();
    count(sum, "ticket", "tickets")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(name: &str, devices: u32, tickets: u32) -> GroupNow {
        GroupNow { rule: name.into(), name: name.to_owned(), devices, tickets }
    }

    #[test]
    fn it_is_said_who_is_there_and_how_many_tickets_that_is() {
        let one = [group("Not protected", 25, 25)];
        assert_eq!((title(&one).as_str(), now(&one)), ("Switch on Not protected", vec!["This group has 25 devices now.".to_owned()]));
        assert_eq!(tickets(&one), "25 tickets");
        let known = [group("Not protected", 25, 3)];
        assert_eq!(now(&known), ["This group has 25 devices now. 3 of them have no ticket yet."]);
        let whole = [group("A group’s own", 25, 1)];
        assert_eq!((now(&whole), tickets(&whole)), (vec!["This group has 25 devices now.".to_owned()], "1 ticket".to_owned()));
        let several = [group("A", 2, 2), group("B", 0, 0), group("C", 1, 1)];
        assert_eq!(now(&several), ["A: its group has 2 devices now.", "C: its group has 1 device now."]);
        assert_eq!((title(&several), tickets(&several)), ("Switch on 3 rules".to_owned(), "3 tickets".to_owned()));
    }
}
