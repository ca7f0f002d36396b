//! What a path of a registry's layout names.

use vitte_package_core::log::tile::{BundleId, TileId, WIDTH};
use vitte_package_core::name::{Namespace, PackageName};
use vitte_package_core::registry::layout;
use vitte_package_core::version::Version;

/// A file of a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RegistryPath {
    Config,
    TrustRoot(u64),
    Checkpoint,
    Index(PackageName),
    Namespace(Namespace),
    Tile(TileId),
    Bundle(BundleId),
    Archive(PackageName),
    Proof,
    /// Anything else: what a mirror cannot check it does not have.
    Other,
}

impl RegistryPath {
    pub(crate) fn parse(path: &str) -> Self {
        let parts: Vec<&str> = path.split('/').collect();
        let found = match parts.as_slice() {
            [_] if path == layout::CONFIG => Some(Self::Config),
            ["trust", file] => trust_root(path, file),
            ["log", "checkpoint"] => Some(Self::Checkpoint),
            ["index", namespace, name] => package(namespace, name).map(Self::Index),
            ["ns", file] => namespace(path, file),
            ["log", "tile", "entries", ..] => bundle(path),
            ["log", "tile", level, ..] => tile(path, level),
            ["p", namespace, name, version, file] if Version::parse(version).is_ok() => {
                let is_archive = [".vitmod", ".vitpkg"].iter().any(|ending| file.ends_with(ending));
                match package(namespace, name) {
                    Some(package) if is_archive => Some(Self::Archive(package)),
                    Some(_) if file.ends_with(".tlog-proof") => Some(Self::Proof),
                    _ => None,
                }
            }
            _ => None,
        };
        found.unwrap_or(Self::Other)
    }
}

/// Names without a namespace are below `_`.
fn package(namespace: &str, name: &str) -> Option<PackageName> {
    let package = match namespace {
        "_" => PackageName::parse(name).ok()?,
        namespace => PackageName::parse(&format!("{namespace}/{name}")).ok()?,
    };
    (layout::index(&package) == format!("index/{namespace}/{name}")).then_some(package)
}

fn trust_root(path: &str, file: &str) -> Option<RegistryPath> {
    let version = file.strip_suffix(".json")?.parse().ok()?;
    (layout::trust_root(version) == path).then_some(RegistryPath::TrustRoot(version))
}

fn namespace(path: &str, file: &str) -> Option<RegistryPath> {
    let namespace = Namespace::parse(file.strip_suffix(".jsonl")?).ok()?;
    (layout::namespace(&namespace) == path).then_some(RegistryPath::Namespace(namespace))
}

fn tile(path: &str, level: &str) -> Option<RegistryPath> {
    let level: u8 = level.parse().ok()?;
    let (index, width) = numbered(path.strip_prefix(&format!("log/tile/{level}/"))?)?;
    // The size of a log whose last tile of this level is the one.
    let hashes = index.checked_mul(WIDTH)?.checked_add(width)?;
    let size = hashes.checked_mul(1u64.checked_shl(8 * u32::from(level))?)?;
    let id = TileId::at(level, index, size)?;
    (layout::tile(id) == path).then_some(RegistryPath::Tile(id))
}

fn bundle(path: &str) -> Option<RegistryPath> {
    let (index, width) = numbered(path.strip_prefix("log/tile/entries/")?)?;
    let id = BundleId::at(index, index.checked_mul(WIDTH)?.checked_add(width)?)?;
    (layout::bundle(id) == path).then_some(RegistryPath::Bundle(id))
}

/// Index and width in `x001/x234/067.p/5`.
fn numbered(text: &str) -> Option<(u64, u64)> {
    let (number, width) = match text.split_once(".p/") {
        Some((number, width)) => (number, width.parse().ok().filter(|width| *width < WIDTH)?),
        None => (text, WIDTH),
    };
    let mut index = 0u64;
    for group in number.split('/') {
        let digits: u64 = group.strip_prefix('x').unwrap_or(group).parse().ok()?;
        index = index.checked_mul(1000)?.checked_add(digits)?;
    }
    Some((index, width))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_what_the_layout_calls_by_them() {
        for size in [1, 5, 256, 257, 70_000, 256 * 1_234_067 + 5] {
            for level in 0..4 {
                for index in [0, 1, size / 256] {
                    if let Some(id) = TileId::at(level, index, size) {
                        assert_eq!(RegistryPath::parse(&layout::tile(id)), RegistryPath::Tile(id));
                    }
                }
            }
            let id = BundleId::at((size - 1) / 256, size).unwrap();
            assert_eq!(RegistryPath::parse(&layout::bundle(id)), RegistryPath::Bundle(id));
        }
        let package = |name: &str| PackageName::parse(name).unwrap();
        for (path, named) in [
            ("config.json", RegistryPath::Config),
            ("trust/7.json", RegistryPath::TrustRoot(7)),
            ("log/checkpoint", RegistryPath::Checkpoint),
            ("index/a/b", RegistryPath::Index(package("a/b"))),
            ("index/_/b", RegistryPath::Index(package("b"))),
            ("ns/a.jsonl", RegistryPath::Namespace(Namespace::parse("a").unwrap())),
            ("ns/_.jsonl", RegistryPath::Namespace(package("b").namespace_or_none())),
            ("p/a/b/1.0.0+x/b-1.0.0+x.vitmod", RegistryPath::Archive(package("a/b"))),
            ("p/a/b/1.0.0/b-1.0.0.vitmod.tlog-proof", RegistryPath::Proof),
        ] {
            assert_eq!(RegistryPath::parse(path), named, "{path}");
        }
        for other in [
            "",
            "x",
            "trust/07.json",
            "trust/x.json",
            "index/a",
            "index/A/b",
            "log/tile/0/1",
            "log/tile/0/000.p/0",
            "log/tile/0/000.p/256",
            "log/tile/9/000",
            "log/tile/00/000",
            "log/tile/0/x000/001",
            "log/tile/entries/000.p/999",
            "log/tile/0/18446744073709551615",
            "p/a/b/1.0.0/b-1.0.0.vitmod.sigs",
            "p/a/b/1.0.0/deltas.json",
            "p/a/b/x/b.vitmod",
            "../keys/log.pem",
        ] {
            assert_eq!(RegistryPath::parse(other), RegistryPath::Other, "{other}");
        }
    }
}
