//! The TOML layer: source text to a spanned tree, and typed reading of its tables that collects faults.

use super::fault::{Fault, FaultKind};
use super::schema::{self, Key};
use crate::diagnostic::Span;
use crate::limits;
use crate::message::manifest as text;
use crate::nearest::nearest;
use crate::ordered;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Parses TOML 1.1, giving all faults of syntax at once.
pub(super) fn parse(source: &str) -> Result<DeTable<'_>, Vec<Fault>> {
    if source.len() > limits::MANIFEST_LEN {
        let kind = FaultKind::TooLarge { len: source.len() };
        return Err(vec![Fault::new(Span { start: 0, end: 0 }, kind)]);
    }
    let (root, errors) = DeTable::parse_recoverable(source);
    if !errors.is_empty()
        && let Some(span) = merge_mark(source)
    {
        return Err(vec![Fault::new(span, FaultKind::Merge)]);
    }
    let mut faults: Vec<Fault> = errors
        .iter()
        .map(|error| {
            let span = error.span().map_or(Span { start: source.len(), end: source.len() }, Span::from);
            let kind = FaultKind::Syntax {
                reason: error.message().to_owned(),
                quoted: unquoted_name(source, span).map(str::to_owned),
            };
            Fault::new(span, kind)
        })
        .collect();
    if faults.is_empty() {
        for (_, value) in root.get_ref() {
            check_integers(value, &mut faults);
        }
    }
    if faults.is_empty() { Ok(root.into_inner()) } else { Err(faults) }
}

/// The first mark of an unfinished merge.
fn merge_mark(source: &str) -> Option<Span> {
    let mut start = 0;
    for line in source.split_inclusive('\n') {
        let text = line.trim_end();
        if text.starts_with("<<<<<<< ") || text.starts_with(">>>>>>> ") || text == "<<<<<<<" {
            return Some(Span { start, end: start + text.len() });
        }
        start += line.len();
    }
    None
}

/// The TOML specification wants integers of 64 bits kept without loss; the parser leaves that to readers.
fn check_integers(value: &Spanned<DeValue<'_>>, faults: &mut Vec<Fault>) {
    match value.get_ref() {
        DeValue::Integer(integer) if i64::from_str_radix(integer.as_str(), integer.radix()).is_err() => {
            let kind = FaultKind::Syntax { reason: text::integer_range(), quoted: None };
            faults.push(Fault::new(value.span().into(), kind));
        }
        DeValue::Array(items) => items.iter().for_each(|item| check_integers(item, faults)),
        DeValue::Table(table) => table.iter().for_each(|(_, item)| check_integers(item, faults)),
        _ => {}
    }
}

/// A package's name used as a bare key, `acme/json = …`, on the line of a syntax fault.
fn unquoted_name(source: &str, span: Span) -> Option<&str> {
    let at = (0..=span.start.min(source.len())).rev().find(|at| source.is_char_boundary(*at))?;
    let start = source[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let line = source[start..].lines().next()?;
    let key = line.split('=').next()?.trim();
    let slash = key.contains('/');
    (slash && crate::name::PackageName::parse(key).is_ok()).then_some(key)
}

/// A string of the source, with its place (quotes included).
#[derive(Clone, Copy, Debug)]
pub(super) struct Text<'a> {
    pub(super) value: &'a str,
    pub(super) span: Span,
}

/// A table being read, with the keys it may have.
#[derive(Clone, Debug)]
pub(super) struct Table<'a> {
    /// As messages name it, `[package]`.
    pub(super) title: String,
    pub(super) span: Span,
    entries: &'a DeTable<'a>,
    keys: &'static [Key],
}

/// One entry of a table whose keys are names chosen by the author.
#[derive(Clone, Copy)]
pub(super) struct Entry<'a> {
    pub(super) key: Text<'a>,
    pub(super) value: &'a Spanned<DeValue<'a>>,
}

