//! Paths of files in a package: what may stand in one so that it means the same file on every system.
//!
//! Rules: archive format document, section 5. They are checked in one place, here, for the builder, the
//! registry and the client, and a [`PackagePath`] is the only thing a file is ever written under.

mod normal;
mod set;
mod unicode;

pub use set::PathSet;

use crate::diagnostic::{Code, Diagnose, Diagnostic, Place, display_as_message};
use crate::limits;
use crate::message::archive as text;
use crate::name::is_windows_device;
use serde::{Serialize, Serializer};
use std::borrow::Cow;

/// The folder that every member of the canonical tar is in.
const TAR_ROOT: &str = "pkg/";

/// The path of one file in a package: relative, `/` between components, NFC, safe to create anywhere.
///
/// Orders by bytes, as trees do.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackagePath(String);

impl PackagePath {
    /// Reads a path.
    ///
    /// # Errors
    /// [`PathError::Rule`] with the first rule that is broken. Clashes between paths are the business of
    /// [`PathSet`].
    pub fn parse(path: &str) -> Result<Self, PathError> {
        match check(path) {
            Ok(()) => Ok(Self(path.to_owned())),
            Err(rule) => Err(PathError::Rule { path: shown(path), rule }),
        }
    }

    /// Reads a path from bytes that ought to be UTF-8.
    ///
    /// # Errors
    /// [`PathRule::Utf8`] when they are not; else as [`parse`](Self::parse).
    pub fn from_bytes(path: &[u8]) -> Result<Self, PathError> {
        match std::str::from_utf8(path) {
            Ok(path) => Self::parse(path),
            Err(_) => {
                let end = path.len().min(4 * limits::PATH_LEN);
                let path = shown(&String::from_utf8_lossy(&path[..end]));
                Err(PathError::Rule { path, rule: PathRule::Utf8 })
            }
        }
    }

    /// The path as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The components, from the root.
    pub fn components(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('/')
    }

    /// The last component.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// Whether the file lies in the root of the package.
    pub fn is_root(&self) -> bool {
        !self.0.contains('/')
    }

    /// The form under which two paths are one file on a system that ignores case: NFC of the full case
    /// folding (Unicode 16.0, statuses C and F).
    pub fn fold(&self) -> String {
        fold(&self.0).into_owned()
    }

    /// The prefix and name fields of the tar header of this file, `pkg/` included. The prefix is empty when
    /// the whole fits the name field.
    pub fn ustar_fields(&self) -> (String, String) {
        let full = format!("{TAR_ROOT}{}", self.0);
        match ustar_split(&full) {
            Some(Some(slash)) => (full[..slash].to_owned(), full[slash + 1..].to_owned()),
            // `None` cannot be: `check` refused such a path.
            _ => (String::new(), full),
        }
    }
}

impl std::fmt::Display for PackagePath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::fmt::Debug for PackagePath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PackagePath({})", self.0)
    }
}

