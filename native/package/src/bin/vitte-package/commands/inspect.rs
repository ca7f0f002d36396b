use crate::render;
use crate::ui::Ui;
use serde::Serialize;
use std::borrow::Cow;
use std::path::PathBuf;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::build as words;
use vitte_package::ops::inspect::{self, Inspected, PackageFile};
use vitte_package_core::archive::ArchiveKind;
use vitte_package_core::archive::foreign::{EntryKind, ForeignArchive, ForeignEntry};
use vitte_package_core::diagnostic::{Code, Diagnostic, Exit};
use vitte_package_core::digest::{Digest, TreeDigest};
use vitte_package_core::manifest::Manifest;
use vitte_package_core::name::PackageName;
use vitte_package_core::path::PackagePath;
use vitte_package_core::sign::{KeyId, Signatures};
use vitte_package_core::tree::Entry;
use vitte_package_core::version::{Requirement, Version};

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

/// The answer. Members are stated in the order of their names, which is that of all answers: see `Ui::answer_long`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub(crate) enum Answer<'a> {
    /// A package.
    Package(Box<Shown<'a>>),
    /// With `--tree`: the list of a package's files.
    Tree {
        /// The list, in its canonical form.
        text: Cow<'a, str>,
        /// The package's identity.
        tree: TreeDigest,
    },
    /// A file of a package. Its content is not shown.
    Content {
        /// Its path in the package.
        path: &'a str,
        /// Its size in bytes.
        size: Option<u64>,
        /// The digest of its content.
        sha256: Option<Digest>,
    },
    /// An archive of another kind.
    Foreign {
        /// What is in it, in order.
        entries: Vec<ForeignRow<'a>>,
        /// Its format.
        format: &'static str,
    },
    /// A file of an archive of another kind.
    ForeignContent {
        /// Its name in the archive.
        path: &'a str,
        /// Its size in bytes.
        size: u64,
    },
}

/// A package.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Shown<'a> {
    /// How it is compressed.
    codec: &'static str,
    /// Bytes of its files.
    content_len: u64,
    /// The signatures in it, not checked here.
    envelopes: Vec<EnvelopeRow<'a>>,
    /// How many files it has.
    file_count: usize,
    /// Bytes of the archive.
    file_len: u64,
    /// The format of the archive.
    #[cfg_attr(test, schemars(extend("const" = "vitte")))]
    format: &'static str,
    /// Its content frames, in order.
    frames: Vec<FrameRow>,
    /// The digest of its head, `sha256:` and hexadecimal digits.
    head: String,
    /// What it is: `vitpkg`, `vitmod` or `vitdelta`.
    kind: String,
    /// What it says of itself.
    manifest: ManifestRow<'a>,
    /// Its files, by section.
    sections: Vec<SectionRow<'a>>,
    /// Its identity.
    tree: TreeDigest,
}

/// What a package says of itself.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ManifestRow<'a> {
    /// What it depends on.
    dependencies: Vec<DependencyRow<'a>>,
    /// What it is for, in words.
    description: Option<&'a str>,
    /// The edition of the language it is written in.
    edition: &'a str,
    /// Its licence.
    license: Option<&'a str>,
    /// Its name.
    name: &'a PackageName,
    /// Its version.
    version: &'a Version,
}

/// What a package depends on.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct DependencyRow<'a> {
    /// The package.
    name: &'a PackageName,
    /// Which versions will do; none for one that is given by its folder alone.
    requirement: Option<&'a Requirement>,
}

/// A section of a package.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct SectionRow<'a> {
    /// Bytes of its files.
    content_len: u64,
    /// Its files, in order.
    files: Vec<FileRow<'a>>,
    /// Its name.
    name: &'a str,
}

/// A file of a package.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct FileRow<'a> {
    /// Whether it can be run.
    executable: bool,
    /// Its path in the package.
    path: &'a PackagePath,
    /// The digest of its content.
    sha256: Digest,
    /// Its size in bytes.
    size: u64,
}

/// A content frame.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct FrameRow {
    /// Its bytes when decoded.
    raw_len: u64,
    /// The digest of its bytes in the archive.
    sha256: Digest,
    /// Its bytes in the archive.
    stored_len: u64,
}

/// A signature in a package.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct EnvelopeRow<'a> {
    /// Ids of the keys that are said to have signed.
    claimed_signers: Vec<KeyId>,
    /// The media type of what is signed.
    payload_type: &'a str,
}

/// An entry of an archive of another kind.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ForeignRow<'a> {
    /// `f` a file, `x` one that can be run, `d` a folder, `l` a symbolic link, `h` a hard link, `c` and `b` a device,
    /// `p` a pipe, `?` anything else.
    kind: char,
    /// Its mode, as Unix has it.
    mode: u32,
    /// Its name.
    name: String,
    /// Its size in bytes.
    size: u64,
    /// Where the link leads.
    target: Option<&'a str>,
}

