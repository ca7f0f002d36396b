//! An environment: a sequence of generations, one of them active.

use super::generation::{Generation, raw};
use super::shim::{self, Broken};
use super::{StoreError, take_if_any};
use crate::error::{Error, IoAction, IoContext};
use crate::fs::{self, Access, Hold, Lock};
use crate::message::store;
use crate::report::Reporter;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use vitte_package_core::diagnostic::Code;
use vitte_package_core::digest::Digest;
use vitte_package_core::limits;
use vitte_package_core::lockfile::Lockfile;

/// Size limit of a generation's file in bytes.
const FILE_LEN: u64 = 16 * 1024 * 1024;

/// A named set of installed releases with its history.
#[derive(Clone, Debug)]
pub struct Environment {
    folder: PathBuf,
    shims: PathBuf,
}

/// The right to change an environment: one process at a time.
#[derive(Debug)]
pub struct EnvironmentChange<'a> {
    environment: &'a Environment,
    _lock: Lock,
}

/// Bytes of the file that gives room to a full disk.
const RESERVE_LEN: usize = 32 * 1024;

impl Environment {
    pub(super) fn new(folder: PathBuf, shims: PathBuf) -> Self {
        Self { folder, shims }
    }

    fn generations(&self) -> PathBuf {
        self.folder.join("gen")
    }

    pub(super) fn pointer(&self) -> PathBuf {
        self.folder.join("current")
    }

    fn file(&self, number: u32) -> PathBuf {
        self.generations().join(format!("{number:06}.json"))
    }

    /// The folder of a generation's programs.
    fn programs(&self, number: u32) -> PathBuf {
        self.generations().join(format!("{number:06}.bin"))
    }

    /// The active generation; an empty one before the first install.
    ///
    /// # Errors
    /// `store-layout` when a file is not what the store writes, `io`.
    pub fn current(&self) -> Result<Generation, Error> {
        let path = self.pointer();
        let Some(text) = fs::read_text_if_there(&path, 16)? else { return Ok(Generation::default()) };
        match text.strip_suffix('\n').and_then(|number| number.parse().ok()) {
            Some(number) => self.generation(number),
            None => Err(StoreError::Damaged { path, reason: store::reason_no_number() }.into()),
        }
    }

    /// A generation by its number.
    ///
    /// # Errors
    /// `store-layout` when its file is not what the store writes, `io`.
    pub fn generation(&self, number: u32) -> Result<Generation, Error> {
        let path = self.file(number);
        let text = fs::read_text(&path, FILE_LEN)?;
        let shape = serde_json::from_str::<raw::Generation>(&text).map_err(|error| error.to_string());
        shape
            .and_then(|shape| shape.check(number))
            .map_err(|reason| StoreError::Damaged { path, reason }.into())
    }

    /// The numbers of all generations, oldest first.
    ///
    /// # Errors
    /// `io`.
    pub fn history(&self) -> Result<Vec<u32>, Error> {
        let folder = self.generations();
        let mut numbers = Vec::new();
        if folder.exists() {
            for entry in std::fs::read_dir(&folder).on(IoAction::List, &folder)? {
                let name = entry.on(IoAction::List, &folder)?.file_name();
                let number = name.to_str().and_then(|name| name.strip_suffix(".json"));
                numbers.extend(number.and_then(|number| number.parse::<u32>().ok()));
            }
        }
        numbers.sort_unstable();
        Ok(numbers)
    }

    fn lockfile_path(&self, digest: &Digest) -> PathBuf {
        self.folder.join("locks").join(format!("{digest}.lock"))
    }

    /// Keeps the lockfile of the dependencies of a release, under the digest of its text.
    ///
    /// # Errors
    /// `io`, `no-space`.
    pub fn keep_lockfile(&self, lockfile: &Lockfile) -> Result<Digest, Error> {
        let text = lockfile.print();
        let digest = Digest::of(text.as_bytes());
        fs::create_folder(&self.folder.join("locks"))?;
        fs::write_new(&self.lockfile_path(&digest), text.as_bytes(), Access::Shared)?;
        Ok(digest)
    }

    /// A lockfile that was kept.
    ///
    /// # Errors
    /// `store-layout` when it is not the one that was kept, `io`.
    pub fn lockfile(&self, digest: &Digest) -> Result<Lockfile, Error> {
        let path = self.lockfile_path(digest);
        let text = fs::read_text(&path, limits::LOCKFILE_LEN)?;
        if Digest::of(text.as_bytes()) != *digest {
            return Err(StoreError::Damaged { path, reason: store::reason_other_lockfile() }.into());
        }
        Lockfile::parse(&text)
            .map_err(|errors| StoreError::Damaged { path, reason: errors.to_string() }.into())
    }

