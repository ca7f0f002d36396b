//! Reading configuration files.

use super::{Config, Key, Origin, Setting};
use crate::error::Error;
use crate::fs;
use crate::message::{maintenance, usage};
use std::path::Path;
use toml::de::{DeTable, DeValue};
use vitte_package_core::diagnostic::{Code, Diagnostic, Place};
use vitte_package_core::index::Address;
use vitte_package_core::limits;

/// Size limit of a configuration file in bytes.
pub(super) const FILE_LEN: u64 = 64 * 1024;

/// Who wrote a configuration file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Layer {
    System,
    User,
    Project,
}

impl Config {
    pub(super) fn add_file(&mut self, path: &Path, layer: Layer) -> Result<(), Error> {
        let Some(text) = fs::read_text_if_there(path, FILE_LEN)? else { return Ok(()) };
        self.add_text(&text, path, layer).map_err(|error| error.in_text(path, &text))
    }

    /// What a project's manifest has under `[tool.package]`. A file that is no manifest is reported when it is read as
    /// one.
    pub(super) fn add_manifest(&mut self, path: &Path) -> Result<(), Error> {
        let Ok(bytes) = fs::read(path, limits::MANIFEST_LEN as u64) else { return Ok(()) };
        let Ok(text) = String::from_utf8(bytes) else { return Ok(()) };
        // Nearly no manifest has such a table: the text tells that faster than its parser.
        if !text.contains("tool") {
            return Ok(());
        }
        let Ok(manifest) = DeTable::parse(&text) else { return Ok(()) };
        let tool = table_in(manifest.get_ref(), "tool").and_then(|tool| table_in(tool, "package"));
        let mut faults = Vec::new();
        if let Some(tool) = tool {
            self.add_table(tool, "", path, Layer::Project, &mut faults);
        }
        Error::several(faults).map_or(Ok(()), |error| Err(error.in_text(path, &text)))
    }

    pub(super) fn add_text(&mut self, text: &str, path: &Path, layer: Layer) -> Result<(), Error> {
        let table = DeTable::parse(text).map_err(|error| {
            let place = error.span().map_or(Place::Whole, |span| Place::Source(span.into()));
            Diagnostic::new(Code::Config, usage::config_syntax(error.message())).at(place)
        })?;
        let mut faults = Vec::new();
        self.add_table(table.get_ref(), "", path, layer, &mut faults);
        Error::several(faults).map_or(Ok(()), Err)
    }

    fn add_table(
        &mut self,
        table: &DeTable<'_>,
        above: &str,
        path: &Path,
        layer: Layer,
        faults: &mut Vec<Diagnostic>,
    ) {
        for (name, value) in table {
            let full = format!("{above}{}", name.get_ref());
            let known = Key::ALL.iter().copied().find(|key| key.name() == full);
            match (known, value.get_ref()) {
                (None, DeValue::Table(inner)) if Key::ALL.iter().any(|key| is_above(&full, key.name())) => {
                    self.add_table(inner, &format!("{full}."), path, layer, faults);
                }
                (None, _) => {
                    let fault = Diagnostic::new(Code::Config, usage::config_key(&full))
                        .at(Place::Source(name.span().into()));
                    let near =
                        vitte_package_core::nearest::nearest(&full, Key::ALL.iter().map(|key| key.name()));
                    faults.push(match near {
                        Some(near) => fault.help(usage::did_you_mean(near)),
                        None => {
                            let names: Vec<_> = Key::ALL.iter().map(|key| key.name()).collect();
                            fault.help(maintenance::config_keys(&names.join(", ")))
                        }
                    });
                }
                (Some(key), _) if layer == Layer::Project && !key.project_may_set() => faults.push(
                    Diagnostic::new(Code::Config, usage::config_project(&full))
                        .at(Place::Source(name.span().into()))
                        .help(usage::config_project_help(key.variable().name())),
                ),
                (Some(Key::Registry), DeValue::String(text))
                    if layer == Layer::Project && is_plain_elsewhere(text) =>
                {
                    faults.push(
                        Diagnostic::new(Code::InsecureUrl, usage::config_plain_http(&full))
                            .at(Place::Source(value.span().into()))
                            .help(usage::config_plain_http_help(&full)),
                    );
                }
                (Some(key), DeValue::String(text)) => {
                    let origin = Origin::File { path: path.into(), start: name.span().start };
                    let setting = Setting { value: text.to_string(), origin };
                    self.set(key, setting);
                }
                (Some(_), _) => faults.push(
                    Diagnostic::new(Code::Config, usage::config_type(&full))
                        .at(Place::Source(value.span().into())),
                ),
            }
        }
    }
}

fn table_in<'t, 's>(table: &'t DeTable<'s>, name: &str) -> Option<&'t DeTable<'s>> {
    match table.get(name)?.get_ref() {
        DeValue::Table(inner) => Some(inner),
        _ => None,
    }
}

/// Whether an address is spoken to in the clear over a network: what a project says is not the user's own choice.
fn is_plain_elsewhere(given: &str) -> bool {
    let scheme = given.split_once("://").map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("http"))
        && !Address::parse(given).is_ok_and(|address| address.is_loopback())
}

fn is_above(table: &str, key: &str) -> bool {
    key.strip_prefix(table).is_some_and(|rest| rest.starts_with('.'))
}
