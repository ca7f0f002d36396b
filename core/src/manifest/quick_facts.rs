//! Name and version of a manifest that was checked before, without checking all of it again.

use super::{Manifest, ManifestErrors};
use crate::name::PackageName;
use crate::version::Version;

/// Name and version as a whole manifest states them.
///
/// A manifest that begins with `[package]` and plain `key = "value"` lines, as nearly all do, is read no further than
/// needed; of any other every fault is found.
///
/// # Errors
/// As [`Manifest::parse`].
pub fn quick_facts(source: &str) -> Result<(PackageName, Version), ManifestErrors> {
    match plain(source) {
        Some(stated) => Ok(stated),
        None => Manifest::parse(source).map(|manifest| (manifest.name().clone(), manifest.version().clone())),
    }
}

/// Reads lines that can mean one thing only, from the beginning; none as soon as there is another.
fn plain(source: &str) -> Option<(PackageName, Version)> {
    let mut lines = source.lines();
    lines.by_ref().find(|line| !line.is_empty()).filter(|line| *line == "[package]")?;
    let (mut name, mut version) = (None, None);
    while name.is_none() || version.is_none() {
        let (key, value) = lines.next()?.split_once(" = \"")?;
        let value = value.strip_suffix('"')?;
        let simple = |text: &str| {
            text.bytes().all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\'))
        };
        if !simple(value) || !key.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return None;
        }
        match key {
            "name" => name = Some(PackageName::parse(value).ok()?),
            "version" => version = Some(Version::parse(value).ok()?),
            _ => {}
        }
    }
    Some((name?, version?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_quickly_is_what_is_read_thoroughly() {
        let plainly =
            "[package]\nname = \"a/b\"\nlicense = \"MIT\"\nversion = \"1.2.3\"\nedition = \"2025\"\n";
        assert!(plain(plainly).is_some());
        for source in [
            plainly,
            "[package]\nname = \"a/b\" # mine\nversion = \"1.2.3\"\n",
            "# first\n[package]\nversion = '1.2.3'\nname = \"a/b\"\n",
            "package = { name = \"a/b\", version = \"1.2.3\" }\n",
            "[features]\nx = []\n\n[package]\nname = \"a\\u002fb\"\nversion = \"1.2.3\"\n",
        ] {
            let (name, version) = quick_facts(source).unwrap();
            let manifest = Manifest::parse(source).unwrap();
            assert_eq!((&name, &version), (manifest.name(), manifest.version()), "{source}");
        }
        assert!(quick_facts("[package]\nname = \"a/b\"\n").is_err());
        assert!(quick_facts("[package]\nname = \"\"\"a/b\"\nversion = \"1.0.0\"\n").is_err());
    }
}
