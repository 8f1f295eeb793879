//! Which licences, sources and crates may become part of Seatbridge. An expression that is new is looked at by a person, and then stands
//! here.

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::command::{self, cargo};

/// SPDX expressions, with ` OR ` for the slash of older crates.
const LICENCES: [&str; 23] = [
    "(MIT OR Apache-2.0) AND Unicode-3.0",
    "0BSD OR MIT OR Apache-2.0",
    "Apache-2.0",
    "Apache-2.0 OR BSL-1.0",
    "Apache-2.0 OR MIT",
    "Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT",
    "BSD-2-Clause OR Apache-2.0 OR MIT",
    "BSD-3-Clause",
    "BSD-3-Clause AND MIT",
    "BSD-3-Clause OR MIT",
    "BSL-1.0",
    "BlueOak-1.0.0",
    "CC0-1.0",
    "MIT",
    "MIT AND BSD-3-Clause",
    "MIT OR Apache-2.0",
    "MIT OR Apache-2.0 OR LGPL-2.1-or-later",
    "MIT OR Apache-2.0 OR Zlib",
    "MIT OR Zlib OR Apache-2.0",
    "Unicode-3.0",
    "Unlicense OR MIT",
    "Zlib",
    "Zlib OR Apache-2.0 OR MIT",
];

/// Each would bring a second way out, or a second cryptography, beside the Worker's own.
const BANNED: [&str; 2] = ["native-tls", "openssl-sys"];

const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    license: Option<String>,
    /// None for our own crates.
    source: Option<String>,
}

/// Fails with one line for each crate that may not be here.
pub(crate) fn check() -> Result<()> {
    let metadata = command::output(cargo().args(["metadata", "--format-version", "1"]))?;
    let metadata: Metadata = serde_json::from_str(&metadata).context("cargo metadata printed something unexpected")?;
    let refused: Vec<String> = metadata.packages.iter().filter_map(refusal).collect();
    if !refused.is_empty() {
        bail!("{}\n(the rules are in xtask/src/licences.rs)", refused.join("\n"));
    }
    Ok(())
}

fn refusal(package: &Package) -> Option<String> {
    let source = package.source.as_deref()?;
    let licence = package.license.as_deref().unwrap_or("no licence at all").replace(" / ", " OR ").replace('/', " OR ");
    let reason = if source != CRATES_IO {
        format!("comes from {source}")
    } else if BANNED.contains(&package.name.as_str()) {
        "is banned".to_owned()
    } else if !LICENCES.contains(&licence.as_str()) {
        format!("is licensed under {licence}")
    } else {
        return None;
    };
    Some(format!("{} {} {reason}", package.name, package.version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_is_refused_for_its_licence_its_source_or_its_name() {
        let package = |name: &str, license: Option<&str>, source: &str| Package {
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            license: license.map(str::to_owned),
            source: Some(source.to_owned()),
        };
        assert_eq!(refusal(&package("a", Some("MIT/Apache-2.0"), CRATES_IO)), None);
        assert_eq!(refusal(&Package { source: None, ..package("ours", None, "") }), None);
        for refused in [
            package("a", Some("GPL-3.0-only"), CRATES_IO),
            package("a", None, CRATES_IO),
            package("a", Some("MIT"), "git+https://example.com/a"),
            package("openssl-sys", Some("MIT"), CRATES_IO),
        ] {
            assert!(refusal(&refused).is_some(), "{}", refused.name);
        }
    }
}
