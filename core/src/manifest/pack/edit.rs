//! Edits of a TOML text at places that the parser reported.

use crate::diagnostic::Span;
use crate::manifest::source::{Entry, entries};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What contains an entry.
pub(super) enum Parent<'a> {
    /// A table with a header, or the file: one entry a line.
    Lines,
    /// A table that may be `{ … }`: entries between commas.
    Table(Entry<'a>),
}

impl<'a> Parent<'a> {
    pub(super) fn of(entry: Entry<'a>) -> Self {
        Self::Table(entry)
    }
}

/// A list of replacements in a text, none over another.
pub(super) struct Edits<'s> {
    source: &'s str,
    /// Where each table header begins, in order.
    headers: Vec<usize>,
    list: Vec<(Span, String)>,
}

impl<'s> Edits<'s> {
    pub(super) fn new(source: &'s str, tree: &DeTable<'_>) -> Self {
        let mut headers = Vec::new();
        tree.iter().for_each(|(_, value)| collect_headers(source, value, &mut headers));
        headers.sort_unstable();
        headers.dedup();
        Self { source, headers, list: Vec::new() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(super) fn replace(&mut self, span: Span, with: String) {
        self.list.push((span, with));
    }

    /// Whether the value is written `{ … }`.
    pub(super) fn is_inline(&self, entry: Entry<'_>) -> bool {
        self.source[entry.value.span().start..].starts_with('{')
    }

    /// What is on the line before `at`: spaces, or the first parts of a dotted key.
    pub(super) fn before_on_line(&self, at: usize) -> &'s str {
        &self.source[self.line_start(at)..at]
    }

    /// Takes an entry out, with all the lines it is spread over.
    pub(super) fn remove(&mut self, entry: Entry<'_>, parent: &Parent<'_>) {
        if let Parent::Table(parent) = parent
            && self.is_inline(*parent)
        {
            self.remove_between_commas(entry, *parent);
        } else {
            self.remove_lines(entry, false);
        }
    }

    fn remove_between_commas(&mut self, entry: Entry<'_>, parent: Entry<'_>) {
        let DeValue::Table(table) = parent.value.get_ref() else { return };
        let siblings = entries(table);
        let Some(index) = siblings.iter().position(|other| other.key.span == entry.key.span) else { return };
        let (start, end) = (entry.key.span.start, end_of(entry));
        let span =
            match (index.checked_sub(1).and_then(|before| siblings.get(before)), siblings.get(index + 1)) {
                (_, Some(next)) => Span { start, end: next.key.span.start },
                (Some(before), None) => Span { start: end_of(*before), end },
                (None, None) => Span { start, end },
            };
        self.replace(span, String::new());
    }

    /// `covered`: the lines of this table go already, only tables with headers of their own are left.
    fn remove_lines(&mut self, entry: Entry<'_>, covered: bool) {
        match entry.value.get_ref() {
            DeValue::Table(table) if !self.is_inline(entry) => {
                let header = self.is_header(entry.value);
                if header {
                    self.remove_region(entry.value.span().start);
                }
                for inner in entries(table) {
                    self.remove_lines(inner, covered || header);
                }
            }
            DeValue::Array(items) if items.iter().any(|item| self.is_header(item)) => {
                for item in items.iter() {
                    self.remove_region(item.span().start);
                    if let DeValue::Table(table) = item.get_ref() {
                        entries(table).into_iter().for_each(|inner| self.remove_lines(inner, true));
                    }
                }
            }
            _ if covered => {}
            _ => {
                let start = self.line_start(entry.key.span.start);
                let end = self.line_end(entry.value.span().end);
                self.replace(Span { start, end }, String::new());
            }
        }
    }

    fn is_header(&self, value: &Spanned<DeValue<'_>>) -> bool {
        is_header(self.source, value)
    }

    /// Takes out the lines of a table: from the comment above its header to the comment above the next one.
    fn remove_region(&mut self, header: usize) {
        let start = self.above(header);
        let next = self.headers.iter().find(|next| **next > header);
        let end = next.map_or(self.source.len(), |next| self.above(*next));
        self.replace(Span { start, end }, String::new());
    }

    /// The start of the comment lines that stand directly above a header.
    fn above(&self, header: usize) -> usize {
        let mut start = self.line_start(header);
        while let Some(end) = start.checked_sub(1) {
            let line = self.line_start(end);
            if !self.source[line..end].trim_start().starts_with('#') {
                break;
            }
            start = line;
        }
        start
    }

    fn line_start(&self, at: usize) -> usize {
        self.source[..at].rfind('\n').map_or(0, |newline| newline + 1)
    }

    /// The offset behind the newline that ends the line of `at`.
    fn line_end(&self, at: usize) -> usize {
        self.source[at..].find('\n').map_or(self.source.len(), |newline| at + newline + 1)
    }

    /// The edited text. `None` if two edits overlap.
    pub(super) fn apply(mut self) -> Option<String> {
        self.list.sort_by_key(|(span, _)| (span.start, span.end));
        let mut result = String::with_capacity(self.source.len());
        let mut at = 0;
        for (span, with) in &self.list {
            result.push_str(self.source.get(at..span.start)?);
            result.push_str(with);
            at = span.end;
        }
        result.push_str(self.source.get(at..)?);
        Some(result)
    }
}

fn is_header(source: &str, value: &Spanned<DeValue<'_>>) -> bool {
    matches!(value.get_ref(), DeValue::Table(_)) && source[value.span().start..].starts_with('[')
}

fn collect_headers(source: &str, value: &Spanned<DeValue<'_>>, headers: &mut Vec<usize>) {
    if is_header(source, value) {
        headers.push(value.span().start);
    }
    match value.get_ref() {
        DeValue::Table(table) => {
            table.iter().for_each(|(_, value)| collect_headers(source, value, headers));
        }
        DeValue::Array(items) => items.iter().for_each(|value| collect_headers(source, value, headers)),
        _ => {}
    }
}

/// The end of the last value of an entry. A dotted key's table has the place of the key alone.
fn end_of(entry: Entry<'_>) -> usize {
    let end = entry.value.span().end.max(entry.key.span.end);
    match entry.value.get_ref() {
        DeValue::Table(table) => entries(table).into_iter().map(end_of).fold(end, usize::max),
        _ => end,
    }
}

/// A TOML basic string.
pub(super) fn string(value: &str) -> String {
    let mut literal = String::from("\"");
    for character in value.chars() {
        match character {
            '"' | '\\' => literal.extend(['\\', character]),
            control if control.is_control() => literal.push_str(&format!("\\U{:08X}", u32::from(control))),
            plain => literal.push(plain),
        }
    }
    literal.push('"');
    literal
}

/// A TOML array of strings, on one line.
pub(super) fn array(values: &[String]) -> String {
    let items: Vec<String> = values.iter().map(|value| string(value)).collect();
    format!("[{}]", items.join(", "))
}
