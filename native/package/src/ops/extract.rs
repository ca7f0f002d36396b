//! The files of a package in a folder of one's choice, verified before the folder appears.

use crate::dependencies::pins_here;
use crate::env::Env;
use crate::error::{Error, IoAction, IoContext};
use crate::extract::{self, Accept, Destination, Permissions, UnpackRequest};
use crate::fs::TempDir;
use crate::message::verify as text;
use crate::report::Reporter;
use std::path::{Path, PathBuf};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::verify::{Expectation, Sections, Trust, VerifyOutcome};

/// What to extract, and where to.
#[derive(Clone, Debug)]
pub struct Options {
    /// The archive.
    pub file: PathBuf,
    /// The folder that is made. It may exist if it is empty.
    pub folder: PathBuf,
    /// Names or files of keys, as in [`verify`](super::verify::Options::keys).
    pub keys: Vec<String>,
    /// Which sections.
    pub sections: Sections,
    /// Which packages may be extracted.
    pub accept: Accept,
}

/// Verifies a package and writes its files. It is trusted by the proofs stapled into it where its registry is pinned,
/// else by own, trusted or named keys. The folder appears, complete, after the last check, or not at all.
///
/// # Errors
/// `folder-exists` when the folder holds something; why the package is not verified; `io`, `no-space`; the
/// errors about keys of [`verify`](super::verify::verify).
pub fn extract(env: &Env, options: Options, reporter: &dyn Reporter) -> Result<VerifyOutcome, Error> {
    // What is stapled into the file says more than who is trusted here, unless keys are named.
    let stapled = match options.keys.is_empty() && options.accept == Accept::Verified {
        true => super::prove::stapled(env, &options.file, &pins_here(env), reporter)?,
        false => None,
    };
    let (expectation, trust) = match stapled {
        Some(stapled) => (stapled.proved.expectation(), stapled.proved.trust()),
        None => {
            let policy = super::verify::policy(env, &options.keys)?;
            (Expectation::default(), Trust::Signatures(policy))
        }
    };
    let request = UnpackRequest { expectation, trust, sections: options.sections };
    let (file, place) = (env.resolve(&options.file), env.resolve(&options.folder));
    check_free(&place)?;
    let parent = place.parent().unwrap_or(Path::new("."));
    let staging = TempDir::new_in(parent)?;
    let destination =
        Destination { folder: staging.path(), permissions: Permissions::Ordinary, accept: options.accept };
    let outcome = extract::unpack(&file, request, destination, env.work(reporter)?)
        .map_err(|error| error.in_file(&options.file))?;
    open_to_others(staging.path())?;
    if place.is_dir() {
        // Only an empty one can be removed so: what somebody put there meanwhile stays.
        std::fs::remove_dir(&place).on(IoAction::Remove, &place)?;
    }
    if staging.keep_as(&place)? { Ok(outcome) } else { Err(taken(&place)) }
}

fn check_free(place: &Path) -> Result<(), Error> {
    match std::fs::read_dir(place) {
        Ok(mut entries) => match entries.next() {
            None => Ok(()),
            Some(_) => Err(taken(place)),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Error::io(IoAction::Create, place, &error)),
    }
}

fn taken(place: &Path) -> Error {
    Diagnostic::new(Code::FolderExists, text::folder_exists(&place.display().to_string())).into()
}

/// The private folder becomes one like those inside.
fn open_to_others(folder: &Path) -> Result<(), Error> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let permissions = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(folder, permissions).on(IoAction::Write, folder)?;
    }
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}