impl Entry<'_> {
    /// Key and value; the key alone where the value is elsewhere (a table with its own header).
    pub(super) fn span(&self) -> Span {
        let value = self.value.span();
        if value.start >= self.key.span.end {
            Span { start: self.key.span.start, end: value.end }
        } else {
            self.key.span
        }
    }
}

/// The faults found so far.
#[derive(Debug, Default)]
pub(super) struct Faults(pub(super) Vec<Fault>);

impl Faults {
    pub(super) fn add(&mut self, span: Span, kind: FaultKind) {
        self.0.push(Fault::new(span, kind));
    }

    /// The value, or nothing and a fault.
    pub(super) fn keep<T, E: Into<FaultKind>>(&mut self, span: Span, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.add(span, error.into())).ok()
    }

    fn wrong_type(&mut self, name: &str, key: &Key, value: &Spanned<DeValue<'_>>) {
        let kind = FaultKind::WrongType {
            key: name.to_owned(),
            expected: key.shape,
            got: type_of(value.get_ref()),
            example: key.example,
        };
        self.add(value.span().into(), kind);
    }
}

/// The type of a value, in the words of the TOML specification.
fn type_of(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(_) => text::type_string(),
        DeValue::Integer(_) => text::type_integer(),
        DeValue::Float(_) => text::type_float(),
        DeValue::Boolean(_) => text::type_boolean(),
        DeValue::Datetime(_) => text::type_datetime(),
        DeValue::Array(_) => text::type_array(),
        DeValue::Table(_) => text::type_table(),
    }
}

/// The entries of a table in the order of the source.
pub(super) fn entries<'a>(table: &'a DeTable<'a>) -> Vec<Entry<'a>> {
    let mut entries: Vec<_> = table
        .iter()
        .map(|(key, value)| Entry { key: Text { value: key.get_ref(), span: key.span().into() }, value })
        .collect();
    ordered::sort_by(&mut entries, |a, b| a.key.span.start.cmp(&b.key.span.start));
    entries
}

impl<'a> Table<'a> {
    /// The file's own table. Keys that no table of this schema has are other tools'.
    pub(super) fn root(entries: &'a DeTable<'a>) -> Self {
        Self { title: String::new(), span: Span { start: 0, end: 0 }, entries, keys: schema::ROOT }
    }

    /// Takes `value` as a table with fixed keys; unknown ones are faults.
    pub(super) fn of(
        title: String,
        value: &'a Spanned<DeValue<'a>>,
        keys: &'static [Key],
        own: (&str, &Key),
        faults: &mut Faults,
    ) -> Option<Self> {
        let DeValue::Table(table) = value.get_ref() else {
            faults.wrong_type(own.0, own.1, value);
            return None;
        };
        for entry in entries(table) {
            if schema::find(keys, entry.key.value).is_none() {
                let known = || keys.iter().map(|key| key.name);
                let kind = FaultKind::UnknownKey {
                    table: title.clone(),
                    key: entry.key.value.to_owned(),
                    nearest: nearest(entry.key.value, known()).map(str::to_owned),
                    known: known().collect(),
                };
                faults.add(entry.key.span, kind);
            }
        }
        Some(Self { title, span: value.span().into(), entries: table, keys })
    }

