//! What should not be published: secrets, large binary files nobody named, leftovers.
//!
//! Each finding names path, line and rule. One path at a time may be allowed, by `publish.allow` in the manifest;
//! there is no switch for all. Secrets themselves are never shown.

mod forms;
mod rules;

use crate::error::{Error, IoAction, IoContext};
use crate::message::{project as text, rule};
use crate::selection::Chosen;
use forms::secret_at;
use rules::{LEFTOVERS, LONGEST, SECRET_FILES, SECRET_PLACES, Set, is_form, is_named};
use std::fs::File;
use std::io::Read;
use std::path::Path;
use vitte_package_core::diagnostic::{Code, Diagnostic, Place};
use vitte_package_core::path::PackagePath;
use vitte_package_core::target::Kind;

/// Bytes of a binary file that is published without being named in `include`: 1 MiB.
pub const BINARY_LEN: u64 = 1024 * 1024;
/// Bytes read at a time.
const WINDOW: usize = 1024 * 1024;
/// Bytes at the beginning of a file that tell whether it is binary: those git looks at.
const SAMPLE: usize = 8_000;

/// What is wrong with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// The text of a secret; the value names its kind.
    Secret(&'static str),
    /// The name of a file that holds secrets; the value names their kind.
    SecretFile(&'static str),
    /// A large binary file that no pattern of `include` names; the value is its size in bytes.
    LargeBinary(u64),
    /// Left by an editor, the system or version control; the value says by which.
    Leftover(&'static str),
}

/// One reason not to publish.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The file.
    pub path: PackagePath,
    /// The line, from 1, where the finding is in the text.
    pub line: Option<u64>,
    /// What it looks like.
    pub rule: Rule,
}

impl Finding {
    /// The finding as a fault, with the line that would allow it.
    pub fn diagnostic(&self) -> Diagnostic {
        let path = self.path.as_str();
        let (message, rule) = match self.rule {
            Rule::Secret(rule) => (text::secret(path, self.line.unwrap_or(1), rule::name(rule)), rule),
            Rule::SecretFile(rule) => (text::secret_file(path, rule::name(rule)), rule),
            Rule::LargeBinary(size) => (text::large_binary(path, size), "large binary"),
            Rule::Leftover(rule) => (text::leftover(path, rule::name(rule)), rule),
        };
        let mut diagnostic = Diagnostic::new(Code::Secret, message)
            .at(Place::File { path: path.to_owned() })
            .help(text::finding_help(path))
            .with("path", path)
            .with("rule", rule);
        if let Some(line) = self.line {
            diagnostic = diagnostic.with("line", line);
        }
        diagnostic
    }
}

/// Looks through the files of a package to be published. `allowed` are the paths of `publish.allow`.
///
/// The large-binary rule is about sources only: a `.vitpkg` is made of binaries.
///
/// # Errors
/// `io` when a file cannot be read. Findings are a value: see [`refuse`].
pub fn scan(files: &[Chosen], kind: Kind, allowed: &[PackagePath]) -> Result<Vec<Finding>, Error> {
    let mut findings = Vec::new();
    for chosen in files.iter().filter(|chosen| !allowed.contains(&chosen.path)) {
        findings.extend(by_name(&chosen.path));
        let contents = look(&chosen.file)?;
        let finding = |line, rule| Finding { path: chosen.path.clone(), line, rule };
        findings
            .extend(contents.secrets.into_iter().map(|(line, rule)| finding(Some(line), Rule::Secret(rule))));
        if kind == Kind::Vitmod && contents.is_binary && contents.size > BINARY_LEN && !chosen.named {
            findings.push(finding(None, Rule::LargeBinary(contents.size)));
        }
    }
    findings.sort();
    findings.dedup();
    Ok(findings)
}

/// The findings as one error, or nothing where there are none.
///
/// # Errors
/// `secret`, one fault for each finding.
pub fn refuse(findings: &[Finding]) -> Result<(), Error> {
    Error::several(findings.iter().map(Finding::diagnostic)).map_or(Ok(()), Err)
}

fn by_name(path: &PackagePath) -> Option<Finding> {
    let whole = path.as_str().to_ascii_lowercase();
    let mut parts = whole.rsplit('/');
    let (name, folder) = (parts.next().unwrap_or_default(), parts.next());
    let finding = |rule| Some(Finding { path: path.clone(), line: None, rule });
    if let Some((_, rule)) =
        LEFTOVERS.iter().find(|(rule, _)| whole.split('/').any(|part| is_named(part, rule)))
    {
        return finding(Rule::Leftover(rule));
    }
    let by_place = SECRET_PLACES.iter().find(|(at, rule, _)| folder == Some(*at) && name == *rule);
    if let Some((_, _, rule)) = by_place {
        return finding(Rule::SecretFile(rule));
    }
    let secret = SECRET_FILES.iter().find(|(rule, _)| is_named(name, rule));
    let (_, rule) = secret.filter(|_| !is_form(name))?;
    finding(Rule::SecretFile(rule))
}

/// What a file holds.
#[derive(Default)]
struct Contents {
    size: u64,
    is_binary: bool,
    /// Line and kind of each secret, in order.
    secrets: Vec<(u64, &'static str)>,
}

/// Reads a file once, a window at a time; a secret across two windows is found.
fn look(path: &Path) -> Result<Contents, Error> {
    let mut file = File::open(path).on(IoAction::Read, path)?;
    let mut contents = Contents::default();
    let mut window = vec![0; WINDOW];
    let mut held = 0;
    let mut line = 1;
    let mut before = b'\n';
    loop {
        let mut got = 0;
        while held + got < window.len() {
            match file.read(&mut window[held + got..]).on(IoAction::Read, path)? {
                0 => break,
                more => got += more,
            }
        }
        let filled = held + got;
        if contents.size == 0 {
            contents.is_binary = window[..filled.min(SAMPLE)].contains(&0);
        }
        contents.size += got as u64;
        let is_last = filled < window.len();
        let end = if is_last { filled } else { filled - LONGEST };
        find(&window[..filled], end, before, &mut line, &mut contents.secrets);
        if is_last {
            return Ok(contents);
        }
        before = window[end - 1];
        window.copy_within(end..filled, 0);
        held = filled - end;
    }
}

/// Finds secrets that begin before `end`, counting lines. `before` is the byte in front of the window.
fn find(window: &[u8], end: usize, mut before: u8, line: &mut u64, secrets: &mut Vec<(u64, &'static str)>) {
    for (at, byte) in window.iter().copied().enumerate().take(end) {
        // A mark inside a longer word is not one.
        if !Set::Url.has(before) {
            secrets.extend(secret_at(&window[at..]).map(|name| (*line, name)));
        }
        *line += u64::from(byte == b'\n');
        before = byte;
    }
}

#[cfg(test)]
mod tests;
