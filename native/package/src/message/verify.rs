//! Words about verification.

pub use vitte_package_core::message::verify::*;

vitte_package_core::messages! { "verify";
    offline_needs_file(given: &str) = "there is no file {given}: offline, only a file with its proofs inside can be verified";
    no_such_file(given: &str) = "there is no file {given}, and no package can be called so";
    no_file_either(given: &str) = "if a file was meant: there is none called {given} here";
    offline_needs_file_help() = "vitte package verify FILE --offline, after: vitte package staple FILE";
    // verdicts
    verdict_unjudged() = "not a package, or not a complete one: there is no verdict";
    verdict_release(verdict: &str, release: &str, signers: &str) = "{verdict}: {release}, signed by {signers}";
    verdict_failed(reason: &str) = "no: {reason}";
    not_asked() = "not asked";
    not_reached() = "not reached";
    // extracting
    extracted(folder: &str, verdict: &str) = "extracted to {folder} ({verdict})";
    folder_exists(folder: &str) = "the folder {folder} is there already, and not empty";
}
