//! A scripted transport: each request takes the next answer of a list, and is written down.

use super::*;
use std::io::{Cursor, ErrorKind};
use std::sync::{Arc, Mutex};

type Script = Vec<Result<Answer, Failure>>;

#[derive(Debug, Default)]
struct Scripted {
    answers: Mutex<Script>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Transport for Scripted {
    fn get(&self, get: &Get<'_>) -> Result<Answer, Failure> {
        let resume = get.resume.map(|(from, tag)| format!(" from {from} if {tag}")).unwrap_or_default();
        let known = get.if_none_match.map(|tag| format!(" unless {tag}")).unwrap_or_default();
        self.asked.lock().unwrap().push(format!("{}{resume}{known}", get.url));
        self.answers.lock().unwrap().remove(0)
    }
}

fn answer(status: u16, body: &[u8]) -> Answer {
    Answer {
        status,
        etag: None,
        content_range: None,
        content_type: None,
        encoding: None,
        length: Some(body.len() as u64),
        retry_after: None,
        location: None,
        via: None,
        body: Box::new(Cursor::new(body.to_vec())),
    }
}

/// Gives some bytes, then fails.
struct Broken(Cursor<Vec<u8>>, ErrorKind);

impl Read for Broken {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        match self.0.read(into)? {
            0 => Err(self.1.into()),
            read => Ok(read),
        }
    }
}

fn http(answers: Script) -> (Http, Arc<Mutex<Vec<String>>>) {
    let scripted = Scripted { answers: Mutex::new(answers), asked: Arc::default() };
    let asked = Arc::clone(&scripted.asked);
    (Http::over(Box::new(scripted), Duration::from_secs(30)), asked)
}

fn url() -> Address {
    Address::parse("https://registry.example/index/a").unwrap()
}

fn fetch(answers: Script, encoding: Encoding) -> (Result<Fetched, Error>, usize) {
    let (http, asked) = http(answers);
    let fetched = http.fetch(&url(), 10, None, encoding);
    let tries = asked.lock().unwrap().len();
    (fetched, tries)
}

fn refused(answers: Script) -> (Code, usize) {
    let (fetched, tries) = fetch(answers, Encoding::Gzip);
    (fetched.unwrap_err().code(), tries)
}

#[test]
fn absence_is_no_fault_and_rights_are() {
    for status in [404, 410, 451] {
        assert_eq!(fetch(vec![Ok(answer(status, b""))], Encoding::Identity).0.unwrap(), Fetched::Absent);
    }
    assert_eq!(refused(vec![Ok(answer(401, b""))]), (Code::Unauthenticated, 1));
    assert_eq!(refused(vec![Ok(answer(403, b""))]), (Code::Forbidden, 1));
    assert_eq!(refused(vec![Ok(answer(418, b""))]), (Code::Transport, 1));
    assert_eq!(refused(vec![Ok(answer(304, b""))]), (Code::Transport, 1));
}

#[test]
fn what_may_pass_is_tried_three_times() {
    let reset = || Err(Failure::Cut);
    let found = fetch(vec![reset(), Ok(answer(503, b"")), Ok(answer(200, b"x"))], Encoding::Identity);
    assert_eq!((found.0.unwrap(), found.1), (Fetched::Found(b"x".to_vec(), None), 3));
    assert_eq!(refused(vec![reset(), reset(), reset()]), (Code::Truncated, 3));
    let connect = || Err(Failure::Connect("refused".to_owned()));
    assert_eq!(refused(vec![connect(), connect(), connect()]), (Code::Unavailable, 3));
    let silent = || Err(Failure::Silence);
    assert_eq!(refused(vec![silent(), silent(), silent()]), (Code::Timeout, 3));
    assert_eq!(
        refused(vec![Err(Failure::Tls(tls::TlsFault { reason: "expired".to_owned(), help: None }))]),
        (Code::Transport, 1)
    );
}

#[test]
fn a_server_that_asks_to_wait_is_obeyed_or_left() {
    let busy = |after: &str| Ok(Answer { retry_after: Some(after.to_owned()), ..answer(429, b"") });
    let found = fetch(vec![busy("0"), Ok(answer(200, b"x"))], Encoding::Identity);
    assert_eq!(found.1, 2);
    let error = fetch(vec![busy("3600")], Encoding::Identity).0.unwrap_err();
    assert_eq!(error.code(), Code::RateLimited);
    assert!(error.faults().any(|fault| fault.diagnostic().help.iter().any(|help| help.contains("3600"))));
}

#[test]
fn bodies_are_cut_off_and_limited() {
    // T03: less than was promised.
    let short = || Ok(Answer { length: Some(5), ..answer(200, b"abc") });
    assert_eq!(refused(vec![short(), short(), short()]), (Code::Truncated, 3));
    let broken = |kind| {
        let body = Box::new(Broken(Cursor::new(b"abc".to_vec()), kind));
        Ok(Answer { length: None, body, ..answer(200, b"") })
    };
    let three = |kind| vec![broken(kind), broken(kind), broken(kind)];
    assert_eq!(refused(three(ErrorKind::UnexpectedEof)), (Code::Truncated, 3));
    assert_eq!(refused(three(ErrorKind::TimedOut)), (Code::Timeout, 3));
    assert_eq!(refused(three(ErrorKind::InvalidData)), (Code::Transport, 3));
    // More than is allowed: stated, or merely sent.
    assert_eq!(refused(vec![Ok(answer(200, &[0; 11]))]), (Code::Limit, 1));
    let endless = Answer { length: None, body: Box::new(std::io::repeat(0)), ..answer(200, b"") };
    assert_eq!(refused(vec![Ok(endless)]), (Code::Limit, 1));
}

