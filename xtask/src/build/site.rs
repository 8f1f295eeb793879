//! `dist/`: everything a browser is given.
//!
//! Code and styles are named by their content, so they may be cached for ever. Some files of `public/` are templates:
//!
//! | file | placeholders |
//! |---|---|
//! | `index.html` | `{{css}}`, `{{js}}`, `{{wasm}}`, `{{preview}}`: the addresses of the files |
//! | `boot.js` | `{{wasm}}`; bundled with the glue of the app into `app-<hash>.js`, the one script the page starts |
//! | `preview.js` | `{{preview_wasm}}`; bundled with its glue into `preview-<hash>.js`, which the app runs in a Web Worker |
//! | `sw.js` | `/*{{precache}}*/` becomes `{"cache":"seatbridge-<hash>","files":["/", …]}` |
//! | `css/*.css` | none; joined in the order of their names and minified into `app-<hash>.css` |
//!
//! All other files are copied as they are.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::command::{self, program};
use crate::setup::node;
use crate::workspace;

/// Served by the platform rather than fetched by the page, so no service worker keeps them.
const NEVER_PRECACHED: [&str; 5] = ["sw.js", "_headers", "_redirects", "robots.txt", DESCRIPTION];

/// Where the API's description is served. It would be a thirtieth of the Worker.
pub(crate) const DESCRIPTION: &str = "api/openapi.json";

/// The addresses of the hashed files.
struct Addresses {
    css: String,
    js: String,
    wasm: String,
    preview: String,
}

/// A script, the WebAssembly it starts and what that loads later.
pub(crate) struct Module {
    js: String,
    wasm: Vec<u8>,
    later: Vec<(String, Vec<u8>)>,
}

impl Module {
    /// What was made in `folder`.
    pub(crate) fn read(folder: &Path) -> Result<Self> {
        Ok(Self { js: workspace::read(&folder.join("bundled.js"))?, wasm: fs::read(folder.join("glue_bg.wasm"))?, later: Vec::new() })
    }

    /// The same with the modules it loads later, which are in `folder` too.
    pub(crate) fn with(mut self, folder: &Path, stems: &[&str]) -> Result<Self> {
        for stem in stems {
            self.later.push(((*stem).to_owned(), fs::read(folder.join(stem).with_extension("wasm"))?));
        }
        Ok(self)
    }
}

/// Writes the whole site into an empty folder.
pub(crate) fn assemble(dist: &Path, app: &Module, preview: &Module) -> Result<()> {
    let public = workspace::path("public");
    copy_plain_files(&public, dist)?;
    workspace::write(&dist.join(DESCRIPTION), workspace::read(&workspace::path("shared/contract/openapi.json"))?)?;
    let mut app_js = app.js.clone();
    for (stem, wasm) in &app.later {
        let place = format!("./{stem}.wasm");
        if !app_js.contains(&place) {
            bail!("the app's script does not load {place}");
        }
        app_js = app_js.replace(&place, &hashed(dist, &format!("app-{}", stem.replace('_', "-")), "wasm", wasm)?);
    }
    let wasm = hashed(dist, "app", "wasm", &app.wasm)?;
    let preview_wasm = hashed(dist, "preview", "wasm", &preview.wasm)?;
    let addresses = Addresses {
        css: hashed(dist, "app", "css", &stylesheet(&public)?)?,
        js: hashed(dist, "app", "js", app_js.replace("{{wasm}}", &wasm).as_bytes())?,
        wasm,
        preview: hashed(dist, "preview", "js", preview.js.replace("{{preview_wasm}}", &preview_wasm).as_bytes())?,
    };
    let index = addresses.fill(&workspace::read(&public.join("index.html"))?);
    if let Some(left) = index.split("{{").nth(1) {
        bail!("public/index.html has a placeholder nobody fills: {{{{{}", left.lines().next().unwrap_or_default());
    }
    workspace::write(&dist.join("index.html"), index)?;
    write_service_worker(&public, dist)
}

impl Addresses {
    fn fill(&self, template: &str) -> String {
        template
            .replace("{{css}}", &self.css)
            .replace("{{js}}", &self.js)
            .replace("{{wasm}}", &self.wasm)
            .replace("{{preview}}", &self.preview)
    }
}

fn hashed(dist: &Path, stem: &str, extension: &str, content: &[u8]) -> Result<String> {
    let name = format!("{stem}-{}.{extension}", workspace::short_hash(content));
    workspace::write(&dist.join(&name), content)?;
    Ok(format!("/{name}"))
}

fn copy_plain_files(public: &Path, dist: &Path) -> Result<()> {
    for (name, file) in workspace::files_below(public)? {
        let is_template = matches!(name.as_str(), "index.html" | "boot.js" | "preview.js" | "sw.js") || name.starts_with("css/");
        if !is_template {
            workspace::write(&dist.join(&name), fs::read(file)?)?;
        }
    }
    Ok(())
}

fn stylesheet(public: &Path) -> Result<Vec<u8>> {
    let mut joined = String::new();
    for (_, file) in workspace::files_below(&public.join("css"))? {
        joined.push_str(&workspace::read(&file)?);
        joined.push('\n');
    }
    let source = workspace::path("target/tools/app/joined.css");
    let minified = workspace::path("target/tools/app/minified.css");
    workspace::write(&source, joined)?;
    let mut esbuild = program(node::esbuild());
    esbuild.arg(&source).args(["--minify", "--log-level=warning"]).arg(format!("--outfile={}", minified.display()));
    command::run_quietly(&mut esbuild).context("esbuild could not minify public/css")?;
    Ok(fs::read(minified)?)
}

/// The cache's name changes with any file it holds, also those whose name stays.
fn write_service_worker(public: &Path, dist: &Path) -> Result<()> {
    let mut list = Vec::new();
    let mut content = Vec::new();
    for (name, file) in workspace::files_below(dist)? {
        if NEVER_PRECACHED.contains(&name.as_str()) {
            continue;
        }
        content.extend(name.as_bytes());
        content.extend(fs::read(file)?);
        list.push(if name == "index.html" { "/".to_owned() } else { format!("/{name}") });
    }
    list.sort();
    let precache = serde_json::json!({ "cache": format!("seatbridge-{}", workspace::short_hash(&content)), "files": list });
    let template = workspace::read(&public.join("sw.js"))?;
    if !template.contains("/*{{precache}}*/") {
        bail!("public/sw.js has no /*{{{{precache}}}}*/ to put the list of files in");
    }
    workspace::write(&dist.join("sw.js"), template.replace("/*{{precache}}*/", &precache.to_string()))
}
