//! Reading a lockfile: its one form, line by line, with all faults.
//!
//! Line ends may be CR LF, as some version control systems make them; nothing else may differ.

use super::error::{LockError, LockErrors};
use super::print::HEAD;
use super::{LockedArtifact, LockedPackage, Lockfile, consistency};
use crate::diagnostic::Span;
use crate::digest::TreeDigest;
use crate::message::lock as text;
use crate::name::PackageName;
use crate::sign::{KeyId, RegistryId};
use crate::target::{Kind, Target};
use crate::version::Version;
use std::collections::BTreeMap;

/// The keys of a table, in order.
const KEYS: [&str; 9] =
    ["name", "version", "registry", "kind", "target", "tree", "log-index", "signers", "dependencies"];

/// Reads a lockfile without merge marks.
pub(super) fn parse(source: &str) -> Result<Lockfile, LockErrors> {
    let lines = lines(source);
    if let Some((found, span)) = other_version(&lines) {
        return Err(LockErrors::new(vec![(LockError::Version(found), Some(span))], Vec::new()));
    }
    if let Some((fault, span)) = not_ours(source) {
        return Err(LockErrors::new(vec![(fault, span)], Vec::new()));
    }
    read(source, lines)
}

/// The tables of a text that need not hold together.
pub(super) fn read_tables(source: &str) -> Result<Vec<LockedPackage>, LockErrors> {
    let lines = lines(source);
    if let Some((found, span)) = other_version(&lines) {
        return Err(LockErrors::new(vec![(LockError::Version(found), Some(span))], Vec::new()));
    }
    match read(source, lines) {
        Ok(lockfile) => Ok(lockfile.packages),
        Err(errors) if errors.salvage().is_some() => Ok(errors.readable().to_vec()),
        Err(errors) => Err(errors),
    }
}

fn read(source: &str, lines: Vec<Line<'_>>) -> Result<Lockfile, LockErrors> {
    let mut reader = Reader { lines, next: 0, faults: Vec::new() };
    reader.head();
    let mut drafts = Vec::new();
    while reader.next < reader.lines.len() {
        drafts.extend(reader.table());
    }
    if !source.ends_with('\n') && !source.is_empty() {
        let end = source.len();
        reader.faults.push((LockError::Line, Some(Span { start: end, end })));
    }
    link(drafts, reader.faults)
}

/// What is plainly no lockfile of this program, said in one sentence instead of one for each line.
fn not_ours(source: &str) -> Option<(LockError, Option<Span>)> {
    let text = source.trim_start_matches('\u{feff}').trim();
    match text.starts_with('{') {
        true => Some((LockError::Json, source.find('{').map(|start| Span { start, end: start + 1 }))),
        false if text.is_empty() => Some((LockError::Empty, None)),
        false => None,
    }
}

struct Line<'a> {
    text: &'a str,
    start: usize,
}

impl Line<'_> {
    fn span(&self) -> Span {
        Span { start: self.start, end: self.start + self.text.len() }
    }
}

fn lines(source: &str) -> Vec<Line<'_>> {
    let mut start = 0;
    let mut lines = Vec::new();
    for line in source.split_inclusive('\n') {
        let text = line.strip_suffix('\n').unwrap_or(line);
        lines.push(Line { text: text.strip_suffix('\r').unwrap_or(text), start });
        start += line.len();
    }
    lines
}

/// The version of the form, if it is readable and not ours.
fn other_version(lines: &[Line<'_>]) -> Option<(String, Span)> {
    let line = lines
        .iter()
        .take_while(|line| !line.text.starts_with('['))
        .find_map(|line| line.text.strip_prefix("version = ").map(|value| (value, line)));
    match line {
        Some((value, line)) if value != "1" && !value.is_empty() && value.len() <= 20 => {
            Some((value.to_owned(), line.span()))
        }
        _ => None,
    }
}

/// A table whose dependencies are still texts.
struct Draft {
    package: LockedPackage,
    span: Span,
    dependencies: Vec<(String, Span)>,
}

struct Reader<'a> {
    lines: Vec<Line<'a>>,
    next: usize,
    faults: Vec<(LockError, Option<Span>)>,
}

/// The values of one table, as they stand.
#[derive(Default)]
struct Values<'a> {
    strings: BTreeMap<&'static str, (&'a str, Span)>,
    dependencies: Vec<(String, Span)>,
    signers: Vec<(&'a str, Span)>,
}

impl<'a> Reader<'a> {
    fn fault(&mut self, fault: LockError, span: Span) {
        self.faults.push((fault, Some(span)));
    }

