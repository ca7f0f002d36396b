//! Tables of a manifest that nothing reads, and that their author most likely wanted to be read.

use super::schema;
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::message::{manifest as text, usage};
use crate::nearest::nearest;
use toml::de::{DeTable, DeValue};

/// Top-level tables that are nearly called like one of a manifest: `[dependencis]`. Such a table may be another tool's,
/// as any that is not known, so this is worth a warning and no fault. A text that is no TOML has none.
pub fn near_miss_tables(source: &str) -> Vec<Diagnostic> {
    let Ok(root) = DeTable::parse(source) else { return Vec::new() };
    let known = || schema::ROOT.iter().map(|key| key.name);
    let tables = root.get_ref().iter().filter(|(_, value)| {
        // A value that is no table cannot be one of ours either.
        matches!(value.get_ref(), DeValue::Table(_) | DeValue::Array(_))
    });
    let unread = tables.filter(|(name, _)| known().all(|key| key != name.get_ref()));
    unread
        .filter_map(|(name, _)| {
            let near = nearest(name.get_ref(), known())?;
            let fault = Diagnostic::new(Code::ManifestKey, text::table_unread(name.get_ref()));
            let near = usage::did_you_mean(&format!("[{near}]"));
            Some(fault.at(Place::Source(name.span().into())).help(near))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_nearly_ours_is_doubted() {
        let found = |source| -> Vec<String> {
            near_miss_tables(source).into_iter().map(|warning| warning.help.concat()).collect()
        };
        assert_eq!(
            found("[package]\n[dependencis]\n[[bins]]\n"),
            ["did you mean `[bin]`?", "did you mean `[dependencies]`?"]
        );
        assert_eq!(found("[dependencies]\n[dev-dependencies]\n[tool.x]\n[lints]\n[profiles.dev]\n"), [""; 0]);
        assert_eq!(found("dependencis = 1\n"), [""; 0]);
        assert_eq!(found("[dependencis"), [""; 0]);
    }
}
