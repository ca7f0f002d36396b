//! Settings in a file.

use super::table::{Row, TABLE};
use super::{FILE_NAME, Origin, Sources, Written, fault, suggest};
use crate::error::{At as _, Result};
use crate::message as words;
use std::io::Read as _;
use std::path::Path;
use toml::de::{DeTable, DeValue};
use vitte_package_core::diagnostic::Diagnostic;

/// Bytes of the file at most.
const FILE_LEN: u64 = 64 * 1024;

/// Reads the file that was named, or that of the data folder if it is there.
pub(super) fn read(sources: &Sources<'_>, written: &mut Written, faults: &mut Vec<Diagnostic>) -> Result<()> {
    let own = sources.data.join(FILE_NAME);
    let path = sources.file.unwrap_or(&own);
    let file = match std::fs::File::open(path) {
        Err(error) if sources.file.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(());
        }
        opened => opened.at(path)?,
    };
    let mut bytes = Vec::new();
    file.take(FILE_LEN + 1).read_to_end(&mut bytes).at(path)?;
    let shown = path.display().to_string();
    match String::from_utf8(bytes) {
        Ok(text) if text.len() as u64 <= FILE_LEN => read_text(path, &text, written, faults),
        Ok(_) => faults.push(fault(&shown, words::config_long(FILE_LEN))),
        Err(_) => faults.push(fault(&shown, words::config_syntax("UTF-8"))),
    }
    Ok(())
}

fn read_text(path: &Path, text: &str, written: &mut Written, faults: &mut Vec<Diagnostic>) {
    let line = |start: usize| text.get(..start).unwrap_or(text).matches('\n').count() + 1;
    let place = |start: usize| format!("{}:{}", path.display(), line(start));
    let table = match DeTable::parse(text) {
        Ok(table) => table,
        Err(error) => {
            // The parser's message may quote the text, which may be a secret: only what it expected is said.
            let start = error.span().map_or(0, |span| span.start);
            let message = error.message().lines().next().unwrap_or_default().to_owned();
            faults.push(fault(&place(start), words::config_syntax(&message)));
            return;
        }
    };
    for (name, value) in table.get_ref() {
        let place = place(name.span().start);
        let Some(row) = TABLE.iter().find(|row| row.name == name.get_ref()) else {
            let unknown = fault(&place, words::config_unknown(name.get_ref()));
            faults.push(suggest(unknown, name.get_ref(), TABLE.iter().map(|row: &Row| row.name)));
            continue;
        };
        match plain(value.get_ref()) {
            Some(text) => {
                let origin = Origin::File { path: path.to_owned(), line: line(name.span().start) };
                written.add(row, text, origin);
            }
            None => faults.push(fault(&place, words::config_text(row.name))),
        }
    }
}

/// A text, a number, a switch, or a list of texts, as it would stand in a variable.
fn plain(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) if number.radix() == 10 => Some(number.as_str().replace('_', "")),
        DeValue::Boolean(switch) => Some(switch.to_string()),
        DeValue::Array(items) => {
            let text = |item: &toml::Spanned<DeValue<'_>>| match item.get_ref() {
                DeValue::String(text) => Some(text.to_string()),
                _ => None,
            };
            Some(items.iter().map(text).collect::<Option<Vec<_>>>()?.join(","))
        }
        _ => None,
    }
}
