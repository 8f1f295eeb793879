//! What a release leaves behind, in files that every later release must be able to go on from: `tests/stores`.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use domain::Timestamp;
use serde::{Deserialize, Serialize};
use simulator::{Options, Simulator};

use crate::stores::Memory;
use crate::support::{Direct, Stepped};
use crate::{Settings, TestInstall};

/// What stands beside the stores of an install: what it was told, and what was given out to people.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Install {
    release: String,
    left_at: Timestamp,
    master_key: String,
    /// How often it was started; each start draws random numbers of its own.
    starts: u64,
    variables: Vec<(String, String)>,
    /// An administrator's token.
    token: String,
    /// Other secrets, by what they open.
    given_out: BTreeMap<String, String>,
}

/// The folder of every release's store.
pub fn stores() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../stores");
    let mut stores: Vec<PathBuf> = fs::read_dir(folder).expect("the stores").map(|entry| entry.expect("a folder").path()).collect();
    stores.retain(|store| store.is_dir());
    stores.sort();
    assert!(!stores.is_empty(), "no release has left a store: nothing would be tried");
    stores
}

impl TestInstall {
    /// Leaves the install in a folder: the ledger, what is in KV, the vendors, and what people were given.
    pub fn leave_behind(&self, folder: &Path, given_out: BTreeMap<String, String>) {
        let file = |name: &str| folder.join(name);
        fs::create_dir_all(folder).expect("a folder");
        drop(fs::remove_file(file("ledger.sqlite")));
        self.sql.write(&file("ledger.sqlite"));
        fs::write(file("kv.json"), lines_of(&*self.texts.texts.borrow())).expect("written");
        fs::write(file("vendors.jsonl"), self.simulator.world().written().expect("JSON")).expect("written");
        let manifest = Install {
            release: env!("CARGO_PKG_VERSION").to_owned(),
            left_at: self.tenant.now(),
            master_key: self.settings.keys.borrow().0.clone(),
            starts: self.settings.starts.get(),
            variables: self.settings.others.borrow().clone(),
            token: self.token.clone(),
            given_out,
        };
        fs::write(file("install.json"), lines_of(&manifest)).expect("written");
    }

    /// The install that was left in a folder, under a clock that stands where it was left, and what people were given. Files stay
    /// as they are.
    pub fn reopened(folder: &Path) -> (Self, BTreeMap<String, String>) {
        let text = |name: &str| fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let manifest: Install = serde_json::from_str(&text("install.json")).expect("install.json");
        let simulator = Simulator::offline(&Options { companies: 1, now: Some(manifest.left_at), ..Options::default() });
        let simulator = Rc::new(simulator.expect("the simulator"));
        simulator.world().restore(&text("vendors.jsonl")).expect("vendors.jsonl");
        let clock = Stepped::at(manifest.left_at);
        let way = Rc::new(Direct::new(Rc::clone(&simulator), Rc::clone(&clock)));
        let settings = Settings {
            budget: 400,
            rate: None,
            starts: Cell::new(manifest.starts),
            keys: RefCell::new((manifest.master_key, None)),
            bucket: RefCell::default(),
            others: RefCell::new(manifest.variables),
        };
        let mut install = Self::of(simulator, clock, way, Memory::read(&folder.join("ledger.sqlite")), settings);
        install.texts.texts.replace(serde_json::from_str(&text("kv.json")).expect("kv.json"));
        install.token = manifest.token;
        (install, manifest.given_out)
    }
}

/// JSON that can be compared line by line.
fn lines_of(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).expect("JSON") + "\n"
}
