//! Parts of a file: single ranges, each of them the one that was asked for, or none.
//!
//! A server that does not take ranges, or gives another than it was asked for, is no fault here: the caller has the whole
//! file to fall back on. One that cuts a part off is asked for the rest.

use super::response::{Responder, check_encoding};
use super::retry::Failure;
use super::transport::{Request, Response};
use super::{Encoding, Http, retry};
use crate::error::Error;
use crate::message::network as text;
use std::ops::Range;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::index::Address;

/// How often a part that was cut off is gone on with without a byte more, and in all.
const TRIES: u32 = 3;
const TRIES_IN_ALL: u32 = 20;

/// The file that parts are of, as the first of them says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WholeFile {
    /// Its bytes.
    pub total: u64,
    /// Its tag, if it has one.
    pub etag: Option<String>,
}

/// What came of asking for a part.
#[derive(Debug)]
pub enum Part {
    /// All of it was given out.
    Given(WholeFile),
    /// There is no such file: 404, 410 or 451.
    Absent,
    /// The server sends the whole file, whatever is asked for.
    NotTaken,
    /// It is another file now than the one that was named.
    Changed,
    /// What came is not the part that was asked for.
    Wrong(Error),
}

/// What one request brought.
enum Opened {
    Body(WholeFile, Box<Response>, Responder),
    Other(Part),
}

impl Http {
    /// Fetches the bytes at `range` of a file, of `file` if that is known, and gives them to `take` in pieces, in order. Of
    /// a file that ends before, what there is.
    ///
    /// # Errors
    /// As [`Http::fetch`], after as many tries; `truncated` when the part is cut off again and again; what `take` says.
    pub fn part(
        &self,
        url: &Address,
        range: Range<u64>,
        file: Option<&WholeFile>,
        take: &mut dyn FnMut(&[u8]) -> Result<(), Error>,
    ) -> Result<Part, Error> {
        let (mut at, mut file) = (range.start, file.cloned());
        let (mut tried, mut requests) = (0, 0);
        let mut piece = vec![0; 128 * 1024];
        loop {
            let (whole, mut response, from) = match self.open_part(url, at..range.end, file.as_ref())? {
                Opened::Other(part) => return Ok(part),
                Opened::Body(whole, response, from) => (whole, response, from),
            };
            let end = range.end.min(whole.total);
            file = Some(whole.clone());
            let (before, mut watch, mut is_slow) = (at, self.watch(), false);
            let fault = loop {
                match self.read(&from, &mut response.body, &mut piece) {
                    Ok(0) if at == end => return Ok(Part::Given(whole)),
                    Ok(0) => {
                        let message = text::truncated(&from.to_string(), at, end);
                        break Diagnostic::new(Code::Truncated, message).into();
                    }
                    Ok(read) if at + read as u64 > end => {
                        return Ok(Part::Wrong(wrong(&from, &(end - before).to_string(), "+")));
                    }
                    Ok(read) => {
                        at += read as u64;
                        take(piece.get(..read).unwrap_or_default())?;
                        if let Err(slow) = watch.saw(&from, read) {
                            is_slow = true;
                            break slow;
                        }
                    }
                    Err(fault) => break fault,
                }
            };
            if at == end {
                // The connection ended behind the last byte.
                return Ok(Part::Given(whole));
            }
            requests += 1;
            // A few bytes a second are no progress.
            tried = if at > before && !is_slow { 1 } else { tried + 1 };
            if tried >= TRIES || requests >= TRIES_IN_ALL {
                return Err(fault);
            }
            retry::rest(tried);
        }
    }

