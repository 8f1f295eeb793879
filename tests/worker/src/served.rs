//! The built Worker in workerd, with a store of its own.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, Result, bail, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};

/// The Worker in workerd, with a store of its own. It ends when this is dropped.
pub struct Served {
    url: String,
    control: String,
    http: reqwest::Client,
    store: PathBuf,
    // Never killed: `serve.mjs` ends itself and workerd when its input closes, and would leave workerd behind otherwise.
    _child: Child,
    _input: ChildStdin,
}

impl Served {
    /// Starts it.
    ///
    /// # Errors
    /// When the Worker has not been built, or workerd does not start.
    pub async fn start() -> Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        ensure!(root.join("build/worker/index.js").exists(), "the Worker is not built: run `cargo xtask build`");
        let store = std::env::temp_dir().join(format!("seatbridge-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed)));
        let options = json!({
            "port": 0,
            "store": store,
            "assets": null,
            "log": store.join("worker.log"),
            "vars": {
                "ENVIRONMENT": "local",
                "SETUP_TOKEN": crate::SETUP_TOKEN,
                "MASTER_KEY": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
                "FETCH_BUDGET": "400",
                "VENDOR_RATE": "2000",
                "SETTLE_MS": "300",
            },
        });
        std::fs::create_dir_all(&store)?;
        let mut child = Command::new("node")
            .args(["tools/serve.mjs", "-"])
            .current_dir(&root)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start node")?;
        let mut input = child.stdin.take().context("no standard input")?;
        input.write_all(format!("{options}\n").as_bytes()).await?;
        let output = child.stdout.take().context("no standard output")?;
        let line = BufReader::new(output).lines().next_line().await?.context("serve.mjs ended without a word")?;
        let ready: Value = serde_json::from_str(&line).with_context(|| line.clone())?;
        if ready["ready"] != true {
            bail!("the Worker did not start: {line}");
        }
        let text = |name: &str| ready[name].as_str().map(str::to_owned).context("an address");
        let http = reqwest::Client::builder().no_proxy().build()?;
        Ok(Self { url: text("url")?, control: text("control")?, http, store, _child: child, _input: input })
    }

    /// Where the Worker listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Asks the control server of `serve.mjs`.
    ///
    /// # Errors
    /// When it refuses or does not answer.
    pub async fn control(&self, method: Method, path: &str) -> Result<Value> {
        let answer = self.http.request(method, format!("{}{path}", self.control)).send().await?;
        let status = answer.status();
        let body: Value = answer.json().await?;
        ensure!(status.is_success(), "{path}: {status} {body}");
        Ok(body)
    }

    /// The process of workerd; another one after each [`Served::kill`].
    ///
    /// # Errors
    /// When the control server does not answer.
    pub async fn workerd(&self) -> Result<u32> {
        let processes = self.control(Method::GET, "/pid").await?;
        let id = processes["workerd"].as_u64().and_then(|id| u32::try_from(id).ok());
        id.with_context(|| format!("no process: {processes}"))
    }

    /// The file that holds the ledger's SQLite.
    ///
    /// # Errors
    /// When there is not exactly one.
    pub fn ledger_file(&self) -> Result<PathBuf> {
        let folder = self.store.join("ledger").join("seatbridge-Ledger");
        let files = std::fs::read_dir(&folder).with_context(|| format!("{}", folder.display()))?;
        let files: Vec<PathBuf> = files.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
        let is_ledger = |path: &&PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.ends_with(".sqlite") && name != "metadata.sqlite"
        };
        match files.iter().filter(is_ledger).collect::<Vec<_>>().as_slice() {
            [file] => Ok((*file).clone()),
            several => bail!("{} ledgers in {}", several.len(), folder.display()),
        }
    }

    /// The most memory the Worker has said it took, in MB, since [`Served::forget_log`].
    ///
    /// # Errors
    /// When its log cannot be read.
    pub fn memory_mb(&self) -> Result<u32> {
        let log = std::fs::read_to_string(self.store.join("worker.log"))?;
        let said =
            log.lines().filter_map(|line| line.split_once(" MB of memory taken")?.0.rsplit(|sign: char| !sign.is_ascii_digit()).next());
        Ok(said.filter_map(|number| number.parse().ok()).max().unwrap_or_default())
    }

    /// Forgets what the Worker has logged so far.
    ///
    /// # Errors
    /// When its log cannot be written.
    pub fn forget_log(&self) -> Result<()> {
        Ok(std::fs::OpenOptions::new().write(true).truncate(true).open(self.store.join("worker.log")).map(drop)?)
    }

    /// Kills workerd in the middle of whatever it does, and returns when the next one answers.
    ///
    /// # Errors
    /// When it does not come back.
    pub async fn kill(&self) -> Result<()> {
        self.control(Method::POST, "/kill").await.map(drop)
    }

    /// Drops the ledger's object from memory. Answers false where this runtime cannot.
    ///
    /// # Errors
    /// When the control server does not answer.
    pub async fn evict(&self) -> Result<bool> {
        let answer = self.http.post(format!("{}/evict", self.control)).send().await?;
        Ok(answer.status().is_success())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.store);
    }
}
