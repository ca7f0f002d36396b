//! Words about verification.

pub use vitte_package_core::message::verify::*;

vitte_package_core::messages! { "verify";
    offline_needs_file(given: &str) =
        "there is no file {given}: offline, only a file with its proofs inside can be verified",
        "il n’y a pas de fichier {given} : hors ligne, seul un fichier qui contient ses preuves peut être vérifié";
    no_such_file(given: &str) =
        "there is no file {given}, and no package can be called so",
        "il n’y a pas de fichier {given}, et aucun paquet ne peut s’appeler ainsi";
    no_file_either(given: &str) =
        "if a file was meant: there is none called {given} here",
        "s’il s’agissait d’un fichier : aucun ne s’appelle {given} ici";
    offline_needs_file_help() =
        "vitte package verify FILE --offline, after: vitte package staple FILE",
        "vitte package verify FICHIER --offline, après : vitte package staple FICHIER";
    // verdicts
    verdict_unjudged() =
        "not a package, or not a complete one: there is no verdict",
        "pas un paquet, ou un paquet incomplet : pas de verdict";
    verdict_release(verdict: &str, release: &str, signers: &str) =
        "{verdict}: {release}, signed by {signers}",
        "{verdict} : {release}, signé par {signers}";
    not_asked() =
        "skipped",
        "omis";
    not_asked_identity() =
        "skipped (no identity was given: --tree)",
        "omis (aucune identité n’a été donnée : --tree)";
    not_asked_registry() =
        "skipped (no registry was given)",
        "omis (aucun registre n’a été donné)";
    not_reached() =
        "not reached",
        "non atteint";
    // extracting
    extracted(folder: &str, verdict: &str) =
        "extracted to {folder} ({verdict})",
        "extrait dans {folder} ({verdict})";
    folder_exists(folder: &str) =
        "the folder {folder} is there already, and not empty",
        "le dossier {folder} existe déjà et n’est pas vide";
}
