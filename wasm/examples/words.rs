//! Prints the tables of words and codes as JSON, for pages and tests: `{ messages: { id: … }, codes: [ … ] }`.
//!
//! They are not part of the module: a page needs its own words only, and needs them when it is built.

use serde::Serialize;
use std::collections::BTreeMap;
use std::io::Write as _;
use vitte_package_core::{diagnostic, message};

#[derive(Serialize)]
struct Words {
    messages: BTreeMap<&'static str, Message>,
    codes: Vec<Code>,
}

/// The forms of a message (one and other, where there is a plural) and the names of its arguments.
#[derive(Serialize)]
struct Message {
    forms: &'static [&'static str],
    arguments: &'static [&'static str],
}

#[derive(Serialize)]
struct Code {
    code: diagnostic::Code,
    class: &'static str,
    exit: u8,
    retryable: bool,
    title: &'static str,
    mend: &'static str,
}

fn main() -> std::io::Result<()> {
    let messages = message::all()
        .map(|message| (message.id, Message { forms: message.forms, arguments: message.arguments }))
        .collect();
    let codes = diagnostic::Code::ALL
        .iter()
        .map(|&code| Code {
            code,
            class: code.class(),
            exit: code.exit() as u8,
            retryable: code.retryable(),
            title: code.title(),
            mend: code.mend(),
        })
        .collect();
    let mut out = std::io::stdout().lock();
    serde_json::to_writer(&mut out, &Words { messages, codes })?;
    writeln!(out)
}
