//! The texts of a YAML file, each with where it is. Aliases are not followed: what is read is no longer than the file.

use saphyr_parser::{Event, Parser, ScanError};

/// Levels at most.
const DEPTH: usize = 64;

/// A text of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Text {
    /// The keys above it, and numbers in lists.
    pub(super) path: Vec<String>,
    /// What it says; a key without a value says nothing.
    pub(super) text: String,
    /// Its line, from 1.
    pub(super) line: usize,
}

/// Why a file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// What is wrong.
    pub(super) reason: String,
    /// The line, from 1.
    pub(super) line: usize,
    /// The column, from 1.
    pub(super) column: usize,
}

impl From<ScanError> for Fault {
    fn from(error: ScanError) -> Self {
        let at = error.marker();
        Self { reason: error.info().to_owned(), line: at.line(), column: at.col() + 1 }
    }
}

enum Level {
    /// In a map; the key whose value comes next.
    Map(Option<String>),
    /// In a list; the number of the next.
    List(usize),
}

/// Reads all texts.
pub(super) fn texts(source: &str) -> Result<Vec<Text>, Fault> {
    let (mut levels, mut texts): (Vec<Level>, Vec<Text>) = (Vec::new(), Vec::new());
    for event in Parser::new_from_str(source) {
        let (event, span) = event?;
        let line = span.start.line();
        match event {
            Event::Scalar(text, ..) => match levels.last_mut() {
                Some(Level::Map(key @ None)) => *key = Some(text.into_owned()),
                _ => {
                    texts.push(Text { path: path(&levels), text: text.into_owned(), line });
                    done(&mut levels);
                }
            },
            Event::Alias(_) => match levels.last_mut() {
                Some(Level::Map(key @ None)) => *key = Some(String::new()),
                _ => done(&mut levels),
            },
            Event::MappingStart(..) => levels.push(Level::Map(None)),
            Event::SequenceStart(..) => levels.push(Level::List(0)),
            Event::MappingEnd | Event::SequenceEnd => {
                levels.pop();
                done(&mut levels);
            }
            _ => {}
        }
        if levels.len() > DEPTH {
            let reason = "nested too deeply".to_owned();
            return Err(Fault { reason, line, column: span.start.col() + 1 });
        }
    }
    Ok(texts)
}

fn path(levels: &[Level]) -> Vec<String> {
    let part = |level: &Level| match level {
        Level::Map(key) => key.clone().unwrap_or_default(),
        Level::List(number) => number.to_string(),
    };
    levels.iter().map(part).collect()
}

/// A value has ended: the next key, or the next of a list, comes. A key that is a list or a map of its own has no name.
fn done(levels: &mut [Level]) {
    match levels.last_mut() {
        Some(Level::Map(key)) => *key = if key.is_some() { None } else { Some(String::new()) },
        Some(Level::List(number)) => *number += 1,
        None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(source: &str) -> Vec<(String, String)> {
        texts(source).unwrap().into_iter().map(|text| (text.path.join("."), text.text)).collect()
    }

    #[test]
    fn texts_are_found_where_they_are() {
        let read =
            shown("on: {push: }\njobs:\n  a:\n    steps:\n      - run: one\n      - run: |\n          two\n");
        let expected = [("on.push", ""), ("jobs.a.steps.0.run", "one"), ("jobs.a.steps.1.run", "two\n")];
        let expected: Vec<_> =
            expected.iter().map(|(path, text)| (path.to_string(), text.to_string())).collect();
        assert_eq!(read, expected);
    }

    #[test]
    fn aliases_cost_nothing_and_depth_is_bounded() {
        let mut bomb = "a: &a [x, x]\n".to_owned();
        for (from, to) in ('a'..='y').zip('b'..) {
            bomb += &format!("{to}: &{to} [*{from}, *{from}]\n");
        }
        assert_eq!(texts(&bomb).unwrap().len(), 2);
        assert!(texts(&"[".repeat(1000)).is_err());
        assert_eq!(texts("a: [\nb: }").unwrap_err().line, 2);
    }
}
