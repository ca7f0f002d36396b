//! Words about JavaScript and wasm.

crate::messages! { "wasm";
    argument(name: &str, reason: &str) =
        "the argument `{name}` does not have the declared type: {reason}",
        "l’argument `{name}` n’a pas le type déclaré : {reason}";
}
