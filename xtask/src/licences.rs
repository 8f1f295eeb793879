//! Licences, bans and sources of every dependency, held against `deny.toml`.
//!
//! cargo-deny reads the same file and says more; building it takes about as long as building all of Seatbridge, so
//! the three rules that matter are checked here from `cargo metadata`. Advisories need a database from the network:
//! run `cargo deny check advisories` or `cargo audit` for those.

use std::collections::HashSet;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::command::{self, cargo};
use crate::workspace;

#[derive(Deserialize)]
struct Policy {
    licenses: Licenses,
    bans: Bans,
}

#[derive(Deserialize)]
struct Licenses {
    allow: HashSet<String>,
}

#[derive(Deserialize)]
struct Bans {
    deny: Vec<Banned>,
}

#[derive(Deserialize)]
struct Banned {
    name: String,
}

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

/// Names and versions of what any target of ours is built with. The metadata also lists what only a feature nobody turned on
/// would bring.
fn used() -> Result<HashSet<(String, String)>> {
    let tree = command::output(cargo().args(["tree", "--workspace", "--target", "all", "--edges", "all", "--prefix", "none"]))?;
    let words = tree.lines().filter_map(|line| line.split_once(" v"));
    Ok(words.map(|(name, rest)| (name.to_owned(), rest.split(' ').next().unwrap_or(rest).to_owned())).collect())
}

/// Fails with one line for each crate that may not be here.
pub(crate) fn check() -> Result<()> {
    let policy: Policy = toml::from_str(&workspace::read(&workspace::path("deny.toml"))?).context("deny.toml")?;
    let metadata = command::output(cargo().args(["metadata", "--format-version", "1"]))?;
    let metadata: Metadata = serde_json::from_str(&metadata).context("cargo metadata answered something unexpected")?;
    let used = used()?;
    let packages = metadata.packages.iter().filter(|package| used.contains(&(package.name.clone(), package.version.clone())));
    let refused: Vec<String> = packages.filter_map(|package| refusal(package, &policy)).collect();
    if !refused.is_empty() {
        bail!("{}\n(the rules are in deny.toml)", refused.join("\n"));
    }
    Ok(())
}

fn refusal(package: &Package, policy: &Policy) -> Option<String> {
    let source = package.source.as_deref()?;
    let reason = if !source.starts_with("registry+https://github.com/rust-lang/crates.io-index") {
        format!("comes from {source}")
    } else if policy.bans.deny.iter().any(|banned| banned.name == package.name) {
        "is banned".to_owned()
    } else {
        match &package.license {
            None => "names no licence".to_owned(),
            Some(licence) if !is_allowed(licence, &policy.licenses.allow) => {
                format!("is licensed under {licence}")
            }
            Some(_) => return None,
        }
    };
    Some(format!("{} {} {reason}", package.name, package.version))
}

/// Whether an SPDX expression can be met with the allowed licences alone.
fn is_allowed(expression: &str, allowed: &HashSet<String>) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let (met, _) = any_of(&words, allowed);
    met
}

/// `a OR b`, up to a closing bracket; answers the words that are left.
fn any_of<'a, 'b>(words: &'a [&'b str], allowed: &HashSet<String>) -> (bool, &'a [&'b str]) {
    let (mut met, mut rest) = all_of(words, allowed);
    while let ["OR", after @ ..] = rest {
        let (other, left) = all_of(after, allowed);
        met |= other;
        rest = left;
    }
    (met, rest)
}

/// `a AND b`
fn all_of<'a, 'b>(words: &'a [&'b str], allowed: &HashSet<String>) -> (bool, &'a [&'b str]) {
    let (mut met, mut rest) = one(words, allowed);
    while let ["AND", after @ ..] = rest {
        let (other, left) = one(after, allowed);
        met &= other;
        rest = left;
    }
    (met, rest)
}

/// `MIT`, `Apache-2.0 WITH LLVM-exception` or an expression in brackets.
fn one<'a, 'b>(words: &'a [&'b str], allowed: &HashSet<String>) -> (bool, &'a [&'b str]) {
    match words {
        ["(", inside @ ..] => {
            let (met, rest) = any_of(inside, allowed);
            (met, rest.strip_prefix(&[")"]).unwrap_or(rest))
        }
        [licence, "WITH", exception, rest @ ..] => (allowed.contains(&format!("{licence} WITH {exception}")), rest),
        [licence, rest @ ..] => (allowed.contains(*licence), rest),
        [] => (false, words),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_licence_expression_is_met_by_the_allowed_ones_or_not() {
        let allowed = HashSet::from(["MIT".to_owned(), "Apache-2.0".to_owned(), "Unicode-3.0".to_owned()]);
        for (expression, expected) in [
            ("MIT", true),
            ("GPL-3.0-only", false),
            ("MIT OR GPL-3.0-only", true),
            ("MIT/Apache-2.0", true),
            ("MIT AND GPL-3.0-only", false),
            ("(MIT OR GPL-3.0-only) AND Unicode-3.0", true),
            ("(MIT OR Apache-2.0) AND OpenSSL", false),
            ("Apache-2.0 WITH LLVM-exception", false),
            ("Apache-2.0 WITH LLVM-exception OR MIT", true),
            ("", false),
        ] {
            assert_eq!(is_allowed(expression, &allowed), expected, "{expression}");
        }
    }
}
