//! Descriptions of packages by the Vitte language's own tool: `vitte-package.json`, and `vitte-workspace.json` for several.
//!
//! They are read to begin a `vitte.toml` from them, and to tell where one is missing. They are never written.

use crate::error::Error;
use crate::fs;
use crate::message::project as text;
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::limits;

/// The description of a package.
pub const PACKAGE_FILE: &str = "vitte-package.json";
/// The description of a workspace.
pub const WORKSPACE_FILE: &str = "vitte-workspace.json";

/// The nearest description at or above a folder.
pub fn nearest(from: &Path) -> Option<PathBuf> {
    let files = |folder: &Path| [PACKAGE_FILE, WORKSPACE_FILE].map(|name| folder.join(name));
    from.ancestors().flat_map(files).find(|path| path.is_file())
}

/// What a description says of a package. What has another form than expected is in `rest`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Description {
    /// Its name, which has no namespace there.
    pub name: String,
    /// Its version.
    pub version: Option<String>,
    /// What it does.
    pub description: Option<String>,
    /// Its licence.
    pub license: Option<String>,
    /// Whether it is a library, if the description says so.
    pub is_library: Option<bool>,
    /// Its first source file.
    pub entry: Option<String>,
    /// What it needs, by name.
    pub dependencies: Vec<Needed>,
    /// Members that have no place in a `vitte.toml`.
    pub rest: Vec<String>,
}

/// A dependency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needed {
    /// Its name.
    pub name: String,
    /// The requirement, as written there.
    pub version: Option<String>,
    /// Whether it is a package of the workspace.
    pub is_member: bool,
}

/// Reads the description of the package in a folder; none where there is no such file.
///
/// # Errors
/// `manifest-syntax` when it is not a JSON object or has no name, `io`.
pub fn package(folder: &Path) -> Result<Option<Description>, Error> {
    let Some(mut object) = read(&folder.join(PACKAGE_FILE))? else { return Ok(None) };
    let mut rest = Vec::new();
    let mut take = |key: &str, object: &mut Map<String, Value>| match object.remove(key) {
        Some(Value::String(text)) => Some(text),
        Some(Value::Null) | None => None,
        Some(_) => {
            rest.push(key.to_owned());
            None
        }
    };
    let Some(name) = take("name", &mut object) else {
        let message = text::description_nameless(PACKAGE_FILE);
        return Err(
            Error::from(Diagnostic::new(Code::ManifestSyntax, message)).in_file(folder.join(PACKAGE_FILE))
        );
    };
    let mut description = Description {
        name,
        version: take("version", &mut object),
        description: take("description", &mut object),
        license: take("license", &mut object),
        entry: take("entry", &mut object),
        ..Description::default()
    };
    let kind = take("kind", &mut object);
    description.is_library = match kind.as_deref() {
        Some("library") => Some(true),
        Some("binary") => Some(false),
        Some(_) => {
            rest.push("kind".to_owned());
            None
        }
        None => None,
    };
    match object.remove("dependencies") {
        Some(Value::Object(needed)) => {
            for (name, value) in needed {
                match needed_of(&name, &value) {
                    Some(needed) => description.dependencies.push(needed),
                    None => rest.push(format!("dependencies.{name}")),
                }
            }
        }
        None | Some(Value::Null) => {}
        Some(_) => rest.push("dependencies".to_owned()),
    }
    object.remove("schema");
    let is_empty = |value: &Value| value.as_array().is_some_and(Vec::is_empty);
    rest.extend(object.into_iter().filter(|(_, value)| !is_empty(value)).map(|(key, _)| key));
    description.rest = rest;
    Ok(Some(description))
}

/// A requirement, or an object with one.
fn needed_of(name: &str, value: &Value) -> Option<Needed> {
    let needed = |version: Option<&str>, is_member| Needed {
        name: name.to_owned(),
        version: version.map(str::to_owned),
        is_member,
    };
    match value {
        Value::String(version) => Some(needed(Some(version), false)),
        Value::Object(object) => {
            let version = object.get("version").and_then(Value::as_str);
            match object.get("source").map(Value::as_str) {
                Some(Some("workspace")) => Some(needed(version, true)),
                Some(Some("registry")) | None if version.is_some() => Some(needed(version, false)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The folders of a workspace's members, relative to its own; none where there is no such file.
///
/// # Errors
/// `manifest-syntax` when it is not a JSON object with a list of members, `io`.
pub fn members(folder: &Path) -> Result<Option<Vec<String>>, Error> {
    let path = folder.join(WORKSPACE_FILE);
    let Some(mut object) = read(&path)? else { return Ok(None) };
    let members = match object.remove("members") {
        Some(Value::Array(members)) => members,
        _ => Vec::new(),
    };
    let members: Option<Vec<_>> = members.iter().map(|member| member.as_str().map(str::to_owned)).collect();
    members.filter(|members| !members.is_empty()).map(Some).ok_or_else(|| {
        let message = text::description_memberless(WORKSPACE_FILE);
        Error::from(Diagnostic::new(Code::ManifestSyntax, message)).in_file(&path)
    })
}

fn read(path: &Path) -> Result<Option<Map<String, Value>>, Error> {
    let Some(text) = fs::read_text_if_there(path, limits::MANIFEST_LEN as u64)? else { return Ok(None) };
    let fault = match serde_json::from_str(text.trim_start_matches('\u{feff}')) {
        Ok(Value::Object(object)) => return Ok(Some(object)),
        Ok(_) => text::description_no_object(),
        Err(error) => text::description_no_json(&error.to_string()),
    };
    Err(Error::from(Diagnostic::new(Code::ManifestSyntax, fault)).in_file(path))
}
