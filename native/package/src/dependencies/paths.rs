//! `.vitte/paths.json`: where the compiler finds each package of the lockfile.
//!
//! Beside the workspace's manifest:
//! ```json
//! {"schema":"vitte.paths/v1","inputs":"sha256:…",
//!  "packages":[{"name":"acme/json","version":"2.3.1","folder":"/…/store/v1/pkg/6b/6b1f…","tree":"vp1-sha256:…",
//!               "dependencies":[{"name":"acme/text","version":"1.4.0"}]},
//!              {"name":"demo/app","version":"0.1.0","folder":"/…/app","dependencies":[…]}]}
//! ```
//! Packages stand in the lockfile's order; one without `tree` is a package of the workspace. `inputs` is the
//! digest of the manifests and the lockfile it was made from: while these stay, there is nothing to do.

use super::fetch::used;
use super::members::Members;
use crate::error::Error;
use crate::fs::{self, Access};
use crate::project::Project;
use crate::project_edit;
use crate::store::Store;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use vitte_package_core::digest::{Digest, Hasher, TreeDigest};
use vitte_package_core::lockfile::{LockedPackage, Lockfile};
use vitte_package_core::name::PackageName;
use vitte_package_core::target::Kind;

/// The schema's name.
const SCHEMA: &str = "vitte.paths/v1";
/// The name of the listing in a folder of copies.
pub const VENDORED_NAME: &str = "paths.json";
/// Size limit in bytes.
const LEN: u64 = 64 * 1024 * 1024;

#[derive(Serialize, Deserialize)]
struct Paths {
    schema: String,
    inputs: String,
    packages: Vec<Package>,
}

#[derive(Serialize, Deserialize)]
struct Package {
    name: String,
    version: String,
    folder: PathBuf,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    tree: Option<String>,
    dependencies: Vec<Reference>,
}

#[derive(Serialize, Deserialize)]
struct Reference {
    name: String,
    version: String,
}

/// What it takes to see whether the file is current: the command most often typed reads no more of it.
#[derive(Deserialize)]
struct Glance<'a> {
    #[serde(borrow)]
    schema: Cow<'a, str>,
    #[serde(borrow)]
    inputs: Cow<'a, str>,
    #[serde(borrow)]
    packages: Vec<Held<'a>>,
}

#[derive(Deserialize)]
struct Held<'a> {
    #[serde(borrow)]
    folder: Cow<'a, str>,
    #[serde(borrow, default)]
    tree: Option<Cow<'a, str>>,
}

/// The file of a project's workspace.
pub fn path(project: &Project) -> PathBuf {
    project.root_folder().join(".vitte").join("paths.json")
}

/// The digest of everything the file is made from.
pub fn inputs(members: &Members, lockfile: &str) -> Digest {
    let mut hasher = Hasher::new();
    let mut add = |bytes: &[u8]| {
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    for member in members.all() {
        add(member.folder().as_os_str().as_encoded_bytes());
        add(member.source().as_bytes());
    }
    // The root of a workspace need not be one of its packages.
    for rule in members.project().trust() {
        add(rule.pattern().as_bytes());
        rule.keys().iter().for_each(|key| add(key.digest().as_bytes()));
    }
    // How version control ends its lines changes nothing.
    match lockfile.contains('\r') {
        true => add(lockfile.replace("\r\n", "\n").as_bytes()),
        false => add(lockfile.as_bytes()),
    }
    hasher.finish()
}

/// Whether the file was made from these inputs and everything it names is still in the store. Says how many
/// packages there are.
///
/// # Errors
/// `io`.
pub fn is_current(members: &Members, store: &Store, inputs: &Digest) -> Result<Option<usize>, Error> {
    let Some(text) = fs::read_text_if_there(&path(members.project()), LEN)? else { return Ok(None) };
    let Ok(paths) = serde_json::from_str::<Glance<'_>>(&text) else { return Ok(None) };
    if paths.schema != SCHEMA || paths.inputs != inputs.tagged() {
        return Ok(None);
    }
    // The file lies in the project, and may have come with it: no folder is taken on its word.
    let own: BTreeSet<PathBuf> = members.all().map(|member| absolute(member.folder())).collect();
    let held = |package: &Held<'_>| {
        let folder = Path::new(package.folder.as_ref());
        match &package.tree {
            Some(tree) => {
                TreeDigest::parse(tree).is_ok_and(|tree| store.holds(&tree) && store.place(&tree) == folder)
            }
            None => own.contains(folder),
        }
    };
    Ok(paths.packages.iter().all(held).then(|| paths.packages.iter().filter(|p| p.tree.is_some()).count()))
}

/// The packages that the file in a project's folder names; none without a file that can be read.
///
/// # Errors
/// `io`.
pub fn trees(folder: &Path) -> Result<Vec<TreeDigest>, Error> {
    let text = fs::read_text_if_there(&folder.join(".vitte").join("paths.json"), LEN)?.unwrap_or_default();
    let packages = serde_json::from_str::<Paths>(&text).map(|paths| paths.packages).unwrap_or_default();
    let trees = packages.iter().filter_map(|package| TreeDigest::parse(package.tree.as_deref()?).ok());
    Ok(trees.collect())
}

