//! The JSON Schemas: of what the command line prints for programs, and of the API.

use super::frame::{Frame, Visit};
use super::{escape, format, words};
use crate::problem::Refusal;
use askama::Template;
use axum::response::Response;

const JSON: &str = "application/schema+json";
const FRESH: &str = "public, max-age=3600";

macro_rules! schemas {
    ($($name:literal),+ $(,)?) => {
        /// Names and texts of the schemas of the command line.
        const SCHEMAS: &[(&str, &str)] = &[$((
            $name,
            include_str!(concat!("../../../package/schemas/", $name, ".json")),
        ),)+];
    };
}

schemas![
    "add",
    "audit",
    "build",
    "cache-clean",
    "cache-info",
    "cache-prune",
    "cache-verify",
    "ci-check",
    "ci-init",
    "completions",
    "config-get",
    "config-list",
    "config-set",
    "config-unset",
    "delta-apply",
    "delta-inspect",
    "delta-make",
    "demo",
    "deprecate",
    "doctor",
    "envelope",
    "event",
    "explain",
    "extract",
    "fetch",
    "history",
    "info",
    "init",
    "inspect",
    "install",
    "key-export",
    "key-generate",
    "key-import",
    "key-list",
    "key-passphrase",
    "key-remove",
    "key-rename",
    "key-show",
    "key-trust",
    "key-untrust",
    "list",
    "lock",
    "log-monitor",
    "log-show",
    "login",
    "logout",
    "namespace-create",
    "namespace-owners",
    "namespace-revoke",
    "namespace-rotate",
    "namespace-show",
    "new",
    "outdated",
    "owner-add",
    "owner-list",
    "owner-remove",
    "publish",
    "registry-add",
    "registry-delta",
    "registry-init",
    "registry-key-export",
    "registry-key-import",
    "registry-list",
    "registry-remove",
    "registry-rotate",
    "registry-serve-static",
    "registry-verify",
    "remove",
    "report",
    "rollback",
    "search",
    "sign",
    "staple",
    "store-gc",
    "store-list",
    "store-verify",
    "token-create",
    "token-list",
    "token-revoke",
    "tree",
    "trust-accept",
    "uninstall",
    "update",
    "use",
    "vendor",
    "verify",
    "whoami",
    "why",
    "yank",
];

#[derive(Template)]
#[template(path = "schemas.html")]
struct All {
    frame: Frame,
    names: Vec<&'static str>,
}

/// `GET /schemas`
pub(crate) fn all(visit: &Visit) -> Response {
    visit.page(200, |frame| All {
        frame: frame.titled(&words::schemas()).about(&words::schemas_about()),
        names: SCHEMAS.iter().map(|(name, _)| *name).collect(),
    })
}

/// `GET /schemas/{name}.json`
///
/// # Errors
/// 404 for what is no schema.
pub(crate) fn one(visit: &Visit, file: &str) -> Result<Response, Refusal> {
    let name = file.strip_suffix(".json").ok_or_else(|| visit.missing())?;
    let schema = SCHEMAS.iter().find(|(known, _)| *known == name).ok_or_else(|| visit.missing())?;
    Ok(visit.send(200, JSON, schema.1.to_owned(), FRESH))
}

#[cfg(test)]
mod tests {
    use super::SCHEMAS;

    #[test]
    fn every_schema_there_is_is_served() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../package/schemas");
        let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name());
        let names = files.filter_map(|name| name.to_str()?.strip_suffix(".json").map(str::to_owned));
        let mut names: Vec<_> = names.collect();
        names.sort_unstable();
        assert_eq!(SCHEMAS.iter().map(|(name, _)| *name).collect::<Vec<_>>(), names);
    }
}