/// T06.
#[test]
fn content_encoding_is_for_texts_only() {
    // gzip of "abc", and of 1,000 zero bytes.
    let abc =
        [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 3, 0x4b, 0x4c, 0x4a, 6, 0, 0xc2, 0x41, 0x24, 0x35, 3, 0, 0, 0];
    let packed = |bytes: &[u8], encoding: &str| {
        Ok(Answer { encoding: Some(encoding.to_owned()), ..answer(200, bytes) })
    };
    let (http, _) = http(vec![packed(&abc, "gzip")]);
    let found = http.fetch(&url(), 100, None, Encoding::Gzip).unwrap();
    assert_eq!(found, Fetched::Found(b"abc".to_vec(), None));
    for encoding in ["gzip", "br", "deflate"] {
        let (http, _) = super::tests::http(vec![packed(&abc, encoding)]);
        assert_eq!(http.fetch(&url(), 100, None, Encoding::Identity).unwrap_err().code(), Code::Transport);
    }
    let (http, _) = super::tests::http(vec![packed(b"abc", "br")]);
    assert_eq!(http.fetch(&url(), 100, None, Encoding::Gzip).unwrap_err().code(), Code::Transport);
    let damaged: Script = (0..3).map(|_| packed(&abc[..20], "gzip")).collect();
    let (http, _) = super::tests::http(damaged);
    assert_eq!(http.fetch(&url(), 100, None, Encoding::Gzip).unwrap_err().code(), Code::Transport);
    // Inflated, it is above the limit.
    let three: Script = (0..3).map(|_| packed(&abc, "gzip")).collect();
    let (http, _) = super::tests::http(three);
    assert!(http.fetch(&url(), 23, None, Encoding::Gzip).is_ok());
    assert_eq!(http.fetch(&url(), 2, None, Encoding::Gzip).unwrap_err().code(), Code::Limit);
}

/// T37: never from TLS into the clear, nor in circles.
#[test]
fn redirects_are_followed_with_care() {
    let to = |location: &str| Ok(Answer { location: Some(location.to_owned()), ..answer(302, b"") });
    let (http, asked) = http(vec![to("b"), to("https://cdn.example/c?sig=x"), Ok(answer(200, b"x"))]);
    assert!(http.fetch(&url(), 10, None, Encoding::Identity).is_ok());
    assert_eq!(
        *asked.lock().unwrap(),
        [
            "https://registry.example/index/a",
            "https://registry.example/index/b",
            "https://cdn.example/c?sig=x"
        ]
    );
    assert_eq!(refused(vec![to("http://registry.example/index/a")]), (Code::InsecureUrl, 1));
    assert_eq!(refused(vec![to("https://user:secret@evil.example/")]), (Code::InsecureUrl, 1));
    assert_eq!(refused((0..9).map(|_| to("a")).collect()), (Code::Transport, 6));
}

#[test]
fn a_copy_at_hand_is_not_fetched_again() {
    let (http, asked) = http(vec![Ok(answer(304, b"")), Ok(answer(200, b"new"))]);
    let fetch = || http.fetch(&url(), 10, Some("\"1\""), Encoding::Gzip).unwrap();
    assert_eq!((fetch(), fetch()), (Fetched::Unchanged, Fetched::Found(b"new".to_vec(), None)));
    assert!(asked.lock().unwrap()[0].ends_with(" unless \"1\""));
    assert_eq!(http.traffic(), Traffic { requests: 2, bytes: 3 });
}

/// T05: a range is the one that was asked for, or all, or it is refused.
#[test]
fn a_download_is_gone_on_with_where_it_stopped() {
    let part = |range: &str| Ok(Answer { content_range: Some(range.to_owned()), ..answer(206, b"cd") });
    let open = |script: Script| {
        let (http, asked) = http(script);
        let opened = http.open(&url(), Some(Resume { from: 2, etag: "\"1\"", total: None }));
        assert!(asked.lock().unwrap()[0].ends_with(" from 2 if \"1\""));
        opened
    };
    let opened = open(vec![part("bytes 2-3/4")]).unwrap().unwrap();
    assert_eq!((opened.start, opened.length), (2, Some(4)));
    for other in ["bytes 0-1/4", "bytes 20-21/40", "", "2-3/4"] {
        assert_eq!(open(vec![part(other)]).unwrap_err().code(), Code::Transport, "{other}");
    }
    let all = open(vec![Ok(answer(200, b"abcd"))]).unwrap().unwrap();
    assert_eq!((all.start, all.length), (0, Some(4)));
    for changed in [412, 416] {
        assert!(open(vec![Ok(answer(changed, b""))]).unwrap().unwrap().body.is_none());
    }
    assert!(open(vec![Ok(answer(404, b""))]).unwrap().is_none());
}

/// T68.
#[test]
fn a_body_that_comes_in_drops_is_given_up() {
    let mut watch = Watch {
        since: Instant::now().checked_sub(Duration::from_secs(31)).unwrap(),
        bytes: 0,
        silence: Duration::from_secs(30),
    };
    let from = Responder::direct(&url(), &answer(200, b""));
    assert_eq!(watch.saw(&from, 1000).unwrap_err().code(), Code::Timeout);
    watch.bytes = 0;
    watch.saw(&from, 40 * 1024).unwrap();
    assert_eq!(watch.bytes, 0, "a new span has begun");
}
