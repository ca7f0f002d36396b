//! Changes to a `vitte.toml` that leave everything else as its author wrote it: comments, order, spaces.

pub mod line_ends;
pub mod registry;
mod remove;

use crate::error::Error;
use crate::message::dependencies as text;
use toml_edit::{Array, DocumentMut, InlineTable, Item, Key, Table, TableLike, Value};
use vitte_package_core::dependency::DependencyKind;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::name::PackageName;
use vitte_package_core::target::Target;

/// A dependency to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDependency {
    /// The package.
    pub name: PackageName,
    /// Which versions will do; `None` for a path alone.
    pub requirement: Option<String>,
    /// The table it belongs to.
    pub kind: DependencyKind,
    /// The target it is for, if it is for one only.
    pub target: Option<Target>,
    /// Features to ask for, besides those asked for already.
    pub features: Vec<String>,
    /// Whether a feature has to enable it; `None` leaves what is there.
    pub optional: Option<bool>,
    /// Whether its default features are wanted; `None` leaves what is there.
    pub default_features: Option<bool>,
    /// The registry it comes from, by the name the manifest gives it.
    pub registry: Option<String>,
    /// A folder it is in.
    pub path: Option<String>,
}

/// What an edit did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edited {
    /// The new text of the manifest.
    pub text: String,
    /// The table, as its heading has it: `dependencies`.
    pub table: String,
    /// The line written or removed, without its comment.
    pub line: String,
}

/// Adds a dependency, or changes the one that is there.
///
/// # Errors
/// `manifest-syntax` when the text is not TOML, `manifest-type` when a table of dependencies is none.
pub fn add(source: &str, new: &NewDependency) -> Result<Edited, Error> {
    let mut document = read(source)?;
    let path = table_path(new.kind, new.target.as_ref());
    let heading = path.join(".");
    let table = open_table(&mut document, &path)?;
    let was_sorted = is_sorted(table);
    match table.get_mut(new.name.as_str()) {
        Some(item) => change(item, new),
        None => {
            table.insert(new.name.as_str(), Item::Value(fresh(new)));
            if was_sorted {
                table.sort_values();
            }
        }
    }
    let line = table.get_key_value(new.name.as_str()).map(|(key, item)| show(key, item)).unwrap_or_default();
    Ok(Edited { text: line_ends::like(source, &document.to_string()), table: heading, line })
}

/// Removes a dependency: from the table of `kind`, or without it from every table that has it. Headings and comments on
/// lines of their own stay.
///
/// # Errors
/// `not-found` when no table has it, `manifest-syntax`.
pub fn remove(source: &str, name: &PackageName, kind: Option<DependencyKind>) -> Result<Vec<Edited>, Error> {
    let document = read(source)?;
    let kinds = match kind {
        Some(kind) => vec![kind],
        None => vec![DependencyKind::Normal, DependencyKind::Dev, DependencyKind::Build],
    };
    let targets: Vec<Option<String>> = std::iter::once(None)
        .chain(
            document
                .get("target")
                .and_then(Item::as_table_like)
                .into_iter()
                .flat_map(|targets| targets.iter().map(|(target, _)| Some(target.to_owned()))),
        )
        .collect();
    let mut text = source.to_owned();
    let mut removed = Vec::new();
    for target in &targets {
        for kind in &kinds {
            let mut path: Vec<String> = Vec::new();
            path.extend(target.iter().flat_map(|target| ["target".to_owned(), target.clone()]));
            path.push(table_name(*kind).to_owned());
            if let Some((without, line)) = remove::entry(&text, &path, name.as_str())? {
                text = without;
                removed.push((path.join("."), line));
            }
        }
    }
    if removed.is_empty() {
        return Err(Diagnostic::new(Code::NotFound, text::not_a_dependency(name.as_str())).into());
    }
    Ok(removed.into_iter().map(|(table, line)| Edited { text: text.clone(), table, line }).collect())
}

fn read(source: &str) -> Result<DocumentMut, Error> {
    line_ends::plain(source).parse().map_err(|error: toml_edit::TomlError| {
        Diagnostic::new(Code::ManifestSyntax, error.message().to_owned()).into()
    })
}

fn table_name(kind: DependencyKind) -> &'static str {
    match kind {
        DependencyKind::Normal => "dependencies",
        DependencyKind::Dev => "dev-dependencies",
        DependencyKind::Build => "build-dependencies",
    }
}

fn table_path(kind: DependencyKind, target: Option<&Target>) -> Vec<String> {
    let mut path = Vec::new();
    if let Some(target) = target {
        path.extend(["target".to_owned(), target.to_string()]);
    }
    path.push(table_name(kind).to_owned());
    path
}

