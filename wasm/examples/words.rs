//! Prints the tables of words, codes and JavaScript's own faults as JSON, for pages, the npm package and tests:
//! `{ messages: { id: … }, terms: [ [english, french], … ], term_arguments: [ … ], codes: [ … ], faults: [ … ],
//! shown: [ [name, id], … ] }`.
//!
//! They are not part of the module: a page needs its own words only, and needs them when it is built.

use serde::Serialize;
use std::collections::BTreeMap;
use std::io::Write as _;
use vitte_package_core::diagnostic;
use vitte_package_core::message::{self, Language, term};
use vitte_package_wasm::{faults, message as facade};

#[derive(Serialize)]
struct Words {
    messages: BTreeMap<&'static str, Message>,
    terms: &'static [(&'static str, &'static str)],
    term_arguments: &'static [&'static str],
    codes: Vec<Code>,
    faults: Vec<Fault>,
    shown: &'static [(&'static str, &'static str)],
}

/// The forms of a message (one and other, where there is a plural) in English and French, the names of its arguments, and
/// which of them a plural is chosen by.
#[derive(Serialize)]
struct Message {
    forms: &'static [&'static str],
    french: &'static [&'static str],
    arguments: &'static [&'static str],
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<&'static str>,
}

#[derive(Serialize)]
struct Code {
    code: diagnostic::Code,
    class: &'static str,
    exit: u8,
    retryable: bool,
    title: &'static str,
    title_fr: &'static str,
    fix: &'static str,
    fix_fr: &'static str,
}

/// A fault that the npm package reports, by the ids of its messages.
#[derive(Serialize)]
struct Fault {
    name: &'static str,
    code: diagnostic::Code,
    message: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'static str>,
}

fn main() -> std::io::Result<()> {
    let messages = message::all()
        .chain(facade::TABLE)
        .map(|message| {
            (
                message.id,
                Message {
                    forms: message.forms,
                    french: message.french,
                    arguments: message.arguments,
                    count: message.count,
                },
            )
        })
        .collect();
    let codes = diagnostic::Code::ALL
        .iter()
        .map(|&code| Code {
            code,
            class: code.class(),
            exit: code.exit() as u8,
            retryable: code.retryable(),
            title: code.title_in(Language::English),
            title_fr: code.title_in(Language::French),
            fix: code.fix_in(Language::English),
            fix_fr: code.fix_in(Language::French),
        })
        .collect();
    let faults = faults::ALL
        .iter()
        .map(|&faults::Fault { name, code, message, help }| Fault { name, code, message, help })
        .collect();
    let mut out = std::io::stdout().lock();
    let words = Words {
        messages,
        terms: term::TABLE,
        term_arguments: term::ARGUMENTS,
        codes,
        faults,
        shown: faults::SHOWN,
    };
    serde_json::to_writer(&mut out, &words)?;
    writeln!(out)
}
