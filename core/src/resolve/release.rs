//! What the resolver knows of a release: what its index lines say.

use crate::dependency::{DEFAULT, Needs};
use crate::digest::TreeDigest;
use crate::index::{Core, IndexFile, VerifiedIndex};
use crate::limits;
use crate::message::resolve as text;
use crate::sign::StatusAction;
use crate::target::{Kind, Target};
use crate::version::Version;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One artifact of a release, as its index line has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// `vitmod` or `vitpkg`.
    pub kind: Kind,
    /// The target it is for.
    pub target: Target,
    /// Its identity.
    pub tree: TreeDigest,
    /// Number of its leaf in the log.
    pub log_index: u64,
    /// When the log took it, in seconds since 1970. `None` if the log does not say.
    pub published: Option<u64>,
    /// Its newest status.
    pub availability: Availability,
}

/// The newest status of an artifact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Availability {
    /// May be chosen. Deprecation is a note, not a bar.
    Active,
    /// Chosen only if the lockfile has it already.
    Yanked,
    /// Never chosen: quarantined by a moderator, or its bytes are gone.
    Withdrawn,
}

/// One line of an index file, before its `core` member is read.
#[derive(Clone, Copy, Debug)]
pub struct IndexLine<'a> {
    /// The verbatim `core` member.
    pub core: &'a str,
    /// Number of the leaf in the log.
    pub log_index: u64,
    /// Time of the leaf, in seconds since 1970, if the log attests one.
    pub published: Option<u64>,
    /// The newest status.
    pub availability: Availability,
}

/// One version of a package with its artifacts.
#[derive(Clone, Debug)]
pub struct Release {
    version: Version,
    artifacts: Vec<Artifact>,
    needs: Arc<Needs>,
}

/// A line whose `core` member cannot be read, perhaps because it is of a newer form. The release cannot be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MalformedLine {
    /// Number of the leaf in the log.
    pub log_index: u64,
    /// Why it cannot be read.
    pub reason: String,
}

impl Release {
    /// Makes a release of its parts.
    pub fn new(version: Version, artifacts: Vec<Artifact>, needs: impl Into<Arc<Needs>>) -> Self {
        Self { version, artifacts, needs: needs.into() }
    }

    /// The releases of an index file.
    pub fn of_index(index: &VerifiedIndex) -> Vec<Arc<Self>> {
        Self::of_draft(index)
    }

    /// The releases of an index file that a registry is about to sign.
    pub(crate) fn of_draft(index: &IndexFile) -> Vec<Arc<Self>> {
        Self::grouped(index.entries().iter().map(|entry| {
            let availability = match entry.status.as_ref().map(|status| status.change.action) {
                Some(StatusAction::Yank) => Availability::Yanked,
                Some(StatusAction::Unyank | StatusAction::Deprecate | StatusAction::Undeprecate) | None => {
                    Availability::Active
                }
            };
            (&entry.core, Artifact::of(&entry.core, entry.log, Some(entry.time), availability))
        }))
    }

    /// Reads lines that nobody signed and groups them by version, in rising order. Lines that cannot be read are left
    /// out and returned with the releases.
    pub fn from_lines<'a>(
        lines: impl IntoIterator<Item = IndexLine<'a>>,
    ) -> (Vec<Arc<Self>>, Vec<MalformedLine>) {
        let (mut read, mut malformed) = (Vec::new(), Vec::new());
        for line in lines {
            let limit = limits::INDEX_LINE_LEN;
            let core = match line.core.len() <= limit {
                true => Core::parse(line.core).map_err(|error| error.reason()),
                false => Err(text::line_length(limit as u64)),
            };
            match core {
                Ok(core) => {
                    let artifact = Artifact::of(&core, line.log_index, line.published, line.availability);
                    read.push((core, artifact));
                }
                Err(reason) => malformed.push(MalformedLine { log_index: line.log_index, reason }),
            }
        }
        (Self::grouped(read.iter().map(|(core, artifact)| (core, artifact.clone()))), malformed)
    }

    fn grouped<'a>(lines: impl IntoIterator<Item = (&'a Core, Artifact)>) -> Vec<Arc<Self>> {
        let mut releases: BTreeMap<&Version, Self> = BTreeMap::new();
        for (core, artifact) in lines {
            let new = || Self::new(core.version.clone(), Vec::new(), core.needs.clone());
            releases.entry(&core.version).or_insert_with(new).artifacts.push(artifact);
        }
        releases.into_values().map(Arc::new).collect()
    }

    /// The version.
    pub fn version(&self) -> &Version {
        &self.version
    }

    /// The artifacts, in the order of the index.
    pub fn artifacts(&self) -> &[Artifact] {
        &self.artifacts
    }

    /// Whether it has a feature `default`. Without one, asking for it changes nothing.
    pub(super) fn declares_default(&self) -> bool {
        self.needs.features.contains_key(DEFAULT)
    }

    /// Dependencies and features.
    pub fn needs(&self) -> &Arc<Needs> {
        &self.needs
    }
}

impl Artifact {
    fn of(core: &Core, log_index: u64, published: Option<u64>, availability: Availability) -> Self {
        let (kind, target) = (core.kind, core.target.clone());
        Self { kind, target, tree: core.tree, log_index, published, availability }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CORE: &str = r#"{"ver":"1.2.3","kind":"vitmod","target":"any","tree":"vp1-sha256:b592f69b09d0f1db2c8d35164487f94d66e4fc6f43888678a0f1cec667bb945a","manifest":"sha256:b592f69b09d0f1db2c8d35164487f94d66e4fc6f43888678a0f1cec667bb945a","files":2,"unpacked":62,"edition":"2025","deps":[{"p":"acme/json","r":"^2","k":"normal","t":[],"o":true,"d":true,"f":["simd"]}],"features":{"default":["dep:acme/json"]}}"#;

    fn line(core: &str, log_index: u64) -> IndexLine<'_> {
        IndexLine { core, log_index, published: Some(5), availability: Availability::Active }
    }

    #[test]
    fn artifacts_of_a_version_are_one_release() {
        let other = CORE.replace("\"any\"", "\"x86_64-unknown-linux-gnu\"").replace("vitmod", "vitpkg");
        let (releases, malformed) = Release::from_lines([line(CORE, 7), line(&other, 8)]);
        assert!(malformed.is_empty());
        assert_eq!(releases.len(), 1);
        let release = &releases[0];
        assert_eq!(release.artifacts().len(), 2);
        let dependency = &release.needs().dependencies[0];
        assert_eq!(dependency.wanted_features().collect::<Vec<_>>(), ["simd", "default"]);
        assert!(dependency.optional);
        assert!(release.declares_default());
    }

    #[test]
    fn a_line_that_cannot_be_read_is_left_out() {
        let newer = CORE.replace("\"files\"", "\"new\":1,\"files\"");
        let dev = CORE.replace("\"normal\"", "\"dev\"");
        let (releases, malformed) = Release::from_lines([line(&newer, 7), line("{", 8), line(&dev, 9)]);
        assert!(releases.is_empty());
        assert_eq!(malformed.iter().map(|line| line.log_index).collect::<Vec<_>>(), [7, 8, 9]);
        assert!(malformed[0].reason.contains("new"), "{}", malformed[0].reason);
    }
}
