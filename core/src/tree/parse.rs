//! The grammar of the tree text.

use super::{
    Entry, LineFault, MANIFEST_PATH, Mode, SectionName, Tree, TreeError, TreeRule, decimal, is_meta_path,
    lines,
};
use crate::digest::{Digest, TreeDigest};
use crate::limits;
use crate::path::{PackagePath, PathSet};
use std::ops::Range;

/// What is known after some lines.
#[derive(Default)]
struct State {
    entries: Vec<Entry>,
    sections: Vec<(SectionName, Range<usize>)>,
    paths: PathSet,
    content_len: u64,
    meta_len: u64,
    tar_len: u64,
}

pub(super) fn tree(text: Vec<u8>) -> Result<Tree, TreeError> {
    if text.len() as u64 > u64::from(limits::TREE_TEXT_LEN) {
        return Err(TreeError::TextLen(text.len() as u64));
    }
    let mut state = State::default();
    let mut lines = lines(&text).map_err(|fault| match fault {
        LineFault::Utf8(line) => TreeError::syntax(line, "", TreeRule::Utf8),
        LineFault::Unended(line) => TreeError::syntax(line, "", TreeRule::LastLine),
    })?;
    match lines.next() {
        Some((_, "vitte-tree 1")) => {}
        other => return Err(TreeError::syntax(1, other.map_or("", |(_, line)| line), TreeRule::FirstLine)),
    }
    let mut last = 1;
    for (number, line) in lines {
        last = number;
        match line.split_once(' ') {
            Some(("s", name)) => state.open_section(number, name)?,
            Some(("f", rest)) => state.add_entry(number, line, Mode::Regular, rest)?,
            Some(("x", rest)) => state.add_entry(number, line, Mode::Executable, rest)?,
            _ => return Err(TreeError::syntax(number, line, TreeRule::Line)),
        }
    }
    state.close_section(last)?;
    let State { entries, sections, content_len, tar_len, .. } = state;
    if entries.is_empty() {
        return Err(TreeError::NoManifest);
    }
    let folders = folders(&entries, &sections)?;
    let digest = TreeDigest::of(&text);
    Ok(Tree { digest, text, entries, sections, folders, content_len, tar_len })
}

/// Counts the folders that the paths imply. Empty files in deep folders of their own cost an archive next to nothing,
/// and the one who unpacks it an inode for each folder.
fn folders(entries: &[Entry], sections: &[(SectionName, Range<usize>)]) -> Result<usize, TreeError> {
    let mut folders = 0;
    for (number, (_, range)) in sections.iter().enumerate() {
        let mut before = "";
        for entry in &entries[range.clone()] {
            let path = entry.path.as_str();
            for (slash, _) in path.match_indices('/') {
                // Within a section, paths below one folder stand side by side.
                let inside = &path[..=slash];
                let known = before.starts_with(inside)
                    || sections[..number].iter().any(|(_, range)| has_below(&entries[range.clone()], inside));
                if !known {
                    folders += 1;
                    if entries.len() + folders > limits::TREE_ENTRIES {
                        return Err(TreeError::Folders {
                            files: entries.len() as u64,
                            folders: folders as u64,
                        });
                    }
                }
            }
            before = path;
        }
    }
    Ok(folders)
}

/// Whether one of the entries of a section is below a folder. The manifest, which comes first whatever its name, is
/// below none.
fn has_below(section: &[Entry], folder: &str) -> bool {
    let sorted = match section.first() {
        Some(first) if first.path.as_str() == MANIFEST_PATH => &section[1..],
        _ => section,
    };
    let at = sorted.partition_point(|entry| entry.path.as_str() < folder);
    sorted.get(at).is_some_and(|entry| entry.path.as_str().starts_with(folder))
}

impl State {
    fn close_section(&mut self, line: u64) -> Result<(), TreeError> {
        match self.sections.last() {
            Some((name, range)) if range.is_empty() => {
                Err(TreeError::syntax(line, name.as_str(), TreeRule::SectionEmpty))
            }
            _ => Ok(()),
        }
    }

    fn open_section(&mut self, line: u64, name: &str) -> Result<(), TreeError> {
        self.close_section(line)?;
        let name =
            SectionName::parse(name).map_err(|_| TreeError::syntax(line, name, TreeRule::SectionName))?;
        match self.sections.last() {
            None if !name.is_meta() => {
                return Err(TreeError::syntax(line, name.as_str(), TreeRule::ManifestFirst));
            }
            Some((before, _)) if *before >= name => {
                return Err(TreeError::syntax(line, name.as_str(), TreeRule::SectionOrder));
            }
            _ => {}
        }
        if self.sections.len() == limits::TREE_SECTIONS {
            return Err(TreeError::Sections(limits::TREE_SECTIONS as u64 + 1));
        }
        self.sections.push((name, self.entries.len()..self.entries.len()));
        Ok(())
    }

    fn add_entry(&mut self, line: u64, whole: &str, mode: Mode, rest: &str) -> Result<(), TreeError> {
        let syntax = |got: &str, rule| TreeError::syntax(line, got, rule);
        let mut fields = rest.splitn(3, ' ');
        let (Some(size), Some(digest), Some(path)) = (fields.next(), fields.next(), fields.next()) else {
            return Err(syntax(whole, TreeRule::Line));
        };
        let size = decimal(size).ok_or_else(|| syntax(size, TreeRule::Size))?;
        let digest = Digest::from_hex(digest).map_err(|_| syntax(digest, TreeRule::Digest))?;
        let path = PackagePath::parse(path).map_err(|error| TreeError::Path { line, error })?;
        if size > limits::FILE_LEN {
            return Err(TreeError::FileLen { path: path.as_str().to_owned(), size });
        }
        self.check_place(line, &path, size)?;
        self.paths.insert(&path).map_err(|error| TreeError::Path { line, error })?;
        self.content_len += size;
        if self.content_len > limits::CONTENT_LEN {
            return Err(TreeError::ContentLen(self.content_len));
        }
        if self.entries.len() == limits::TREE_ENTRIES {
            return Err(TreeError::Entries(limits::TREE_ENTRIES as u64 + 1));
        }
        let entry = Entry { path, mode, size, digest };
        self.tar_len += entry.tar_len();
        self.entries.push(entry);
        if let Some((_, range)) = self.sections.last_mut() {
            range.end = self.entries.len();
        }
        Ok(())
    }

    /// Checks section and order of the file that comes next.
    fn check_place(&mut self, line: u64, path: &PackagePath, size: u64) -> Result<(), TreeError> {
        let path = path.as_str();
        let syntax = |rule| TreeError::syntax(line, path, rule);
        let Some((section, range)) = self.sections.last() else {
            return Err(syntax(TreeRule::ManifestFirst));
        };
        // The manifest comes before all others, so it takes no part in the order of `meta`.
        let in_meta = section.is_meta();
        let sorted_from = range.start + usize::from(in_meta);
        if in_meta {
            if range.is_empty() && path != MANIFEST_PATH {
                return Err(syntax(TreeRule::ManifestFirst));
            }
            if !is_meta_path(path) {
                return Err(syntax(TreeRule::MetaFile));
            }
        }
        if let Some(before) = self.entries.get(sorted_from..).and_then(<[Entry]>::last)
            && before.path.as_str() >= path
        {
            return Err(syntax(TreeRule::PathOrder));
        }
        if in_meta {
            self.meta_len += size;
            if self.meta_len > limits::META_LEN {
                return Err(TreeError::MetaLen(self.meta_len));
            }
        }
        Ok(())
    }
}
