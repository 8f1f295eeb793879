//! `docs/security.md` names the test behind each of its rows; here it is seen that each is there.

use anyhow::Result;

use crate::workspace;

const DOCUMENT: &str = "docs/security.md";

/// What is named as a proof and cannot be found.
pub(super) fn missing() -> Result<Vec<String>> {
    Ok(named(&workspace::read(&workspace::path(DOCUMENT))?)
        .into_iter()
        .filter(|(file, proof)| !workspace::read(&workspace::path(file)).is_ok_and(|text| text.contains(proof)))
        .map(|(file, proof)| format!("{DOCUMENT}: there is no `{proof}` in {file}"))
        .collect())
}

/// File and name of every proof: in the last cell of a row, what stands between backticks is a file or something in the file before it.
fn named(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for row in text.lines().filter(|line| line.starts_with("| ")) {
        let last = row.trim_end_matches([' ', '|']).rsplit(" | ").next().unwrap_or_default();
        let mut file = None;
        for word in last.split('`').skip(1).step_by(2) {
            match file {
                _ if word.contains('/') || word == "Cargo.toml" => file = Some(word),
                Some(file) => found.push((file.to_owned(), word.to_owned())),
                None => {}
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_proof_that_is_named_is_there() {
        assert_eq!(missing().unwrap(), Vec::<String>::new());
        assert!(named(&workspace::read(&workspace::path(DOCUMENT)).unwrap()).len() > 50);
    }

    #[test]
    fn a_proof_is_a_name_after_its_file() {
        let row = "| 1.2 | asks `this` | so · `a/b.rs` `one`, `two` · `c/d.rs` `three` |\n";
        let found: Vec<String> = named(row).into_iter().map(|(file, proof)| format!("{file} {proof}")).collect();
        assert_eq!(found, ["a/b.rs one", "a/b.rs two", "c/d.rs three"]);
    }
}