    /// Key and value as they stand, if there.
    pub(super) fn entry(&self, name: &str) -> Option<Entry<'a>> {
        self.entries
            .iter()
            .find(|(key, _)| key.get_ref() == name)
            .map(|(key, value)| Entry { key: Text { value: key.get_ref(), span: key.span().into() }, value })
    }

    /// Whether the table has the key.
    pub(super) fn has(&self, name: &str) -> bool {
        self.entry(name).is_some()
    }

    /// Whether a key was refused: what is missing may be what it was meant to be.
    pub(super) fn has_unknown(&self) -> bool {
        self.entries.iter().any(|(key, _)| self.key(key.get_ref()).is_none())
    }

    fn key(&self, name: &str) -> Option<&'static Key> {
        schema::find(self.keys, name)
    }

    /// Reads a string.
    pub(super) fn text(&self, name: &str, faults: &mut Faults) -> Option<Text<'a>> {
        let entry = self.entry(name)?;
        text_of(entry, name, self.key(name)?, faults)
    }

    /// Reads an array of strings. Absent is not empty.
    pub(super) fn texts(&self, name: &str, faults: &mut Faults) -> Option<Vec<Text<'a>>> {
        let entry = self.entry(name)?;
        texts_of(entry.value, name, self.key(name)?, faults)
    }

    /// Reads `true` or `false`.
    pub(super) fn flag(&self, name: &str, faults: &mut Faults) -> Option<bool> {
        let entry = self.entry(name)?;
        match entry.value.get_ref() {
            DeValue::Boolean(flag) => Some(*flag),
            _ => {
                faults.wrong_type(name, self.key(name)?, entry.value);
                None
            }
        }
    }

    /// Reads a table with fixed keys.
    pub(super) fn table(&self, name: &str, keys: &'static [Key], faults: &mut Faults) -> Option<Self> {
        let entry = self.entry(name)?;
        Self::of(self.title_of(name), entry.value, keys, (name, self.key(name)?), faults)
    }

    /// Reads a table whose keys are names chosen by the author.
    pub(super) fn named(&self, name: &str, faults: &mut Faults) -> Vec<Entry<'a>> {
        let Some(entry) = self.entry(name) else { return Vec::new() };
        match entry.value.get_ref() {
            DeValue::Table(table) => entries(table),
            _ => {
                if let Some(key) = self.key(name) {
                    faults.wrong_type(name, key, entry.value);
                }
                Vec::new()
            }
        }
    }

    /// Reads an array of tables with fixed keys.
    pub(super) fn tables(&self, name: &str, keys: &'static [Key], faults: &mut Faults) -> Vec<Self> {
        let (Some(entry), Some(key)) = (self.entry(name), self.key(name)) else { return Vec::new() };
        let DeValue::Array(items) = entry.value.get_ref() else {
            faults.wrong_type(name, key, entry.value);
            return Vec::new();
        };
        let title = format!("[[{name}]]");
        items.iter().filter_map(|item| Self::of(title.clone(), item, keys, (name, key), faults)).collect()
    }

    /// Reports that a key is missing.
    pub(super) fn missing(&self, name: &'static str, faults: &mut Faults) {
        let example = self.key(name).map_or("", |key| key.example);
        faults.add(self.span, FaultKind::Missing { table: self.title.clone(), key: name, example });
    }

    /// How messages name a table of this table.
    pub(super) fn title_of(&self, name: &str) -> String {
        match self.title.strip_prefix('[').and_then(|title| title.strip_suffix(']')) {
            Some(outer) => format!("[{outer}.{name}]"),
            None => format!("[{name}]"),
        }
    }
}

/// Takes a value as a string.
pub(super) fn text_of<'a>(entry: Entry<'a>, name: &str, key: &Key, faults: &mut Faults) -> Option<Text<'a>> {
    match entry.value.get_ref() {
        DeValue::String(value) => Some(Text { value, span: entry.value.span().into() }),
        _ => {
            faults.wrong_type(name, key, entry.value);
            None
        }
    }
}

/// Takes a value as an array of strings.
pub(super) fn texts_of<'a>(
    value: &'a Spanned<DeValue<'a>>,
    name: &str,
    key: &Key,
    faults: &mut Faults,
) -> Option<Vec<Text<'a>>> {
    let DeValue::Array(items) = value.get_ref() else {
        faults.wrong_type(name, key, value);
        return None;
    };
    let mut texts = Vec::new();
    for item in items.iter() {
        match item.get_ref() {
            DeValue::String(value) => texts.push(Text { value, span: item.span().into() }),
            _ => faults.wrong_type(name, key, item),
        }
    }
    Some(texts)
}
