//! Where things are, and the few file operations every command shares.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

/// The folder of the workspace's Cargo.toml.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// A path inside the workspace, from its root.
pub(crate) fn path(relative: &str) -> PathBuf {
    root().join(relative)
}

/// Where wasm builds go, so that native builds never wait for them.
pub(crate) fn wasm_target_dir() -> PathBuf {
    path("target/wasm")
}

/// The text of a file, or an error that names it.
pub(crate) fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}

/// Writes a file and the folders above it.
pub(crate) fn write(file: &Path, content: impl AsRef<[u8]>) -> Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    }
    fs::write(file, content).with_context(|| format!("cannot write {}", file.display()))
}

/// Every file below a folder, sorted, as (path from that folder with `/`, full path). No folder, no files.
pub(crate) fn files_below(folder: &Path) -> Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        if !next.is_dir() {
            continue;
        }
        for entry in fs::read_dir(&next).with_context(|| format!("cannot list {}", next.display()))? {
            let file = entry?.path();
            if file.is_dir() {
                open.push(file);
            } else {
                let name = file.strip_prefix(folder).unwrap_or(&file).to_string_lossy().replace('\\', "/");
                found.push((name, file));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The first sixteen hex digits of the SHA-256 of these bytes: enough to name a file by its content.
pub(crate) fn short_hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes)[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}
