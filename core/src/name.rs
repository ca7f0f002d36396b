//! Names of packages and namespaces.
//!
//! Rules: archive format document, section 11 (what a manifest may say) and registry format document,
//! section 1 (what may be registered, a strict subset).

use crate::diagnostic::{Code, Diagnose, Diagnostic, display_as_message};
use crate::limits;
use crate::message::names as text;
use serde::{Serialize, Serializer};

/// Words no namespace may take in a registry. One a line; `#` begins a comment.
const RESERVED: &str = include_str!("reserved.txt");

/// The first part of a package's name, for example `roussov` in `roussov/vitte-math`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Namespace(String);

impl Namespace {
    /// The reserved namespace under which a directory registry keeps names without one.
    pub const NONE: &'static str = "_";

    /// Reads one name part.
    ///
    /// # Errors
    /// [`NameError`] when the part breaks the rules; `_` is accepted, as the place of names without namespace.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        if text != Self::NONE {
            check_part(text, text)?;
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Namespace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Namespace {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// The name of a package: `namespace/name`, or `name` alone for a private, path or directory package.
///
/// Each part is `[a-z][a-z0-9_-]{0,63}`, does not end in `-` or `_` and is not a Windows device name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackageName {
    text: String,
    slash: Option<usize>,
}

impl PackageName {
    /// Reads a name.
    ///
    /// # Errors
    /// [`NameError`] naming the rule that is broken and, where one can be guessed, the corrected spelling.
    pub fn parse(name: &str) -> Result<Self, NameError> {
        if name.is_empty() {
            return Err(NameError::Empty);
        }
        let slash = name.find('/');
        match slash {
            Some(at) => {
                if name[at + 1..].contains('/') {
                    return Err(NameError::Slashes(shorten(name)));
                }
                check_part(name, &name[..at])?;
                check_part(name, &name[at + 1..])?;
            }
            None => check_part(name, name)?,
        }
        Ok(Self { text: name.to_owned(), slash })
    }

    /// The whole name, as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The namespace, if the name has one.
    pub fn namespace(&self) -> Option<Namespace> {
        self.slash.map(|at| Namespace(self.text[..at].to_owned()))
    }

    /// The namespace, or `_`, under which registries keep the package.
    pub fn namespace_or_none(&self) -> Namespace {
        self.namespace().unwrap_or_else(|| Namespace(Namespace::NONE.to_owned()))
    }

    /// The part behind the namespace.
    pub fn base(&self) -> &str {
        self.slash.map_or(self.text.as_str(), |at| &self.text[at + 1..])
    }

    /// Checks the stricter rules for names that are registered: a namespace of at most 40 bytes, no `_`, no
    /// doubled `-`; the namespace is no reserved word. A name without a namespace passes only in a directory registry, which
    /// asks by [`check_part_registrable`] instead.
    ///
    /// # Errors
    /// [`NameError::NoNamespace`], [`NameError::Registered`] (with the corrected spelling in the hint),
    /// [`NameError::Reserved`] or [`NameError::Length`].
    pub fn check_registrable(&self) -> Result<(), NameError> {
        let namespace = self.namespace().ok_or_else(|| NameError::NoNamespace(self.text.clone()))?;
        if namespace.as_str().len() > limits::REGISTERED_NAMESPACE_LEN {
            return Err(NameError::Length(self.text.clone(), limits::REGISTERED_NAMESPACE_LEN));
        }
        check_namespace_registrable(&self.text, namespace.as_str())?;
        check_part_registrable(&self.text, self.base())
    }
}

impl std::fmt::Display for PackageName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::fmt::Debug for PackageName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PackageName({})", self.text)
    }
}

impl Serialize for PackageName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

/// Whether `stem` is a device name on Windows, whatever its case. `stem` is what comes before the first `.`.
pub(crate) fn is_windows_device(stem: &str) -> bool {
    let upper = stem.to_ascii_uppercase();
    if matches!(upper.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$" | "CLOCK$") {
        return true;
    }
    let Some(rest) = upper.strip_prefix("COM").or_else(|| upper.strip_prefix("LPT")) else { return false };
    let mut characters = rest.chars();
    // Superscript one, two and three count as digits there.
    matches!((characters.next(), characters.next()), (Some('0'..='9' | '\u{b9}' | '\u{b2}' | '\u{b3}'), None))
}

fn check_part(name: &str, part: &str) -> Result<(), NameError> {
    match part.chars().next() {
        None => return Err(NameError::Start(shorten(name), String::new())),
        Some('a'..='z') => {}
        Some(_) => return Err(NameError::Start(shorten(name), shorten(part))),
    }
    if let Some(bad) = part.chars().find(|c| !matches!(c, 'a'..='z' | '0'..='9' | '-' | '_')) {
        return Err(NameError::Character(shorten(name), bad));
    }
    if part.len() > limits::NAME_PART_LEN {
        return Err(NameError::Length(shorten(name), limits::NAME_PART_LEN));
    }
    if part.ends_with(['-', '_']) {
        return Err(NameError::End(shorten(name), part.to_owned()));
    }
    if is_windows_device(part) {
        return Err(NameError::Device(shorten(name), part.to_owned()));
    }
    Ok(())
}

/// Checks one part against the rules for registered names: `[a-z](-?[a-z0-9])*`.
///
/// # Errors
/// [`NameError::Registered`].
pub fn check_part_registrable(name: &str, part: &str) -> Result<(), NameError> {
    match part.contains('_') || part.contains("--") {
        true => Err(NameError::Registered(name.to_owned())),
        false => Ok(()),
    }
}