impl<'a> Shown<'a> {
    fn of(
        package: &'a PackageFile,
        kind: String,
        manifest: &'a Manifest,
        signatures: &'a Signatures,
    ) -> Self {
        let (head, toc) = (package.head(), package.toc());
        let tree = toc.tree();
        let file = |entry: &'a Entry| FileRow {
            path: entry.path(),
            size: entry.size(),
            sha256: *entry.digest(),
            executable: entry.mode().letter() == 'x',
        };
        let sections = tree.sections().map(|section| SectionRow {
            name: section.name().as_str(),
            content_len: section.content_len(),
            files: section.entries().iter().map(file).collect(),
        });
        let frames = toc.frames().frames().iter().map(|frame| FrameRow {
            raw_len: frame.raw_len,
            stored_len: frame.stored_len,
            sha256: frame.digest,
        });
        let envelopes = signatures.envelopes().iter().map(|envelope| EnvelopeRow {
            payload_type: envelope.payload_type(),
            claimed_signers: envelope.claimed_signers(),
        });
        let dependencies = manifest.dependencies().iter().map(|dependency| DependencyRow {
            name: dependency.name(),
            requirement: dependency.requirement(),
        });
        Self {
            format: "vitte",
            kind,
            codec: head.codec().name(),
            tree: tree.digest(),
            head: head.head_digest().tagged(),
            file_len: package.file_len(),
            content_len: tree.content_len(),
            file_count: tree.file_count(),
            manifest: ManifestRow {
                name: manifest.name(),
                version: manifest.version(),
                edition: manifest.edition(),
                description: manifest.description(),
                license: manifest.license(),
                dependencies: dependencies.collect(),
            },
            sections: sections.collect(),
            frames: frames.collect(),
            envelopes: envelopes.collect(),
        }
    }
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
            let (size, sha256) = (entry.map(Entry::size), entry.map(|entry| *entry.digest()));
            ui.result(&Answer::Content { path: &path, size, sha256 });
        }
        (Inspected::Package(package), None) if args.tree => {
            ui.raw(package.toc().tree().text());
            let text = String::from_utf8_lossy(package.toc().tree().text());
            ui.long_result(&Answer::Tree { tree: package.toc().tree().digest(), text });
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
    ui.print(words::shown_package(manifest.name().as_str(), &manifest.version().to_string(), &kind));
    if let Some(description) = manifest.description() {
        ui.print(description);
    }
    ui.print(words::shown_identity(&tree.digest().to_string()));
    ui.print(words::shown_head(&head.head_digest().tagged()));
    let (count, len) = (tree.file_count() as u64, tree.content_len());
    ui.print(words::shown_sizes(count, &render::size(len), &render::size(package.file_len())));
    ui.print(words::shown_frames(toc.frames().frames().len() as u64, head.codec().name()));
    for section in tree.sections() {
        let (count, len) = (section.entries().len() as u64, render::size(section.content_len()));
        ui.print(match section.name().is_deferred() {
            true => words::shown_deferred(section.name().as_str(), count, &len),
            false => words::shown_section(section.name().as_str(), count, &len),
        });
    }
    for dependency in manifest.dependencies() {
        let requirement = dependency.requirement().map(ToString::to_string).unwrap_or_default();
        ui.print(words::shown_dependency(dependency.name().as_str(), &requirement));
    }
    if signatures.is_unsigned() {
        ui.print(words::shown_unsigned());
    }
    for envelope in signatures.envelopes() {
        for key in envelope.claimed_signers() {
            ui.print(words::shown_signature(&key.short(), envelope.payload_type()));
        }
    }
    ui.print("");
    let sections = tree.sections().flat_map(|section| {
        let name = section.name().as_str();
        section.entries().iter().map(move |entry| (name, entry))
    });
    for (section, entry) in sections {
        ui.print(format!("{} {:>10} {section:<8} {}", entry.mode().letter(), entry.size(), entry.path()));
    }
    ui.long_result(&Answer::Package(Box::new(Shown::of(package, kind, &manifest, &signatures))));
    Ok(())
}

fn show_foreign(archive: &ForeignArchive, ui: &mut Ui) {
    ui.say(words::shown_foreign(archive.format().name(), archive.entries().len() as u64));
    for entry in archive.entries() {
        let (letter, target) = kind(entry);
        let arrow = target.map(|target| format!(" -> {target}")).unwrap_or_default();
        ui.print(format!("{letter} {:>10} {}{arrow}", entry.size(), entry.name()));
    }
    let entries = archive.entries().iter().map(|entry| {
        let (kind, target) = kind(entry);
        ForeignRow { name: entry.name(), kind, size: entry.size(), mode: entry.mode(), target }
    });
    ui.long_result(&Answer::Foreign { format: archive.format().name(), entries: entries.collect() });
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
    ui.result(&Answer::ForeignContent { path, size: entry.size() });
    Ok(())
}