/// The table at a path, made where it is missing.
fn open_table<'d>(document: &'d mut DocumentMut, path: &[String]) -> Result<&'d mut dyn TableLike, Error> {
    let new_at_root = path.first().is_some_and(|first| !document.contains_key(first));
    // Comments at the end of the file belong to what is above them: the new table comes after them.
    let mut above = String::from("\n");
    if new_at_root {
        let end = document.trailing().as_str().unwrap_or("").to_owned();
        if end.contains('#') {
            above.insert_str(0, &end);
            if !end.ends_with('\n') {
                above.insert(end.len(), '\n');
            }
            document.set_trailing("");
        }
    }
    let mut table: &mut dyn TableLike = document.as_table_mut();
    for (depth, name) in path.iter().enumerate() {
        let is_last = depth + 1 == path.len();
        let item = table.entry(name).or_insert_with(|| {
            let mut table = Table::new();
            table.set_implicit(!is_last);
            if new_at_root && is_last {
                table.decor_mut().set_prefix(above.as_str());
            }
            Item::Table(table)
        });
        table = item.as_table_like_mut().ok_or_else(|| {
            let message = text::not_a_table(&path[..=depth].join("."));
            Error::from(Diagnostic::new(Code::ManifestType, message))
        })?;
    }
    Ok(table)
}

fn find_table<'d>(document: &'d mut DocumentMut, path: &[String]) -> Option<&'d mut dyn TableLike> {
    let mut table: &mut dyn TableLike = document.as_table_mut();
    for name in path {
        table = table.get_mut(name)?.as_table_like_mut()?;
    }
    Some(table)
}

fn is_sorted(table: &dyn TableLike) -> bool {
    let keys: Vec<&str> = table.iter().map(|(key, _)| key).collect();
    keys.is_sorted()
}

/// The value of a dependency that is new: a requirement alone where that says all.
fn fresh(new: &NewDependency) -> Value {
    let mut table = InlineTable::new();
    fill(&mut table, new);
    match (table.len(), &new.requirement) {
        (1, Some(requirement)) => requirement.as_str().into(),
        _ => Value::InlineTable(table),
    }
}

/// Changes what is asked, and nothing else.
fn change(item: &mut Item, new: &NewDependency) {
    if let Some(Value::String(_)) = item.as_value() {
        let replacement = match item.as_value() {
            Some(Value::String(before)) => {
                let mut wanted = new.clone();
                wanted.requirement.get_or_insert_with(|| before.value().clone());
                let mut value = fresh(&wanted);
                *value.decor_mut() = before.decor().clone();
                value
            }
            _ => return,
        };
        *item = Item::Value(replacement);
    } else if let Some(table) = item.as_table_like_mut() {
        fill(table, new);
    }
}

fn fill(table: &mut dyn TableLike, new: &NewDependency) {
    let mut set = |key: &str, value: Value| match table.get_mut(key) {
        Some(Item::Value(before)) => {
            let decor = before.decor().clone();
            *before = value;
            *before.decor_mut() = decor;
        }
        _ => {
            table.insert(key, Item::Value(value));
        }
    };
    if let Some(requirement) = &new.requirement {
        set("version", requirement.as_str().into());
    }
    if let Some(path) = &new.path {
        set("path", path.as_str().into());
    }
    if let Some(registry) = &new.registry {
        set("registry", registry.as_str().into());
    }
    if let Some(optional) = new.optional {
        set("optional", optional.into());
    }
    if let Some(default_features) = new.default_features {
        set("default-features", default_features.into());
    }
    if new.features.is_empty() {
        return;
    }
    match table.get_mut("features").and_then(Item::as_array_mut) {
        Some(features) => {
            for feature in &new.features {
                if !features.iter().any(|known| known.as_str() == Some(feature)) {
                    push(features, feature);
                }
            }
        }
        None => {
            table.insert("features", Item::Value(Value::Array(new.features.iter().collect::<Array>())));
        }
    }
}

/// Adds a text to an array as its author lays it out: on a line of its own where the others are, behind their comments.
fn push(array: &mut Array, text: &str) {
    let text_of =
        |raw: Option<&toml_edit::RawString>| raw.and_then(|raw| raw.as_str()).unwrap_or("").to_owned();
    let prefix = array.get(0).map(|first| text_of(first.decor().prefix())).unwrap_or_default();
    let Some((_, indent)) = prefix.rsplit_once('\n') else {
        array.push(text);
        return;
    };
    // The text between the last value and the bracket, on either side of a comma.
    let mut between = array.trailing().as_str().unwrap_or("").to_owned();
    let last = array.len().saturating_sub(1);
    if let Some(value) = array.get_mut(last) {
        let suffix = text_of(value.decor().suffix());
        if suffix.contains('\n') || suffix.contains('#') {
            between.insert_str(0, &suffix);
            value.decor_mut().set_suffix("");
        }
    }
    let (comments, closing) = between.rsplit_once('\n').unwrap_or((&between, ""));
    let mut value = Value::from(text);
    value.decor_mut().set_prefix(format!("{comments}\n{indent}"));
    let closing = format!("\n{closing}");
    array.push_formatted(value);
    array.set_trailing(closing);
    array.set_trailing_comma(true);
}

