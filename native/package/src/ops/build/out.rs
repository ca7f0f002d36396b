//! The folder that the build command fills. All of it is packed, so it is empty when the command begins: what an earlier
//! build left, a failed one too, would be published otherwise.

use super::OUT;
use crate::error::{Error, IoAction, IoContext};
use crate::fs::{self, Access};
use crate::message::build as text;
use crate::project::Project;
use crate::project_edit;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use vitte_package_core::diagnostic::{Code, Diagnostic, Place};
use vitte_package_core::manifest::Build;

/// Lists the folders outside `target` that may be emptied, because a build found them empty or absent. It is in
/// `target`: never packed, and of this machine only.
const LIST: &str = ".vitte-out";
/// Size limit of it in bytes.
const LIST_LEN: u64 = 64 * 1024;

/// Makes the folder, and empties it of what builds left. Returns its absolute path.
///
/// # Errors
/// `source` when it is a link, or holds files that no build left there: they may be the only copy. `io`.
pub(super) fn prepare(project: &Project, build: &Build) -> Result<PathBuf, Error> {
    let given = build.out().as_str();
    let folder = project.folder().join(given);
    let refuse = |message: String, help: String| {
        let fault = Diagnostic::new(Code::Source, message).help(help).at(Place::Source(build.span()));
        Err(project.in_manifest(fault.with("path", given).into()))
    };
    // It is made and emptied here: through no link, and below none that leads out of the project.
    let above = folder.ancestors().skip(1).take_while(|above| above.starts_with(project.folder()));
    let mut links = above.filter(|above| *above != project.folder());
    if folder.is_symlink() || links.any(|link| project_edit::leads_out(project.root_folder(), link)) {
        return refuse(text::out_is_link(given), text::out_is_link_help());
    }
    fs::create_folder(&folder)?;
    let folder = std::path::absolute(&folder).on(IoAction::Create, &folder)?;
    let is_empty =
        || Ok::<_, Error>(std::fs::read_dir(&folder).on(IoAction::List, &folder)?.next().is_none());
    if is_in_target(project, &folder) {
        empty(&folder)?;
        return Ok(folder);
    }
    let list = project.folder().join(OUT).join(LIST);
    let known = fs::read_text_if_there(&list, LIST_LEN)?.unwrap_or_default();
    let mut known: BTreeSet<&str> = known.lines().collect();
    if known.contains(given) {
        empty(&folder)?;
    } else if is_empty()? {
        known.insert(given);
        let lines: String = known.iter().flat_map(|line| [line, "\n"]).collect();
        fs::create_folder(&project.folder().join(OUT))?;
        fs::write_atomic(&list, lines.as_bytes(), Access::Shared)?;
    } else {
        return refuse(text::out_is_taken(given), text::out_is_taken_help());
    }
    Ok(folder)
}

/// Whether the folder is inside the project's own `target`, which is for results of builds.
fn is_in_target(project: &Project, folder: &Path) -> bool {
    let real = |path: &Path| std::fs::canonicalize(path).ok();
    let (Some(root), Some(folder)) = (real(project.folder()), real(folder)) else { return false };
    let target = root.join(OUT);
    folder != target && folder.starts_with(target)
}

/// Removes what is in a folder. Links are removed, not followed.
fn empty(folder: &Path) -> Result<(), Error> {
    for entry in std::fs::read_dir(folder).on(IoAction::List, folder)? {
        let entry = entry.on(IoAction::List, folder)?;
        let path = entry.path();
        let kind = entry.file_type().on(IoAction::Remove, &path)?;
        let removed =
            if kind.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
        removed.on(IoAction::Remove, &path)?;
    }
    Ok(())
}