impl AsRef<str> for PackagePath {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl std::borrow::Borrow<str> for PackagePath {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl Serialize for PackagePath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// Where to split `full` for a tar header: `Some(None)` not at all, `Some(at)` at that `/`, `None` impossible.
fn ustar_split(full: &str) -> Option<Option<usize>> {
    if full.len() <= limits::USTAR_NAME_LEN {
        return Some(None);
    }
    let end = full.len().min(limits::USTAR_PREFIX_LEN + 1);
    let slash = full.as_bytes()[..end].iter().rposition(|&byte| byte == b'/')?;
    (full.len() - slash - 1 <= limits::USTAR_NAME_LEN).then_some(Some(slash))
}

fn check(path: &str) -> Result<(), PathRule> {
    if path.is_empty() {
        return Err(PathRule::Empty);
    }
    if path.len() > limits::PATH_LEN {
        return Err(PathRule::Length(path.len()));
    }
    if let Some(bad) = path.chars().find_map(character_fault) {
        return Err(bad);
    }
    if !normal::is_nfc(path) {
        return Err(PathRule::Normal);
    }
    let mut depth = 0;
    for component in path.split('/') {
        check_component(component)?;
        depth += 1;
    }
    if depth > limits::PATH_DEPTH {
        return Err(PathRule::Depth(depth));
    }
    match ustar_split(&format!("{TAR_ROOT}{path}")) {
        Some(_) => Ok(()),
        None => Err(PathRule::Header),
    }
}

fn character_fault(c: char) -> Option<PathRule> {
    match c {
        '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' | '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' => {
            Some(PathRule::Character(c))
        }
        _ if c.is_ascii() => None,
        // Bidirectional isolates are seen by no one and yet are not in the Unicode property of such characters;
        // line and paragraph separators break the lines of every listing.
        '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}' => Some(PathRule::Invisible(c)),
        _ if within(unicode::INVISIBLE, c) => Some(PathRule::Invisible(c)),
        _ if within(unicode::ASSIGNED, c) => None,
        _ => Some(PathRule::Unassigned(c)),
    }
}

fn check_component(component: &str) -> Result<(), PathRule> {
    match component {
        "" => return Err(PathRule::EmptyComponent),
        "." | ".." => return Err(PathRule::DotComponent),
        _ => {}
    }
    if component.len() > limits::PATH_COMPONENT_LEN {
        return Err(PathRule::ComponentLength(component.len()));
    }
    if component.ends_with(['.', ' ']) {
        return Err(PathRule::End(component.to_owned()));
    }
    let folded = fold(component);
    // Windows also ignores spaces between the stem and the dot.
    let stem = folded.split('.').next().unwrap_or_default().trim_end_matches(' ');
    if is_windows_device(stem) {
        return Err(PathRule::Device(component.to_owned()));
    }
    if folded == ".git" || folded.starts_with(".vitte-") {
        return Err(PathRule::Reserved(component.to_owned()));
    }
    Ok(())
}

/// Full case folding, then NFC. Plain lower-case ASCII comes back borrowed.
fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return match text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            true => Cow::Owned(text.to_ascii_lowercase()),
            false => Cow::Borrowed(text),
        };
    }
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        match unicode::FOLD_FULL.binary_search_by_key(&c, |(from, _)| *from) {
            Ok(found) => folded.push_str(unicode::FOLD_FULL[found].1),
            Err(_) => folded.push(fold_common(c)),
        }
    }
    Cow::Owned(normal::nfc(&folded))
}

fn fold_common(c: char) -> char {
    let point = u32::from(c);
    let run = unicode::FOLD_COMMON.partition_point(|(_, last, _, _)| *last < point);
    match unicode::FOLD_COMMON.get(run) {
        Some(&(first, _, step, add)) if first <= point && (point - first).is_multiple_of(step) => {
            point.checked_add_signed(add).and_then(char::from_u32).unwrap_or(c)
        }
        _ => c,
    }
}

/// Whether `c` lies in one of the half-open ranges of `bounds`.
fn within(bounds: &[u32], c: char) -> bool {
    bounds.partition_point(|&bound| bound <= u32::from(c)) % 2 == 1
}

/// A path for people: unprintable characters escaped, cut to a length that fits a line or two.
pub(crate) fn shown(path: &str) -> String {
    let mut out = String::new();
    for c in path.chars().take(limits::PATH_LEN) {
        match character_fault(c) {
            Some(PathRule::Invisible(_) | PathRule::Unassigned(_)) => out.extend(c.escape_unicode()),
            _ if c.is_control() => out.extend(c.escape_default()),
            _ => out.push(c),
        }
    }
    out
}

/// A rule of the archive format document, section 5, that one path breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PathRule {
    /// Not UTF-8.
    Utf8,
    /// Nothing there.
    Empty,
    /// Longer than [`limits::PATH_LEN`]; the bytes it has.
    Length(usize),
    /// A component is longer than [`limits::PATH_COMPONENT_LEN`]; the bytes it has.
    ComponentLength(usize),
    /// More components than [`limits::PATH_DEPTH`]; how many.
    Depth(usize),
    /// Cannot be split so that it fits the two fields of a tar header.
    Header,
    /// Begins or ends with `/`, or has two of them in a row.
    EmptyComponent,
    /// A component is `.` or `..`.
    DotComponent,
    /// A character that some system gives a meaning, or a control character.
    Character(char),
    /// A character that is not seen: joiners, direction marks, variation selectors, line separators.
    Invisible(char),
    /// Not assigned in Unicode 16.0: its folding and normal form may still change.
    Unassigned(char),
    /// Not in normal form C.
    Normal,
    /// A component ends in `.` or space.
    End(String),
    /// A component is a device name on Windows.
    Device(String),
    /// A component is `.git` or begins with `.vitte-`.
    Reserved(String),
}

