//! The tables of words and codes, for pages and types.

use crate::convert::to_js;
use serde::Serialize;
use std::collections::BTreeMap;
use vitte_package_core::{diagnostic, message};
use wasm_bindgen::prelude::*;

#[derive(Serialize)]
struct Message {
    forms: &'static [&'static str],
    arguments: &'static [&'static str],
}

/// Every message of core by id: its forms (one and other, where there is a plural) and arguments.
#[wasm_bindgen]
pub fn messages() -> Result<JsValue, JsValue> {
    let table: BTreeMap<_, _> = message::all()
        .map(|message| (message.id, Message { forms: message.forms, arguments: message.arguments }))
        .collect();
    to_js(&table)
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

/// Every error code, in the order of the table.
#[wasm_bindgen]
pub fn codes() -> Result<JsValue, JsValue> {
    let table: Vec<_> = diagnostic::Code::ALL
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
    to_js(&table)
}
