//! The keyboard: which key means what, and what the list of all keys says.

/// What a key asks for on a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Command {
    /// To the next row.
    Next,
    /// To the row before.
    Previous,
    /// Select the row, or take it out of the selection.
    Select,
    /// Approve the selection, or the row; accept the row's suggestion.
    Approve,
    /// Hold the selection or the row; exclude the row.
    Hold,
    /// Leave the selection or the row as it is until its numbers change.
    Dismiss,
    /// Open or close the row's evidence.
    Open,
    /// Into the filter.
    Filter,
    /// All keys.
    Keys,
    /// Close what is open, empty what is selected.
    Escape,
}

/// Where a key was pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the page.
    Page,
    /// On a button or link, which Enter and Space belong to.
    Control,
    /// In a field, which every letter belongs to.
    Field,
    /// In a dialog, which has its own keys.
    Dialog,
}

/// What `key` asks for when it is pressed at `place`, with `chord` true while Ctrl, Alt or Meta is down.
pub(crate) fn command(key: &str, place: Place, chord: bool) -> Option<Command> {
    if chord || place == Place::Dialog {
        return None;
    }
    if key == "Escape" {
        return Some(Command::Escape);
    }
    if place == Place::Field || (place == Place::Control && key == "Enter") {
        return None;
    }
    Some(match key {
        "j" | "ArrowDown" if key == "j" || place == Place::Page => Command::Next,
        "k" | "ArrowUp" if key == "k" || place == Place::Page => Command::Previous,
        "x" => Command::Select,
        "a" => Command::Approve,
        "h" => Command::Hold,
        "d" => Command::Dismiss,
        "Enter" => Command::Open,
        "/" => Command::Filter,
        "?" => Command::Keys,
        _ => return None,
    })
}

/// The row `steps` away from `current`, staying inside the list; the first when there is none yet.
pub(crate) fn moved<'a>(rows: &'a [String], current: Option<&str>, steps: isize) -> Option<&'a String> {
    let position = current.and_then(|current| rows.iter().position(|row| row == current));
    let target = position.map_or(0, |position| position.saturating_add_signed(steps).min(rows.len().saturating_sub(1)));
    rows.get(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_belong_to_a_field_while_it_is_written_in() {
        for key in ["j", "k", "x", "a", "h", "d", "/", "?", "Enter"] {
            assert_eq!(command(key, Place::Field, false), None, "{key}");
            assert_eq!(command(key, Place::Dialog, false), None, "{key}");
            assert_eq!(command(key, Place::Page, true), None, "{key}");
            assert!(command(key, Place::Page, false).is_some(), "{key}");
        }
        assert_eq!(command("Escape", Place::Field, false), Some(Command::Escape));
    }

    #[test]
    fn enter_on_a_button_presses_the_button() {
        assert_eq!(command("Enter", Place::Control, false), None);
        assert_eq!(command("Enter", Place::Page, false), Some(Command::Open));
        assert_eq!(command("j", Place::Control, false), Some(Command::Next));
        assert_eq!(command("ArrowDown", Place::Control, false), None);
    }

    #[test]
    fn the_cursor_stays_inside_the_list() {
        let rows: Vec<String> = ["a", "b", "c"].map(str::to_owned).into();
        let table = [(None, 1, "a"), (Some("a"), 1, "b"), (Some("c"), 1, "c"), (Some("a"), -1, "a"), (Some("gone"), 1, "a")];
        for (current, steps, expected) in table {
            assert_eq!(moved(&rows, current, steps).map(String::as_str), Some(expected), "{current:?} {steps}");
        }
        assert_eq!(moved(&[], None, 1), None);
    }
}
