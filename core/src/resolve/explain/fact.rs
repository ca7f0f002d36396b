//! The facts of an explanation and their words.

use super::super::catalogue::{Withheld, WithheldRelease};
use super::super::range::Compatibility;
use crate::diagnostic::{Code, Diagnostic};
use crate::message::resolve as text;
use crate::name::PackageName;
use crate::version::Version;

/// Which releases a fact speaks of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A member of the request.
    Member {
        /// Its name.
        name: PackageName,
        /// The bytes of its manifest that say it.
        span: Option<(usize, usize)>,
    },
    /// Releases of a package.
    Releases {
        /// The package.
        name: PackageName,
        /// The releases, rising.
        versions: Vec<Version>,
        /// The range of compatibility, if these are all its releases that may be chosen.
        every: Option<Compatibility>,
        /// Whether no release that may be chosen lies between them.
        unbroken: bool,
    },
}

/// One fact of an explanation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fact {
    /// These releases need that package.
    Needs {
        /// Who needs it.
        subject: Subject,
        /// What is needed.
        name: PackageName,
        /// The requirement, as written.
        requirement: String,
        /// A feature that is needed with it.
        feature: Option<String>,
    },
    /// Nothing fits a requirement.
    NoRelease {
        /// The package.
        name: PackageName,
        /// The requirement, as written.
        requirement: String,
        /// Whether the package is known at all.
        exists: Existence,
        /// Releases that fit and may not be chosen.
        withheld: Vec<WithheldRelease>,
        /// The newest releases that may be chosen, falling.
        candidates: Vec<Version>,
    },
    /// These releases have no such feature; `dep:NAME` for an optional dependency.
    NoFeature {
        /// The releases.
        subject: Subject,
        /// The feature.
        feature: String,
    },
    /// No release meets these requirements together.
    Clash {
        /// The package.
        name: PackageName,
        /// The requirements, as written.
        requirements: Vec<String>,
        /// The releases they would have to choose from, rising.
        versions: Vec<Version>,
    },
}

/// What is known of a package nothing of which fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Existence {
    /// The registry has it.
    Known,
    /// The registry does not.
    Unknown,
    /// A member of the request fills the place, at this version.
    Member(Version),
}

impl Fact {
    /// Whether it is a line of the manifest of `project`.
    pub(super) fn is_placed(&self, project: Option<&PackageName>) -> bool {
        matches!(self, Self::Needs { subject: Subject::Member { name, span: Some(_) }, .. }
            if Some(name) == project)
    }

    /// The package the fact is about.
    pub(super) fn about(&self) -> Option<&PackageName> {
        match self {
            Self::Needs { name, .. } | Self::NoRelease { name, .. } | Self::Clash { name, .. } => Some(name),
            Self::NoFeature { .. } => None,
        }
    }

    pub(super) fn headline(&self) -> Diagnostic {
        match self {
            Self::NoRelease { name, exists: Existence::Unknown, .. } => {
                Diagnostic::new(Code::NotFound, text::no_package(name.as_str()))
            }
            Self::NoRelease { name, requirement, withheld, .. } => {
                let young = |release: &WithheldRelease| {
                    matches!(
                        release.reason,
                        Withheld::TooYoung { .. } | Withheld::InFuture { .. } | Withheld::NoTime
                    )
                };
                if !withheld.is_empty() && withheld.iter().all(young) {
                    Diagnostic::new(Code::TooYoung, text::too_young(name.as_str(), requirement))
                } else {
                    Diagnostic::new(Code::NoMatch, text::no_match(name.as_str(), requirement))
                }
            }
            Self::NoFeature { subject, feature } => {
                Diagnostic::new(Code::NoMatch, text::no_feature(subject.name().as_str(), feature))
            }
            _ => Diagnostic::new(Code::NoSolution, text::no_solution()),
        }
    }

    /// What a line of a manifest wants.
    pub(super) fn wish(&self) -> String {
        match self {
            Self::Needs { name, feature: Some(feature), .. } => text::wants_feature(name.as_str(), feature),
            Self::Needs { name, requirement, .. } => text::wants(name.as_str(), requirement),
            _ => String::new(),
        }
    }

