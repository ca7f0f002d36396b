//! Removing an entry of a table by its lines, so that everything else stays byte for byte.

use super::{find_table, line_ends, read, show};
use crate::error::Error;
use std::ops::Range;
use toml_edit::{Document, Item, Table, TableLike};

/// The text without an entry of the table at `path`, and the entry as a line; `None` where there is none.
///
/// # Errors
/// `manifest-syntax`.
pub(super) fn entry(source: &str, path: &[String], name: &str) -> Result<Option<(String, String)>, Error> {
    let mut document = read(source)?;
    let Some(table) = find_table(&mut document, path) else { return Ok(None) };
    let Some(line) = table.get_key_value(name).map(|(key, item)| show(key, item)) else { return Ok(None) };
    table.remove(name);
    let remaining = document.to_string();
    let by_lines =
        lines(source, path, name).map(|range| [&source[..range.start], &source[range.end..]].concat());
    // An entry that shares its lines with others is taken out of the document instead.
    let text = by_lines.filter(|text| same(text, &remaining));
    Ok(Some((text.unwrap_or_else(|| line_ends::like(source, &remaining)), line)))
}

/// The whole lines that an entry is on.
fn lines(source: &str, path: &[String], name: &str) -> Option<Range<usize>> {
    let document = Document::parse(source).ok()?;
    let mut table: &dyn TableLike = document.as_table();
    for part in path {
        table = table.get(part)?.as_table_like()?;
    }
    let (key, item) = table.get_key_value(name)?;
    let mut range = key.span();
    extend(&mut range, item);
    let range = range?;
    let start = source[..range.start].rfind('\n').map_or(0, |at| at + 1);
    let end = source[range.end..].find('\n').map_or(source.len(), |at| range.end + at + 1);
    Some(start..end)
}

/// Makes a range cover everything of an item.
fn extend(range: &mut Option<Range<usize>>, item: &Item) {
    if let Some(span) = item.span() {
        *range = Some(match range.take() {
            Some(known) => known.start.min(span.start)..known.end.max(span.end),
            None => span,
        });
    }
    if let Some(table) = item.as_table() {
        each(range, table);
    }
}

fn each(range: &mut Option<Range<usize>>, table: &Table) {
    for (_, item) in table {
        extend(range, item);
    }
}

/// Whether two texts say the same.
fn same(one: &str, other: &str) -> bool {
    let value = |text: &str| text.trim_start_matches('\u{feff}').parse::<toml::Table>().ok();
    value(one).is_some() && value(one) == value(other)
}
