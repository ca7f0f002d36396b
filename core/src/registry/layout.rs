//! Where the files of a registry are: paths below its root.
//!
//! Layout: `core/docs/registry-format.md`, sections 2 and 3.

use crate::digest::TreeDigest;
use crate::limits;
use crate::log::leaf::Artifact;
use crate::log::tile::{BundleId, TileId, WIDTH};
use crate::name::{Namespace, PackageName};
use crate::target::file_name;

/// Path of `config.json`.
pub const CONFIG: &str = "config.json";
/// Where the archives of all releases lie.
pub const ARCHIVES: &str = "p/";
/// Path of the checkpoint.
pub const CHECKPOINT: &str = "log/checkpoint";

/// Path of the file that says how many leaves the derived files have taken in. Servers do not deliver it.
pub const DERIVED: &str = ".vitte-registry.derived";

/// Bytes of `config.json` at most.
pub const CONFIG_LEN: u64 = 64 * 1024;
/// Bytes of a full tile.
pub const TILE_LEN: u64 = WIDTH * 32;
/// Bytes of a full bundle of the longest entries.
pub const BUNDLE_LEN: u64 = WIDTH * (2 + limits::LEAF_LEN as u64);

/// Path of a trust root.
pub fn trust_root(version: u64) -> String {
    format!("trust/{version}.json")
}

/// Path of a package's index file.
pub fn index(package: &PackageName) -> String {
    format!("index/{}/{}", package.namespace_or_none(), package.base())
}

/// The package whose index file is at this path.
pub(super) fn package_of_index(path: &str) -> Option<PackageName> {
    let name = path.strip_prefix("index/")?;
    let bare = name.strip_prefix(Namespace::NONE).and_then(|rest| rest.strip_prefix('/'));
    PackageName::parse(bare.unwrap_or(name)).ok()
}

/// Path of a namespace's records.
pub fn namespace(namespace: &Namespace) -> String {
    format!("ns/{namespace}.jsonl")
}

/// Path of an archive, as a file name: `+` in a version is not escaped.
pub fn archive(artifact: &Artifact) -> String {
    let Artifact { package, version, kind, target } = artifact;
    let file = file_name(package, version, *kind, target);
    format!("p/{}/{}/{version}/{file}", package.namespace_or_none(), package.base())
}

/// Path of an archive's proof.
pub fn proof(artifact: &Artifact) -> String {
    format!("{}.tlog-proof", archive(artifact))
}

/// Path of the record that an archive was removed.
pub fn removal(artifact: &Artifact) -> String {
    format!("{}{REMOVED}", archive(artifact))
}

/// Path of the list of deltas to the archives of an artifact's release.
pub fn deltas(artifact: &Artifact) -> String {
    let Artifact { package, version, .. } = artifact;
    format!("p/{}/{}/{version}/{DELTAS}", package.namespace_or_none(), package.base())
}

/// Path of the delta from a tree to an archive.
pub fn delta(artifact: &Artifact, from: &TreeDigest) -> String {
    format!("{}{DELTA}/{}", archive(artifact), from.hex())
}

/// What the list of deltas is called.
pub const DELTAS: &str = "deltas.json";
/// What the folder of the deltas to an archive is called, behind the archive's name.
pub const DELTA: &str = ".vitdelta";

/// What the record of a removed archive is called, behind the archive's name.
pub const REMOVED: &str = ".removed";

/// Path of a tile.
pub fn tile(id: TileId) -> String {
    format!("log/{}", id.path())
}

/// Path of a bundle of entries.
pub fn bundle(id: BundleId) -> String {
    format!("log/{}", id.path())
}

/// Path of the file that says which leaf of a package was the last: the index line of an undone status does not say.
/// Servers do not deliver it.
pub fn last_leaf(package: &PackageName) -> String {
    format!(".vitte-registry.last/{}/{}", package.namespace_or_none(), package.base())
}

/// The same path as it is in a URL: only a version's `+` needs escaping.
pub fn as_url_path(path: &str) -> String {
    path.replace('+', "%2B")
}

/// The cache control of a file that never changes.
const IMMUTABLE: &str = "public, max-age=31536000, immutable, no-transform";

/// How a server delivers a file of a registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The media type.
    pub content_type: &'static str,
    /// How long a cache may keep the file.
    pub cache_control: &'static str,
}