    /// The fact and its reasons, a line each.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = vec![match self {
            Self::Needs { subject, name, requirement, feature: None } => {
                text::fact_needs(&subject.describe(), name.as_str(), requirement)
            }
            Self::Needs { subject, name, requirement, feature: Some(feature) } => {
                text::fact_needs_feature(&subject.describe(), name.as_str(), requirement, feature)
            }
            Self::NoRelease { name, exists: Existence::Unknown, .. } => text::fact_no_package(name.as_str()),
            Self::NoRelease { name, requirement, .. } => text::fact_no_release(name.as_str(), requirement),
            Self::NoFeature { subject, feature } => match feature.strip_prefix("dep:") {
                Some(name) => text::fact_no_optional(&subject.describe(), name),
                None => text::fact_no_feature(&subject.describe(), feature),
            },
            Self::Clash { name, requirements, .. } => text::fact_clash(name.as_str(), &join(requirements)),
        }];
        lines.extend(self.reasons());
        lines
    }

    /// What can be said in addition to the fact itself.
    pub(super) fn reasons(&self) -> Vec<String> {
        match self {
            Self::NoRelease { exists: Existence::Unknown, .. } => Vec::new(),
            Self::NoRelease { name, exists: Existence::Member(version), .. } => {
                vec![text::member_version(name.as_str(), &version.to_string())]
            }
            Self::NoRelease { name, withheld, candidates, .. } => {
                let mut lines: Vec<String> =
                    withheld.iter().rev().take(5).map(|release| release.describe(name)).collect();
                if candidates.is_empty() {
                    if withheld.is_empty() {
                        lines.push(text::exist_none(name.as_str()));
                    }
                } else {
                    lines.push(text::exist(name.as_str(), &shorten(candidates)));
                }
                lines
            }
            Self::Clash { name, versions, .. } => {
                let falling: Vec<Version> = versions.iter().rev().cloned().collect();
                vec![text::exist(name.as_str(), &shorten(&falling))]
            }
            _ => Vec::new(),
        }
    }
}

impl WithheldRelease {
    /// A sentence that says which release of `name` was passed over and why.
    pub fn describe(&self, name: &PackageName) -> String {
        let (name, version) = (name.as_str(), self.version.to_string());
        match &self.reason {
            Withheld::Yanked => text::withheld_yanked(name, &version),
            Withheld::Withdrawn => text::withheld_withdrawn(name, &version),
            Withheld::TooYoung { age, wait } => text::withheld_young(
                &version,
                &duration(*age, Rounding::Down),
                &duration(*wait, Rounding::Up),
            ),
            Withheld::InFuture { ahead } => {
                text::withheld_in_future(&version, &duration(*ahead, Rounding::Down))
            }
            Withheld::NoTime => text::withheld_no_time(name, &version),
            Withheld::NoArtifact => text::withheld_artifact(name, &version),
            Withheld::Circle(circle) => text::withheld_circle(name, &version, circle),
            Withheld::NotPrecise(precise) => text::withheld_precise(name, &version, &precise.to_string()),
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Rounding {
    Down,
    Up,
}

/// Seconds in words, in the largest unit of which there is at least one, rounded down.
pub fn duration_in_words(seconds: u64) -> String {
    duration(seconds, Rounding::Down)
}

/// Seconds in the largest unit of which there is at least one.
fn duration(seconds: u64, rounding: Rounding) -> String {
    let (unit, word): (u64, fn(u64) -> String) = match seconds {
        0..60 => (1, text::seconds),
        60..3600 => (60, text::minutes),
        3600..172_800 => (3600, text::hours),
        _ => (86_400, text::days),
    };
    word(if rounding == Rounding::Up { seconds.div_ceil(unit) } else { seconds / unit })
}

impl Subject {
    /// The package.
    pub fn name(&self) -> &PackageName {
        match self {
            Self::Member { name, .. } | Self::Releases { name, .. } => name,
        }
    }

    fn describe(&self) -> String {
        match self {
            Self::Member { name, .. } => name.to_string(),
            Self::Releases { name, versions, every, unbroken } => {
                let name = name.as_str();
                match (&versions[..], every) {
                    ([first, .., last], Some(range)) => {
                        text::subject_every(&range.to_string(), name, &first.to_string(), &last.to_string())
                    }
                    ([one], _) => text::subject_list(name, &one.to_string()),
                    ([first, .., last], None) if *unbroken && versions.len() > 2 => {
                        text::subject_span(name, &first.to_string(), &last.to_string())
                    }
                    (few, _) if few.len() <= 3 => {
                        let words: Vec<String> = few.iter().map(Version::to_string).collect();
                        text::subject_list(name, &join(&words))
                    }
                    (many, _) => {
                        let words: Vec<String> = many.iter().take(3).map(Version::to_string).collect();
                        text::subject_some(name, &words.join(", "), (many.len() - 3) as u64)
                    }
                }
            }
        }
    }
}

/// `a, b and c`.
fn join(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => text::and(&most.join(", "), last),
    }
}

/// The first few of a falling list of versions.
fn shorten(versions: &[Version]) -> String {
    let shown: Vec<String> = versions.iter().take(6).map(Version::to_string).collect();
    let mut list = shown.join(", ");
    if let Some(last) = versions.get(6..).and_then(<[Version]>::last) {
        list.push_str(&format!(", … {last}"));
    }
    list
}
