use crate::render;
use crate::ui::Ui;
use serde_json::{Value, json};
use std::path::PathBuf;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::ops::inspect::{self, Inspected, PackageFile};
use vitte_package_core::archive::ArchiveKind;
use vitte_package_core::archive::foreign::{EntryKind, ForeignArchive, ForeignEntry};
use vitte_package_core::diagnostic::{Code, Diagnostic, Exit};
use vitte_package_core::manifest::Manifest;
use vitte_package_core::message::build as words;
use vitte_package_core::sign::Signatures;

/// Look into an archive without installing it
///
/// Shows what a package says about itself, or the content of one of its files, decoding only what is needed. Reads
/// .tar, .tar.gz, .tgz, .crate and .tar.zst too. Who made a package is not checked: see `vitte package verify`.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package inspect target/hello-1.0.0.vitmod\n  vitte package inspect target/hello-1.0.0.vitmod src/main.vit\n  vitte package inspect --tree target/hello-1.0.0.vitmod"
)]
pub(crate) struct Args {
    /// The archive
    file: PathBuf,
    /// A file in it, to be written to stdout
    path: Option<String>,
    /// Print the list of files in its canonical form: its SHA-256 is the package's identity
    #[arg(long, conflicts_with = "path")]
    tree: bool,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let file = env.resolve(&args.file);
    match (inspect::inspect(&file)?, args.path) {
        (Inspected::Package(mut package), Some(path)) => {
            package.content(&path, |piece| {
                ui.raw(piece);
                Ok(())
            })?;
            let entry = package.toc().tree().find(&path);
            ui.answer(&json!({"path": path, "size": entry.map(|entry| entry.size()),
                              "sha256": entry.map(|entry| entry.digest())}));
        }
        (Inspected::Package(package), None) if args.tree => {
            ui.raw(package.toc().tree().text());
            ui.answer(&json!({"tree": package.toc().tree().digest(),
                              "text": String::from_utf8_lossy(package.toc().tree().text())}));
        }
        (Inspected::Package(mut package), None) => show(&mut package, ui)?,
        (Inspected::Foreign(_), None) if args.tree => {
            return Err(Diagnostic::new(Code::NotAPackage, words::foreign_has_no_tree()).into());
        }
        (Inspected::Foreign(archive), Some(path)) => foreign_content(&archive, &path, ui)?,
        (Inspected::Foreign(archive), None) => show_foreign(&archive, ui),
    }
    Ok(Exit::Ok)
}

fn show(package: &mut PackageFile, ui: &mut Ui) -> Result<(), Error> {
    let manifest = package.manifest()?;
    let signatures = package.signatures()?;
    let (head, toc) = (package.head(), package.toc());
    let tree = toc.tree();
    let kind = match head.kind() {
        ArchiveKind::Artifact(kind) => kind.to_string(),
        ArchiveKind::Delta => "vitdelta".to_owned(),
    };
    ui.line(words::shown_package(manifest.name().as_str(), &manifest.version().to_string(), &kind));
    if let Some(description) = manifest.description() {
        ui.line(description);
    }
    ui.line(words::shown_identity(&tree.digest().to_string()));
    ui.line(words::shown_head(&head.head_digest().tagged()));
    let (count, len) = (tree.file_count() as u64, tree.content_len());
    ui.line(words::shown_sizes(count, &render::size(len), &render::size(package.file_len())));
    ui.line(words::shown_frames(toc.frames().frames().len() as u64, head.codec().name()));
    for section in tree.sections() {
        let (count, len) = (section.entries().len() as u64, render::size(section.content_len()));
        ui.line(words::shown_section(section.name().as_str(), count, &len));
    }
    for dependency in manifest.dependencies() {
        let requirement = dependency.requirement().map(ToString::to_string).unwrap_or_default();
        ui.line(words::shown_dependency(dependency.name().as_str(), &requirement));
    }
    if signatures.is_unsigned() {
        ui.line(words::shown_unsigned());
    }
    for envelope in signatures.envelopes() {
        for key in envelope.claimed_signers() {
            ui.line(words::shown_signature(&key.short(), envelope.payload_type()));
        }
    }
    ui.line("");
    let sections = tree.sections().flat_map(|section| {
        let name = section.name().as_str();
        section.entries().iter().map(move |entry| (name, entry))
    });
    for (section, entry) in sections {
        ui.line(format!("{} {:>10} {section:<8} {}", entry.mode().letter(), entry.size(), entry.path()));
    }
    let answer = answer(package, &kind, &manifest, &signatures);
    ui.answer(&answer);
    Ok(())
}

