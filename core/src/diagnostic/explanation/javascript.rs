//! 09: JavaScript and wasm.

super::explanations! {
    WasmLoad: [
        "The page's policy forbids WebAssembly: `script-src` lacks 'wasm-unsafe-eval'.",
        "A synchronous function was called before the module was there.",
    ] fr [
        "La politique de la page interdit WebAssembly : il manque 'wasm-unsafe-eval' à `script-src`.",
        "Une fonction synchrone a été appelée avant que le module soit chargé.",
    ]
    @javascript "await init({ bytes: new Uint8Array(8) })" => {
        "VitteError: VP0901: the WebAssembly module cannot be loaded: …"
    };

    WasmMime: [
        "A bundler moved the file, and the server answers with its page for what is not found.",
        "The file was not deployed.",
    ] fr [
        "Un empaqueteur a déplacé le fichier, et le serveur répond par sa page d’erreur.",
        "Le fichier n’a pas été déployé.",
    ]
    @javascript r#"await init({ url: "/index.html" })"# => {
        "VitteError: VP0902: got text/html for vitte_core_bg.wasm"
    };

    JsArgument: [
        "Something other than bytes, a Blob, a stream or an address was given for a package.",
        "Two members of a policy exclude each other.",
    ] fr [
        "Autre chose que des octets, un Blob, un flux ou une adresse a été donné pour un paquet.",
        "Deux membres d’une politique s’excluent.",
    ]
    @javascript "await pkg.verify({ registryAt, index })" => {
        "VitteError: VP0903: policy.index cannot be used with policy.registryAt or policy.trustRoot: the registry's log determines it"
    };

    Disposed: [
        "The object is used after `dispose()`, or after the block that declared it with `using`.",
    ] fr [
        "L’objet est utilisé après `dispose()`, ou après le bloc qui l’a déclaré avec `using`.",
    ]
    @javascript "pkg.dispose(); pkg.contents()" => {
        "VitteError: VP0904: the package was disposed of"
    };
}
