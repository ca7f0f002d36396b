//! What can be wrong with a tree.

use crate::diagnostic::{Code, Diagnose, Diagnostic, Place, display_as_message};
use crate::message::archive as text;
use crate::path::PathError;

/// The rules of the tree text besides those of paths and limits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum TreeRule {
    /// The text is UTF-8.
    Utf8,
    /// Every line ends in LF.
    LastLine,
    /// The first line is `vitte-tree 1`.
    FirstLine,
    /// A line is `s NAME`, `f SIZE SHA256 PATH` or `x SIZE SHA256 PATH`.
    Line,
    /// A size is decimal without leading zeros.
    Size,
    /// A digest is 64 lower-case hexadecimal digits.
    Digest,
    /// A section's name is `meta`, `-` or `[a-z][a-z0-9-]{0,31}`.
    SectionName,
    /// Sections come in the order `meta`, `-`, then by bytes, each once.
    SectionOrder,
    /// A section has at least one file.
    SectionEmpty,
    /// The first section is `meta` and its first file `vitte.toml`.
    ManifestFirst,
    /// Only the manifest, readmes, licences and changelogs of the root stand in `meta`.
    MetaFile,
    /// Paths of a section strictly increase by bytes.
    PathOrder,
}

/// A tree breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TreeError {
    /// A line breaks a rule of the text.
    Syntax {
        /// Number of the line, from 1; 0 where there is no text.
        line: u64,
        /// The line, or the part of it concerned, cut to 140 characters.
        got: String,
        /// The rule.
        rule: TreeRule,
    },
    /// A path breaks the path rules, or clashes with another.
    Path {
        /// Number of the line, from 1.
        line: u64,
        /// What is wrong with it.
        error: PathError,
    },
    /// More bytes than a tree text may have.
    TextLen(u64),
    /// More files than a tree may list.
    Entries(u64),
    /// More files and folders together than a package may unpack to.
    Folders {
        /// Files listed.
        files: u64,
        /// Folders that their paths imply, or more.
        folders: u64,
    },
    /// More sections than a tree may have.
    Sections(u64),
    /// A file is larger than the format allows.
    FileLen {
        /// Its path.
        path: String,
        /// Its size in bytes.
        size: u64,
    },
    /// All files together are larger than the format allows; so many bytes or more.
    ContentLen(u64),
    /// The files of `meta` are larger than the format allows; so many bytes or more.
    MetaLen(u64),
    /// There is no `vitte.toml`.
    NoManifest,
}

impl TreeError {
    pub(super) fn syntax(line: u64, got: &str, rule: TreeRule) -> Self {
        Self::Syntax { line, got: got.chars().take(140).collect(), rule }
    }
}

impl Diagnose for TreeError {
    fn diagnostic(&self) -> Diagnostic {
        use crate::limits as max;
        let limit = |message: String, limit: u64, got: u64| {
            Diagnostic::new(Code::Limit, message).with("limit", limit).with("got", got)
        };
        match self {
            Self::Syntax { line, got, rule } => {
                let message = match rule {
                    TreeRule::Utf8 => text::tree_utf8(*line),
                    TreeRule::LastLine => text::tree_last_line(),
                    TreeRule::FirstLine => text::tree_first_line(got),
                    TreeRule::Line => text::tree_line(*line, got),
                    TreeRule::Size => text::tree_size(*line, got),
                    TreeRule::Digest => text::tree_entry_digest(*line, got),
                    TreeRule::SectionName => text::tree_section_name(got),
                    TreeRule::SectionOrder => text::tree_section_order(got),
                    TreeRule::SectionEmpty => text::tree_section_empty(got),
                    TreeRule::ManifestFirst => text::tree_manifest_first(got),
                    TreeRule::MetaFile => text::tree_meta_file(got),
                    TreeRule::PathOrder => text::tree_path_order(got),
                };
                let place = if *line == 0 { Place::Whole } else { Place::Line { line: *line } };
                Diagnostic::new(Code::TreeSyntax, message).at(place).with("got", got.as_str())
            }
            Self::Path { line, error } => {
                let mut inner = error.diagnostic();
                if inner.place == Place::Whole {
                    inner.place = Place::Line { line: *line };
                }
                inner
            }
            Self::TextLen(got) => {
                limit(text::tree_text_len(*got, max::TREE_TEXT_LEN.into()), max::TREE_TEXT_LEN.into(), *got)
            }
            Self::Entries(got) => {
                limit(text::tree_entries(*got, max::TREE_ENTRIES as u64), max::TREE_ENTRIES as u64, *got)
            }
            Self::Folders { files, folders } => {
                let most = max::TREE_ENTRIES as u64;
                limit(text::tree_folders(*files, *folders, most), most, files + folders)
            }
            Self::Sections(got) => {
                limit(text::tree_sections(*got, max::TREE_SECTIONS as u64), max::TREE_SECTIONS as u64, *got)
            }
            Self::FileLen { path, size } => {
                limit(text::tree_file_len(path, *size, max::FILE_LEN), max::FILE_LEN, *size)
                    .at(Place::File { path: path.clone() })
            }
            Self::ContentLen(got) => {
                limit(text::tree_content_len(*got, max::CONTENT_LEN), max::CONTENT_LEN, *got)
            }
            Self::MetaLen(got) => limit(text::tree_meta_len(*got, max::META_LEN), max::META_LEN, *got),
            Self::NoManifest => Diagnostic::new(Code::TreeSyntax, text::tree_no_manifest()),
        }
    }
}
display_as_message!(TreeError);