fn answer(package: &PackageFile, kind: &str, manifest: &Manifest, signatures: &Signatures) -> Value {
    let (head, toc) = (package.head(), package.toc());
    let tree = toc.tree();
    let sections: Vec<_> = tree
        .sections()
        .map(|section| {
            let files: Vec<_> = section
                .entries()
                .iter()
                .map(|entry| {
                    json!({"path": entry.path(), "size": entry.size(), "sha256": entry.digest(),
                           "executable": entry.mode().letter() == 'x'})
                })
                .collect();
            json!({"name": section.name().as_str(), "content_len": section.content_len(), "files": files})
        })
        .collect();
    let frames: Vec<_> = toc
        .frames()
        .frames()
        .iter()
        .map(
            |frame| json!({"raw_len": frame.raw_len, "stored_len": frame.stored_len, "sha256": frame.digest}),
        )
        .collect();
    let envelopes: Vec<_> = signatures
        .envelopes()
        .iter()
        .map(|envelope| {
            json!({"payload_type": envelope.payload_type(), "claimed_signers": envelope.claimed_signers()})
        })
        .collect();
    let dependencies: Vec<_> = manifest
        .dependencies()
        .iter()
        .map(|dependency| {
            json!({"name": dependency.name(),
                   "requirement": dependency.requirement().map(ToString::to_string)})
        })
        .collect();
    json!({
        "format": "vitte", "kind": kind, "codec": head.codec().name(), "tree": tree.digest(),
        "head": head.head_digest().tagged(), "file_len": package.file_len(),
        "content_len": tree.content_len(), "file_count": tree.file_count(),
        "manifest": {"name": manifest.name(), "version": manifest.version().to_string(),
                     "edition": manifest.edition(), "description": manifest.description(),
                     "license": manifest.license(), "dependencies": dependencies},
        "sections": sections, "frames": frames, "envelopes": envelopes,
    })
}

fn show_foreign(archive: &ForeignArchive, ui: &mut Ui) {
    ui.say(words::shown_foreign(archive.format().name(), archive.entries().len() as u64));
    for entry in archive.entries() {
        let (letter, target) = kind(entry);
        let arrow = target.map(|target| format!(" -> {target}")).unwrap_or_default();
        ui.line(format!("{letter} {:>10} {}{arrow}", entry.size(), entry.name()));
    }
    let entries: Vec<_> = archive
        .entries()
        .iter()
        .map(|entry| {
            let (letter, target) = kind(entry);
            json!({"name": entry.name(), "kind": letter.to_string(), "size": entry.size(),
                   "mode": entry.mode(), "target": target})
        })
        .collect();
    ui.answer(&json!({"format": archive.format().name(), "entries": entries}));
}

/// The letter of `ls -l`, `x` for a file that can be run, `?` for what has none; and where a link leads.
fn kind(entry: &ForeignEntry) -> (char, Option<&str>) {
    match entry.kind() {
        EntryKind::File if entry.mode() & 0o100 != 0 => ('x', None),
        EntryKind::File => ('f', None),
        EntryKind::Folder => ('d', None),
        EntryKind::Symlink(target) => ('l', Some(target)),
        EntryKind::HardLink(target) => ('h', Some(target)),
        EntryKind::Special(b'3') => ('c', None),
        EntryKind::Special(b'4') => ('b', None),
        EntryKind::Special(b'6') => ('p', None),
        _ => ('?', None),
    }
}

fn foreign_content(archive: &ForeignArchive, path: &str, ui: &mut Ui) -> Result<(), Error> {
    let Some(entry) = archive.find(path) else {
        let names: Vec<_> = archive.entries().iter().map(ForeignEntry::name).collect();
        return Err(inspect::not_found(path, names.iter().map(String::as_str)));
    };
    if *entry.kind() != EntryKind::File {
        return Err(Diagnostic::new(Code::EntryType, words::foreign_content(path)).into());
    }
    ui.raw(archive.content(entry));
    ui.answer(&json!({"path": path, "size": entry.size()}));
    Ok(())
}