/// One dependency as a line.
fn show(key: &Key, item: &Item) -> String {
    let key = key.display_repr();
    match item {
        Item::Value(value) => {
            let mut value = value.clone();
            value.decor_mut().clear();
            format!("{key} = {value}")
        }
        Item::Table(table) => {
            let mut inline = table.clone().into_inline_table();
            inline.fmt();
            format!("{key} = {inline}")
        }
        Item::None | Item::ArrayOfTables(_) => key.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(name: &str, requirement: &str) -> NewDependency {
        NewDependency {
            name: PackageName::parse(name).unwrap(),
            requirement: Some(requirement.to_owned()),
            kind: DependencyKind::Normal,
            target: None,
            features: Vec::new(),
            optional: None,
            default_features: None,
            registry: None,
            path: None,
        }
    }

    const MANIFEST: &str = "# mine\n[package]\nname = \"demo/app\"   # the name\nversion = \"0.1.0\"\n\n[dependencies]\n# for text\n\"acme/text\" = \"1\" # keep\n\"acme/zip\" = { version = \"2\", features = [\"fast\"] }\n\n[features]\n";

    #[test]
    fn a_line_is_added_in_its_place_and_nothing_else_moves() {
        let edited = add(MANIFEST, &new("acme/util", "1.2.3")).unwrap();
        assert_eq!(edited.line, "\"acme/util\" = \"1.2.3\"");
        assert_eq!(edited.table, "dependencies");
        let expected = MANIFEST.replace("\"acme/zip\"", "\"acme/util\" = \"1.2.3\"\n\"acme/zip\"");
        assert_eq!(edited.text, expected);
    }

    #[test]
    fn what_is_there_is_changed_in_place() {
        let edited = add(MANIFEST, &new("acme/text", "2")).unwrap();
        assert_eq!(edited.text, MANIFEST.replace("\"1\" # keep", "\"2\" # keep"));
        let features =
            NewDependency { features: vec!["simd".into()], requirement: None, ..new("acme/zip", "") };
        let edited = add(MANIFEST, &features).unwrap();
        assert_eq!(edited.line, "\"acme/zip\" = { version = \"2\", features = [\"fast\", \"simd\"] }");
        let optional = NewDependency { optional: Some(true), requirement: None, ..new("acme/text", "") };
        assert_eq!(
            add(MANIFEST, &optional).unwrap().line,
            "\"acme/text\" = { version = \"1\", optional = true }"
        );
    }

    #[test]
    fn tables_are_made_where_they_are_missing() {
        let bare = "[package]\nname = \"demo/app\"\nversion = \"0.1.0\"\n";
        let edited =
            add(bare, &NewDependency { kind: DependencyKind::Dev, ..new("acme/test", "1") }).unwrap();
        assert_eq!(edited.text, format!("{bare}\n[dev-dependencies]\n\"acme/test\" = \"1\"\n"));
        let target = Some(Target::parse("x86_64-unknown-linux-gnu").unwrap());
        let edited = add(bare, &NewDependency { target, ..new("acme/os", "1") }).unwrap();
        assert!(
            edited.text.contains("[target.x86_64-unknown-linux-gnu.dependencies]\n\"acme/os\" = \"1\"\n"),
            "{}",
            edited.text
        );
        let plain = add(bare, &new("serde", "1")).unwrap();
        assert_eq!(plain.line, "serde = \"1\"");
    }

    #[test]
    fn features_are_added_behind_comments() {
        let features = NewDependency {
            features: vec!["fast".into(), "simd".into()],
            requirement: None,
            ..new("acme/zip", "")
        };
        for (before, after) in [
            ("[\n    \"fast\", # why\n]", "[\n    \"fast\", # why\n    \"simd\",\n]"),
            ("[\n    # all\n    \"fast\" # why\n]", "[\n    # all\n    \"fast\", # why\n    \"simd\",\n]"),
            ("[\n  \"fast\",\n  # the end\n]", "[\n  \"fast\",\n  # the end\n  \"simd\",\n]"),
            ("[\"fast\"] # one", "[\"fast\", \"simd\"] # one"),
            ("[ # none yet\n]", "[\"fast\", \"simd\" # none yet\n]"),
        ] {
            let table = |features: &str| {
                format!("[dependencies.\"acme/zip\"] # zip\nversion = \"2\" # two\nfeatures = {features}\n")
            };
            let edited = add(&table(before), &features).unwrap();
            assert_eq!(edited.text, table(after));
            assert_eq!(add(&edited.text, &features).unwrap().text, table(after));
        }
    }

    #[test]
    fn comments_stay_where_they_are() {
        let template = include_str!("ops/init/bin.toml");
        let last = template.lines().last().unwrap();
        assert!(last.starts_with("# "), "{last}");
        let registry = vitte_package_core::manifest::RegistryPlace::Directory("../reg".to_owned());
        let namespaces =
            std::iter::once(vitte_package_core::name::Namespace::parse("acme").unwrap()).collect();
        let mut text = template.to_owned();
        for name in ["acme/m", "acme/a", "acme/z"] {
            text = add(&text, &new(name, "1")).unwrap().text;
            text = registry::give(&text, "reg", &registry, &namespaces).unwrap().text;
            text = add(&text, &NewDependency { kind: DependencyKind::Dev, ..new(name, "1") }).unwrap().text;
        }
        let lines: Vec<&str> = text.lines().skip_while(|line| *line != "[dependencies]").collect();
        let expected = [
            "[dependencies]",
            "\"acme/a\" = \"1\"",
            "\"acme/m\" = \"1\"",
            "\"acme/z\" = \"1\"",
            last,
            "",
            "[registries]",
        ];
        assert_eq!(lines[..7], expected, "{text}");
        for name in ["acme/m", "acme/a", "acme/z"] {
            text = remove(&text, &PackageName::parse(name).unwrap(), None).unwrap()[0].text.clone();
        }
        let expected = format!(
            "{template}\n[registries]\nreg = {{ directory = \"../reg\", namespaces = [\"acme\"] }}\n\n[dev-dependencies]\n"
        );
        assert_eq!(text, expected);
    }

    #[test]
    fn headings_and_comments_of_others_stay_when_the_last_entry_is_removed() {
        let before = "[package]\nname = \"a\"\n\n# What we need.\n[dependencies] # all\n# for text\n\"acme/text\" = \"1\" # keep\n# end\n\n# Ours.\n[features]\n";
        let after = before.replace("\"acme/text\" = \"1\" # keep\n", "");
        for ends in ["\n", "\r\n"] {
            let (before, after) = (before.replace('\n', ends), after.replace('\n', ends));
            let removed = remove(&before, &PackageName::parse("acme/text").unwrap(), None).unwrap();
            assert_eq!(removed[0].text, after);
            let marked =
                remove(&format!("\u{feff}{before}"), &PackageName::parse("acme/text").unwrap(), None);
            assert_eq!(marked.unwrap()[0].text, format!("\u{feff}{after}"));
        }
    }

    #[test]
    fn an_entry_in_any_form_is_removed_whole() {
        let name = PackageName::parse("acme/text").unwrap();
        for (before, after) in [
            (
                "[dependencies]\n\"acme/text\" = { version = \"1\", features = [\n  \"a\", # why\n] } # t\nb = \"1\"\n",
                "[dependencies]\nb = \"1\"\n",
            ),
            (
                "# one\n[dependencies.\"acme/text\"]\nversion = \"1\" # v\n# in it\nfeatures = [\"a\"]\n\n# two\n[features]\n",
                "# one\n\n# two\n[features]\n",
            ),
            (
                "[dependencies]\n# dotted\n\"acme/text\".version = \"1\"\n\"acme/text\".optional = true\nb = \"1\"\n",
                "[dependencies]\n# dotted\nb = \"1\"\n",
            ),
            (
                "dependencies = { \"acme/text\" = \"1\", b = \"1\" } # all\n",
                "dependencies = { b = \"1\" } # all\n",
            ),
            (
                "[target.any.dependencies]\n\"acme/text\" = \"1\"\n\n[dev-dependencies]\n\"acme/text\" = \"1\"",
                "[target.any.dependencies]\n\n[dev-dependencies]\n",
            ),
        ] {
            assert_eq!(remove(before, &name, None).unwrap()[0].text, after);
        }
    }

    #[test]
    fn removing_undoes_adding() {
        for name in ["acme/util", "zebra/last"] {
            let added = add(MANIFEST, &new(name, "1")).unwrap();
            let removed = remove(&added.text, &PackageName::parse(name).unwrap(), None).unwrap();
            assert_eq!(removed[0].text, MANIFEST);
            assert_eq!(removed[0].line, added.line);
        }
        let absent = PackageName::parse("no/body").unwrap();
        assert_eq!(remove(MANIFEST, &absent, None).unwrap_err().code(), Code::NotFound);
    }
}
