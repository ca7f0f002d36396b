//! Words about the lockfile.

pub use vitte_package_core::message::lock::*;

vitte_package_core::messages! { "lock";
    not_text() =
        "the lockfile is not UTF-8 text",
        "le fichier de verrouillage n’est pas un texte en UTF-8";
    content_of_other(name: &str, version: &str, tree: &str, found: &str) =
        "{name} {version} is locked as {tree}, which is the content of {found}",
        "{name} {version} est verrouillé comme {tree}, qui est le contenu de {found}";
}
