//! The state file: the seed on the first line, then one line per row as it stood after a change.
//!
//! Only changes are written, at once and in order, so that killing the simulator loses nothing and saving costs the
//! same in a world of ten thousand companies as in one of three.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;

use anyhow::{Context, ensure};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::world::World;

#[derive(Debug, Serialize, Deserialize)]
struct Header {
    seed: u64,
    companies: usize,
    born: NaiveDate,
}

/// An open state file.
#[derive(Debug)]
pub(crate) struct SaveFile {
    file: File,
}

impl SaveFile {
    /// Opens the file, or makes it for a new world, and returns the world it describes.
    pub(crate) fn open(path: &Path, seed: u64, companies: usize, today: NaiveDate) -> anyhow::Result<(Self, World)> {
        let name = path.display();
        let existing = File::open(path).ok().filter(|file| file.metadata().is_ok_and(|meta| meta.len() > 0));
        let world = match existing {
            Some(file) => load(file, seed, companies)
                .with_context(|| format!("{name} cannot be used; delete it to start a new world, or name another with --state"))?,
            None => World::generate(seed, companies, today),
        };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).with_context(|| format!("no folder for {name}"))?;
        }
        let file = OpenOptions::new().create(true).append(true).open(path);
        let mut savefile = Self { file: file.with_context(|| format!("{name} cannot be written"))? };
        if savefile.file.metadata()?.len() == 0 {
            let header = Header { seed, companies, born: world.born };
            savefile.append(&[serde_json::to_value(header)?])?;
        }
        Ok((savefile, world))
    }

    /// Adds lines in one write.
    pub(crate) fn append(&mut self, lines: &[Value]) -> std::io::Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        self.file.write_all(text.as_bytes())
    }
}

fn load(file: File, seed: u64, companies: usize) -> anyhow::Result<World> {
    let mut lines = BufReader::new(file).lines();
    let first = lines.next().context("it is empty")??;
    let header: Header = serde_json::from_str(&first).context("its first line is no header")?;
    ensure!(
        (header.seed, header.companies) == (seed, companies),
        "it holds seed {} with {} companies, not seed {seed} with {companies}",
        header.seed,
        header.companies
    );
    let mut world = World::generate(seed, companies, header.born);
    for line in lines {
        // A last line cut short by a kill was never answered for.
        let Ok(line) = serde_json::from_str(&line?) else { break };
        world.replay(line)?;
    }
    Ok(world)
}
