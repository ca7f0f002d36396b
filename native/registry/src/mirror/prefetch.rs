//! What is brought before anybody asks: lists of packages, and lockfiles.

use super::fetch::{bring_archive, bring_log_file, find_now};
use super::follow::{Found, Subject};
use super::{LogFiles, Mirror, words};
use crate::error::{At as _, Error, Result};
use crate::output;
use crate::paths::RegistryPath;
use std::collections::{BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use vitte_package_core::diagnostic::Code;
use vitte_package_core::digest::TreeDigest;
use vitte_package_core::index::{Host, IndexEntry, IndexFile, Rule, newest};
use vitte_package_core::limits;
use vitte_package_core::lockfile::Lockfile;
use vitte_package_core::log::proof::Goal;
use vitte_package_core::log::tile::{HEIGHT, WIDTH};
use vitte_package_core::name::PackageName;
use vitte_package_core::registry::layout;
use vitte_package_core::version::{Requirement, Version};

/// Bytes of a list at most.
const LIST_LEN: u64 = 64 * 1024 * 1024;

/// Releases of a package that are wanted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Which {
    /// The newest, and what it needs.
    Newest,
    /// The newest that fits, and what it needs.
    Fitting(String),
    /// This version, and what it needs.
    Exactly(Version),
    /// This artifact and nothing else: a lockfile names everything.
    Locked(TreeDigest),
}

/// Brings what lists and lockfiles name. Gives how many releases could not be brought.
pub(super) fn run(mirror: &Mirror, files: &[PathBuf]) -> Result<u64> {
    let mut queue = VecDeque::new();
    for file in files {
        queue.extend(read(mirror, file)?);
    }
    let (mut seen, mut archives, mut failed) = (BTreeSet::new(), 0, 0);
    while let Some((package, which)) = queue.pop_front() {
        if !seen.insert((package.clone(), which.clone())) {
            continue;
        }
        match bring(mirror, &package, &which) {
            Ok((brought, needs)) => {
                archives += brought;
                queue.extend(needs);
            }
            Err(error) => {
                failed += 1;
                output::error(&error);
            }
        }
    }
    let tiles = bring_tiles(mirror)?;
    output::line(&words::prefetched(archives, tiles));
    Ok(failed)
}

/// What a file names: a lockfile everything that is from this registry, a list a package in each line.
fn read(mirror: &Mirror, file: &Path) -> Result<Vec<(PackageName, Which)>> {
    let length = std::fs::metadata(file).at(file)?.len();
    if length > LIST_LEN {
        return Err(Error::new(Code::Limit, words::too_long(&file.display().to_string(), LIST_LEN)));
    }
    let text = std::fs::read_to_string(file).at(file)?;
    if let Ok(lockfile) = Lockfile::parse(&text) {
        let registry = mirror.view().map(|view| view.trust.root().registry.clone());
        let locked = lockfile.packages().iter().filter_map(|package| {
            let artifact = package.artifact.as_ref()?;
            (Some(&artifact.registry) == registry.as_ref())
                .then(|| (package.name.clone(), Which::Locked(artifact.tree)))
        });
        return Ok(locked.collect());
    }
    let mut wanted = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        let refused = || {
            let shown = file.display().to_string();
            Error::new(Code::Usage, words::prefetch_line(&shown, number, line))
        };
        let (name, version) = match line.split_once('@') {
            Some((name, version)) => (name, Some(version)),
            None => (line, None),
        };
        let package = PackageName::parse(name).map_err(|_| refused())?;
        let which = match version {
            None => Which::Newest,
            Some(version) => Which::Exactly(Version::parse(version).map_err(|_| refused())?),
        };
        wanted.push((package, which));
    }
    Ok(wanted)
}

type Needs = Vec<(PackageName, Which)>;

/// Brings the releases of a package that are wanted. Gives how many archives there are, and what they need.
fn bring(mirror: &Mirror, package: &PackageName, which: &Which) -> Result<(u64, Needs)> {
    let shown = match which {
        Which::Newest => package.to_string(),
        Which::Fitting(requirement) => format!("{package} {requirement}"),
        Which::Exactly(version) => format!("{package}@{version}"),
        Which::Locked(tree) => format!("{package} {tree}"),
    };
    let missing = || Error::new(Code::NotFound, words::prefetch_missing(&shown));
    let path = layout::index(package);
    if !mirror.copy.holds(&path) {
        find_now(mirror, Subject::Index(package.clone()))?;
    }
    let namespace = package.namespace_or_none();
    if !mirror.copy.holds(&layout::namespace(&namespace)) {
        find_now(mirror, Subject::Namespace(namespace))?;
    }
    let bytes = mirror.copy.read(&path, limits::INDEX_LEN as u64).ok_or_else(missing)?;
    let file = IndexFile::read_unverified(&bytes, package).map_err(|_| missing())?;
    let chosen = choose(&file, which);
    if chosen.is_empty() {
        return Err(missing());
    }
    let mut needs = Needs::new();
    for entry in &chosen {
        let artifact = file.artifact(entry);
        let archive = layout::archive(&artifact);
        if !mirror.copy.holds(&archive) {
            match find_now(mirror, Subject::Archive(package.clone(), archive.clone()))? {
                Found::Proven(proven) => bring_archive(mirror, &archive, &proven)?,
                Found::Kept | Found::Absent => {}
            }
            if !mirror.copy.holds(&archive) {
                return Err(missing());
            }
        }
        let proof = layout::proof(&artifact);
        if !mirror.copy.holds(&proof) {
            bring_log_file(mirror, &proof, &RegistryPath::Proof)?;
        }
        if !matches!(which, Which::Locked(_)) {
            let dependencies = entry.core.needs.dependencies.iter();
            needs.extend(dependencies.map(|dependency| {
                (dependency.name.clone(), Which::Fitting(dependency.requirement.to_string()))
            }));
        }
    }
    Ok((chosen.len() as u64, needs))
}

/// All artifacts of the version that is wanted, or the one artifact that is locked.
fn choose<'f>(file: &'f IndexFile, which: &Which) -> Vec<&'f IndexEntry> {
    let newest = |requirements: &[Requirement]| {
        newest(file, &Rule::to_use(requirements, Host::Any, None)).map(|entry| entry.core.version.clone())
    };
    let version = match which {
        Which::Locked(tree) => {
            return file.entries().iter().filter(|entry| entry.core.tree == *tree).collect();
        }
        Which::Exactly(version) => Some(version.clone()),
        Which::Newest => newest(&[]),
        Which::Fitting(requirement) => Requirement::parse(requirement).ok().and_then(|one| newest(&[one])),
    };
    let is_chosen = |entry: &&IndexEntry| Some(&entry.core.version) == version.as_ref();
    file.entries().iter().filter(is_chosen).collect()
}

/// Brings every tile of hashes: 32 bytes an entry, with which clients check any entry, and any older checkpoint.
fn bring_tiles(mirror: &Mirror) -> Result<u64> {
    let Some(view) = mirror.view() else { return Ok(0) };
    let files = LogFiles { copy: &mirror.copy, upstream: &mirror.upstream, checkpoint: &view.checkpoint };
    let size = view.checkpoint.size();
    let mut tiles = 0;
    for index in 0..size.div_ceil(WIDTH) {
        // With those above it.
        files.tiles(&[Goal::Leaf(index << HEIGHT)])?;
        tiles += 1;
    }
    Ok(tiles)
}