    /// Waits for the right to change the environment.
    ///
    /// # Errors
    /// `busy` when another process holds it for longer than a minute, `io`.
    pub fn change(&self, purpose: &str, reporter: &dyn Reporter) -> Result<EnvironmentChange<'_>, Error> {
        fs::create_folder(&self.generations())?;
        let lock = take_if_any(&self.folder.join("lock"), Hold::Exclusive, purpose, reporter)?;
        Ok(EnvironmentChange { environment: self, _lock: lock })
    }

    /// The programs of a generation, the active one, whose commands do not run what it says. `place` gives the folder
    /// of a release.
    pub fn broken_programs<'g>(
        &self,
        generation: &'g Generation,
        place: impl Fn(&super::StoredRelease) -> PathBuf,
    ) -> Vec<(&'g str, Broken)> {
        let folder = self.programs(generation.number);
        let broken = generation.programs().filter_map(|(name, release, path)| {
            let state = shim::state(&self.shims, name, &self.pointer(), &self.generations());
            let is_right = || shim::is_target(&folder, name, &place(release).join(path));
            match state {
                Err(broken) => Some((name, broken)),
                Ok(()) if !is_right() => Some((name, Broken::Stale)),
                Ok(()) => None,
            }
        });
        broken.collect()
    }

    fn reserve(&self) -> PathBuf {
        self.folder.join("reserve")
    }
}

