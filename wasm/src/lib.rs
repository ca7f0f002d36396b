//! WebAssembly bindings: convert arguments, call core, convert the result.
