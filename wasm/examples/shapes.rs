//! Prints the JSON Schemas of what crosses between Rust and JavaScript: `{ $defs: { … } }`.

use std::io::Write as _;

fn main() -> std::io::Result<()> {
    writeln!(std::io::stdout().lock(), "{:#}", vitte_package_wasm::shapes::all())
}
