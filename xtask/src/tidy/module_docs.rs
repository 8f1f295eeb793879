//! Every file of Rust begins by saying what it is for: a `//!` whose first paragraph has one to five lines.
//!
//! Further paragraphs may follow: a list of routes, an argument about concurrency.

use super::source::Written;

const LONGEST: usize = 5;

/// Files that do not say what they are for, or do not say it briefly.
pub(super) fn missing(files: &[Written]) -> Vec<String> {
    files.iter().filter(|file| file.path.ends_with(".rs")).filter_map(fault).collect()
}

fn fault(file: &Written) -> Option<String> {
    let said = |line: &&str| line.strip_prefix("//!").is_some_and(|words| !words.trim().is_empty());
    match file.text.lines().take_while(said).count() {
        0 => Some(format!("{}: begins without a `//!` that says what the file is for", file.path)),
        lines if lines > LONGEST => Some(format!("{}: {lines} lines before the first pause of its `//!`; at most {LONGEST}", file.path)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::source::written_files;

    #[test]
    fn every_file_says_what_it_is_for() {
        assert_eq!(missing(&written_files().unwrap()), Vec::<String>::new());
    }

    #[test]
    fn a_file_without_words_or_with_too_many_is_found() {
        for (path, text, expected) in [
            ("a.rs", "//! What it is for.\n\nuse b;\n", 0),
            ("a.rs", "//! One.\n//! Two.\n//! Three.\n//! Four.\n//! Five.\n//!\n//! More.\n", 0),
            ("a.rs", "use b;\n", 1),
            ("a.rs", "//!\n//! Late.\n", 1),
            ("a.rs", "// A comment is none.\n", 1),
            ("a.rs", "", 1),
            ("a.rs", "//! 1\n//! 2\n//! 3\n//! 4\n//! 5\n//! 6\n", 1),
            ("a.mjs", "import b;\n", 0),
        ] {
            let file = [Written { path: path.to_owned(), text: text.to_owned() }];
            assert_eq!(missing(&file).len(), expected, "{path}: {text}");
        }
    }
}
