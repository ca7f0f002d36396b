//! The second attack: the registry itself, with its own log key, shows one history to some and another to others.

use super::stage::{HOME, REGISTRY, Stage};
use std::path::Path;
use vitte_package::error::{Error, IoAction, IoContext};
use vitte_package::fs;

/// The folder of the other history.
pub(super) const FORK: &str = "fork";
/// Who writes it, with a copy of the registry's keys.
const FORGER: &str = "forger";

/// Copies the registry and its keys while its log is still short.
pub(super) fn copy(stage: &Stage<'_>) -> Result<(), Error> {
    let keys = Path::new("keys").join("registry");
    fs::create_private_folder(&stage.folder.join(FORGER).join("keys"))?;
    copy_folder(&stage.folder.join(REGISTRY), &stage.folder.join(FORK))?;
    copy_folder(&stage.folder.join(HOME).join(&keys), &stage.folder.join(FORGER).join(&keys))
}

/// Makes the copied log grow in another way than the registry's own, and as far.
pub(super) fn grow(stage: &Stage<'_>) -> Result<(), Error> {
    let home = stage.folder.join(FORGER);
    stage.run(&home, &["key", "generate"])?;
    for name in ["other", "another", "third", "fourth"] {
        stage.run(&home, &["namespace", "create", name, "--registry", FORK])?;
    }
    Ok(())
}

fn copy_folder(from: &Path, to: &Path) -> Result<(), Error> {
    // Among them are keys.
    fs::create_private_folder(to)?;
    for entry in std::fs::read_dir(from).on(IoAction::List, from)? {
        let entry = entry.on(IoAction::List, from)?;
        let (path, place) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy_folder(&path, &place)?;
        } else {
            std::fs::copy(&path, &place).on(IoAction::Write, &place)?;
        }
    }
    Ok(())
}
