//! Why there is no resolution, in terms of the manifest and of releases that exist.
//!
//! The solver's proof is a tree of derivations over nodes and sets of ranks. Its leaves are facts of the index;
//! together they cannot all be met, and nothing else is needed to see it. The explanation is these facts, in the
//! order in which they follow from the projects, each set of versions described by the versions there are.

mod fact;
mod proof;

pub use fact::{Existence, Fact, Subject, duration_in_words};
pub(super) use proof::explain;

use super::advice::Advice;
use super::resolution::Resolution;
use crate::diagnostic::{Code, Diagnose, Diagnostic, Place, Span, display_as_message};
use crate::message::resolve as text;
use crate::name::PackageName;

/// Lines shown unless all are asked for.
const SHORT: usize = 20;

/// How much of an explanation is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// About 20 lines.
    Short,
    /// All.
    Full,
}

/// Why there is no resolution.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    reason: Reason,
    advice: Option<Advice>,
}

#[derive(Clone, Debug, PartialEq)]
enum Reason {
    Facts(Vec<Fact>),
    Cycle(Vec<String>),
    Inconsistent,
}

impl Explanation {
    pub(super) fn cycle(resolution: &Resolution, circle: &[usize]) -> Self {
        let names = circle
            .iter()
            .filter_map(|at| resolution.packages.get(*at))
            .map(|package| format!("{} {}", package.name, package.version))
            .collect();
        Self { reason: Reason::Cycle(names), advice: None }
    }

    /// The circle of dependencies, in words; empty for any other reason.
    pub(super) fn circle(&self) -> String {
        match &self.reason {
            Reason::Cycle(names) => names.join(" → "),
            Reason::Facts(_) | Reason::Inconsistent => String::new(),
        }
    }

    pub(super) fn inconsistent() -> Self {
        Self { reason: Reason::Inconsistent, advice: None }
    }

    pub(super) fn set_advice(&mut self, advice: Option<Advice>) {
        self.advice = advice;
    }

    /// The facts that cannot be met together, in the order in which they follow from the projects. Empty for a
    /// circle of dependencies.
    pub fn facts(&self) -> &[Fact] {
        match &self.reason {
            Reason::Facts(facts) => facts,
            Reason::Cycle(_) | Reason::Inconsistent => &[],
        }
    }

    /// A change that gives a resolution, if one was found. It was tried.
    pub fn advice(&self) -> Option<&Advice> {
        self.advice.as_ref()
    }

    /// The facts, a line each.
    pub fn lines(&self, detail: Detail) -> Vec<String> {
        let lines = match &self.reason {
            Reason::Cycle(_) => vec![text::cycle(&self.circle())],
            Reason::Facts(_) | Reason::Inconsistent => self.facts().iter().flat_map(Fact::lines).collect(),
        };
        if detail == Detail::Short { shorten_lines(lines) } else { lines }
    }

    /// The project whose manifest the places of the diagnostic are in.
    pub fn project(&self) -> Option<&PackageName> {
        self.facts().iter().find_map(|fact| match fact {
            Fact::Needs { subject: Subject::Member { name, .. }, .. } => Some(name),
            _ => None,
        })
    }

    /// The one thing nothing of which fits, if that alone is the reason.
    fn unmet(&self) -> Option<&Fact> {
        let direct = self.facts().iter().all(|fact| match fact {
            Fact::Needs { subject, .. } => matches!(subject, Subject::Member { .. }),
            Fact::NoRelease { .. } | Fact::NoFeature { .. } => true,
            Fact::Clash { .. } => false,
        });
        let mut unmet = self
            .facts()
            .iter()
            .filter(|fact| matches!(fact, Fact::NoRelease { .. } | Fact::NoFeature { .. }));
        match (direct, unmet.next(), unmet.next()) {
            (true, Some(fact), None) => Some(fact),
            _ => None,
        }
    }
}

impl Diagnose for Explanation {
    fn diagnostic(&self) -> Diagnostic {
        let mut diagnostic = match &self.reason {
            Reason::Cycle(_) => return Diagnostic::new(Code::Cycle, text::cycle(&self.circle())),
            Reason::Inconsistent => return Diagnostic::new(Code::NoSolution, text::inconsistent()),
            Reason::Facts(_) => match self.unmet() {
                Some(fact) => fact.headline(),
                None => Diagnostic::new(Code::NoSolution, text::no_solution()),
            },
        };
        let whole = self.unmet().is_some();
        let project = self.project();
        let mut placed = false;
        for fact in self.facts() {
            if let Fact::Needs { subject: Subject::Member { span: Some((start, end)), .. }, .. } = fact
                && fact.is_placed(project)
            {
                let span = Span { start: *start, end: *end };
                if placed {
                    diagnostic = diagnostic.note(fact.wish(), Some(span));
                } else {
                    diagnostic = diagnostic.at(Place::Source(span)).label(fact.wish());
                    placed = true;
                }
                continue;
            }
            if whole {
                for line in fact.reasons() {
                    diagnostic = diagnostic.note(line, None);
                }
            }
        }
        if !whole {
            // What the project's own lines require is shown next to these lines.
            let rest = self.facts().iter().filter(|fact| !fact.is_placed(project));
            let lines: Vec<String> = rest.flat_map(Fact::lines).collect();
            let cut = lines.len() > SHORT;
            for line in shorten_lines(lines) {
                diagnostic = diagnostic.note(line, None);
            }
            if cut && let Some(name) = self.facts().iter().find_map(Fact::about) {
                diagnostic = diagnostic.help(text::help_more(name.as_str()));
            }
        }
        match (&self.advice, self.unmet()) {
            (Some(advice), _) => diagnostic = diagnostic.help(advice.text()),
            (None, Some(Fact::NoRelease { name, exists: Existence::Unknown, .. })) => {
                diagnostic = diagnostic.help(text::help_search(name.base()));
            }
            _ => {}
        }
        if let Some(project) = project {
            diagnostic = diagnostic.with("project", project.as_str());
        }
        diagnostic.with("facts", self.lines(Detail::Full))
    }
}
display_as_message!(Explanation);

fn shorten_lines(mut lines: Vec<String>) -> Vec<String> {
    if lines.len() > SHORT {
        let more = (lines.len() - SHORT + 1) as u64;
        lines.truncate(SHORT - 1);
        lines.push(text::fact_more(more));
    }
    lines
}
