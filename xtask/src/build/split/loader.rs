//! The script that fetches the modules which were put together, in the place of the one that fetches them singly.

use anyhow::{Context, Result};

use super::Pages;

/// The script: what the splitting wrote, with loaders for `pages` in the place of its own.
///
/// # Errors
/// When what the splitting wrote has no loaders.
pub(super) fn loader(written: &str, pages: &Pages) -> Result<String> {
    let own = ["\n/* ", "\nconst __chunk_", "\nexport const __wasm_split_load_"];
    let end = own.iter().filter_map(|begin| written.find(begin)).min().context("the splitting wrote a script without loaders")?;
    let (runtime, _) = written.split_at(end);
    let mut script = runtime.to_owned();
    script.push_str("\nconst load = {};\n");
    for stem in super::modules(pages) {
        script.push_str(&format!(
            "load.{stem} = makeLoad(() => {{\n    const source = fetch(new URL(\"./{stem}.wasm\", import.meta.url));\n    source.catch(() => {{}});\n    return async (imports) => WebAssembly.instantiateStreaming(source, imports);\n}}, []);\n"
        ));
    }
    for (group, stems) in pages {
        let loads: Vec<String> = stems.iter().map(|stem| format!("load.{stem}()")).collect();
        script.push_str(&format!("export const __wasm_split_load_{group} = wrapAsyncCb(() => Promise.all([{}]));\n", loads.join(", ")));
    }
    Ok(script)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_group_loads_its_modules_at_the_same_time() {
        let pages = Pages::from([("month".to_owned(), vec!["part_0".to_owned(), "part_1".to_owned()])]);
        let written = "function makeLoad() {}\n/* month */\nconst __chunk_1 = makeLoad(() => 1, []);\n";
        let script = loader(written, &pages).expect("a script");
        assert!(script.starts_with("function makeLoad() {}\nconst load = {};\nload.part_0 = makeLoad("));
        assert!(script.contains("fetch(new URL(\"./part_1.wasm\", import.meta.url))"));
        assert!(
            script.ends_with("export const __wasm_split_load_month = wrapAsyncCb(() => Promise.all([load.part_0(), load.part_1()]));\n")
        );
        assert!(!script.contains("__chunk_"));
        assert!(loader("function makeLoad() {}", &pages).is_err());
    }
}
