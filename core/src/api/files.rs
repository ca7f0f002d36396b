//! The response to a request for a file, decided without IO so that every rule can be tested by itself.

use crate::registry::layout;
use std::ops::Range;

/// Headers that a script of another origin may read.
const EXPOSED: &str = "Content-Range, Accept-Ranges, ETag, Repr-Digest, Content-Length, WWW-Authenticate";

/// Headers that a script of another origin may send: `Authorization` is for private registries.
const ALLOWED: &str = "Range, If-None-Match, If-Range, If-Match, Authorization, Content-Type";

/// A request's head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestHead {
    method: String,
    target: String,
    version: String,
    headers: Vec<(String, String)>,
}

impl RequestHead {
    /// A head that was read already. The names of headers are in lower case.
    pub fn new(method: &str, target: &str, headers: Vec<(String, String)>) -> Self {
        Self { method: method.to_owned(), target: target.to_owned(), version: "HTTP/1.1".to_owned(), headers }
    }

    /// Reads the head of a request, without its last empty line; none when it is malformed.
    pub fn parse(head: &str) -> Option<Self> {
        let mut lines = head.lines();
        let mut words = lines.next()?.split(' ');
        let (method, target, version) = (words.next()?, words.next()?, words.next()?);
        if words.next().is_some() || !version.starts_with("HTTP/1.") {
            return None;
        }
        let mut headers = Vec::new();
        for line in lines {
            let (name, value) = line.split_once(':')?;
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        Some(Self {
            method: method.to_owned(),
            target: target.to_owned(),
            version: version.to_owned(),
            headers,
        })
    }

    /// Bytes of the body that follows the head; none when there is no telling.
    pub fn body_len(&self) -> Option<u64> {
        match (self.header("transfer-encoding"), self.header("content-length")) {
            (None, None) => Some(0),
            (None, Some(length)) => length.parse().ok(),
            (Some(_), _) => None,
        }
    }

    /// Whether a file is asked for, with its content.
    pub fn is_get(&self) -> bool {
        self.method == "GET"
    }

    /// What is asked for, if something is posted.
    pub fn posted(&self) -> Option<&str> {
        (self.method == "POST").then_some(self.target.as_str())
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether another request may follow on the same connection.
    pub fn stays_open(&self) -> bool {
        let connection = self.header("connection").unwrap_or_default().to_ascii_lowercase();
        match self.version.as_str() {
            "HTTP/1.0" => connection == "keep-alive",
            _ => connection != "close",
        }
    }

    /// The file that is asked for, below the folder; none where there can be none. Names that begin with a dot are the
    /// registry's own business.
    pub fn path(&self) -> Option<String> {
        let target = self.target.split(['?', '#']).next()?.strip_prefix('/')?;
        let path = decode(target)?;
        let plain = |part: &str| {
            !part.is_empty()
                && !part.starts_with('.')
                && !part.contains(['\\', ':', '\0'])
                && !part.contains('/')
        };
        path.split('/').all(plain).then_some(path)
    }
}

/// Undoes percent escapes; none when one is malformed or hides a slash.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        match first {
            b'%' => {
                let digits = std::str::from_utf8(tail.get(..2)?).ok()?;
                let byte =
                    u8::from_str_radix(digits, 16).ok().filter(|byte| !matches!(byte, b'/' | b'\\' | 0))?;
                bytes.push(byte);
                rest = tail.get(2..)?;
            }
            byte => {
                bytes.push(*byte);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).ok()
}

/// What is known about the file that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFacts {
    /// Its path below the folder.
    pub path: String,
    /// Its length in bytes.
    pub len: u64,
    /// When it was written, in nanoseconds of Unix time.
    pub written: u128,
}

impl FileFacts {
    /// Its entity tag, quoted.
    pub fn tag(&self) -> String {
        format!("\"{:x}-{:x}\"", self.len, self.written)
    }
}

/// What follows the head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// Nothing.
    None,
    /// These bytes of the file.
    File(Range<u64>),
}

/// The head of a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The status.
    pub status: u16,
    /// Headers, in the order they are sent.
    pub headers: Vec<(&'static str, String)>,
    /// What follows.
    pub body: Body,
}

impl Head {
    fn new(status: u16, len: u64, body: Body) -> Self {
        let headers = vec![
            ("Content-Length", len.to_string()),
            ("Access-Control-Allow-Origin", "*".to_owned()),
            ("Access-Control-Expose-Headers", EXPOSED.to_owned()),
            ("Cross-Origin-Resource-Policy", "cross-origin".to_owned()),
            ("X-Content-Type-Options", "nosniff".to_owned()),
        ];
        Self { status, headers, body }
    }

    fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The head as it is sent, with its last empty line.
    pub fn to_text(&self) -> String {
        let words = match self.status {
            200 => "OK",
            204 => "No Content",
            206 => "Partial Content",
            304 => "Not Modified",
            404 => "Not Found",
            405 => "Method Not Allowed",
            412 => "Precondition Failed",
            416 => "Range Not Satisfiable",
            _ => "Bad Request",
        };
        let headers: String =
            self.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        format!("HTTP/1.1 {} {words}\r\n{headers}\r\n", self.status)
    }
}

/// The head of a response whose body was generated.
pub fn generated(status: u16, content_type: &'static str, len: usize) -> Head {
    let head = Head::new(status, len as u64, Body::None).with("Content-Type", content_type);
    head.with("Cache-Control", "no-store")
}

/// Responds to a request, given what is known about the file it names.
pub fn respond(request: Option<&RequestHead>, file: Option<FileFacts>) -> Head {
    let Some(request) = request.filter(|request| request.body_len() == Some(0)) else {
        return Head::new(400, 0, Body::None).with("Connection", "close");
    };
    match request.method.as_str() {
        "OPTIONS" => {
            return Head::new(204, 0, Body::None)
                .with("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS")
                .with("Access-Control-Allow-Headers", ALLOWED)
                .with("Access-Control-Max-Age", "86400");
        }
        "GET" | "HEAD" => {}
        _ => return Head::new(405, 0, Body::None).with("Allow", "GET, HEAD, OPTIONS"),
    }
    let Some(file) = file else { return Head::new(404, 0, Body::None) };
    let tag = file.tag();
    let names_it = |list: &str| list.split(',').map(str::trim).any(|given| given == "*" || given == tag);
    let delivery = layout::delivery(&file.path);
    let described = |head: Head| {
        head.with("ETag", tag.clone())
            .with("Accept-Ranges", "bytes")
            .with("Cache-Control", delivery.cache_control)
            .with("Content-Type", delivery.content_type)
    };
    if request.header("if-match").is_some_and(|list| !names_it(list)) {
        return described(Head::new(412, 0, Body::None));
    }
    let weak = |list: &str| names_it(&list.replace("W/", ""));
    if request.header("if-none-match").is_some_and(weak) {
        return described(Head::new(304, 0, Body::None));
    }
    let range = request.header("range").filter(|_| request.header("if-range").is_none_or(names_it));
    let (status, range) = match range.map(|range| read_range(range, file.len)) {
        None | Some(ByteRange::All) => (200, 0..file.len),
        Some(ByteRange::Part(range)) => (206, range),
        Some(ByteRange::Outside) => {
            let head = Head::new(416, 0, Body::None).with("Content-Range", format!("bytes */{}", file.len));
            return described(head);
        }
    };
    let body = if request.method == "HEAD" { Body::None } else { Body::File(range.clone()) };
    let head = described(Head::new(status, range.end - range.start, body));
    match status {
        206 => head.with("Content-Range", format!("bytes {}-{}/{}", range.start, range.end - 1, file.len)),
        _ => head,
    }
}

/// The part of a file that a `Range` header asks for.
enum ByteRange {
    All,
    Part(Range<u64>),
    Outside,
}

