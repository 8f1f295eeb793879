//! What was measured, as a table: for the terminal, and for README between two markers.

use anyhow::{Context, Result, ensure};

use super::{Budget, Kind, Weight};
use crate::workspace;

const MEASURED: &str = "tools/size-measured.json";
const README: &str = "README.md";
const BEGIN: &str = "<!-- sizes: `cargo xtask size --write` writes what stands between these two lines -->\n";
const END: &str = "<!-- /sizes -->";

/// For the terminal, in bytes.
pub(super) fn plain(weights: &[Weight], budget: &Budget) -> String {
    let head = format!("{:<34} {:>5} {:>10} {:>10} {:>10}   budget", "", "files", "raw", "gzip", "brotli");
    let row = |weight: &Weight| {
        let Weight { name, files, raw, gzip, brotli, .. } = weight;
        let verdict = if budget.is_over(weight) { "OVER" } else { "ok" };
        format!("{name:<34} {files:>5} {raw:>10} {gzip:>10} {brotli:>10}   {}: {verdict}", allowed(weight.kind, budget))
    };
    [head].into_iter().chain(weights.iter().map(row)).collect::<Vec<_>>().join("\n")
}

/// Stores the measurement, and writes README's table from it.
pub(super) fn keep(weights: &[Weight], budget: &Budget) -> Result<()> {
    let readme = workspace::path(README);
    let (before, after) = around_table(&workspace::read(&readme)?)?;
    workspace::write(&readme, format!("{before}{}{after}", markdown(weights, budget)))?;
    workspace::write(&workspace::path(MEASURED), serde_json::to_string_pretty(weights)? + "\n")
}

fn markdown(weights: &[Weight], budget: &Budget) -> String {
    let kb = |bytes: usize| format!("{} kB", thousands(bytes.div_ceil(1_000)));
    let row = |weight: &Weight| {
        let Weight { name, files, gzip, brotli, .. } = weight;
        format!("| {name} | {files} | {} | {} | {} |\n", kb(*gzip), kb(*brotli), allowed(weight.kind, budget))
    };
    let head = "| release build | files | gzip | brotli | at most |\n|---|---|---|---|---|\n".to_owned();
    weights.iter().map(row).fold(head, |text, row| text + &row)
}

fn allowed(kind: Kind, budget: &Budget) -> String {
    let kb = |bytes: usize| thousands(bytes / 1_000);
    match kind {
        Kind::Visit => format!("{} kB brotli, {} files", kb(budget.visit.brotli), budget.visit.files),
        Kind::Worker => format!("{} kB gzip", kb(budget.worker.gzip)),
        Kind::Part => "-".to_owned(),
    }
}

fn thousands(number: usize) -> String {
    if number < 1_000 { number.to_string() } else { format!("{},{:03}", number / 1_000, number % 1_000) }
}

/// What stands before the table, with its marker, and what stands after it.
fn around_table(readme: &str) -> Result<(String, String)> {
    let marked = || {
        let (before, rest) = readme.split_once(BEGIN)?;
        let (_, after) = rest.split_once(END)?;
        Some((format!("{before}{BEGIN}"), format!("{END}{after}")))
    };
    let found = marked().with_context(|| format!("{README} has no lines `{}` and `{END}`", BEGIN.trim_end()))?;
    ensure!(!found.1.contains(BEGIN), "{README} has the table twice");
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::size;

    #[test]
    fn the_table_of_sizes_in_the_readme_is_what_was_measured() {
        let weights: Vec<Weight> = serde_json::from_str(&workspace::read(&workspace::path(MEASURED)).unwrap()).unwrap();
        let readme = workspace::read(&workspace::path(README)).unwrap();
        let (before, after) = around_table(&readme).unwrap();
        let expected = format!("{before}{}{after}", markdown(&weights, &size::budget().unwrap()));
        assert!(readme == expected, "run `cargo xtask size --write`");
    }

    #[test]
    fn a_visit_is_over_by_its_files_too() {
        let budget: Budget = toml::from_str("[visit]\nbrotli = 400_000\nfiles = 12\n[worker]\ngzip = 2_000_000").unwrap();
        let weight = |kind, files, gzip, brotli| Weight { name: "page".to_owned(), files, raw: 0, gzip, brotli, kind };
        for (weight, expected) in [
            (weight(Kind::Visit, 12, 500_000, 400_000), false),
            (weight(Kind::Visit, 13, 1, 1), true),
            (weight(Kind::Visit, 1, 1, 400_001), true),
            (weight(Kind::Worker, 2, 2_000_000, 3_000_000), false),
            (weight(Kind::Worker, 2, 2_000_001, 1), true),
        ] {
            assert_eq!(budget.is_over(&weight), expected, "{weight:?}");
        }
        assert_eq!(thousands(12), "12");
        assert!(markdown(&[weight(Kind::Worker, 2, 1_072_300, 2)], &budget).ends_with("| page | 2 | 1,073 kB | 1 kB | 2,000 kB gzip |\n"));
    }
}
