//! Archives to look into: the list of files, the manifest, one file at a time.

use crate::convert::{thrown, to_js};
use serde::Serialize;
use vitte_package_core::archive::foreign::{EntryKind, ForeignArchive, ForeignEntry};
use vitte_package_core::archive::{ArchiveKind, Head};
use vitte_package_core::codec::PureDecoder;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::digest::{Digest, TreeDigest};
use vitte_package_core::limits;
use vitte_package_core::manifest::Manifest;
use vitte_package_core::message::build as text;
use vitte_package_core::sign::Signatures;
use vitte_package_core::target::Kind;
use vitte_package_core::tree::Mode;
use vitte_package_core::verify::{self, FileReading, OpenArchive};
use wasm_bindgen::prelude::*;

/// Whether these first bytes (64 are enough) begin a Vitte package.
#[wasm_bindgen(js_name = isPackage)]
pub fn is_package(bytes: &[u8]) -> bool {
    matches!(Head::sniff(bytes), Ok(Some(_)))
}

/// Bytes another tool's archive may have, stored or inflated, to be shown.
#[wasm_bindgen(js_name = foreignLimit)]
pub fn foreign_limit() -> f64 {
    limits::FOREIGN_INSPECT_LEN as f64
}

/// Bytes of an archive, from `start` to before `end`.
#[derive(Serialize)]
struct Range {
    start: f64,
    end: f64,
}

fn range_to_js(range: Option<std::ops::Range<u64>>) -> Result<JsValue, JsValue> {
    match range {
        Some(range) => to_js(&Range { start: range.start as f64, end: range.end as f64 }),
        None => Ok(JsValue::UNDEFINED),
    }
}

/// Opens a package: `need`, `supply`, until nothing is needed; then `archive`.
#[wasm_bindgen]
pub struct Opening {
    machine: Option<verify::Opening>,
}

#[wasm_bindgen]
impl Opening {
    /// Starts for an archive of `total` bytes.
    #[wasm_bindgen(constructor)]
    pub fn new(total: f64) -> Opening {
        Self { machine: Some(verify::Opening::new(total as u64)) }
    }

    /// Starts for an archive whose length is not known, which is fed from front to back.
    #[wasm_bindgen(js_name = ofStream)]
    pub fn of_stream() -> Opening {
        Self { machine: Some(verify::Opening::of_stream()) }
    }

    /// Bytes that the whole archive must have; `undefined` until its prelude was read.
    pub fn length(&self) -> Option<f64> {
        self.machine.as_ref().and_then(verify::Opening::expected_len).map(|len| len as f64)
    }

    /// The bytes to read next, `{ start, end }`; `undefined` when there are enough.
    pub fn need(&self) -> Result<JsValue, JsValue> {
        range_to_js(self.machine.as_ref().and_then(verify::Opening::need))
    }

    /// Takes the bytes that were needed.
    pub fn supply(&mut self, bytes: &[u8]) -> Result<(), JsValue> {
        match &mut self.machine {
            Some(machine) => machine.supply(bytes).map_err(|error| thrown(&error)),
            None => Ok(()),
        }
    }

    /// The open archive. Its manifest is not read yet: see `Archive.manifest`.
    pub fn archive(&mut self) -> Result<Archive, JsValue> {
        let machine = self.machine.take().unwrap_or_else(|| verify::Opening::new(0));
        let open = machine.finish().map_err(|error| thrown(&error))?;
        Ok(Archive { open, manifest: None })
    }
}

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Contents"))]
pub(crate) struct Contents<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    release: Option<Release<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tree: Option<TreeDigest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    manifest: Option<&'a str>,
    unpacked: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    frames: Option<Vec<Frame>>,
    files: Vec<FileEntry>,
}

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "StatedRelease"))]
struct Release<'a> {
    package: &'a str,
    version: String,
    kind: StatedKind,
}

/// What an archive says it is.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
enum StatedKind {
    Vitpkg,
    Vitmod,
    Vitdelta,
}

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Frame {
    raw: f64,
    stored: f64,
    digest: Digest,
}

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct FileEntry {
    path: String,
    size: f64,
    executable: bool,
    r#type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    section: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<Digest>,
}

/// A package whose list of files was read.
#[wasm_bindgen]
pub struct Archive {
    open: OpenArchive,
    manifest: Option<(String, Manifest)>,
}

#[wasm_bindgen]
impl Archive {
    /// Takes the packed `vitte.toml`, read by `reading`. Throws its faults when it has any.
    #[wasm_bindgen(js_name = takeManifest)]
    pub fn take_manifest(&mut self, bytes: &[u8]) -> Result<(), JsValue> {
        let manifest = Manifest::from_bytes(bytes).map_err(|faults| {
            let first = faults.diagnostics().into_iter().next();
            first.map_or(JsValue::UNDEFINED, |diagnostic| crate::convert::thrown_diagnostic(&diagnostic))
        })?;
        self.manifest = Some((String::from_utf8_lossy(bytes).into_owned(), manifest));
        Ok(())
    }