/// How a server delivers the file at `path`: the same headers from a folder, an object store or a CDN. The files of a
/// page next to the registry have theirs too.
pub fn delivery(path: &str) -> Delivery {
    let folder = path.split_once('/').map_or("", |(folder, _)| folder);
    let ending = path.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map_or("", |(_, end)| end);
    let content_type = match (folder, ending) {
        ("index" | "log", _) if !path.starts_with("log/tile/") => "text/plain; charset=utf-8",
        (_, "jsonl") => "application/jsonl",
        (_, "json" | "removed") => "application/json",
        (_, "tlog-proof") => "text/plain; charset=utf-8",
        ("p", _) if is_delta(path) => "application/vnd.vitte.delta.v1",
        (_, "html") => "text/html; charset=utf-8",
        (_, "wasm") => "application/wasm",
        (_, "js") => "text/javascript; charset=utf-8",
        (_, "css") => "text/css; charset=utf-8",
        _ => "application/octet-stream",
    };
    let cache_control = match folder {
        _ if path == CHECKPOINT => "max-age=2",
        "index" | "ns" => "max-age=60",
        "trust" | "log" => IMMUTABLE,
        "p" if ending != "sigs" && ending != "removed" && !path.ends_with(DELTAS) => IMMUTABLE,
        _ => "max-age=300",
    };
    Delivery { content_type, cache_control }
}

/// Whether a delta is at a path.
fn is_delta(path: &str) -> bool {
    path.rsplit_once('/').is_some_and(|(folder, _)| folder.ends_with(DELTA))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::{Kind, Target};
    use crate::version::Version;

    fn artifact(package: &str, version: &str, kind: Kind, target: &str) -> Artifact {
        Artifact {
            package: PackageName::parse(package).unwrap(),
            version: Version::parse(version).unwrap(),
            kind,
            target: Target::parse(target).unwrap(),
        }
    }

    #[test]
    fn paths_follow_the_layout() {
        let bare = artifact("hello", "1.0.0+a", Kind::Vitmod, "any");
        assert_eq!(archive(&bare), "p/_/hello/1.0.0+a/hello-1.0.0+a.vitmod");
        assert_eq!(as_url_path(&archive(&bare)), "p/_/hello/1.0.0%2Ba/hello-1.0.0%2Ba.vitmod");
        assert_eq!(index(&bare.package), "index/_/hello");
        assert_eq!(package_of_index("index/_/hello"), Some(bare.package.clone()));
        let full = artifact("roussov/math", "1.2.0", Kind::Vitpkg, "x86_64-unknown-linux-gnu");
        assert_eq!(
            proof(&full),
            "p/roussov/math/1.2.0/math-1.2.0-x86_64-unknown-linux-gnu.vitpkg.tlog-proof"
        );
        assert_eq!(package_of_index(&index(&full.package)), Some(full.package.clone()));
        assert_eq!(package_of_index("ns/roussov/math"), None);
        assert_eq!(namespace(&full.package.namespace_or_none()), "ns/roussov.jsonl");
        assert_eq!(trust_root(3), "trust/3.json");
    }

    #[test]
    fn only_what_never_changes_may_be_cached_for_long() {
        let bundle = bundle(BundleId::at(0, 5).unwrap());
        for (path, content_type, cache_control) in [
            (CONFIG, "application/json", "max-age=300"),
            (CHECKPOINT, "text/plain; charset=utf-8", "max-age=2"),
            ("index/a/b", "text/plain; charset=utf-8", "max-age=60"),
            ("ns/a.jsonl", "application/jsonl", "max-age=60"),
            ("trust/1.json", "application/json", IMMUTABLE),
            ("log/tile/0/000", "application/octet-stream", IMMUTABLE),
            (bundle.as_str(), "application/octet-stream", IMMUTABLE),
            ("p/a/b/1.0.0/b.vitmod", "application/octet-stream", IMMUTABLE),
            ("p/a/b/1.0.0/b.vitmod.tlog-proof", "text/plain; charset=utf-8", IMMUTABLE),
            ("p/a/b/1.0.0/b.vitmod.sigs", "application/octet-stream", "max-age=300"),
            ("p/a/b/1.0.0/b.vitmod.vitdelta/00ff", "application/vnd.vitte.delta.v1", IMMUTABLE),
            ("p/a/b/1.0.0/deltas.json", "application/json", "max-age=300"),
            ("index.html", "text/html; charset=utf-8", "max-age=300"),
        ] {
            assert_eq!(delivery(path), Delivery { content_type, cache_control }, "{path}");
        }
    }
}
