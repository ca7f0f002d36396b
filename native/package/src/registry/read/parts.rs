//! An archive of which only parts are brought: its front, then the frames that hold a file that is wanted and not here.
//! They go to their places in a file that has holes where the rest would be (archive format document, section 9 A).

use super::way::Way;
use crate::error::{Error, IoAction, IoContext as _};
use crate::extract::{FilesHere, UnpackRequest};
use crate::fs::{self, Access};
use crate::http::{Http, Part, WholeFile};
use crate::report::{Reporter, Task};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::ops::Range;
use std::path::Path;
use vitte_package_core::archive::TotalLen;
use vitte_package_core::archive::plan::FRONT_LEN;
use vitte_package_core::index::Address;
use vitte_package_core::verify::{PackageVerifier, VerifyEvent};

/// How much of an archive was fetched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Transfer {
    /// Bytes that came.
    pub bytes: u64,
    /// Bytes of the archive.
    pub total: u64,
}

impl Transfer {
    /// Bytes that did not have to come.
    pub fn saved(&self) -> u64 {
        self.total.saturating_sub(self.bytes)
    }
}

/// What came of asking for parts.
#[derive(Debug)]
pub(super) enum Parts {
    /// Everything that is wanted is in this file.
    Brought(Brought),
    /// There is no archive.
    Absent,
    /// The server sends whole files only.
    NotTaken,
    /// The archive was replaced meanwhile, or what came was not what was asked for: why, if there is more to say.
    Wrong(Option<Error>),
}

/// Parts of an archive.
#[derive(Debug)]
pub(super) struct Brought {
    /// The file they are in.
    pub(super) file: tempfile::NamedTempFile,
    /// Bytes that came.
    pub(super) bytes: u64,
    /// Bytes of the whole archive.
    pub(super) total: u64,
}

/// Brings the parts of an archive that are needed where `here` has the rest, into a file in `folder`.
///
/// # Errors
/// Network faults; what the front of the archive shows to be wrong.
pub(super) fn bring(
    http: &Http,
    url: &Address,
    folder: &Path,
    (request, here): (&UnpackRequest, &FilesHere),
    reporter: &dyn Reporter,
) -> Result<Parts, Error> {
    let mut front = Vec::new();
    let mut whole: Option<WholeFile> = None;
    let mut verifier = None;
    // As a rule once: the first bytes bring the front of practically every package.
    let prelude = loop {
        let have = front.len() as u64;
        let mut got = Vec::new();
        let part = http.part(url, have..have + FRONT_LEN, whole.as_ref(), &mut |bytes| {
            got.extend_from_slice(bytes);
            reporter.advanced(Task::Download, bytes.len() as u64);
            Ok(())
        })?;
        let file = match given(part) {
            Ok(file) => file,
            Err(parts) => return Ok(parts),
        };
        let UnpackRequest { expectation, trust, sections } = request.clone();
        let machine = verifier.get_or_insert_with(|| {
            PackageVerifier::new(expectation, trust, sections, TotalLen::Known(file.total))
        });
        machine.push(&got);
        front.extend_from_slice(&got);
        let total = file.total;
        whole = Some(file);
        match machine.next() {
            Some(Ok(VerifyEvent::Prelude(prelude))) => break prelude,
            Some(Ok(_)) | None if front.len() as u64 >= total => return Ok(Parts::Wrong(None)),
            Some(Ok(_)) | None => {}
            Some(Err(error)) => return Err(Error::from(error).at_url(url.to_string())),
        }
    };
    if let Some(reason) = prelude.reason() {
        return Err(reason.clone().into());
    }
    let (Some(mut verifier), Some(whole)) = (verifier, whole) else { return Ok(Parts::Wrong(None)) };
    let found = here.of(prelude.toc().tree(), &request.sections);
    verifier.expect_files(found.keys().copied());
    let have = front.len() as u64;
    let Some(plan) = verifier.plan(have) else { return Ok(Parts::Wrong(None)) };
    let full = Way::Full { bytes: whole.total.saturating_sub(have) };
    let way = Way::cheapest([Way::of(plan, have, whole.total), full]);
    let ranges: Vec<Range<u64>> = match way {
        None | Some(Way::Nothing) => Vec::new(),
        Some(Way::Ranges(ranges)) => ranges.into_iter().map(|range| range.bytes).collect(),
        Some(Way::Full { .. }) => std::iter::once(have..whole.total).collect(),
    };
    let mut file = fs::temporary(folder, Access::Private).on(IoAction::Write, folder)?;
    let path = file.path().to_owned();
    let writing = |result: std::io::Result<()>| result.on(IoAction::Write, &path);
    writing(file.as_file().set_len(whole.total))?;
    writing(file.as_file_mut().write_all(&front))?;
    let mut bytes = have;
    for range in ranges {
        writing(file.as_file_mut().seek(SeekFrom::Start(range.start)).map(drop))?;
        let part = http.part(url, range.clone(), Some(&whole), &mut |piece| {
            reporter.advanced(Task::Download, piece.len() as u64);
            writing(file.as_file_mut().write_all(piece))
        })?;
        if let Err(parts) = given(part) {
            return Ok(parts);
        }
        bytes += range.end - range.start;
    }
    Ok(Parts::Brought(Brought { file, bytes, total: whole.total }))
}

fn given(part: Part) -> Result<WholeFile, Parts> {
    match part {
        Part::Given(file) => Ok(file),
        Part::Absent => Err(Parts::Absent),
        Part::NotTaken => Err(Parts::NotTaken),
        Part::Changed => Err(Parts::Wrong(None)),
        Part::Wrong(error) => Err(Parts::Wrong(Some(error))),
    }
}
