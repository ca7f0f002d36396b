//! What `explain` and the web site say about each code beyond its title: how it comes about, and one real example.
//!
//! One file an area of the table of codes. An example is what is typed and what is printed then, some lines of it left
//! out; `…` stands for paths, digests and the like, which differ from one run to the next.

mod archive;
mod credentials;
mod javascript;
mod lockfile;
mod manifest;
mod registry;
mod resolution;
mod store;
mod usage;
mod verification;

pub(super) use archive::*;
pub(super) use credentials::*;
pub(super) use javascript::*;
pub(super) use lockfile::*;
pub(super) use manifest::*;
pub(super) use registry::*;
pub(super) use resolution::*;
pub(super) use store::*;
pub(super) use usage::*;
pub(super) use verification::*;

use crate::message;
use serde::Serialize;

/// The usual causes of a fault, and one example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct CodeExplanation {
    /// One to four causes, each a sentence, the likeliest first.
    pub causes: &'static [&'static str],
    /// The same causes in French.
    #[serde(skip)]
    pub french_causes: &'static [&'static str],
    /// One case.
    pub example: Example,
}

impl CodeExplanation {
    /// The causes in a language.
    pub const fn causes_in(&self, language: message::Language) -> &'static [&'static str] {
        match language {
            message::Language::English => self.causes,
            message::Language::French => self.french_causes,
        }
    }
}

/// What somebody did, and what was printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Example {
    /// Lines of a file that matter here, if any do.
    pub file: Option<FileLines>,
    /// How `typed` is to be read.
    pub language: Language,
    /// The command line or the expression.
    pub typed: &'static str,
    /// Lines of what is printed, the message with its code first. `…` stands for what differs from run to run.
    pub printed: &'static str,
}

/// Some lines of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FileLines {
    /// The file's name.
    pub name: &'static str,
    /// The lines, without the last line feed. Of a manifest, keys that stand alone are those of `[package]`.
    pub lines: &'static str,
}

/// What is typed, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Language {
    /// A command line of a POSIX shell.
    Shell,
    /// An expression in a module that has imported `@vitte/package`.
    Javascript,
}

/// A constant for each code, named as its variant: `CODE: [causes] fr [causes in French] in "file" {lines} @shell "typed" => {printed};`.
macro_rules! explanations {
    ($($code:ident: [$($cause:literal),+ $(,)?] fr [$($french:literal),+ $(,)?] $(in $file:literal { $line:literal $($lines:literal)* })?
        @ $language:ident $typed:literal => { $printed:literal $($more:literal)* };)*) => {
        $(
            #[allow(non_upper_case_globals, reason = "the table of codes finds it by the name of its variant")]
            pub(in crate::diagnostic) const $code: $crate::diagnostic::CodeExplanation = $crate::diagnostic::CodeExplanation {
                causes: &[$($cause),+],
                french_causes: &[$($french),+],
                example: $crate::diagnostic::Example {
                    file: $crate::diagnostic::explanation::explanations!(@file $($file, concat!($line $(, "\n", $lines)*))?),
                    language: $crate::diagnostic::explanation::explanations!(@language $language),
                    typed: $typed,
                    printed: concat!($printed $(, "\n", $more)*),
                },
            };
        )*
    };
    (@file) => { None };
    (@file $name:expr, $lines:expr) => { Some($crate::diagnostic::FileLines { name: $name, lines: $lines }) };
    (@language shell) => { $crate::diagnostic::Language::Shell };
    (@language javascript) => { $crate::diagnostic::Language::Javascript };
}
pub(crate) use explanations;

#[cfg(test)]
mod tests {
    use crate::diagnostic::Code;
    use crate::message::style::typography;

    #[test]
    fn causes_are_the_same_in_french() {
        for code in Code::ALL {
            let explanation = code.explanation();
            assert_eq!(explanation.causes.len(), explanation.french_causes.len(), "{code}");
            for cause in explanation.french_causes {
                assert!(cause.ends_with('.') && typography(cause).is_empty(), "{code}: {cause}");
            }
        }
    }
}
