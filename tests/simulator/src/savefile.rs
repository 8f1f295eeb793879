//! The state file: the seed on the first line, then one line per row as it stood after a change.
//!
//! Only changes are written, at once and in order, so that killing the simulator loses nothing and saving costs the
//! same in a world of ten thousand companies as in one of three.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
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
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error).with_context(|| format!("{name} cannot be read")),
        };
        // What follows the last line's end was cut short by a kill, and never answered for.
        let whole = text.rfind('\n').map_or("", |end| &text[..=end]);
        let world = if text.is_empty() {
            World::generate(seed, companies, today)
        } else {
            load(whole, seed, companies)
                .with_context(|| format!("{name} cannot be used; delete it to start a new world, or name another with --state"))?
        };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).with_context(|| format!("no folder for {name}"))?;
        }
        let file = OpenOptions::new().create(true).append(true).open(path);
        let mut savefile = Self { file: file.with_context(|| format!("{name} cannot be written"))? };
        savefile.file.set_len(whole.len() as u64)?;
        if text.is_empty() {
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

/// The whole world as text: a header, then one line per row, whether it changed or not. What a later version would generate from
/// the same seed makes no difference to it.
pub(crate) fn written(world: &mut World) -> anyhow::Result<String> {
    let header = serde_json::to_value(Header { seed: world.seed, companies: world.companies, born: world.born })?;
    Ok(std::iter::once(header).chain(world.all_rows()).map(|line| format!("{line}\n")).collect())
}

/// The world of such a text.
pub(crate) fn read(text: &str) -> anyhow::Result<World> {
    let header: Header = serde_json::from_str(text.lines().next().context("it is empty")?).context("its first line is no header")?;
    let mut world = World::generate(header.seed, header.companies, header.born);
    world.clear();
    replay(&mut world, text)?;
    Ok(world)
}

fn load(text: &str, seed: u64, companies: usize) -> anyhow::Result<World> {
    let first = text.lines().next().context("it is empty")?;
    let header: Header = serde_json::from_str(first).context("its first line is no header")?;
    ensure!(
        (header.seed, header.companies) == (seed, companies),
        "it holds seed {} with {} companies, not seed {seed} with {companies}",
        header.seed,
        header.companies
    );
    let mut world = World::generate(seed, companies, header.born);
    replay(&mut world, text)?;
    Ok(world)
}

/// Applies all lines below the header.
fn replay(world: &mut World, text: &str) -> anyhow::Result<()> {
    for (number, line) in (1..).zip(text.lines()).skip(1) {
        let line = serde_json::from_str(line).with_context(|| format!("line {number} is no JSON"))?;
        world.replay(line)?;
    }
    Ok(())
}
