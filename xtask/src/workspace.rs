//! Where things are, and the few file operations every command shares.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::{env, fs, io};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

/// The folder of the workspace's Cargo.toml. It is looked for while the program runs: where the program was compiled says nothing once
/// a checkout has been copied together with its `target/`.
pub(crate) fn root() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        let called_by_cargo = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let here = env::current_dir().unwrap_or_default();
        // Nothing works outside a workspace; the first file that is read then says which one is missing.
        called_by_cargo.as_deref().and_then(root_above).or_else(|| root_above(&here)).unwrap_or(here)
    })
}

/// The nearest workspace with developer commands, from this folder upwards.
fn root_above(folder: &Path) -> Option<PathBuf> {
    let is_root = |folder: &&Path| folder.join("Cargo.lock").is_file() && folder.join("xtask/Cargo.toml").is_file();
    folder.ancestors().find(is_root).map(Path::to_path_buf)
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

/// Makes one folder hold what another holds, and nothing else.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<()> {
    clear(to)?;
    for (name, file) in files_below(from)? {
        write(&to.join(name), fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?)?;
    }
    Ok(())
}

/// Removes a folder that may not be there.
pub(crate) fn clear(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error).with_context(|| format!("cannot remove {}", folder.display())),
        _ => Ok(()),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workspace_is_the_one_above_the_folder_it_is_called_in() {
        let copy = env::temp_dir().join(format!("seatbridge-copy-{}", std::process::id()));
        for file in ["Cargo.lock", "xtask/Cargo.toml", "shared/src/lib.rs"] {
            write(&copy.join(file), "").unwrap();
        }
        assert_eq!(root_above(&copy.join("shared/src")), Some(copy.clone()));
        assert_eq!(root_above(&copy.join("xtask")), Some(copy.clone()));
        assert_eq!(root_above(&env::temp_dir()), None);
        clear(&copy).unwrap();
    }

    #[test]
    fn a_copy_is_what_was_there_and_nothing_else() {
        let folder = env::temp_dir().join(format!("seatbridge-served-{}", std::process::id()));
        write(&folder.join("built/css/app.css"), "new").unwrap();
        write(&folder.join("served/old.js"), "old").unwrap();
        copy(&folder.join("built"), &folder.join("served")).unwrap();
        let names: Vec<String> = files_below(&folder.join("served")).unwrap().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["css/app.css"]);
        clear(&folder).unwrap();
    }
}
