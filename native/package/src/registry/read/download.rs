//! Downloads of archives: gone on with where they stopped. Small ones stay in memory until they are verified; large ones
//! go to a file, are judged by their front while the rest is on its way, and can be read while they are written.

use super::parts::Transfer;
use crate::error::{Error, IoAction, IoContext as _};
use crate::extract::{End, GrowingFile, Incoming, UnpackRequest};
use crate::fs::{self, Access};
use crate::http::{Http, Resume, check_no_page, retry};
use crate::message::network as text;
use crate::report::{Reporter, Task};
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::sync::Arc;
use vitte_package_core::archive::TotalLen;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::index::Address;
use vitte_package_core::verify::{PackageVerifier, VerifyEvent};

/// Bytes from which a download goes to a file, and is worth reading while it comes. Below, waiting for all of it costs
/// nothing, and a few of them at once fit into memory.
const LARGE: u64 = 1024 * 1024;
/// Bytes behind the last that is wanted from which it is better to stop there: fewer are under way anyway.
const LEFT_OUT: u64 = 256 * 1024;
/// Bytes that are read at once.
const PIECE: u64 = 128 * 1024;
/// How often a download that has stopped is gone on with, unless it came further than ever before.
const TRIES: u32 = 3;
/// How often it is gone on with in all: who sends a few bytes each time is not waited for for ever.
const TRIES_IN_ALL: u32 = 20;

/// An archive that came, not verified yet.
#[derive(Debug)]
pub enum Download {
    /// A small one.
    Memory(Vec<u8>),
    /// A large one, or one of unknown length.
    File(tempfile::NamedTempFile),
}

impl Download {
    /// Room for `length` bytes; files are made in `folder`.
    fn with_room_for(length: Option<u64>, folder: &Path) -> Result<Self, Error> {
        match length.filter(|length| *length < LARGE).and_then(|length| usize::try_from(length).ok()) {
            Some(length) => Ok(Self::Memory(Vec::with_capacity(length))),
            None => fs::temporary(folder, Access::Private).on(IoAction::Write, folder).map(Self::File),
        }
    }

    fn write(&mut self, url: &Address, bytes: &[u8]) -> Result<(), Error> {
        match self {
            Self::Memory(memory) => {
                memory.extend_from_slice(bytes);
                Ok(())
            }
            Self::File(file) => {
                let result = file.as_file_mut().write_all(bytes);
                result.map_err(|error| {
                    Error::io(IoAction::Write, Path::new("download"), &error).at_url(url.to_string())
                })
            }
        }
    }
}

/// Downloads an archive, up to the last section that is wanted; `None` when there is none. If less than all of it came, says
/// how much. A large one goes to a file in `folder`, and `incoming` is called
/// before it is written.
pub(super) fn download(
    http: &Http,
    url: &Address,
    folder: &Path,
    request: &UnpackRequest,
    incoming: &mut Incoming<'_>,
    reporter: &dyn Reporter,
) -> Result<Option<(Download, Option<Transfer>)>, Error> {
    let (mut have, mut tag, mut total) = (0u64, None::<String>, None);
    // How far it ever came, requests since then, and requests in all.
    let (mut furthest, mut tried, mut requests) = (0u64, 0u32, 0u32);
    let mut got: Option<(Download, FrontCheck)> = None;
    let mut piece = Vec::new();
    let mut follower = Follower(None);
    loop {
        let resume = tag.as_deref().filter(|tag| have > 0 && tag.starts_with('"'));
        let resume = resume.map(|etag| Resume { from: have, etag, total });
        let Some(opened) = http.open(url, resume)? else { return Ok(None) };
        if opened.start != have || opened.body.is_none() {
            // From the beginning: another file, or a server that does not go on where one stopped.
            have = 0;
            follower = Follower(None);
        }
        (tag, total) = (opened.etag, opened.length);
        let (download, front) = match &mut got {
            Some(got) if have > 0 => got,
            got => {
                let download = Download::with_room_for(opened.length, folder)?;
                let front = FrontCheck::of(&download, request, opened.length);
                got.insert((download, front))
            }
        };
        requests += 1;
        if let (1, Some(length), Download::File(file)) = (requests, opened.length, &*download) {
            follower = Follower(incoming(file.path(), length));
        }
        piece.resize(opened.length.unwrap_or(PIECE).clamp(1, PIECE) as usize, 0);
        let fault = match opened.body {
            None => None,
            Some(mut body) => {
                let from = &opened.from;
                let mut watch = http.watch();
                loop {
                    match http.read(from, &mut body, &mut piece) {
                        Ok(0) if opened.length.is_some_and(|length| have < length) => {
                            let length = opened.length.unwrap_or_default();
                            let message = text::truncated(&from.to_string(), have, length);
                            break Some(Diagnostic::new(Code::Truncated, message).into());
                        }
                        Ok(0) => {
                            follower.end(End::Whole);
                            return Ok(got.map(|(download, _)| (download, None)));
                        }
                        Ok(read) => {
                            if have == 0 {
                                check_no_page(from, &piece[..read])?;
                            }
                            have += read as u64;
                            front.take(url, &piece[..read], have)?;
                            download.write(url, &piece[..read])?;
                            follower.reach(have);
                            reporter.advanced(Task::Download, read as u64);
                            if let (Some(total), Download::File(file)) = (front.is_enough(have), &*download) {
                                // Its sections come in order: what is left out are those that nobody asked for.
                                let place = file.path();
                                file.as_file().set_len(total).on(IoAction::Write, place)?;
                                follower.end(End::Enough);
                                let transfer = Transfer { bytes: have, total };
                                return Ok(got.map(|(download, _)| (download, Some(transfer))));
                            }
                            watch.saw(from, read)?;
                        }
                        Err(fault) => break Some(fault),
                    }
                }
            }
        };
        tried = if have > furthest { 1 } else { tried + 1 };
        furthest = furthest.max(have);
        if tried >= TRIES || requests >= TRIES_IN_ALL {
            let changing = || {
                let message = text::transport(&url.to_string(), &text::keeps_changing());
                Diagnostic::new(Code::Transport, message).into()
            };
            return Err(fault.unwrap_or_else(changing));
        }
        reporter.decided(text::download_again(&url.to_string(), have, tried + 1));
        retry::rest(tried);
    }
}

