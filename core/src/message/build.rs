//! Words about building archives and looking into them.

crate::messages! { "build";
    no_such_file(path: &str) =
        "the archive has no file `{path}`",
        "l’archive n’a pas de fichier `{path}`";
}
