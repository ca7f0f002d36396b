//! Which release is chosen where a command is given a package and no version.
//!
//! One function decides for every command; what may differ from one to the other is in its [`Rule`].
//! `tests/cases/newest.txt` says what each command chooses.

use super::{IndexEntry, IndexFile};
use crate::sign::StatusAction;
use crate::target::{Kind, Target};
use crate::version::Requirement;

/// Whether releases of a certain sort come into question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Like all others.
    Always,
    /// If there is no other.
    Last,
    /// Never.
    Never,
}

/// Whether an artifact has to run on a system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host<'a> {
    /// It need not.
    Any,
    /// One that does comes first.
    Preferred(&'a Target),
    /// Only one that does will do.
    Needed(&'a Target),
}

/// How long a release has to be in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Age {
    /// The present, in Unix seconds.
    pub now: u64,
    /// For how many seconds.
    pub minimum: u64,
}

impl Age {
    /// Seconds that an entry still has to wait; none if it may be chosen.
    pub fn wait(&self, entry: &IndexEntry) -> Option<u64> {
        let age = self.now.saturating_sub(entry.time);
        self.minimum.checked_sub(age).filter(|wait| *wait > 0)
    }
}

/// Which releases come into question.
#[derive(Clone, Copy, Debug)]
pub struct Rule<'a> {
    /// Requirements that the version has to meet, all of them.
    pub requirements: &'a [Requirement],
    /// Yanked releases.
    pub yanked: Admission,
    /// Deprecated releases.
    pub deprecated: Admission,
    /// Pre-releases, where there is no requirement: one says itself which pre-releases meet it.
    pub prerelease: Admission,
    /// The system it is for.
    pub host: Host<'a>,
    /// How old it has to be.
    pub age: Option<Age>,
}

impl<'a> Rule<'a> {
    /// What is installed, run or added: never a yanked release, and no pre-release unless it is asked for. Deprecation is
    /// a remark and bars nothing.
    pub const fn to_use(requirements: &'a [Requirement], host: Host<'a>, age: Option<Age>) -> Self {
        let (yanked, prerelease) = (Admission::Never, Admission::Never);
        Self { requirements, yanked, deprecated: Admission::Always, prerelease, host, age }
    }

    /// What is shown: as what is used, and if there is nothing of that, whatever there is.
    pub const fn to_show() -> Self {
        Self {
            requirements: &[],
            yanked: Admission::Last,
            deprecated: Admission::Always,
            prerelease: Admission::Last,
            host: Host::Any,
            age: None,
        }
    }

    /// Whether an entry comes into question, and if it does, how far it is from what is wanted: less is better.
    fn distance(&self, entry: &IndexEntry) -> Option<u8> {
        let version = &entry.core.version;
        if !self.requirements.iter().all(|requirement| requirement.matches(version)) {
            return None;
        }
        if matches!(self.host, Host::Needed(host) if suitability(entry, host).is_none()) {
            return None;
        }
        if self.age.is_some_and(|age| age.wait(entry).is_some()) {
            return None;
        }
        let prerelease = self.requirements.is_empty() && version.is_prerelease();
        let sorts = [
            (is_yanked(entry), self.yanked),
            (prerelease, self.prerelease),
            (is_deprecated(entry), self.deprecated),
        ];
        sorts.into_iter().try_fold(0, |distance, (is_so, admission)| match (is_so, admission) {
            (true, Admission::Never) => None,
            (true, Admission::Last) => Some(distance * 2 + 1),
            _ => Some(distance * 2),
        })
    }

    fn suits(&self, entry: &IndexEntry) -> Option<u8> {
        match self.host {
            Host::Any => None,
            Host::Preferred(host) | Host::Needed(host) => suitability(entry, host),
        }
    }
}

/// The newest release by a rule, in its most suitable artifact: a binary for the system, one for any, the source.
pub fn newest<'f>(file: &'f IndexFile, rule: &Rule<'_>) -> Option<&'f IndexEntry> {
    newest_of(file.entries(), rule)
}

/// As [`newest`], of some entries of an index file.
pub fn newest_of<'f>(
    entries: impl IntoIterator<Item = &'f IndexEntry>,
    rule: &Rule<'_>,
) -> Option<&'f IndexEntry> {
    let admitted = entries.into_iter().filter_map(|entry| Some((rule.distance(entry)?, entry)));
    let best = admitted.max_by(|(one_distance, one), (other_distance, other)| {
        let nearer = other_distance.cmp(one_distance);
        let newer = one.core.version.cmp(&other.core.version);
        nearer.then(newer).then_with(|| rule.suits(one).cmp(&rule.suits(other)))
    });
    best.map(|(_, entry)| entry)
}

/// How well an artifact suits a system; none if it does not run there.
pub fn suitability(entry: &IndexEntry, host: &Target) -> Option<u8> {
    match entry.core.kind {
        Kind::Vitpkg if entry.core.target == *host => Some(2),
        Kind::Vitpkg if entry.core.target.is_any() => Some(1),
        Kind::Vitpkg => None,
        Kind::Vitmod => Some(0),
    }
}

/// Whether a release was withdrawn by its author.
pub fn is_yanked(entry: &IndexEntry) -> bool {
    entry.status.as_ref().is_some_and(|status| status.change.action == StatusAction::Yank)
}

/// Whether its author says that there is something better.
pub fn is_deprecated(entry: &IndexEntry) -> bool {
    entry.status.as_ref().is_some_and(|status| status.change.action == StatusAction::Deprecate)
}
