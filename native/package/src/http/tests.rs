//! A scripted transport: each request takes the next response of a list, and is recorded.

use super::*;
use std::io::{Cursor, ErrorKind};
use std::sync::{Arc, Mutex};

type Script = Vec<Result<Response, TransportError>>;

#[derive(Debug, Default)]
struct Scripted {
    responses: Mutex<Script>,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Transport for Scripted {
    fn send(&self, request: &Request<'_>) -> Result<Response, TransportError> {
        let resume = request.resume.map(|(from, tag)| format!(" from {from} if {tag}")).unwrap_or_default();
        let part = request.part.map(|(start, end, tag)| {
            let tag = tag.map(|tag| format!(" if {tag}")).unwrap_or_default();
            format!(" {start}-{end}{tag}")
        });
        let resume = part.unwrap_or(resume);
        let known = request.if_none_match.map(|tag| format!(" unless {tag}")).unwrap_or_default();
        let token = request.token.map(|_| " with token").unwrap_or_default();
        self.requests.lock().unwrap().push(format!("{}{resume}{known}{token}", request.url));
        self.responses.lock().unwrap().remove(0)
    }
}

pub(super) fn response(status: u16, body: &[u8]) -> Response {
    Response {
        status,
        etag: None,
        content_range: None,
        content_type: None,
        encoding: None,
        length: Some(body.len() as u64),
        retry_after: None,
        location: None,
        upload_offset: None,
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

pub(super) fn http(responses: Script) -> (Http, Arc<Mutex<Vec<String>>>) {
    let scripted = Scripted { responses: Mutex::new(responses), requests: Arc::default() };
    let requests = Arc::clone(&scripted.requests);
    (Http::over(Box::new(scripted), Duration::from_secs(30)), requests)
}

fn url() -> Address {
    Address::parse("https://registry.example/index/a").unwrap()
}

fn fetch(responses: Script, encoding: Encoding) -> (Result<Fetched, Error>, usize) {
    let (http, requests) = http(responses);
    let fetched = http.fetch(&url(), 10, None, encoding);
    let tries = requests.lock().unwrap().len();
    (fetched, tries)
}

fn refused(responses: Script) -> (Code, usize) {
    let (fetched, tries) = fetch(responses, Encoding::Gzip);
    (fetched.unwrap_err().code(), tries)
}

#[test]
fn absence_is_no_fault_and_rights_are() {
    for status in [404, 410, 451] {
        assert_eq!(fetch(vec![Ok(response(status, b""))], Encoding::Identity).0.unwrap(), Fetched::Absent);
    }
    assert_eq!(refused(vec![Ok(response(401, b""))]), (Code::Unauthenticated, 1));
    assert_eq!(refused(vec![Ok(response(403, b""))]), (Code::Forbidden, 1));
    assert_eq!(refused(vec![Ok(response(418, b""))]), (Code::Transport, 1));
    assert_eq!(refused(vec![Ok(response(304, b""))]), (Code::Transport, 1));
}

#[test]
fn what_may_pass_is_tried_three_times() {
    let reset = || Err(TransportError::UnexpectedEof);
    let found = fetch(vec![reset(), Ok(response(503, b"")), Ok(response(200, b"x"))], Encoding::Identity);
    assert_eq!((found.0.unwrap(), found.1), (Fetched::Found(b"x".to_vec(), None), 3));
    assert_eq!(refused(vec![reset(), reset(), reset()]), (Code::Truncated, 3));
    let connect = || Err(TransportError::Connect("refused".to_owned()));
    assert_eq!(refused(vec![connect(), connect(), connect()]), (Code::Unavailable, 3));
    let silent = || Err(TransportError::Timeout);
    assert_eq!(refused(vec![silent(), silent(), silent()]), (Code::Timeout, 3));
    assert_eq!(
        refused(vec![Err(TransportError::Tls(tls::TlsFault { reason: "expired".to_owned(), help: None }))]),
        (Code::Transport, 1)
    );
}

#[test]
fn a_server_that_asks_to_wait_is_obeyed_or_left() {
    let busy = |after: &str| Ok(Response { retry_after: Some(after.to_owned()), ..response(429, b"") });
    let found = fetch(vec![busy("0"), Ok(response(200, b"x"))], Encoding::Identity);
    assert_eq!(found.1, 2);
    let error = fetch(vec![busy("3600")], Encoding::Identity).0.unwrap_err();
    assert_eq!(error.code(), Code::RateLimited);
    assert!(error.faults().any(|fault| fault.diagnostic().help.iter().any(|help| help.contains("3600"))));
}

#[test]
fn bodies_are_cut_off_and_limited() {
    // T03: less than was promised.
    let short = || Ok(Response { length: Some(5), ..response(200, b"abc") });
    assert_eq!(refused(vec![short(), short(), short()]), (Code::Truncated, 3));
    let broken = |kind| {
        let body = Box::new(Broken(Cursor::new(b"abc".to_vec()), kind));
        Ok(Response { length: None, body, ..response(200, b"") })
    };
    let three = |kind| vec![broken(kind), broken(kind), broken(kind)];
    assert_eq!(refused(three(ErrorKind::UnexpectedEof)), (Code::Truncated, 3));
    assert_eq!(refused(three(ErrorKind::TimedOut)), (Code::Timeout, 3));
    assert_eq!(refused(three(ErrorKind::InvalidData)), (Code::Transport, 3));
    // More than is allowed: stated, or merely sent.
    assert_eq!(refused(vec![Ok(response(200, &[0; 11]))]), (Code::Limit, 1));
    let endless = Response { length: None, body: Box::new(std::io::repeat(0)), ..response(200, b"") };
    assert_eq!(refused(vec![Ok(endless)]), (Code::Limit, 1));
}

/// T06.
#[test]
fn content_encoding_is_for_texts_only() {
    // gzip of "abc", and of 1,000 zero bytes.
    let abc =
        [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 3, 0x4b, 0x4c, 0x4a, 6, 0, 0xc2, 0x41, 0x24, 0x35, 3, 0, 0, 0];
    let packed = |bytes: &[u8], encoding: &str| {
        Ok(Response { encoding: Some(encoding.to_owned()), ..response(200, bytes) })
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
    let to = |location: &str| Ok(Response { location: Some(location.to_owned()), ..response(302, b"") });
    let (http, requests) = http(vec![to("b"), to("https://cdn.example/c?sig=x"), Ok(response(200, b"x"))]);
    assert!(http.fetch(&url(), 10, None, Encoding::Identity).is_ok());
    assert_eq!(
        *requests.lock().unwrap(),
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
    let (http, requests) = http(vec![Ok(response(304, b"")), Ok(response(200, b"new"))]);
    let fetch = || http.fetch(&url(), 10, Some("\"1\""), Encoding::Gzip).unwrap();
    assert_eq!((fetch(), fetch()), (Fetched::Unchanged, Fetched::Found(b"new".to_vec(), None)));
    assert!(requests.lock().unwrap()[0].ends_with(" unless \"1\""));
    assert_eq!(http.traffic(), Traffic { requests: 2, bytes: 3 });
}

/// T05: a range is the one that was asked for, or all, or it is refused.
#[test]
fn a_download_is_gone_on_with_where_it_stopped() {
    let part = |range: &str| Ok(Response { content_range: Some(range.to_owned()), ..response(206, b"cd") });
    let open = |script: Script| {
        let (http, requests) = http(script);
        let opened = http.open(&url(), Some(Resume { from: 2, etag: "\"1\"", total: None }));
        assert!(requests.lock().unwrap()[0].ends_with(" from 2 if \"1\""));
        opened
    };
    let opened = open(vec![part("bytes 2-3/4")]).unwrap().unwrap();
    assert_eq!((opened.start, opened.length), (2, Some(4)));
    for other in ["bytes 0-1/4", "bytes 20-21/40", "", "2-3/4"] {
        assert_eq!(open(vec![part(other)]).unwrap_err().code(), Code::Transport, "{other}");
    }
    let all = open(vec![Ok(response(200, b"abcd"))]).unwrap().unwrap();
    assert_eq!((all.start, all.length), (0, Some(4)));
    for changed in [412, 416] {
        assert!(open(vec![Ok(response(changed, b""))]).unwrap().unwrap().body.is_none());
    }
    assert!(open(vec![Ok(response(404, b""))]).unwrap().is_none());
}

/// T68.
#[test]
fn a_body_that_comes_in_drops_is_given_up() {
    let mut watch = Watch {
        since: Instant::now().checked_sub(Duration::from_secs(31)).unwrap(),
        bytes: 0,
        timeout: Duration::from_secs(30),
    };
    let from = Responder::direct(&url(), &response(200, b""));
    assert_eq!(watch.saw(&from, 1000).unwrap_err().code(), Code::Timeout);
    watch.bytes = 0;
    watch.saw(&from, 40 * 1024).unwrap();
    assert_eq!(watch.bytes, 0, "a new span has started");
}

#[test]
fn a_token_is_not_sent_where_a_redirect_leads() {
    let token = || vitte_package_core::api::Token::new(&[1; 40]);
    for (to, gets_it) in [
        ("/index/b", true),
        ("https://registry.example:443/index/b", true),
        ("https://registry.example:8443/index/b", false),
        ("https://registry.example.evil.example/index/b", false),
        ("https://dl.example/index/b", false),
    ] {
        let redirect = || Response { location: Some(to.to_owned()), ..response(302, b"") };
        let back =
            Response { location: Some("https://registry.example/index/c".to_owned()), ..response(302, b"") };
        let (http, requests) = http(vec![Ok(redirect()), Ok(back), Ok(response(200, b"x"))]);
        let registry = Address::parse("https://registry.example").unwrap();
        http.authorize(Bearer::new(token(), &registry).with_hosts(&["dl.example".to_owned()]));
        http.fetch(&url(), 10, None, Encoding::Gzip).unwrap();
        let sent: Vec<_> =
            requests.lock().unwrap().iter().map(|line| line.ends_with(" with token")).collect();
        // Nor when the other host leads back.
        assert_eq!(sent, [true, gets_it, gets_it], "{to}");
    }
}

#[test]
fn a_refusal_is_told_in_the_words_of_the_registry_if_it_is_one() {
    let problem = |status: u16, code: &str| {
        let body = format!("{{\"code\":\"{code}\",\"detail\":\"no scope `read`\"}}");
        let content_type = Some("application/problem+json".to_owned());
        Response { content_type, ..response(status, body.as_bytes()) }
    };
    for (status, code, expected, in_its_words) in [
        (401, "VP0701", Code::Unauthenticated, true),
        (403, "VP0702", Code::Forbidden, true),
        // A code that does not go with the status is nobody's to choose.
        (403, "VP0606", Code::Forbidden, false),
        (401, "VP0606", Code::Unauthenticated, false),
    ] {
        let (http, _) = http(vec![Ok(problem(status, code))]);
        let error = http.fetch(&url(), 10, None, Encoding::Gzip).unwrap_err();
        assert_eq!(
            (error.code(), error.to_string().contains("no scope `read`")),
            (expected, in_its_words),
            "{code}"
        );
    }
}
