//! What can be chosen of a service desk, one choice after another, so that what does not go together cannot be chosen.

use domain::ids::{ItemId, SubTypeId, TicketTypeId};
use domain::tickets::{BoardSetup, Named, ServiceBoardOptions};

/// Something to choose: its id and its name.
pub(crate) type Choosable = (String, String);

/// Boards that take tickets.
pub(crate) fn boards(desk: &ServiceBoardOptions) -> Vec<Choosable> {
    desk.boards.iter().filter(|board| !board.inactive).map(|board| (board.id.to_string(), board.name.clone())).collect()
}

/// What of a list is offered for new tickets.
pub(crate) fn offered(list: &[Named]) -> Vec<Choosable> {
    list.iter().filter(|entry| !entry.inactive).map(|entry| (entry.id.to_string(), entry.name.clone())).collect()
}

/// Statuses of a board in which a ticket is open, or closed.
pub(crate) fn statuses(setup: &BoardSetup, closed: bool) -> Vec<Choosable> {
    let fitting = setup.statuses.iter().filter(|status| !status.inactive && (closed || !status.closed));
    // Some desks finish tickets in a status that is not marked as a closed one: those come after.
    let (marked, rest): (Vec<_>, Vec<_>) = fitting.partition(|status| status.closed == closed);
    marked.into_iter().chain(rest).map(|status| (status.id.to_string(), status.name.clone())).collect()
}

/// The status a board begins new tickets in, or the first that closes one.
pub(crate) fn usual_status(setup: &BoardSetup, closed: bool) -> Option<String> {
    let offered = || setup.statuses.iter().filter(|status| !status.inactive && status.closed == closed);
    let usual = if closed { None } else { offered().find(|status| status.default) };
    usual.or_else(|| offered().next()).map(|status| status.id.to_string())
}

/// Subtypes that stand under a type.
pub(crate) fn subtypes(setup: &BoardSetup, kind: &str) -> Vec<Choosable> {
    let kind = kind.parse::<TicketTypeId>().ok();
    let fits = |entry: &&Named| kind.is_some() && setup.allows(kind, Some(SubTypeId(entry.id)), None).is_ok();
    offered_of(setup.subtypes.iter().filter(fits))
}

/// Items that stand under a type and a subtype.
pub(crate) fn items(setup: &BoardSetup, kind: &str, subtype: &str) -> Vec<Choosable> {
    let (kind, subtype) = (kind.parse::<TicketTypeId>().ok(), subtype.parse::<SubTypeId>().ok());
    let fits = |entry: &&Named| subtype.is_some() && setup.allows(kind, subtype, Some(ItemId(entry.id))).is_ok();
    offered_of(setup.items.iter().filter(fits))
}

fn offered_of<'a>(entries: impl Iterator<Item = &'a Named>) -> Vec<Choosable> {
    entries.map(|entry| (entry.id.to_string(), entry.name.clone())).collect()
}

#[cfg(test)]
mod tests {
    use domain::ids::StatusId;
    use domain::tickets::{Association, BoardStatus};

    use super::*;

    fn named(id: i64, inactive: bool) -> Named {
        Named { id, name: format!("n{id}"), inactive }
    }

    fn status(id: i64, closed: bool, inactive: bool, default: bool) -> BoardStatus {
        BoardStatus { id: StatusId(id), name: format!("s{id}"), closed, inactive, default }
    }

    fn setup() -> BoardSetup {
        let stands = |kind, subtype, item: Option<i64>| Association {
            kind: TicketTypeId(kind),
            subtype: SubTypeId(subtype),
            item: item.map(ItemId),
        };
        BoardSetup {
            statuses: vec![
                status(1, false, true, false),
                status(2, false, false, false),
                status(3, false, false, true),
                status(4, true, false, false),
            ],
            types: vec![named(10, false), named(11, false), named(12, true)],
            subtypes: vec![named(20, false), named(21, false), named(22, true)],
            items: vec![named(30, false), named(31, false)],
            teams: vec![named(40, false)],
            associations: vec![stands(10, 20, Some(30)), stands(10, 22, None), stands(11, 21, Some(31)), stands(11, 20, None)],
            items_known: true,
        }
    }

    fn ids(choosable: Vec<Choosable>) -> Vec<String> {
        choosable.into_iter().map(|(id, _)| id).collect()
    }

    #[test]
    fn only_what_stands_under_what_is_chosen_can_be_chosen() {
        let setup = setup();
        assert_eq!(ids(offered(&setup.types)), ["10", "11"]);
        assert_eq!(ids(subtypes(&setup, "10")), ["20"], "an inactive one is not offered");
        assert_eq!(ids(subtypes(&setup, "11")), ["20", "21"]);
        assert!(subtypes(&setup, "").is_empty(), "a subtype stands under a type");
        assert_eq!(ids(items(&setup, "10", "20")), ["30"]);
        assert!(items(&setup, "11", "20").is_empty());
        assert!(items(&setup, "10", "").is_empty());
        let unknown = BoardSetup { items_known: false, ..setup };
        assert_eq!(ids(items(&unknown, "11", "20")), ["30", "31"], "only ConnectWise knows which are allowed");
    }

    #[test]
    fn an_open_status_is_never_a_closed_one() {
        let setup = setup();
        assert_eq!(ids(statuses(&setup, false)), ["2", "3"]);
        assert_eq!(ids(statuses(&setup, true)), ["4", "2", "3"]);
        assert_eq!(usual_status(&setup, false).as_deref(), Some("3"));
        assert_eq!(usual_status(&setup, true).as_deref(), Some("4"));
        assert_eq!(usual_status(&BoardSetup::default(), true), None);
    }
}