/// Checks a namespace against the rules for registered names, and that it is not reserved.
///
/// # Errors
/// [`NameError::Registered`] or [`NameError::Reserved`].
pub fn check_namespace_registrable(name: &str, namespace: &str) -> Result<(), NameError> {
    check_part_registrable(name, namespace)?;
    let mut words = RESERVED.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    match words.any(|word| word == namespace) {
        true => Err(NameError::Reserved(name.to_owned(), namespace.to_owned())),
        false => Ok(()),
    }
}

fn shorten(text: &str) -> String {
    text.chars().take(140).collect()
}

/// The suggested spelling: lower case, runs of `_`, `-`, space and dots as one `-`.
fn corrected(name: &str) -> Option<String> {
    let mut out = String::new();
    for c in name.to_lowercase().chars() {
        match c {
            'a'..='z' | '0'..='9' | '/' => out.push(c),
            _ if out.ends_with('-') || out.ends_with('/') || out.is_empty() => {}
            _ => out.push('-'),
        }
    }
    let out = out.split('/').map(|part| part.trim_end_matches('-')).collect::<Vec<_>>().join("/");
    (out != name && PackageName::parse(&out).is_ok()).then_some(out)
}

/// A name breaks the rules. The first value is the name, cut to 140 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NameError {
    /// Nothing there.
    Empty,
    /// More than one `/`.
    Slashes(String),
    /// A part does not begin with `[a-z]`.
    Start(String, String),
    /// A character that may not stand in a name.
    Character(String, char),
    /// A part ends in `-` or `_`.
    End(String, String),
    /// A part is longer than so many bytes.
    Length(String, usize),
    /// A part is a Windows device name.
    Device(String, String),
    /// The namespace is a reserved word; registered names only.
    Reserved(String, String),
    /// Has `_` or `--`; registered names only.
    Registered(String),
    /// There is no namespace; registered names only.
    NoNamespace(String),
}

impl Diagnose for NameError {
    fn diagnostic(&self) -> Diagnostic {
        let (message, name) = match self {
            Self::Empty => (text::name_empty(), None),
            Self::Slashes(name) => (text::name_slashes(name), None),
            Self::Start(name, part) => (text::name_start(name, part), Some(name)),
            Self::Character(name, character) => (text::name_character(name, *character), Some(name)),
            Self::End(name, part) => (text::name_end(name, part), Some(name)),
            Self::Length(name, limit) => (text::name_length(name, *limit as u64), None),
            Self::Device(name, part) => (text::name_device(name, part), None),
            Self::Reserved(name, part) => {
                let message = text::name_reserved(name, part);
                return Diagnostic::new(Code::Name, message).help(text::name_reserved_hint());
            }
            Self::Registered(name) => (text::name_registered(name), Some(name)),
            Self::NoNamespace(name) => {
                let hint = text::name_namespace_hint(name);
                return Diagnostic::new(Code::Name, text::name_no_namespace(name)).help(hint);
            }
        };
        let hint = match name.and_then(|name| corrected(name)) {
            Some(spelling) => text::name_hint(&spelling),
            None => text::name_rule(),
        };
        Diagnostic::new(Code::Name, message).help(hint)
    }
}
display_as_message!(NameError);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_told_apart() {
        let name = PackageName::parse("roussov/vitte-math").unwrap();
        assert_eq!(name.namespace().unwrap().as_str(), "roussov");
        assert_eq!(name.base(), "vitte-math");
        let bare = PackageName::parse("serde").unwrap();
        assert_eq!((bare.namespace(), bare.base()), (None, "serde"));
        assert_eq!(bare.namespace_or_none().as_str(), "_");
    }

    #[test]
    fn each_rule_refuses() {
        for (name, class) in [
            ("", "empty"),
            ("a/b/c", "slashes"),
            ("/b", "start"),
            ("a/", "start"),
            ("Roussov/math", "start"),
            ("1st/math", "start"),
            ("roussov/ma th", "character"),
            ("roussov/mäth", "character"),
            ("roussov/math-", "end"),
            ("roussov/con", "device"),
            ("nul/math", "device"),
            ("com1/math", "device"),
        ] {
            let error = PackageName::parse(name).expect_err(name);
            let got = match error {
                NameError::Empty => "empty",
                NameError::Slashes(_) => "slashes",
                NameError::Start(..) => "start",
                NameError::Character(..) => "character",
                NameError::End(..) => "end",
                NameError::Device(..) => "device",
                _ => "other",
            };
            assert_eq!(got, class, "{name}");
        }
        assert!(PackageName::parse(&format!("a/{}", "b".repeat(64))).is_ok());
        assert!(PackageName::parse(&format!("a/{}", "b".repeat(65))).is_err());
    }

    #[test]
    fn registered_names_are_a_strict_subset() {
        let check = |name: &str| PackageName::parse(name).unwrap().check_registrable();
        assert_eq!(check("roussov/vitte-math"), Ok(()));
        assert!(matches!(check("roussov/vitte_math"), Err(NameError::Registered(_))));
        assert!(matches!(check("roussov/vitte--math"), Err(NameError::Registered(_))));
        // A reserved word is no namespace; within a namespace it is a name like any other.
        for word in RESERVED.lines().filter(|line| !line.starts_with('#')) {
            assert!(matches!(check(&format!("{word}/math")), Err(NameError::Reserved(..))), "{word}");
            assert_eq!(check(&format!("acme/{word}")), Ok(()), "{word}");
        }
        assert!(matches!(check("math"), Err(NameError::NoNamespace(_))));
        assert!(matches!(check(&format!("{}/a", "n".repeat(41))), Err(NameError::Length(..))));
    }

    #[test]
    fn the_hint_is_the_corrected_spelling() {
        let error = PackageName::parse("Roussov/Vitte Math").unwrap_err().diagnostic();
        assert_eq!(error.help, ["write `roussov/vitte-math`"]);
    }
}