    /// Asks for a part, and judges the head of the response.
    fn open_part(&self, url: &Address, range: Range<u64>, file: Option<&WholeFile>) -> Result<Opened, Error> {
        // A weak tag may not be asked for.
        let tag = file.and_then(|file| file.etag.as_deref()).filter(|tag| tag.starts_with('"'));
        let request = Request { part: Some((range.start, range.end, tag)), ..Request::get(url) };
        self.attempts(|| {
            let Some((from, mut response)) = self.send(&request)? else {
                return Ok(Opened::Other(Part::Absent));
            };
            match response.status {
                206 => {}
                200 => return Ok(Opened::Other(Part::NotTaken)),
                412 | 416 => return Ok(Opened::Other(Part::Changed)),
                _ => return Err(self.refused(&from, &mut response)),
            }
            if let Err(Failure { error, .. }) = check_encoding(&from, &response, Encoding::Identity) {
                return Ok(Opened::Other(Part::Wrong(error)));
            }
            let given = response.content_range.clone().unwrap_or_default();
            let asked = format!("{}-{}", range.start, range.end.saturating_sub(1));
            let Some((start, end, total)) = content_range(&given) else {
                return Ok(Opened::Other(Part::Wrong(wrong(&from, &given, &asked))));
            };
            let is_asked = start == range.start && end == range.end.min(total) && start < end;
            let has_len = response.length.is_none_or(|length| length == end - start);
            let is_of_file = file.is_none_or(|file| file.total == total);
            if !is_asked || !has_len || !is_of_file {
                return Ok(Opened::Other(Part::Wrong(wrong(&from, &given, &asked))));
            }
            let known = file.and_then(|file| file.etag.clone());
            if let (Some(known), Some(tag)) = (&known, &response.etag)
                && known != tag
            {
                return Ok(Opened::Other(Part::Changed));
            }
            let whole = WholeFile { total, etag: known.or_else(|| response.etag.clone()) };
            Ok(Opened::Body(whole, Box::new(response), from))
        })
    }
}

fn wrong(from: &Responder, got: &str, asked: &str) -> Error {
    Diagnostic::new(Code::Transport, text::range(&from.to_string(), got, asked)).into()
}

