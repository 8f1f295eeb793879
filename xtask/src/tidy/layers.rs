//! Which crate may stand on which: arrows go down only. cargo refuses a circle; this list refuses a way around a layer.

use super::source::Written;

/// Each crate of the product with the crates of the product it may use; and the tests that are to stand on the rules alone.
const ALLOWED: [(&str, &[&str]); 14] = [
    ("shared/domain", &[]),
    ("shared/engine", &["domain"]),
    ("shared/contract", &["domain", "engine"]),
    ("worker/egress", &["domain"]),
    ("worker/vendors/vendor", &["domain", "egress"]),
    ("worker/vendors/ema2", &["domain", "egress", "vendor"]),
    ("worker/vendors/connect", &["domain", "egress", "vendor"]),
    ("worker/vendors/connectwise", &["domain", "engine", "egress", "vendor"]),
    ("worker/store", &["domain", "engine", "contract"]),
    ("worker/server", &["domain", "engine", "contract", "egress", "vendor", "ema2", "connect", "connectwise", "store"]),
    ("worker/edge", &["domain", "contract", "egress", "store", "server"]),
    ("app", &["domain", "engine", "contract"]),
    ("app/preview", &["domain"]),
    ("tests/model", &["domain", "engine"]),
];

/// Arrows that are not on the list, and crates that are not.
pub(super) fn forbidden(files: &[Written]) -> Vec<String> {
    let ours: Vec<&str> = ALLOWED.iter().filter_map(|(folder, _)| folder.rsplit('/').next()).collect();
    let mut found = Vec::new();
    for file in files {
        let Some(folder) = file.path.strip_suffix("/Cargo.toml") else { continue };
        let listed = ALLOWED.iter().find(|(known, _)| *known == folder);
        let product = ["shared", "worker", "app"].iter().any(|top| folder == *top || folder.starts_with(&format!("{top}/")));
        if !product && listed.is_none() {
            continue;
        }
        let Some((_, allowed)) = listed else {
            found.push(format!("{folder}: say in xtask/src/tidy/layers.rs what it may stand on"));
            continue;
        };
        let needed = needed(&file.text).filter(|name| ours.contains(name) && !allowed.contains(name));
        found.extend(needed.map(|name| format!("{folder} uses {name}, which no arrow allows")));
    }
    found
}

/// The crates that a manifest names under `[dependencies]`.
fn needed(manifest: &str) -> impl Iterator<Item = &str> {
    let section = manifest.split_once("\n[dependencies]\n").map_or("", |(_, rest)| rest);
    let section = section.split_once("\n[").map_or(section, |(section, _)| section);
    section.lines().filter_map(|line| line.split(['.', ' ', '=']).next()).filter(|name| !name.is_empty())
}

#[test]
fn arrows_go_down_only() {
    assert_eq!(forbidden(&super::source::written_files().unwrap()), [""; 0]);
}

#[test]
fn an_arrow_up_and_an_unknown_crate_are_found() {
    let manifest = |path: &str, needs: &str| Written {
        path: path.to_owned(),
        text: format!("[package]\nname = \"x\"\n\n[dependencies]\n{needs}\n\n[lints]\nworkspace = true\n"),
    };
    let up = manifest("shared/domain/Cargo.toml", "chrono.workspace = true\ncontract.workspace = true");
    let down = manifest("shared/engine/Cargo.toml", "domain = { workspace = true }");
    let unknown = manifest("worker/vendors/other/Cargo.toml", "");
    let model = manifest("tests/model/Cargo.toml", "engine.workspace = true\nstore.workspace = true");
    let tests = manifest("tests/install/Cargo.toml", "store.workspace = true");
    assert_eq!(forbidden(&[up, down, unknown, model, tests]).len(), 3);
}