    /// Name, version, manifest and files, as the archive states them.
    pub fn contents(&self) -> Result<JsValue, JsValue> {
        let tree = self.open.toc().tree();
        let kind = match self.open.head().kind() {
            ArchiveKind::Artifact(Kind::Vitpkg) => StatedKind::Vitpkg,
            ArchiveKind::Artifact(Kind::Vitmod) => StatedKind::Vitmod,
            ArchiveKind::Delta => StatedKind::Vitdelta,
        };
        let release = self.manifest.as_ref().map(|(_, manifest)| Release {
            package: manifest.name().as_str(),
            version: manifest.version().to_string(),
            kind,
        });
        let frames = self.open.toc().frames().frames().iter().map(|frame| Frame {
            raw: frame.raw_len as f64,
            stored: frame.stored_len as f64,
            digest: frame.digest,
        });
        let files = tree.sections().flat_map(|section| {
            section.entries().iter().map(move |entry| FileEntry {
                path: entry.path().as_str().to_owned(),
                size: entry.size() as f64,
                executable: entry.mode() == Mode::Executable,
                r#type: "file".to_owned(),
                section: Some(section.name().as_str().to_owned()),
                digest: Some(*entry.digest()),
            })
        });
        to_js(&Contents {
            release,
            tree: Some(tree.digest()),
            manifest: self.manifest.as_ref().map(|(source, _)| source.as_str()),
            unpacked: tree.content_len() as f64,
            frames: Some(frames.collect()),
            files: files.collect(),
        })
    }

    /// The proofs that are stapled into it, not checked; `undefined` when there are none. Throws when the signatures
    /// cannot be read.
    pub fn stapled(&self) -> Result<Option<String>, JsValue> {
        let signatures = Signatures::parse(self.open.signatures()).map_err(|error| thrown(&error))?;
        Ok(signatures.bundle().map(str::to_owned))
    }

    /// Starts to read one file.
    pub fn reading(&self, path: &str) -> Result<Reading, JsValue> {
        let entry = self.open.toc().tree().position(path);
        let machine = entry.and_then(|entry| self.open.read(entry)).ok_or_else(|| no_file(path))?;
        let decoder = PureDecoder::new(self.open.head().codec());
        Ok(Reading { machine: Some(machine), decoder, buffer: Vec::new(), content: Vec::new() })
    }
}

fn no_file(path: &str) -> JsValue {
    crate::convert::thrown_diagnostic(&Diagnostic::new(Code::NotFound, text::no_such_file(path)))
}

/// Reads one file: `need`, `supply`, until nothing is needed; then `content`.
#[wasm_bindgen]
pub struct Reading {
    machine: Option<FileReading>,
    decoder: PureDecoder,
    buffer: Vec<u8>,
    content: Vec<u8>,
}

#[wasm_bindgen]
impl Reading {
    /// The bytes to read next, `{ start, end }`; `undefined` when there are enough.
    pub fn need(&self) -> Result<JsValue, JsValue> {
        range_to_js(self.machine.as_ref().and_then(FileReading::need))
    }

    /// Takes the bytes that were needed.
    pub fn supply(&mut self, bytes: &[u8]) -> Result<(), JsValue> {
        let Some(machine) = &mut self.machine else { return Ok(()) };
        let frame = machine
            .supply(bytes, &mut self.decoder, std::mem::take(&mut self.buffer))
            .map_err(|error| thrown(&error))?;
        for part in machine.bytes(&frame) {
            self.content.extend_from_slice(part);
        }
        self.buffer = frame.into_buffer();
        Ok(())
    }

    /// The file, checked against the list of files.
    pub fn content(&mut self) -> Result<Vec<u8>, JsValue> {
        if let Some(machine) = self.machine.take() {
            machine.finish().map_err(|error| thrown(&error))?;
        }
        Ok(std::mem::take(&mut self.content))
    }
}

/// Another tool's archive, inflated: shown, never verified.
#[wasm_bindgen]
pub struct Foreign(ForeignArchive);

#[wasm_bindgen]
impl Foreign {
    /// Reads a tar, plain or compressed by gzip or zstd.
    #[wasm_bindgen(constructor)]
    pub fn new(bytes: &[u8]) -> Result<Foreign, JsValue> {
        ForeignArchive::read(bytes, limits::FOREIGN_INSPECT_LEN).map(Self).map_err(|error| thrown(&error))
    }

    /// Its entries.
    pub fn contents(&self) -> Result<JsValue, JsValue> {
        let files = self.0.entries().iter().map(foreign_entry);
        let unpacked = self.0.entries().iter().map(|entry| entry.size() as f64).sum();
        to_js(&Contents {
            release: None,
            tree: None,
            manifest: None,
            unpacked,
            frames: None,
            files: files.collect(),
        })
    }

    /// The content of one entry.
    pub fn read(&self, path: &str) -> Result<Vec<u8>, JsValue> {
        match self.0.find(path) {
            Some(entry) => Ok(self.0.content(entry).to_vec()),
            None => Err(no_file(path)),
        }
    }
}

fn foreign_entry(entry: &ForeignEntry) -> FileEntry {
    let r#type = match entry.kind() {
        EntryKind::File => "file".to_owned(),
        EntryKind::Folder => "folder".to_owned(),
        EntryKind::Symlink(to) => format!("symlink -> {to}"),
        EntryKind::HardLink(to) => format!("link -> {to}"),
        _ => "special".to_owned(),
    };
    FileEntry {
        path: entry.name(),
        size: entry.size() as f64,
        executable: *entry.kind() == EntryKind::File && entry.mode() & 0o100 != 0,
        r#type,
        section: None,
        digest: None,
    }
}