/// First byte, end and length of the file that `Content-Range: bytes 0-9/100` names.
fn content_range(value: &str) -> Option<(u64, u64, u64)> {
    let (part, total) = value.trim().strip_prefix("bytes ")?.trim().split_once('/')?;
    let (first, last) = part.split_once('-')?;
    let number = |text: &str| {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse::<u64>().ok()).flatten()
    };
    Some((number(first)?, number(last)?.checked_add(1)?, number(total)?))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{http, response};
    use super::super::transport::TransportError;
    use super::*;

    type Script = Vec<Result<Response, TransportError>>;

    fn part(range: &str, bytes: &[u8]) -> Response {
        Response {
            content_range: Some(range.to_owned()),
            etag: Some("\"1\"".to_owned()),
            ..response(206, bytes)
        }
    }

    /// A part whose body ends before it is all there.
    fn cut(range: &str, bytes: &[u8], length: u64) -> Response {
        Response { length: Some(length), ..part(range, bytes) }
    }

    fn file() -> WholeFile {
        WholeFile { total: 10, etag: Some("\"1\"".to_owned()) }
    }

    /// What asking for bytes 2 to 5 of a file gives, its bytes and the requests it took.
    fn ask(script: Script, file: Option<&WholeFile>) -> (Result<Part, Error>, Vec<u8>, Vec<String>) {
        let url = Address::parse("https://registry.example/a").unwrap();
        let (http, requests) = http(script);
        let mut bytes = Vec::new();
        let part = http.part(&url, 2..6, file, &mut |piece| {
            bytes.extend_from_slice(piece);
            Ok(())
        });
        let requests = requests.lock().unwrap().clone();
        (part, bytes, requests)
    }

    #[test]
    fn a_part_is_the_one_that_was_asked_for() {
        let (given, bytes, requests) = ask(vec![Ok(part("bytes 2-5/10", b"cdef"))], None);
        assert!(matches!(given, Ok(Part::Given(whole)) if whole == file()));
        assert_eq!(
            (bytes.as_slice(), requests[0].as_str()),
            (&b"cdef"[..], "https://registry.example/a 2-6")
        );
        let (given, bytes, requests) = ask(vec![Ok(part("bytes 2-5/10", b"cdef"))], Some(&file()));
        assert!(matches!(given, Ok(Part::Given(_))));
        assert_eq!(bytes, b"cdef");
        assert!(requests[0].ends_with(" 2-6 if \"1\""), "{requests:?}");
        // A file that ends before: what there is.
        let (given, bytes, _) = ask(vec![Ok(part("bytes 2-3/4", b"cd"))], None);
        assert!(matches!(given, Ok(Part::Given(WholeFile { total: 4, .. }))));
        assert_eq!(bytes, b"cd");
        // A weak tag is not asked for.
        let weak = WholeFile { etag: Some("W/\"1\"".to_owned()), ..file() };
        let answer = Response { etag: None, ..part("bytes 2-5/10", b"cdef") };
        assert!(ask(vec![Ok(answer)], Some(&weak)).2[0].ends_with(" 2-6"));
    }

    #[test]
    fn anything_else_is_not_taken_for_it() {
        for range in [
            "bytes 0-3/10",
            "bytes 3-6/10",
            "bytes 2-4/10",
            "bytes 2-6/10",
            "bytes 2-5/*",
            "bytes 2-5/11",
            "2-5/10",
            "",
            "bytes +2-5/10",
            "bytes 2-5",
            "bytes 2-18446744073709551615/10",
            "bytes */10",
        ] {
            let (given, bytes, requests) = ask(vec![Ok(part(range, b"cdef"))], Some(&file()));
            let Ok(Part::Wrong(error)) = given else { panic!("{range}: {given:?}") };
            assert_eq!((error.code(), bytes.len(), requests.len()), (Code::Transport, 0, 1), "{range}");
        }
        let packed = Response { encoding: Some("gzip".to_owned()), ..part("bytes 2-5/10", b"cdef") };
        assert!(matches!(ask(vec![Ok(packed)], None).0, Ok(Part::Wrong(_))));
        let short = Response { length: Some(3), ..part("bytes 2-5/10", b"cde") };
        assert!(matches!(ask(vec![Ok(short)], None).0, Ok(Part::Wrong(_))));
        let long = Response { length: None, ..part("bytes 2-5/10", b"cdefg") };
        assert!(matches!(ask(vec![Ok(long)], None).0, Ok(Part::Wrong(_))));
        for status in [412, 416] {
            assert!(matches!(ask(vec![Ok(response(status, b""))], Some(&file())).0, Ok(Part::Changed)));
        }
        let other = Response { etag: Some("\"2\"".to_owned()), ..part("bytes 2-5/10", b"cdef") };
        assert!(matches!(ask(vec![Ok(other)], Some(&file())).0, Ok(Part::Changed)));
        assert!(matches!(ask(vec![Ok(response(200, b"abcdefghij"))], None).0, Ok(Part::NotTaken)));
        assert!(matches!(ask(vec![Ok(response(404, b""))], None).0, Ok(Part::Absent)));
        assert_eq!(ask(vec![Ok(response(403, b""))], None).0.unwrap_err().code(), Code::Forbidden);
    }

    #[test]
    fn a_part_that_is_cut_off_is_gone_on_with() {
        let script = vec![Ok(cut("bytes 2-5/10", b"c", 4)), Ok(part("bytes 3-5/10", b"def"))];
        let (given, bytes, requests) = ask(script, None);
        assert!(matches!(given, Ok(Part::Given(_))));
        assert_eq!(bytes, b"cdef");
        assert!(requests[1].ends_with(" 3-6 if \"1\""), "{requests:?}");
        // The rest is of another file now.
        let changed = Response { etag: Some("\"2\"".to_owned()), ..part("bytes 3-5/10", b"xyz") };
        let (given, bytes, _) = ask(vec![Ok(cut("bytes 2-5/10", b"c", 4)), Ok(changed)], None);
        assert!(matches!(given, Ok(Part::Changed)));
        assert_eq!(bytes, b"c");
        // Nothing more comes: three times, then no more.
        let script = (0..3).map(|_| Ok(cut("bytes 2-5/10", b"", 4))).collect();
        let (given, _, requests) = ask(script, None);
        assert_eq!((given.unwrap_err().code(), requests.len()), (Code::Truncated, 3));
    }
}