    fn head(&mut self) {
        for wanted in [HEAD, "version = 1"] {
            match self.lines.get(self.next) {
                Some(line) if line.text == wanted => self.next += 1,
                Some(line) => {
                    let span = line.span();
                    self.fault(LockError::Head, span);
                    // Skip to the first table, so that the tables are looked at all the same.
                    while self.lines.get(self.next).is_some_and(|line| line.text != "[[package]]") {
                        self.next += 1;
                    }
                    return;
                }
                None => {
                    self.faults.push((LockError::Head, None));
                    return;
                }
            }
        }
    }

    fn table(&mut self) -> Option<Draft> {
        let line = self.lines.get(self.next)?;
        let span = line.span();
        let is_table = line.text == "[[package]]";
        self.next += 1;
        if !is_table {
            self.fault(LockError::Line, span);
            return None;
        }
        let before = self.faults.len();
        let mut values = Values::default();
        let mut position = 0;
        while let Some(line) = self.lines.get(self.next)
            && line.text != "[[package]]"
        {
            let (text, span) = (line.text, line.span());
            self.next += 1;
            let Some((key, value)) = text.split_once(" = ") else {
                self.fault(LockError::Line, span);
                continue;
            };
            let key_span = Span { start: span.start, end: span.start + key.len() };
            let value_span = Span { start: key_span.end + 3, end: span.end };
            let Some(at) = KEYS.iter().position(|known| *known == key) else {
                self.fault(LockError::KeyUnknown(key.to_owned()), key_span);
                continue;
            };
            if at < position {
                self.fault(LockError::KeyOrder(key.to_owned()), key_span);
                continue;
            }
            position = at + 1;
            match KEYS[at] {
                "dependencies" => self.dependencies(value, value_span, &mut values),
                "signers" => self.signers(value, value_span, &mut values),
                "log-index" => {
                    values.strings.insert("log-index", (value, value_span));
                }
                known => match quoted(value) {
                    Some(inner) => {
                        let span = Span { start: value_span.start + 1, end: value_span.end - 1 };
                        values.strings.insert(known, (inner, span));
                    }
                    None => self.fault(LockError::Value(known, text::value_string()), value_span),
                },
            }
        }
        let draft = self.package(values, span);
        // A table with faults of its own is not judged with the others.
        if self.faults.len() == before { draft } else { None }
    }

    fn dependencies(&mut self, value: &str, span: Span, values: &mut Values<'a>) {
        let malformed = || LockError::Value("dependencies", text::value_list());
        if value != "[" {
            self.fault(malformed(), span);
            return;
        }
        while let Some(line) = self.lines.get(self.next) {
            let (text, span) = (line.text, line.span());
            if text == "[[package]]" {
                break;
            }
            self.next += 1;
            if text == "]" {
                if values.dependencies.is_empty() {
                    self.fault(malformed(), span);
                }
                return;
            }
            match text.strip_prefix("    ").and_then(|text| text.strip_suffix(',')).and_then(quoted) {
                Some(inner) => {
                    let start = span.start + 5;
                    values.dependencies.push((inner.to_owned(), Span { start, end: start + inner.len() }));
                }
                None => self.fault(malformed(), span),
            }
        }
        self.fault(malformed(), span);
    }

    fn signers(&mut self, value: &'a str, span: Span, values: &mut Values<'a>) {
        let inner =
            value.strip_prefix('[').and_then(|value| value.strip_suffix(']')).filter(|v| !v.is_empty());
        let Some(inner) = inner else {
            self.fault(LockError::Value("signers", text::value_list()), span);
            return;
        };
        let mut start = span.start + 1;
        for item in inner.split(", ") {
            let item_span = Span { start, end: start + item.len() };
            start = item_span.end + 2;
            match quoted(item) {
                Some(id) => values.signers.push((id, item_span)),
                None => self.fault(LockError::Value("signers", text::value_list()), item_span),
            }
        }
    }

    /// A value, read by its own type. Its fault is noted if it is there and wrong, or missing and needed.
    fn value<T, E: std::fmt::Display>(
        &mut self,
        values: &Values<'a>,
        key: &'static str,
        table: Span,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        match values.strings.get(key) {
            None => {
                self.fault(LockError::KeyMissing(key), table);
                None
            }
            Some((value, span)) => match read(value) {
                Ok(read) => Some(read),
                Err(error) => {
                    self.fault(LockError::Value(key, error.to_string()), *span);
                    None
                }
            },
        }
    }

