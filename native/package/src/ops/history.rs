//! The generations of the user's installs, and going back to one.

use super::list::DEFAULT;
use crate::config::Config;
use crate::env::Env;
use crate::error::Error;
use crate::message::store as text;
use crate::report::Reporter;
use crate::store::{Generation, Store, StoredRelease};
use std::collections::BTreeSet;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::digest::TreeDigest;
use vitte_package_core::name::PackageName;
use vitte_package_core::version::Version;

/// What one generation has and another has not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Releases that came.
    pub added: Vec<(PackageName, Version)>,
    /// Releases that went.
    pub removed: Vec<(PackageName, Version)>,
    /// Packages of both whose shims run another version: from, to.
    pub switched: Vec<(PackageName, Version, Version)>,
}

impl Difference {
    /// From one generation to another.
    pub fn between(before: &Generation, after: &Generation) -> Self {
        let key = |release: &StoredRelease| (release.package.clone(), release.version.clone());
        let missing = |from: &Generation, to: &Generation| {
            let gone =
                from.releases().filter(|release| to.release(&release.package, &release.version).is_none());
            gone.map(key).collect()
        };
        let names: BTreeSet<&PackageName> = before.releases().map(|release| &release.package).collect();
        let switched = names.into_iter().filter_map(|name| {
            let (from, to) = (before.active_version(name)?, after.active_version(name)?);
            (from != to).then(|| (name.clone(), from.clone(), to.clone()))
        });
        let switched = switched.collect();
        Self { added: missing(after, before), removed: missing(before, after), switched }
    }
}

/// A generation of the history.
#[derive(Clone, Debug)]
pub struct Past {
    /// The generation.
    pub generation: Generation,
    /// Whether it is the active one.
    pub active: bool,
    /// What it changed in the one it was made from; all of it where that is forgotten.
    pub difference: Difference,
}

/// The generations that can be gone back to, newest first.
///
/// # Errors
/// `store-layout` when one cannot be read, `config`, `io`.
pub fn history(env: &Env) -> Result<Vec<Past>, Error> {
    let environment = Store::open(env, Config::load(env, None)?.fsync()?)?.environment(DEFAULT);
    let current = environment.current()?.number;
    let numbers = environment.history()?;
    let mut past = Vec::with_capacity(numbers.len());
    for number in numbers.iter().rev() {
        let generation = environment.generation(*number)?;
        let before = match numbers.contains(&generation.from) {
            true => environment.generation(generation.from)?,
            false => Generation::default(),
        };
        let difference = Difference::between(&before, &generation);
        past.push(Past { active: *number == current, generation, difference });
    }
    Ok(past)
}

/// What going back did.
#[derive(Clone, Debug)]
pub struct RolledBack {
    /// The generation that was active.
    pub from: u32,
    /// The one that is.
    pub to: Generation,
    /// What that changed.
    pub difference: Difference,
}

/// Goes back to a generation; without a number, to the one that the active one was made from. Its programs run
/// the same files as before: nothing is downloaded.
///
/// # Errors
/// `not-found` when there is no such generation, or a package of it was removed from the store; `shim` when a
/// file that is no shim is in the way; `busy`, `io`, `no-space`. Nothing has changed then.
pub fn rollback(env: &Env, to: Option<u32>, reporter: &dyn Reporter) -> Result<RolledBack, Error> {
    let store = Store::open(env, Config::load(env, None)?.fsync()?)?;
    let environment = store.environment(DEFAULT);
    if environment.current()?.number == 0 {
        return Err(refuse(text::generation_empty()));
    }
    // Nothing of it may be collected meanwhile.
    let shared = store.share(reporter)?;
    let change = environment.change("going back", reporter)?;
    let before = environment.current()?;
    let number = to.unwrap_or(before.from);
    if !environment.history()?.contains(&number) {
        return Err(refuse(match to {
            Some(number) => text::no_generation(number),
            None => text::no_generation_before(before.number),
        }));
    }
    let wanted = environment.generation(number)?;
    for release in wanted.releases() {
        let mut needed: Vec<(&PackageName, &Version, TreeDigest)> =
            vec![(&release.package, &release.version, release.tree)];
        let lockfile = release.lockfile.map(|digest| environment.lockfile(&digest)).transpose()?;
        needed.extend(
            lockfile.iter().flat_map(|lockfile| lockfile.packages()).filter_map(|package| {
                Some((&package.name, &package.version, package.artifact.as_ref()?.tree))
            }),
        );
        for (name, version, tree) in needed {
            if store.find(&tree)?.is_none() {
                let version = version.to_string();
                let message = text::generation_incomplete(number, name.as_str(), &version);
                let own = release.version.to_string();
                let help = text::install_exactly(release.package.as_str(), &own);
                return Err(Diagnostic::new(Code::NotFound, message).help(help).into());
            }
        }
    }
    let to = change.with_room(|| change.switch(number, |release| store.place(&release.tree)))?;
    drop(shared);
    Ok(RolledBack { from: before.number, difference: Difference::between(&before, &to), to })
}

fn refuse(message: String) -> Error {
    Diagnostic::new(Code::NotFound, message).help(text::history_help()).into()
}