/// One range of bytes; several, or another unit, are answered with the whole file (RFC 9110, section 14.2).
fn read_range(header: &str, len: u64) -> ByteRange {
    let Some(range) = header.strip_prefix("bytes=").filter(|range| !range.contains(',')) else {
        return ByteRange::All;
    };
    let Some((from, to)) = range.trim().split_once('-') else { return ByteRange::All };
    let part = match (from.parse::<u64>(), to.parse::<u64>()) {
        (Ok(from), Ok(to)) if from <= to => from..to.saturating_add(1).min(len),
        (Ok(from), Err(_)) if to.is_empty() => from..len,
        (Err(_), Ok(last)) if from.is_empty() => len.saturating_sub(last)..len,
        _ => return ByteRange::All,
    };
    if part.start < part.end { ByteRange::Part(part) } else { ByteRange::Outside }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head_for(head: &str) -> (u16, Body, Head) {
        let request = RequestHead::parse(head);
        let path = request.as_ref().and_then(RequestHead::path);
        let file = path.map(|path| FileFacts { path, len: 100, written: 255 });
        let head = respond(request.as_ref(), file);
        (head.status, head.body.clone(), head)
    }

    fn header<'a>(head: &'a Head, name: &str) -> Option<&'a str> {
        head.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    #[test]
    fn ranges_are_exact() {
        let get = |range: &str| head_for(&format!("GET /p/a HTTP/1.1\r\nRange: {range}\r\n"));
        for (range, status, bytes) in [
            ("bytes=0-9", 206, 0..10),
            ("bytes=90-", 206, 90..100),
            ("bytes=90-1000", 206, 90..100),
            ("bytes=-10", 206, 90..100),
            ("bytes=0-1,5-6", 200, 0..100),
            ("lines=0-1", 200, 0..100),
            ("bytes=9-0", 200, 0..100),
        ] {
            let (got, body, head) = get(range);
            assert_eq!((got, body), (status, Body::File(bytes.clone())), "{range}");
            assert_eq!(header(&head, "Content-Length").unwrap(), (bytes.end - bytes.start).to_string());
            let expected = format!("bytes {}-{}/100", bytes.start, bytes.end - 1);
            assert_eq!(header(&head, "Content-Range"), (status == 206).then_some(expected.as_str()));
        }
        let (status, body, head) = get("bytes=100-");
        assert_eq!((status, body, header(&head, "Content-Range")), (416, Body::None, Some("bytes */100")));
    }

    #[test]
    fn conditions_compare_tags() {
        let get = |line: &str| head_for(&format!("GET /index/a/b HTTP/1.1\r\n{line}\r\n")).0;
        assert_eq!(get("If-None-Match: \"64-ff\""), 304);
        assert_eq!(get("If-None-Match: \"x\", W/\"64-ff\""), 304);
        assert_eq!(get("If-None-Match: \"x\""), 200);
        assert_eq!(get("If-Match: \"x\""), 412);
        assert_eq!(get("If-Match: \"64-ff\""), 200);
        assert_eq!(get("Range: bytes=0-1\r\nIf-Range: \"x\""), 200);
        assert_eq!(get("Range: bytes=0-1\r\nIf-Range: \"64-ff\""), 206);
    }

    #[test]
    fn only_plain_paths_are_files() {
        let status = |target: &str| head_for(&format!("GET {target} HTTP/1.1\r\n")).0;
        assert_eq!((status("/config.json"), status("/p/a/b/1.0.0%2Bx/c")), (200, 200));
        for bad in [
            "/",
            "//etc/passwd",
            "/a/../b",
            "/a/%2e%2e/b",
            "/a%2fb",
            "/.vitte-registry.lock",
            "/a/.git/x",
            "/a\\b",
            "/c:/x",
            "/a%00",
            "/a%2",
            "x",
            "*",
        ] {
            assert_eq!(status(bad), 404, "{bad}");
        }
    }

    #[test]
    fn scripts_of_other_origins_may_read_everything() {
        for (request, status) in [
            ("OPTIONS /p/a HTTP/1.1\r\nOrigin: x\r\n", 204),
            ("GET /p/a HTTP/1.1\r\n", 200),
            ("HEAD /p/a HTTP/1.1\r\n", 200),
            ("GET / HTTP/1.1\r\n", 404),
            ("GET /p/a HTTP/1.1\r\nIf-None-Match: *\r\n", 304),
            ("GET /p/a HTTP/1.1\r\nRange: bytes=500-\r\n", 416),
            ("POST /p/a HTTP/1.1\r\n", 405),
            ("nonsense", 400),
            ("POST /p/a HTTP/1.1\r\nContent-Length: 5\r\n", 400),
        ] {
            let (got, _, head) = head_for(request);
            assert_eq!(got, status, "{request}");
            assert_eq!(header(&head, "Access-Control-Allow-Origin"), Some("*"), "{request}");
            assert!(head.to_text().ends_with("\r\n\r\n"));
        }
        assert_eq!(head_for("HEAD /p/a HTTP/1.1\r\n").1, Body::None);
    }

    #[test]
    fn what_never_changes_may_be_kept() {
        let control = |target: &str| {
            let head = head_for(&format!("GET {target} HTTP/1.1\r\n")).2;
            header(&head, "Cache-Control").unwrap().to_owned()
        };
        assert_eq!(control("/log/checkpoint"), "max-age=2");
        assert_eq!(control("/index/a/b"), "max-age=60");
        assert_eq!(control("/trust/1.json"), layout::delivery("trust/1.json").cache_control);
        assert!(!RequestHead::parse("GET / HTTP/1.1\r\nConnection: close\r\n").unwrap().stays_open());
        assert!(RequestHead::parse("GET / HTTP/1.1\r\n").unwrap().stays_open());
        assert!(!RequestHead::parse("GET / HTTP/1.0\r\n").unwrap().stays_open());
    }
}
