//! A requirement as intervals, so that the releases it admits are found by binary search.
//!
//! Cargo's rules make pre-releases a case of their own: `^1.2` spans `1.3.0-rc.1` in SemVer order and yet
//! does not admit it. A range is therefore two intervals, one for releases and one for pre-releases, and the
//! list of the versions whose pre-releases were named. Build metadata plays no part.
//!
//! Source: the cargo book, "Specifying Dependencies"; the rules for partial versions are those of the
//! `semver` crate, against which a test compares this module.

use crate::version::{Requirement, Version};
use semver::{BuildMetadata, Comparator, Op, Prerelease};
use std::cmp::Ordering;
use std::ops::Bound;

/// Two versions share a range of compatibility when a caret requirement on one could admit the other:
/// `1.x`, `0.3.x`, `0.0.7`. At most one release of a package is chosen in each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Compatibility {
    /// `0.0.n`: compatible with nothing else.
    Patch(u64),
    /// `0.n.x`, n > 0.
    Minor(u64),
    /// `n.x`, n > 0.
    Major(u64),
}

impl Compatibility {
    /// The range `version` belongs to.
    pub fn of(version: &Version) -> Self {
        let version = version.semver();
        match (version.major, version.minor, version.patch) {
            (0, 0, patch) => Self::Patch(patch),
            (0, minor, _) => Self::Minor(minor),
            (major, _, _) => Self::Major(major),
        }
    }
}

/// Prints as people write it: `1.x`, `0.3.x`, `0.0.7`.
impl std::fmt::Display for Compatibility {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Patch(patch) => write!(f, "0.0.{patch}"),
            Self::Minor(minor) => write!(f, "0.{minor}.x"),
            Self::Major(major) => write!(f, "{major}.x"),
        }
    }
}

/// What a requirement admits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionRange {
    releases: Interval,
    prereleases: Interval,
    /// Numbers whose pre-releases a comparator named.
    named: Vec<(u64, u64, u64)>,
}

impl VersionRange {
    /// The range of a requirement.
    pub fn of(requirement: &Requirement) -> Self {
        let mut range = Self { releases: Interval::FULL, prereleases: Interval::FULL, named: Vec::new() };
        for comparator in &requirement.semver().comparators {
            let (releases, prereleases) = intervals(comparator);
            range.releases = range.releases.and(releases);
            range.prereleases = range.prereleases.and(prereleases);
            if let (Some(minor), Some(patch), false) =
                (comparator.minor, comparator.patch, comparator.pre.is_empty())
            {
                range.named.push((comparator.major, minor, patch));
            }
        }
        range
    }

    /// Whether `version` is admitted.
    pub fn contains(&self, version: &Version) -> bool {
        let version = version.semver();
        if version.pre.is_empty() {
            return self.releases.contains(version);
        }
        self.prereleases.contains(version)
            && self.named.contains(&(version.major, version.minor, version.patch))
    }

    /// The positions of the admitted releases in `sorted`, which holds no pre-release and rises in SemVer order.
    pub fn among_releases(&self, sorted: &[Version]) -> std::ops::Range<usize> {
        self.releases.within(sorted)
    }