/// The reader of a download that is still being written. Unless the end is reported, what was written is abandoned.
struct Follower(Option<Arc<GrowingFile>>);

impl Follower {
    fn reach(&self, bytes: u64) {
        if let Some(file) = &self.0 {
            file.reach(bytes);
        }
    }

    fn end(&self, end: End) {
        if let Some(file) = &self.0 {
            file.end(end);
        }
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.end(End::Abandoned);
    }
}

/// Judges the front of an archive while the rest is still on its way, and how much there may be of it.
struct FrontCheck {
    verifier: Option<PackageVerifier>,
    end: Option<u64>,
    /// Where what is wanted ends, if much comes behind it.
    enough: Option<u64>,
}

impl FrontCheck {
    /// Of a small download nothing is judged before all of it is: that would be done twice.
    fn of(download: &Download, request: &UnpackRequest, length: Option<u64>) -> Self {
        match download {
            Download::Memory(_) => Self { verifier: None, end: length, enough: None },
            Download::File(_) => Self::new(request, length.map_or(TotalLen::Unknown, TotalLen::Known)),
        }
    }

    fn new(request: &UnpackRequest, total: TotalLen) -> Self {
        let UnpackRequest { expectation, trust, sections } = request.clone();
        let verifier = PackageVerifier::new(expectation, trust, sections, total);
        Self { verifier: Some(verifier), end: None, enough: None }
    }

    /// The length of the archive, if nothing is wanted behind its first `have` bytes and much is there.
    fn is_enough(&self, have: u64) -> Option<u64> {
        self.end.filter(|_| self.enough.is_some_and(|enough| have >= enough))
    }

    fn take(&mut self, url: &Address, bytes: &[u8], have: u64) -> Result<(), Error> {
        if let Some(end) = self.end.filter(|end| have > *end) {
            let message = text::too_large(&url.to_string(), end);
            return Err(Diagnostic::new(Code::TrailingData, message).into());
        }
        let Some(mut verifier) = self.verifier.take() else { return Ok(()) };
        verifier.push(bytes);
        match verifier.next() {
            None => self.verifier = Some(verifier),
            Some(Ok(VerifyEvent::Prelude(prelude))) => {
                if let Some(reason) = prelude.reason() {
                    return Err(reason.clone().into());
                }
                self.end = verifier.end_range().map(|range| range.end);
                let wanted = verifier.wanted_end().zip(self.end);
                self.enough =
                    wanted.filter(|(enough, end)| end - enough > LEFT_OUT).map(|(enough, _)| enough);
            }
            Some(Ok(_)) => {}
            Some(Err(error)) => return Err(Error::from(error).at_url(url.to_string())),
        }
        Ok(())
    }
}

/// Whether a file of the cache begins as this request wants it. The same content may be there with the signatures of
/// another registry, or of nobody: whoever installs from a lockfile asks for the content alone.
pub(super) fn begins_well(url: &Address, place: &Path, request: &UnpackRequest) -> bool {
    let Ok(mut file) = std::fs::File::open(place) else { return false };
    let total = file.metadata().map_or(TotalLen::Unknown, |data| TotalLen::Known(data.len()));
    let mut front = FrontCheck::new(request, total);
    let (mut piece, mut have) = (vec![0; 128 * 1024], 0u64);
    while front.end.is_none() {
        let read = match file.read(&mut piece) {
            Ok(0) | Err(_) => return false,
            Ok(read) => read,
        };
        have += read as u64;
        if front.take(url, &piece[..read], have).is_err() {
            return false;
        }
    }
    true
}
