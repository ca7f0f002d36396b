//! Words about JavaScript and wasm.

crate::messages! { "wasm";
    argument(name: &str, reason: &str) =
        "the argument `{name}` is not what the types declare: {reason}",
        "l’argument `{name}` n’est pas ce que déclarent les types : {reason}";
}
