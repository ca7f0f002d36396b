//! `wasm-bindgen` as wasm-pack calls it, and nothing more.
//!
//! The published command line brings an HTTP client, a web server and a test runner: 186 crates, of which the
//! generator itself needs 48. An option not known here is refused by name, never ignored.

use std::path::PathBuf;
use std::process::ExitCode;

use wasm_bindgen_cli_support::Bindgen;

const USAGE: &str = "usage: wasm-bindgen INPUT.wasm --out-dir DIR --target web|bundler|nodejs|deno|no-modules \
                     [--out-name NAME] [--typescript|--no-typescript] [--debug] [--no-demangle] [--keep-debug] \
                     [--omit-default-module-path] [--split-linked-modules] [--reference-types] [--weak-refs]";

fn main() -> ExitCode {
    match run(std::env::args().skip(1)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("wasm-bindgen: {fault}\n{USAGE}");
            ExitCode::FAILURE
        }
    }
}

fn run(mut arguments: impl Iterator<Item = String>) -> Result<(), String> {
    let mut bindgen = Bindgen::new();
    bindgen.typescript(true);
    let (mut input, mut out_dir, mut target) = (None, None, None);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| format!("{argument} needs a value"));
        match argument.as_str() {
            "--version" | "-V" => {
                println!("wasm-bindgen {}", env!("CARGO_PKG_VERSION"));
                return Ok(());
            }
            "--out-dir" => out_dir = Some(PathBuf::from(value()?)),
            "--out-name" => drop(bindgen.out_name(&value()?)),
            "--target" => target = Some(value()?),
            "--typescript" => drop(bindgen.typescript(true)),
            "--no-typescript" => drop(bindgen.typescript(false)),
            "--debug" => drop(bindgen.debug(true)),
            "--no-demangle" => drop(bindgen.demangle(false)),
            "--keep-debug" => drop(bindgen.keep_debug(true)),
            "--omit-default-module-path" => drop(bindgen.omit_default_module_path(true)),
            "--split-linked-modules" => drop(bindgen.split_linked_modules(true)),
            // Both are read from the module itself by now; wasm-pack may still pass them.
            "--reference-types" | "--weak-refs" => {}
            other if other.starts_with('-') => return Err(format!("unknown option {other}")),
            other if input.is_none() => input = Some(PathBuf::from(other)),
            other => return Err(format!("a second input: {other}")),
        }
    }
    match target.as_deref().ok_or("no --target")? {
        "web" => bindgen.web(true),
        "bundler" => bindgen.bundler(true),
        "nodejs" => bindgen.nodejs(true),
        "deno" => bindgen.deno(true),
        "no-modules" => bindgen.no_modules(true),
        other => return Err(format!("unknown target {other}")),
    }
    .map_err(|fault| fault.to_string())?;
    bindgen
        .input_path(input.ok_or("no input")?)
        .generate(out_dir.ok_or("no --out-dir")?)
        .map_err(|fault| format!("{fault:#}"))
}
