//! What workerd calls: the events and classes that wasm-bindgen's glue exports, behind the shim that survives a panic.

use anyhow::{Result, ensure};

/// The release of worker-build that `shim.js` is of: the one that belongs to the crate `worker`, or the two do not know each other.
#[cfg(test)]
const RELEASE: &str = "0.8.7";

/// With `$HANDLERS` in it.
pub(super) const TEMPLATE: &str = include_str!("shim.js");

/// What the shim calls by itself.
const INTERNAL: [&str; 2] = ["__wbg_reset_state", "__worker_init_state"];
/// Events: workerd passes environment and context beside the argument; the crate takes them as arguments, too.
const EVENTS: [&str; 5] = ["fetch", "queue", "scheduled", "email", "connect"];

/// The entry around the glue of a module.
pub(super) fn around(glue: &str) -> Result<String> {
    let exported = functions(glue);
    for wanted in INTERNAL {
        ensure!(exported.contains(&wanted), "the Worker's glue exports no {wanted}: it could not begin anew after a panic");
    }
    let handlers: String = exported.into_iter().filter(|name| !INTERNAL.contains(name)).map(handler).collect();
    let classes: String =
        classes(glue).map(|class| format!("export const {class} = new Proxy(exports.{class}, classProxyHooks);\n")).collect();
    Ok(format!("{}{classes}", TEMPLATE.replacen("\n$HANDLERS\n", &format!("\n{handlers}\n"), 1)))
}

fn handler(name: &str) -> String {
    if EVENTS.contains(&name) {
        format!(
            "Entrypoint.prototype.{name} = function {name} (arg) {{\n  return exports.{name}.call(this, arg, this.env, this.ctx);\n}}\n"
        )
    } else {
        format!("Entrypoint.prototype.{name} = exports.{name};\n")
    }
}

/// The names behind `export function` and `export { … as name }`; wasm-bindgen writes one to a line.
fn functions(glue: &str) -> Vec<&str> {
    let named = |line: &'_ str| -> Option<std::ops::Range<usize>> {
        let after = |start: &str| line.starts_with(start).then_some(start.len());
        let (start, end) = match after("export function ").or_else(|| after("export async function ")) {
            Some(start) => (start, '('),
            None => (after("export {").and_then(|at| Some(at + line.get(at..)?.find(" as ")? + " as ".len()))?, '}'),
        };
        Some(start..start + line.get(start..)?.find(end)?)
    };
    glue.lines().filter_map(|line| line.get(named(line)?)).map(str::trim).collect()
}

fn classes(glue: &str) -> impl Iterator<Item = &str> {
    glue.lines().filter_map(|line| line.strip_prefix("export class ")?.split_once('{')).map(|(name, _)| name.trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pins;

    const GLUE: &str = "import source wasmModule from \"./index_bg.wasm\";\nexport class Ledger {\n    constructor() {}\n}\n\
        export function __wbg_reset_state () {\n}\nexport function __worker_init_state() {\n}\nexport function fetch(req, env, ctx) {\n}\n\
        export function start() {\n}\nexport { wrapped as scheduled };\nfunction exported() {}\n";

    #[test]
    fn the_shim_is_of_the_release_the_worker_is_made_for() {
        assert_eq!(pins::locked("worker").unwrap(), [RELEASE]);
        assert!(pins::locked("wasm-bindgen-cli-support").unwrap() == pins::locked("wasm-bindgen").unwrap());
    }

    #[test]
    fn events_and_classes_stand_behind_the_shim() {
        let entry = around(GLUE).unwrap();
        for line in [
            "return exports.fetch.call(this, arg, this.env, this.ctx);",
            "return exports.scheduled.call(this, arg, this.env, this.ctx);",
            "Entrypoint.prototype.start = exports.start;",
            "export const Ledger = new Proxy(exports.Ledger, classProxyHooks);",
        ] {
            assert_eq!(entry.matches(line).count(), 1, "{line}");
        }
        assert!(!entry.contains("prototype.__w") && !entry.contains("exported") && !entry.contains("\n$HANDLERS"));
    }

    #[test]
    fn a_worker_that_could_not_begin_anew_is_not_built() {
        assert!(around(&GLUE.replace("__wbg_reset_state", "other")).is_err());
    }
}
