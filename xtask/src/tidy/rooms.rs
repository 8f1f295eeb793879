//! No folder of code holds more files than a newcomer takes in at a glance.

use std::collections::BTreeMap;

use super::source::Written;

const MOST_FILES: usize = 20;
const CODE: [&str; 6] = ["app/src/", "shared/", "worker/", "tests/simulator/", "tests/faults/", "xtask/src/"];

/// Folders with more files of Rust than that.
pub(super) fn crowded(files: &[Written]) -> Vec<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for file in files.iter().filter(|file| file.path.ends_with(".rs") && CODE.iter().any(|folder| file.path.starts_with(folder))) {
        if let Some((folder, _)) = file.path.rsplit_once('/') {
            *counts.entry(folder).or_default() += 1;
        }
    }
    let crowded = counts.into_iter().filter(|(_, count)| *count > MOST_FILES);
    crowded.map(|(folder, count)| format!("{folder}: {count} files; at most {MOST_FILES}, so make rooms")).collect()
}

#[test]
fn no_folder_is_crowded() {
    assert_eq!(crowded(&super::source::written_files().unwrap()), [""; 0]);
}

#[test]
fn the_twenty_first_file_is_too_much() {
    let files = |count: usize| -> Vec<Written> {
        (0..count).map(|number| Written { path: format!("worker/a/{number}.rs"), text: String::new() }).collect()
    };
    assert_eq!((crowded(&files(20)).len(), crowded(&files(21)).len()), (0, 1));
}
