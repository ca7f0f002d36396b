//! The response to a batch request, file by file as they are supplied.

use super::{BatchFile, BatchRequest, BatchWriter, FileStatus, Follow, IndexQuery};
use crate::index::{IndexFile, Rule, newest};
use crate::limits;
use crate::name::PackageName;
use std::collections::{BTreeSet, VecDeque};

/// An index file as it is stored. Nothing in it is checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredIndex {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its tag.
    pub etag: String,
}

/// Builds a response: the index files that a request names and, if it asks for them, those that their newest versions
/// need. Says which one is read next; the caller supplies it.
#[derive(Debug)]
pub struct BatchResponse {
    writer: BatchWriter,
    /// What is named and was not looked at, then what those need.
    queue: VecDeque<(IndexQuery, Origin)>,
    seen: BTreeSet<PackageName>,
    follow: Follow,
}

/// Why a package is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    Named,
    Needed,
}

impl BatchResponse {
    /// Begins the response to a request.
    pub fn new(request: &BatchRequest) -> Self {
        let named = request.packages().iter().map(|query| (query.clone(), Origin::Named));
        let (writer, queue) = (BatchWriter::new(), named.collect());
        Self { writer, queue, seen: BTreeSet::new(), follow: request.follow() }
    }

    /// The package whose index file is supplied next; none when the response is complete.
    pub fn needs(&mut self) -> Option<&PackageName> {
        while self.queue.front().is_some_and(|(query, _)| self.seen.contains(&query.name)) {
            self.queue.pop_front();
        }
        self.queue.front().map(|(query, _)| &query.name)
    }

    /// Supplies it; none when the registry does not have it.
    pub fn supply(&mut self, stored: Option<StoredIndex>) {
        let Some((IndexQuery { name, etag }, origin)) = self.queue.pop_front() else { return };
        self.seen.insert(name.clone());
        let stored = stored.filter(|stored| stored.bytes.len() <= limits::INDEX_LEN);
        let (status, tag, body) = match stored {
            None if origin == Origin::Needed => return,
            None => (FileStatus::Absent(404), None, Vec::new()),
            Some(StoredIndex { bytes, etag: tag }) => {
                let status =
                    if etag.as_ref() == Some(&tag) { FileStatus::Unchanged } else { FileStatus::Found };
                (status, Some(tag), bytes)
            }
        };
        let needed = if self.follow == Follow::Dependencies { needed(&name, &body) } else { Vec::new() };
        let has_room = self.writer.add(&BatchFile { name, status, etag: tag, body });
        if !has_room && origin == Origin::Needed {
            self.queue.clear();
            return;
        }
        self.queue.extend(needed.into_iter().map(|name| (IndexQuery { name, etag: None }, Origin::Needed)));
    }

    /// The response.
    pub fn finish(self) -> Vec<u8> {
        self.writer.finish()
    }
}

/// What the newest version of a package needs. A guess at what will be asked for next: an index that cannot be read
/// needs nothing.
fn needed(name: &PackageName, index: &[u8]) -> Vec<PackageName> {
    let Ok(file) = IndexFile::read_unverified(index, name) else { return Vec::new() };
    let dependencies =
        newest(&file, &Rule::to_show()).into_iter().flat_map(|entry| &entry.core.needs.dependencies);
    dependencies.filter(|dependency| !dependency.optional).map(|one| one.name.clone()).collect()
}