    fn package(&mut self, values: Values<'a>, span: Span) -> Option<Draft> {
        let name = self.value(&values, "name", span, PackageName::parse);
        let version = self.value(&values, "version", span, Version::parse);
        let of_registry = ["registry", "kind", "target", "tree", "log-index"];
        let any =
            of_registry.iter().any(|key| values.strings.contains_key(key)) || !values.signers.is_empty();
        let artifact = if any { Some(self.artifact(&values, span)?) } else { None };
        if values.dependencies.is_empty() && name.is_none() {
            return None;
        }
        Some(Draft {
            package: LockedPackage { name: name?, version: version?, artifact, dependencies: Vec::new() },
            span,
            dependencies: values.dependencies,
        })
    }

    fn artifact(&mut self, values: &Values<'a>, span: Span) -> Option<LockedArtifact> {
        let registry = self.value(values, "registry", span, RegistryId::parse);
        let kind = self.value(values, "kind", span, Kind::parse);
        let target = self.value(values, "target", span, Target::parse);
        let tree = self.value(values, "tree", span, TreeDigest::parse);
        let log_index = self.value(values, "log-index", span, |value| {
            let plain =
                value.bytes().all(|byte| byte.is_ascii_digit()) && (value == "0" || !value.starts_with('0'));
            value.parse::<u64>().ok().filter(|_| plain).ok_or_else(text::value_number)
        });
        let mut signers = Vec::with_capacity(values.signers.len());
        for (text, span) in &values.signers {
            match KeyId::parse(text) {
                Ok(id) => signers.push(id),
                Err(error) => self.fault(LockError::Value("signers", error.to_string()), *span),
            }
        }
        if !signers.is_sorted_by(|a, b| a < b)
            && let Some((_, span)) = values.signers.first()
        {
            self.fault(LockError::ListOrder("signers"), *span);
        }
        Some(LockedArtifact {
            registry: registry?,
            kind: kind?,
            target: target?,
            tree: tree?,
            log_index: log_index?,
            signers,
        })
    }
}

/// The text between double quotes, if nothing in it would need an escape.
fn quoted(value: &str) -> Option<&str> {
    let inner = value.strip_prefix('"')?.strip_suffix('"')?;
    let plain = inner.chars().all(|c| !matches!(c, '"' | '\\') && !c.is_control());
    plain.then_some(inner)
}

/// Finds the table each dependency means, and judges the tables together.
fn link(drafts: Vec<Draft>, mut faults: Vec<(LockError, Option<Span>)>) -> Result<Lockfile, LockErrors> {
    let mut known: BTreeMap<PackageName, Vec<Version>> = BTreeMap::new();
    for draft in &drafts {
        let versions = known.entry(draft.package.name.clone()).or_default();
        if !versions.contains(&draft.package.version) {
            versions.push(draft.package.version.clone());
        }
    }
    // If a table could not be read, others may rightly name it.
    let complete = faults.is_empty();
    let mut spans = Vec::with_capacity(drafts.len());
    let mut packages = Vec::with_capacity(drafts.len());
    for Draft { mut package, span, dependencies } in drafts {
        for (written, span) in &dependencies {
            match find(written, &known) {
                Ok(found) => package.dependencies.push(found),
                Err(_) if !complete => {}
                Err(fault) => faults.push((fault, Some(*span))),
            }
        }
        if !package.dependencies.is_sorted_by(|a, b| a < b)
            && let Some((_, span)) = dependencies.first()
        {
            faults.push((LockError::ListOrder("dependencies"), Some(*span)));
        }
        spans.push(span);
        packages.push(package);
    }
    if complete {
        let whole = consistency(&packages);
        faults.extend(whole.into_iter().map(|(at, fault)| (fault, spans.get(at).copied())));
    }
    if faults.is_empty() {
        return Ok(Lockfile { packages });
    }
    faults.sort_by_key(|(_, span)| span.map(|span| span.start));
    Err(LockErrors::new(faults, packages))
}

fn find(
    written: &str,
    known: &BTreeMap<PackageName, Vec<Version>>,
) -> Result<(PackageName, Version), LockError> {
    let unknown = || LockError::DependencyUnknown(written.to_owned());
    let (name, version) = match written.split_once(' ') {
        Some((name, version)) => (name, Some(Version::parse(version).map_err(|_| unknown())?)),
        None => (written, None),
    };
    let name = PackageName::parse(name).map_err(|_| unknown())?;
    let versions = known.get(&name).ok_or_else(unknown)?;
    match (versions.as_slice(), version) {
        ([only], None) => Ok((name, only.clone())),
        ([only], Some(version)) if *only == version => {
            Err(LockError::DependencyForm(written.to_owned(), name.to_string()))
        }
        ([_, newest @ .., last], None) => {
            let version = newest.last().unwrap_or(last);
            Err(LockError::DependencyForm(written.to_owned(), format!("{name} {}", version.max(last))))
        }
        (several, Some(version)) if several.contains(&version) => Ok((name, version)),
        _ => Err(unknown()),
    }
}
