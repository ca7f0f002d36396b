//! A generation: everything an environment has installed at one moment. Generations are never changed.

use std::collections::BTreeMap;
use vitte_package_core::digest::{Digest, TreeDigest};
use vitte_package_core::name::PackageName;
use vitte_package_core::sign::KeyId;
use vitte_package_core::target::{Kind, Target};
use vitte_package_core::version::Version;

/// Programs of a package: name to path in the package.
pub type Programs = BTreeMap<String, String>;

/// One installed release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRelease {
    /// The package.
    pub package: PackageName,
    /// Its version.
    pub version: Version,
    /// Binary or source.
    pub kind: Kind,
    /// What it is built for.
    pub target: Target,
    /// Its identity.
    pub tree: TreeDigest,
    /// The registry it came from, by its id; none for a file.
    pub registry: Option<String>,
    /// The keys whose signatures counted.
    pub signers: Vec<KeyId>,
    /// The programs it provides.
    pub programs: Programs,
    /// Digest of the lockfile of its dependencies; none when it has none.
    pub lockfile: Option<Digest>,
}

/// What an environment has installed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Generation {
    /// 0 for the empty generation before the first install.
    pub number: u32,
    /// The generation it was made from; 0 for the empty one.
    pub from: u32,
    /// When it was made, in seconds since 1970.
    pub time: u64,
    /// What made it, for people: `install roussov/vitte-math`.
    pub command: String,
    releases: BTreeMap<(PackageName, Version), StoredRelease>,
    active: BTreeMap<PackageName, Version>,
}

impl Generation {
    /// The installed releases, by package and version.
    pub fn releases(&self) -> impl Iterator<Item = &StoredRelease> {
        self.releases.values()
    }

    /// The releases of one package, oldest version first.
    pub fn versions<'a>(
        &'a self,
        package: &'a PackageName,
    ) -> impl DoubleEndedIterator<Item = &'a StoredRelease> {
        self.releases.values().filter(move |release| release.package == *package)
    }

    /// One release.
    pub fn release(&self, package: &PackageName, version: &Version) -> Option<&StoredRelease> {
        self.releases.get(&(package.clone(), version.clone()))
    }

    /// Whether the shims run this version of the package.
    pub fn is_active(&self, release: &StoredRelease) -> bool {
        self.active.get(&release.package) == Some(&release.version)
    }

    /// The version of the package that the shims run.
    pub fn active_version(&self, package: &PackageName) -> Option<&Version> {
        self.active.get(package)
    }

    /// Makes this the draft of a later generation: made now, by this command.
    pub fn begin(&mut self, command: &str) {
        self.from = self.number;
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        self.time = now.map_or(0, |since| since.as_secs());
        self.command = command.to_owned();
    }

    /// Every program the shims run, with its release and its path in it.
    pub fn programs(&self) -> impl Iterator<Item = (&str, &StoredRelease, &str)> {
        let active = self.releases.values().filter(|release| self.is_active(release));
        active.flat_map(|release| {
            release.programs.iter().map(move |(name, path)| (name.as_str(), release, path.as_str()))
        })
    }

    /// Adds a release, or replaces the same one, and makes it the version the shims run.
    pub fn add(&mut self, release: StoredRelease) {
        self.active.insert(release.package.clone(), release.version.clone());
        self.releases.insert((release.package.clone(), release.version.clone()), release);
    }

    /// Takes a release away; of the versions left, the newest becomes the one the shims run.
    pub fn remove(&mut self, package: &PackageName, version: &Version) -> Option<StoredRelease> {
        let removed = self.releases.remove(&(package.clone(), version.clone()))?;
        if self.active.get(package) == Some(version) {
            let newest = self.versions(package).next_back().map(|release| release.version.clone());
            match newest {
                Some(newest) => self.active.insert(package.clone(), newest),
                None => self.active.remove(package),
            };
        }
        Some(removed)
    }

    /// Makes an installed version the one the shims run; says whether it is installed.
    pub fn activate(&mut self, package: &PackageName, version: &Version) -> bool {
        let there = self.release(package, version).is_some();
        if there {
            self.active.insert(package.clone(), version.clone());
        }
        there
    }
}

/// The JSON shape of a generation's file.
pub(super) mod raw {
    use super::*;
    use serde::{Deserialize, Serialize};

    #[derive(Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    pub(in super::super) struct Generation {
        v: u32,
        #[serde(default)]
        from: u32,
        time: u64,
        command: String,
        packages: BTreeMap<String, Package>,
    }

    #[derive(Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Package {
        active: String,
        versions: BTreeMap<String, ReleaseShape>,
    }

    #[derive(Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct ReleaseShape {
        kind: String,
        target: String,
        tree: String,
        registry: Option<String>,
        signers: Vec<String>,
        programs: Programs,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lockfile: Option<String>,
    }

    impl Generation {
        pub(in super::super) fn of(generation: &super::Generation) -> Self {
            let mut packages = BTreeMap::new();
            for release in generation.releases.values() {
                let package = packages.entry(release.package.to_string()).or_insert_with(|| Package {
                    active: generation
                        .active
                        .get(&release.package)
                        .map(ToString::to_string)
                        .unwrap_or_default(),
                    versions: BTreeMap::new(),
                });
                let shape = ReleaseShape {
                    kind: release.kind.as_str().into(),
                    target: release.target.to_string(),
                    tree: release.tree.to_string(),
                    registry: release.registry.clone(),
                    signers: release.signers.iter().map(ToString::to_string).collect(),
                    programs: release.programs.clone(),
                    lockfile: release.lockfile.as_ref().map(Digest::tagged),
                };
                package.versions.insert(release.version.to_string(), shape);
            }
            Self {
                v: 1,
                from: generation.from,
                time: generation.time,
                command: generation.command.clone(),
                packages,
            }
        }

        /// The generation, or what is wrong with the file.
        pub(in super::super) fn check(self, number: u32) -> Result<super::Generation, String> {
            fn text<E: std::fmt::Display>(error: E) -> String {
                error.to_string()
            }
            if self.v != 1 {
                return Err(crate::message::store::reason_newer(self.v));
            }
            let (mut releases, mut active) = (BTreeMap::new(), BTreeMap::new());
            for (name, package) in self.packages {
                let name = PackageName::parse(&name).map_err(text)?;
                for (version, release) in package.versions {
                    let version = Version::parse(&version).map_err(text)?;
                    let lockfile = release.lockfile.as_deref().map(Digest::from_tagged).transpose();
                    let signers = release.signers.iter().map(|signer| KeyId::parse(signer));
                    let installed = StoredRelease {
                        package: name.clone(),
                        version: version.clone(),
                        kind: Kind::parse(&release.kind).map_err(text)?,
                        target: Target::parse(&release.target).map_err(text)?,
                        tree: TreeDigest::parse(&release.tree).map_err(text)?,
                        registry: release.registry,
                        signers: signers.collect::<Result<_, _>>().map_err(text)?,
                        programs: release.programs,
                        lockfile: lockfile.map_err(text)?,
                    };
                    releases.insert((name.clone(), version), installed);
                }
                active.insert(name, Version::parse(&package.active).map_err(text)?);
            }
            Ok(super::Generation {
                number,
                from: self.from,
                time: self.time,
                command: self.command,
                releases,
                active,
            })
        }
    }
}