impl PathRule {
    /// The rule's short name, as test cases and machine-readable output have it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Utf8 => "utf8",
            Self::Empty => "empty",
            Self::Length(_) => "length",
            Self::ComponentLength(_) => "component-length",
            Self::Depth(_) => "depth",
            Self::Header => "header",
            Self::EmptyComponent => "empty-component",
            Self::DotComponent => "dot-component",
            Self::Character(_) => "character",
            Self::Invisible(_) => "invisible",
            Self::Unassigned(_) => "unassigned",
            Self::Normal => "normal",
            Self::End(_) => "end",
            Self::Device(_) => "device",
            Self::Reserved(_) => "reserved",
        }
    }
}

/// A path, or two of them together, cannot stand in a package. Paths are made printable and cut to 200
/// characters.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PathError {
    /// One path breaks a rule.
    Rule {
        /// The path.
        path: String,
        /// The rule.
        rule: PathRule,
    },
    /// Two paths are one file where case is ignored.
    Duplicate {
        /// The path that came later.
        path: String,
        /// The path that was there.
        other: String,
    },
    /// A path is a file and, where case is ignored, also a folder of another.
    FileAndFolder {
        /// The path that is a file.
        file: String,
        /// The path below it.
        below: String,
    },
}

impl Diagnose for PathError {
    fn diagnostic(&self) -> Diagnostic {
        let (path, rule) = match self {
            Self::Rule { path, rule } => (path, rule),
            Self::Duplicate { path, other } => {
                return Diagnostic::new(Code::DuplicatePath, text::path_duplicate(path, other))
                    .at(Place::File { path: path.clone() })
                    .help(text::path_duplicate_hint())
                    .with("rule", "duplicate")
                    .with("other", other.as_str());
            }
            Self::FileAndFolder { file, below } => {
                return Diagnostic::new(Code::DuplicatePath, text::path_file_and_folder(file, below))
                    .at(Place::File { path: below.clone() })
                    .help(text::path_duplicate_hint())
                    .with("rule", "file-and-folder")
                    .with("other", file.as_str());
            }
        };
        let message = match rule {
            PathRule::Utf8 => text::path_utf8(path),
            PathRule::Empty => text::path_empty(),
            PathRule::Length(len) => text::path_length(path, *len as u64, limits::PATH_LEN as u64),
            PathRule::ComponentLength(len) => {
                text::path_component_length(path, *len as u64, limits::PATH_COMPONENT_LEN as u64)
            }
            PathRule::Depth(depth) => text::path_depth(path, *depth as u64, limits::PATH_DEPTH as u64),
            PathRule::Header => text::path_header(path),
            PathRule::EmptyComponent => text::path_empty_component(path),
            PathRule::DotComponent => text::path_dot_component(path),
            PathRule::Character(c) => text::path_character(path, &notation(*c)),
            PathRule::Invisible(c) => text::path_invisible(path, &notation(*c)),
            PathRule::Unassigned(c) => text::path_unassigned(path, &notation(*c)),
            PathRule::Normal => text::path_normal(path),
            PathRule::End(component) => text::path_end(path, component),
            PathRule::Device(component) => text::path_device(path, component),
            PathRule::Reserved(component) => text::path_reserved(path, component),
        };
        let code = match rule {
            PathRule::Reserved(_) => Code::ReservedName,
            _ => Code::Path,
        };
        let diagnostic = Diagnostic::new(code, message)
            .at(Place::File { path: path.clone() })
            .help(match rule {
                PathRule::Reserved(_) => text::path_reserved_hint(),
                PathRule::Normal => text::path_normal_hint(),
                _ => text::path_hint(),
            })
            .with("rule", rule.name());
        match rule {
            PathRule::Character(c) | PathRule::Invisible(c) | PathRule::Unassigned(c) => {
                diagnostic.with("character", notation(*c))
            }
            _ => diagnostic,
        }
    }
}
display_as_message!(PathError);

/// `U+202E`, and for what can be printed the character itself: `U+003A (:)`.
fn notation(c: char) -> String {
    match matches!(character_fault(c), Some(PathRule::Character(_))) && !c.is_control() {
        true => format!("U+{:04X} ({c})", u32::from(c)),
        false => format!("U+{:04X}", u32::from(c)),
    }
}

#[cfg(test)]
mod tests;