/// The packages that the file in a project's folder names, by name: what was used before the file is written again. None
/// without a file that can be read.
pub fn used_before(folder: &Path) -> BTreeMap<PackageName, Vec<TreeDigest>> {
    let text = fs::read_text_if_there(&folder.join(".vitte").join("paths.json"), LEN).ok().flatten();
    let paths = text.and_then(|text| serde_json::from_str::<Paths>(&text).ok());
    let mut used = BTreeMap::<PackageName, Vec<TreeDigest>>::new();
    for package in paths.map(|paths| paths.packages).unwrap_or_default() {
        let tree = package.tree.as_deref().and_then(|tree| TreeDigest::parse(tree).ok());
        if let (Ok(name), Some(tree)) = (PackageName::parse(&package.name), tree) {
            used.entry(name).or_default().push(tree);
        }
    }
    used
}

/// Writes the file. The folder gets a `.gitignore`, since the paths are of this machine.
///
/// # Errors
/// `link-outside` when the folder is a symbolic link; `io`, `no-space`.
pub fn write(members: &Members, store: &Store, lockfile: &Lockfile, inputs: &Digest) -> Result<(), Error> {
    let of = |package: &LockedPackage| Some(store.place(&used(package)?.tree));
    let text = text(members, lockfile, inputs, of, absolute);
    project_edit::own_folder(members.project().root_folder())?;
    fs::write_atomic(&path(members.project()), text.as_bytes(), Access::Shared)
}

/// Whether a file lists packages as this module writes it.
pub fn is_listing(file: &Path) -> bool {
    let text = fs::read_text(file, LEN).ok();
    let paths = text.and_then(|text| serde_json::from_str::<Paths>(&text).ok());
    paths.is_some_and(|paths| paths.schema == SCHEMA)
}

/// The copies that the file of a folder of copies names: each folder, relative to that, and what was copied there.
/// None without a file that can be read; folders that lead elsewhere are left out.
pub fn copies(listing: &Path) -> Vec<(PathBuf, TreeDigest)> {
    let text = fs::read_text(listing, LEN).unwrap_or_default();
    let packages = serde_json::from_str::<Paths>(&text).map(|paths| paths.packages).unwrap_or_default();
    let inside =
        |folder: &Path| folder.components().all(|part| matches!(part, std::path::Component::Normal(_)));
    let copies = packages.into_iter().filter_map(|package| {
        let tree = TreeDigest::parse(package.tree.as_deref()?).ok()?;
        inside(&package.folder).then_some((package.folder, tree))
    });
    copies.collect()
}

/// Where a copied package is, in the folder of copies: `<namespace>/<name>-<version>`, and below
/// `<kind>-<target>` if it is a binary.
pub fn vendored(package: &LockedPackage) -> PathBuf {
    let name = format!("{}-{}", package.name.base(), package.version);
    let folder = Path::new(package.name.namespace_or_none().as_str()).join(name);
    match &package.artifact {
        Some(artifact) if artifact.kind == Kind::Vitpkg => folder.join(format!("vitpkg-{}", artifact.target)),
        _ => folder,
    }
}

/// Writes the file of a folder of copies, which will be at `place`: its folders are relative to that.
///
/// # Errors
/// `io`, `no-space`.
pub fn write_vendored(
    members: &Members,
    lockfile: &Lockfile,
    place: &Path,
    file: &Path,
) -> Result<(), Error> {
    let of = |package: &LockedPackage| used(package).map(|_| vendored(package));
    let own = |folder: &Path| relative(folder, place);
    let inputs = inputs(members, &lockfile.print());
    fs::write_atomic(file, text(members, lockfile, &inputs, of, own).as_bytes(), Access::Shared)
}

/// The way from one folder to another.
pub(crate) fn relative(to: &Path, from: &Path) -> PathBuf {
    let (to, from) = (absolute(to), absolute(from));
    let shared = to.components().zip(from.components()).take_while(|(one, other)| one == other).count();
    let up = from.components().skip(shared).map(|_| std::path::Component::ParentDir);
    let way: PathBuf = up.chain(to.components().skip(shared)).collect();
    if way.as_os_str().is_empty() { PathBuf::from(".") } else { way }
}

/// `of` gives the folder of a locked release, none if it cannot be used on this system; `own` that of a package
/// of the workspace.
fn text(
    members: &Members,
    lockfile: &Lockfile,
    inputs: &Digest,
    of: impl Fn(&LockedPackage) -> Option<PathBuf>,
    own: impl Fn(&Path) -> PathBuf,
) -> String {
    let mut packages = Vec::new();
    for package in lockfile.packages() {
        let (folder, tree) = match (&package.artifact, of(package)) {
            (Some(artifact), Some(folder)) => (folder, Some(artifact.tree.to_string())),
            (Some(_), None) => continue,
            (None, _) => match members.all().find(|member| member.manifest().name() == &package.name) {
                Some(member) => (own(member.folder()), None),
                None => continue,
            },
        };
        packages.push(Package {
            name: package.name.to_string(),
            version: package.version.to_string(),
            folder,
            tree,
            dependencies: package
                .dependencies
                .iter()
                .map(|(name, version)| Reference { name: name.to_string(), version: version.to_string() })
                .collect(),
        });
    }
    let paths = Paths { schema: SCHEMA.to_owned(), inputs: inputs.tagged(), packages };
    // Texts and paths of texts: there is nothing in it that JSON cannot say.
    serde_json::to_string(&paths).unwrap_or_default() + "\n"
}

fn absolute(folder: &Path) -> PathBuf {
    std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned())
}