impl EnvironmentChange<'_> {
    /// Writes the next generation and makes it the active one. `place` gives the folder of a release.
    ///
    /// Up to the renaming of `current` everything is as before; from then on the new generation holds.
    /// Shims read `current` themselves, so they change in that same moment. One that is new is written
    /// before it, one that is gone is removed after it.
    ///
    /// # Errors
    /// `shim` when two packages provide one program, or a file that is no shim is in the way; `io`,
    /// `no-space`. Nothing has changed then.
    pub fn activate(
        &self,
        mut next: Generation,
        place: impl Fn(&super::StoredRelease) -> PathBuf,
    ) -> Result<Generation, Error> {
        let environment = self.environment;
        let mut programs: BTreeMap<&str, (&super::StoredRelease, PathBuf)> = BTreeMap::new();
        // Upper and lower case are the same on some systems, for people too.
        let mut folded: BTreeMap<String, &super::StoredRelease> = BTreeMap::new();
        for (name, release, path) in next.programs() {
            if let Some(other) = folded.insert(name.to_ascii_lowercase(), release)
                && !programs.contains_key(name)
            {
                let (program, by, wanted) = (name.to_owned(), other.package.clone(), release.package.clone());
                return Err(StoreError::ProgramTaken { program, by, wanted }.into());
            }
            if let Some((other, _)) = programs.insert(name, (release, place(release).join(path))) {
                let (program, by, wanted) = (name.to_owned(), other.package.clone(), release.package.clone());
                return Err(StoreError::ProgramTaken { program, by, wanted }.into());
            }
        }
        let names: BTreeSet<&str> = programs.keys().copied().collect();
        self.check_shims(&names)?;
        // A generation that was written but never activated is overwritten by none: numbers only rise.
        let number = environment.history()?.last().map_or(1, |last| last.saturating_add(1));
        let folder = environment.programs(number);
        if folder.exists() {
            std::fs::remove_dir_all(&folder).on(IoAction::Remove, &folder)?;
        }
        self.write_targets(number, programs.iter().map(|(name, (_, target))| (*name, target.as_path())))?;
        let text = serde_json::to_string_pretty(&raw::Generation::of(&next)).unwrap_or_default() + "\n";
        fs::write_atomic(&environment.file(number), text.as_bytes(), Access::Shared)?;
        self.point_to(number, &names)?;
        next.number = number;
        self.keep_reserve();
        Ok(next)
    }

    /// Makes the commands of the active generation run what it says, where they do not. Gives the programs whose
    /// command was written again.
    ///
    /// # Errors
    /// `shim` when a file that is no shim is in the way; `io`, `no-space`.
    pub fn restore(
        &self,
        current: &Generation,
        place: impl Fn(&super::StoredRelease) -> PathBuf,
    ) -> Result<Vec<String>, Error> {
        let broken = self.environment.broken_programs(current, &place);
        let names: BTreeSet<&str> = broken.iter().map(|(name, _)| *name).collect();
        if names.is_empty() {
            return Ok(Vec::new());
        }
        self.check_shims(&names)?;
        self.write_all_targets(current, place)?;
        self.write_shims(&names)?;
        Ok(names.into_iter().map(str::to_owned).collect())
    }

    /// Does what needs room on the disk. Where there is none, the reserve is given up for it.
    ///
    /// # Errors
    /// Those of `work`; `no-space` says how to get some.
    pub fn with_room<T>(&self, work: impl Fn() -> Result<T, Error>) -> Result<T, Error> {
        let full = |error: &Error| error.code() == Code::NoSpace;
        let mut outcome = work();
        if outcome.as_ref().is_err_and(full) && std::fs::remove_file(self.environment.reserve()).is_ok() {
            outcome = work();
        }
        outcome.map_err(|error| if full(&error) { error.help(store::make_room()) } else { error })
    }

    /// Sets some room aside, if there is any.
    fn keep_reserve(&self) {
        let (path, mut bytes) = (self.environment.reserve(), vec![0; RESERVE_LEN]);
        // Random bytes: a file system cannot store them in less.
        if !path.exists() && getrandom::fill(&mut bytes).is_ok() {
            let _ = fs::write_unflushed(&path, &bytes, Access::Private);
        }
    }

    fn write_all_targets(
        &self,
        generation: &Generation,
        place: impl Fn(&super::StoredRelease) -> PathBuf,
    ) -> Result<(), Error> {
        let targets: Vec<_> =
            generation.programs().map(|(name, release, path)| (name, place(release).join(path))).collect();
        self.write_targets(generation.number, targets.iter().map(|(name, path)| (*name, path.as_path())))
    }

    fn write_targets<'n>(
        &self,
        number: u32,
        targets: impl Iterator<Item = (&'n str, &'n Path)>,
    ) -> Result<(), Error> {
        let folder = self.environment.programs(number);
        fs::create_folder(&folder)?;
        for (name, target) in targets {
            if !shim::is_target(&folder, name, target) {
                shim::write_target(&folder, name, target)?;
            }
        }
        Ok(())
    }

    /// Makes a generation of the history the active one again. It is the very same one: its programs run the
    /// same files. `place` gives the folder of a release: the home may have been moved since.
    ///
    /// # Errors
    /// `store-layout` when it cannot be read, and as [`Self::activate`]. Nothing has changed then.
    pub fn switch(
        &self,
        number: u32,
        place: impl Fn(&super::StoredRelease) -> PathBuf,
    ) -> Result<Generation, Error> {
        let generation = self.environment.generation(number)?;
        let names: BTreeSet<&str> = generation.programs().map(|(name, ..)| name).collect();
        self.check_shims(&names)?;
        self.write_all_targets(&generation, place)?;
        self.point_to(number, &names)?;
        Ok(generation)
    }

    fn check_shims(&self, names: &BTreeSet<&str>) -> Result<(), Error> {
        names.iter().try_for_each(|name| shim::check(&self.environment.shims, name))
    }

    /// The moment of change. Its shims are there before it, those that are too many go after it.
    fn point_to(&self, number: u32, names: &BTreeSet<&str>) -> Result<(), Error> {
        let environment = self.environment;
        self.write_shims(names)?;
        fs::write_atomic(&environment.pointer(), format!("{number:06}\n").as_bytes(), Access::Shared)?;
        shim::remove_others(&environment.shims, &environment.pointer(), |name| names.contains(name));
        Ok(())
    }

    fn write_shims(&self, names: &BTreeSet<&str>) -> Result<(), Error> {
        let environment = self.environment;
        names.iter().try_for_each(|name| {
            shim::write(&environment.shims, name, &environment.pointer(), &environment.generations())
        })
    }

    /// Removes a generation that is not the active one.
    ///
    /// # Errors
    /// `io`.
    pub(super) fn forget(&self, number: u32) -> Result<(), Error> {
        // Without its file it is no generation; its programs are then only a folder.
        let file = self.environment.file(number);
        std::fs::remove_file(&file).on(IoAction::Remove, &file)?;
        let programs = self.environment.programs(number);
        match std::fs::remove_dir_all(&programs) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            result => result.on(IoAction::Remove, &programs),
        }
    }

    /// Removes the lockfiles that no generation names any more.
    ///
    /// # Errors
    /// `io`.
    pub(super) fn keep_lockfiles_only(&self, kept: &BTreeSet<Digest>) -> Result<(), Error> {
        let names: BTreeSet<PathBuf> =
            kept.iter().map(|digest| self.environment.lockfile_path(digest)).collect();
        for path in fs::list(&self.environment.folder.join("locks"))? {
            if !names.contains(&path) {
                std::fs::remove_file(&path).on(IoAction::Remove, &path)?;
            }
        }
        Ok(())
    }
}
