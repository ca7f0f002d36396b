//! 09: JavaScript and wasm.

super::explanations! {
    WasmLoad: [
        "The page's policy forbids WebAssembly: `script-src` lacks 'wasm-unsafe-eval'.",
        "A synchronous function was called before the module was there.",
    ]
    @javascript "await init({ bytes: new Uint8Array(8) })" => {
        "VitteError: VP0901: the WebAssembly module cannot be loaded: …"
    };

    WasmMime: [
        "A bundler moved the file, and the server answers with its page for what is not found.",
        "The file was not deployed.",
    ]
    @javascript r#"await init({ url: "/index.html" })"# => {
        "VitteError: VP0902: got text/html for vitte_core_bg.wasm"
    };

    JsArgument: [
        "Something other than bytes, a Blob, a stream or an address was given for a package.",
        "Two members of a policy exclude each other.",
    ]
    @javascript "await pkg.verify({ registryAt, index })" => {
        "VitteError: VP0903: policy.index does not go with policy.registryAt or policy.trustRoot: the registry's log says it"
    };

    Disposed: [
        "The object is used after `dispose()`, or after the block that declared it with `using`.",
    ]
    @javascript "pkg.dispose(); pkg.contents()" => {
        "VitteError: VP0904: the package was disposed of"
    };
}
