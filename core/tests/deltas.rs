//! Deltas made by `tests/cases/deltas/make.py`, a program that shares no code with core: the good ones give the new files,
//! each of the others ends in its class of fault, and little memory is asked for before that.

// Files are read here, in a test, and not in core.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

#[path = "../fuzz/laws/mod.rs"]
mod laws;

use laws::delta::{File, applied};
use serde_json::Value;
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use vitte_package_core::delta::PurePrefixDecoder;

/// Bytes that a refused delta may ask the allocator for: those of the file and of its decoders. The lengths that the
/// cases state are far above.
const ASKED: u64 = 4 * 1024 * 1024;

thread_local! {
    static COUNTED: Cell<u64> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: every call goes to the system's allocator as it came; only lengths are added up.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = COUNTED.try_with(|counted| counted.set(counted.get() + layout.size() as u64));
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn files(value: &Value) -> Vec<File> {
    let file = |value: &Value| {
        let text = |name: &str| value[name].as_str().unwrap().to_owned();
        let hex = text("content");
        let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        (text("path"), text("section"), (0..hex.len()).step_by(2).map(byte).collect())
    };
    value.as_array().unwrap().iter().map(file).collect()
}

#[test]
fn t73_each_delta_ends_as_its_case_says() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/cases/deltas");
    let table: Value =
        serde_json::from_slice(&std::fs::read(format!("{folder}/cases.json")).unwrap()).unwrap();
    let (old, new) = (files(&table["old"]), files(&table["new"]));
    let new = new.into_iter().map(|(path, _, content)| (path, content)).collect::<Vec<_>>();
    let mut wrong = Vec::new();
    let mut good = 0;
    for case in table["cases"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let bytes = std::fs::read(format!("{folder}/{name}.vitdelta")).unwrap();
        COUNTED.set(0);
        let got = applied(&bytes, &old, &mut PurePrefixDecoder::new());
        assert!(COUNTED.get() < ASKED + 8 * bytes.len() as u64, "{name}: {} bytes", COUNTED.get());
        match (&got, case["code"].as_str()) {
            (Ok(files), None) => {
                assert_eq!(files, &new, "{name}");
                good += 1;
            }
            (Err(code), Some(expected)) if code.class() == expected => {}
            (got, expected) => wrong.push(format!("{name}: {expected:?}, got {:?}", got.as_ref().err())),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(good >= 4);
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), table["cases"].as_array().unwrap().len() + 2);
}