    /// The positions between which admitted pre-releases lie in `sorted`, which holds pre-releases only and
    /// rises in SemVer order. Each still has to pass [`Self::contains`]. Empty if none was named.
    pub fn among_prereleases(&self, sorted: &[Version]) -> std::ops::Range<usize> {
        if self.named.is_empty() { 0..0 } else { self.prereleases.within(sorted) }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Interval {
    lower: Bound<semver::Version>,
    upper: Bound<semver::Version>,
}

impl Interval {
    const FULL: Self = Self { lower: Bound::Unbounded, upper: Bound::Unbounded };

    fn new(lower: Bound<semver::Version>, upper: Bound<semver::Version>) -> Self {
        Self { lower, upper }
    }

    fn above(&self, version: &semver::Version) -> bool {
        match &self.lower {
            Bound::Unbounded => true,
            Bound::Included(bound) => version.cmp_precedence(bound) != Ordering::Less,
            Bound::Excluded(bound) => version.cmp_precedence(bound) == Ordering::Greater,
        }
    }

    fn below(&self, version: &semver::Version) -> bool {
        match &self.upper {
            Bound::Unbounded => true,
            Bound::Included(bound) => version.cmp_precedence(bound) != Ordering::Greater,
            Bound::Excluded(bound) => version.cmp_precedence(bound) == Ordering::Less,
        }
    }

    fn contains(&self, version: &semver::Version) -> bool {
        self.above(version) && self.below(version)
    }

    fn within(&self, sorted: &[Version]) -> std::ops::Range<usize> {
        let start = sorted.partition_point(|version| !self.above(version.semver()));
        let end = sorted.partition_point(|version| self.below(version.semver()));
        start..end.max(start)
    }

    fn and(self, other: Self) -> Self {
        // The stricter bound of two: for equal versions the one that excludes.
        let lower = match (self.lower, other.lower) {
            (Bound::Unbounded, bound) | (bound, Bound::Unbounded) => bound,
            (a, b) => match position(&a).cmp_precedence(position(&b)) {
                Ordering::Greater => a,
                Ordering::Less => b,
                Ordering::Equal => {
                    if matches!(a, Bound::Excluded(_)) {
                        a
                    } else {
                        b
                    }
                }
            },
        };
        let upper = match (self.upper, other.upper) {
            (Bound::Unbounded, bound) | (bound, Bound::Unbounded) => bound,
            (a, b) => match position(&a).cmp_precedence(position(&b)) {
                Ordering::Less => a,
                Ordering::Greater => b,
                Ordering::Equal => {
                    if matches!(a, Bound::Excluded(_)) {
                        a
                    } else {
                        b
                    }
                }
            },
        };
        Self { lower, upper }
    }
}

/// The version of a bound; of an unbounded one the least, which is never asked for.
fn position(bound: &Bound<semver::Version>) -> &semver::Version {
    static LEAST: semver::Version = semver::Version::new(0, 0, 0);
    match bound {
        Bound::Included(version) | Bound::Excluded(version) => version,
        Bound::Unbounded => &LEAST,
    }
}

/// The least version of these numbers: its first pre-release. `None` beyond the greatest number.
fn floor(major: Option<u64>, minor: Option<u64>, patch: Option<u64>) -> Option<semver::Version> {
    Some(semver::Version {
        major: major?,
        minor: minor?,
        patch: patch?,
        pre: Prerelease::new("0").ok()?,
        build: BuildMetadata::EMPTY,
    })
}

/// Everything before `version`; no bound if there is no such version.
fn until(version: Option<semver::Version>) -> Bound<semver::Version> {
    version.map_or(Bound::Unbounded, Bound::Excluded)
}

/// What a comparator admits: the interval of releases and that of pre-releases.
fn intervals(comparator: &Comparator) -> (Interval, Interval) {
    use Bound::{Excluded, Included, Unbounded};
    let Comparator { op, major, minor, patch, pre } = comparator;
    let (major, minor, patch) = (*major, *minor, *patch);
    let given = semver::Version {
        major,
        minor: minor.unwrap_or(0),
        patch: patch.unwrap_or(0),
        pre: pre.clone(),
        build: BuildMetadata::EMPTY,
    };
    // The first version behind everything that begins with the numbers given.
    let next = match (minor, patch) {
        (None, _) => floor(major.checked_add(1), Some(0), Some(0)),
        (Some(minor), None) => match minor.checked_add(1) {
            Some(minor) => floor(Some(major), Some(minor), Some(0)),
            None => floor(major.checked_add(1), Some(0), Some(0)),
        },
        (Some(minor), Some(patch)) => match patch.checked_add(1) {
            Some(patch) => floor(Some(major), Some(minor), Some(patch)),
            None => match minor.checked_add(1) {
                Some(minor) => floor(Some(major), Some(minor), Some(0)),
                None => floor(major.checked_add(1), Some(0), Some(0)),
            },
        },
    };
    let first = floor(Some(major), Some(minor.unwrap_or(0)), Some(patch.unwrap_or(0)));
    let partial = patch.is_none();
    let nothing = || Interval::new(Excluded(given.clone()), Excluded(given.clone()));
    let from_given = || Included(given.clone());
    let from_first = || first.clone().map_or(Unbounded, Included);
    // Beyond the greatest number there is nothing: an interval no version can be in.
    let beyond = |version: &Option<semver::Version>| match version {
        Some(version) => Interval::new(Included(version.clone()), Unbounded),
        None => nothing(),
    };
    match op {
        // Numbers left out admit any release, and no pre-release, since the comparator names none.
        Op::Exact | Op::Wildcard if partial => (Interval::new(from_given(), until(next)), nothing()),
        Op::Exact | Op::Wildcard => {
            let only = Interval::new(from_given(), Included(given.clone()));
            (only.clone(), only)
        }
        Op::Greater if partial => (beyond(&next), beyond(&next)),
        Op::Greater => {
            let above = Interval::new(Excluded(given.clone()), Unbounded);
            (above.clone(), above)
        }
        Op::GreaterEq if partial => (Interval::new(from_given(), Unbounded), beyond(&next)),
        Op::GreaterEq => {
            let above = Interval::new(from_given(), Unbounded);
            (above.clone(), above)
        }
        Op::Less if partial => {
            let below = Interval::new(Unbounded, until(first.clone()));
            (below.clone(), below)
        }
        Op::Less => {
            let below = Interval::new(Unbounded, Excluded(given.clone()));
            (below.clone(), below)
        }
        Op::LessEq if partial => {
            (Interval::new(Unbounded, until(next)), Interval::new(Unbounded, until(first.clone())))
        }
        Op::LessEq => {
            let below = Interval::new(Unbounded, Included(given.clone()));
            (below.clone(), below)
        }
        Op::Tilde => {
            let end = match minor {
                None => floor(major.checked_add(1), Some(0), Some(0)),
                Some(minor) => match minor.checked_add(1) {
                    Some(minor) => floor(Some(major), Some(minor), Some(0)),
                    None => floor(major.checked_add(1), Some(0), Some(0)),
                },
            };
            let span = Interval::new(from_given(), until(end));
            if partial { (span, nothing()) } else { (span.clone(), span) }
        }
        Op::Caret => {
            let end = match (major, minor, patch) {
                (0, None, _) => floor(Some(1), Some(0), Some(0)),
                (0, Some(0), Some(_)) => next,
                (0, Some(minor), _) => match minor.checked_add(1) {
                    Some(minor) => floor(Some(0), Some(minor), Some(0)),
                    None => floor(Some(1), Some(0), Some(0)),
                },
                (major, _, _) => floor(major.checked_add(1), Some(0), Some(0)),
            };
            let start = if partial { from_first() } else { from_given() };
            let span = Interval::new(start, until(end));
            (span.clone(), span)
        }
        // An operator this code does not know admits nothing.
        _ => (nothing(), nothing()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn number() -> impl Strategy<Value = u64> {
        prop_oneof![8 => 0u64..4, 1 => Just(u64::MAX), 1 => Just(u64::MAX - 1)]
    }

    fn pre() -> impl Strategy<Value = &'static str> {
        prop_oneof![4 => Just(""), 1 => Just("-0"), 1 => Just("-alpha"), 1 => Just("-alpha.1"), 1 => Just("-rc.2")]
    }

    fn version() -> impl Strategy<Value = String> {
        (number(), number(), number(), pre(), prop_oneof![3 => Just(""), 1 => Just("+b.7")])
            .prop_map(|(major, minor, patch, pre, build)| format!("{major}.{minor}.{patch}{pre}{build}"))
            .prop_filter("a version has at most 64 bytes", |text| Version::parse(text).is_ok())
    }

    fn comparator() -> impl Strategy<Value = String> {
        let op = prop_oneof![
            Just(""),
            Just("^"),
            Just("~"),
            Just("="),
            Just(">"),
            Just(">="),
            Just("<"),
            Just("<=")
        ];
        let numbers = prop_oneof![
            3 => version(),
            1 => (number(), number()).prop_map(|(major, minor)| format!("{major}.{minor}")),
            1 => number().prop_map(|major| major.to_string()),
        ];
        prop_oneof![
            8 => (op, numbers).prop_map(|(op, numbers)| format!("{op}{numbers}")),
            1 => (number(), number()).prop_map(|(major, minor)| format!("{major}.{minor}.*")),
            1 => number().prop_map(|major| format!("{major}.*")),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

        /// The same verdict as the `semver` crate, for every requirement and version.
        #[test]
        fn admits_what_semver_admits(
            comparators in prop::collection::vec(comparator(), 1..3),
            versions in prop::collection::vec(version(), 8),
        ) {
            let requirement = Requirement::parse(&comparators.join(", ")).unwrap();
            let range = VersionRange::of(&requirement);
            for version in versions {
                let version = Version::parse(&version).unwrap();
                prop_assert_eq!(
                    range.contains(&version), requirement.matches(&version), "{} and {}", requirement, version
                );
            }
        }

        /// Binary search finds what asking each version finds.
        #[test]
        fn search_agrees_with_asking(
            comparators in prop::collection::vec(comparator(), 1..3),
            versions in prop::collection::vec(version(), 1..12),
        ) {
            let range = VersionRange::of(&Requirement::parse(&comparators.join(", ")).unwrap());
            let mut versions: Vec<_> = versions.iter().map(|text| Version::parse(text).unwrap()).collect();
            versions.sort();
            let (pre, releases): (Vec<_>, Vec<_>) = versions.into_iter().partition(Version::is_prerelease);
            let found = range.among_releases(&releases);
            for (index, version) in releases.iter().enumerate() {
                prop_assert_eq!(found.contains(&index), range.contains(version), "{}", version);
            }
            let found = range.among_prereleases(&pre);
            for (index, version) in pre.iter().enumerate() {
                prop_assert!(found.contains(&index) || !range.contains(version), "{}", version);
            }
        }
    }

    #[test]
    fn any_admits_every_release_and_no_prerelease() {
        let any = VersionRange::of(&Requirement::parse("*").unwrap());
        assert!(any.contains(&Version::parse("7.1.2").unwrap()));
        assert!(!any.contains(&Version::parse("7.1.2-rc.1").unwrap()));
    }

    #[test]
    fn compatibility_is_the_leftmost_number_that_is_not_zero() {
        for (version, range) in
            [("1.4.2", "1.x"), ("0.3.9", "0.3.x"), ("0.0.7", "0.0.7"), ("2.0.0-rc.1", "2.x")]
        {
            assert_eq!(Compatibility::of(&Version::parse(version).unwrap()).to_string(), range);
        }
    }
}
