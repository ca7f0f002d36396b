//! What stands between a mirror and the registry it copies, and does what a network or a liar does.

use crate::sandbox::connect;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex};

/// What is done with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trick {
    /// It is passed on.
    None,
    /// The connection ends at once.
    Cut,
    /// This status is sent.
    Status(u16),
    /// A web page with status 200 is sent.
    Page,
    /// Half of the body is sent under the length of all of it.
    Truncated,
    /// Bytes are sent for as long as they are taken.
    Endless,
    /// A byte is sent now and then.
    Crawling,
    /// Nothing is sent.
    Silent,
    /// A byte of the body is another one.
    Flipped,
    /// What this folder has is sent.
    Folder(PathBuf),
    /// It is said to be below another address.
    Redirect(String),
    /// It waits until the trick is another one, and is passed on then.
    Held,
}

#[derive(Debug)]
struct Rules {
    origin: String,
    /// Beginnings of paths, and what is done with requests for them. The first counts.
    tricks: Vec<(String, Trick)>,
    /// Request lines and headers that were received.
    asked: Vec<String>,
}

/// A registry's address with somebody in between.
#[derive(Clone, Debug)]
pub(crate) struct Meddler {
    address: String,
    rules: Arc<(Mutex<Rules>, Condvar)>,
}

impl Meddler {
    /// In front of the server at an address.
    pub(crate) fn before(origin: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let rules = Rules { origin: origin.to_owned(), tricks: Vec::new(), asked: Vec::new() };
        let meddler = Self { address, rules: Arc::new((Mutex::new(rules), Condvar::new())) };
        let own = meddler.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let own = own.clone();
                // A peer that goes away is what some of this is about.
                std::thread::spawn(move || own.answer(stream));
            }
        });
        meddler
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on these tricks are played, and no others.
    pub(crate) fn play(&self, tricks: &[(&str, Trick)]) {
        let (rules, changed) = &*self.rules;
        rules.lock().unwrap().tricks =
            tricks.iter().map(|(path, trick)| ((*path).to_owned(), trick.clone())).collect();
        changed.notify_all();
    }

    /// How many requests there were for paths that begin like this.
    pub(crate) fn asked(&self, path: &str) -> usize {
        let start = format!("GET /{path}");
        self.rules.0.lock().unwrap().asked.iter().filter(|head| head.starts_with(&start)).count()
    }

    /// All that was received.
    pub(crate) fn received(&self) -> String {
        self.rules.0.lock().unwrap().asked.join("\n")
    }

    fn answer(&self, mut stream: TcpStream) -> Option<()> {
        let head = read_head(&mut stream)?;
        let path = head.split(' ').nth(1)?.trim_start_matches('/').to_owned();
        let (rules, changed) = &*self.rules;
        let (origin, trick) = {
            let mut rules = rules.lock().unwrap();
            rules.asked.push(head.clone());
            loop {
                let trick = rules.tricks.iter().find(|(start, _)| path.starts_with(start.as_str()));
                let trick = trick.map_or(Trick::None, |(_, trick)| trick.clone());
                if trick != Trick::Held {
                    break (rules.origin.clone(), trick);
                }
                rules = changed.wait(rules).unwrap();
            }
        };
        let whole = |status: &str, length: usize, body: &[u8]| {
            let head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
            [head.as_bytes(), body].concat()
        };
        let response = match trick {
            Trick::None => return relay(&mut stream, &origin, &head),
            Trick::Cut => return None,
            Trick::Silent => {
                let _ = stream.read(&mut [0]);
                return None;
            }
            Trick::Status(status) => whole(&format!("{status} Trouble"), 4, b"oops"),
            Trick::Page => whole("200 OK", 27, b"<!DOCTYPE html><h1>Hi</h1>\n"),
            Trick::Endless => {
                stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n").ok()?;
                while stream.write_all(&[b'x'; 4096]).is_ok() {}
                return None;
            }
            Trick::Crawling => {
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n").ok()?;
                while stream.write_all(b"x").is_ok() {
                    std::thread::sleep(std::time::Duration::from_millis(100));
                }
                return None;
            }
            Trick::Folder(folder) => match std::fs::read(folder.join(&path)) {
                Ok(body) => whole("200 OK", body.len(), &body),
                Err(_) => whole("404 Not Found", 0, b""),
            },
            Trick::Truncated | Trick::Flipped => {
                let mut body = fetch(&origin, &head)?;
                let length = body.len();
                let middle = length / 2;
                match trick {
                    Trick::Truncated => body.truncate(middle),
                    _ => body[middle] ^= 1,
                }
                whole("200 OK", length, &body)
            }
            Trick::Redirect(to) => format!(
                "HTTP/1.1 302 Found\r\nLocation: {to}/{path}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            )
            .into_bytes(),
            Trick::Held => return None,
        };
        stream.write_all(&response).ok()
    }
}

fn read_head(stream: &mut TcpStream) -> Option<String> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() > 64 * 1024 || stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    String::from_utf8(head).ok()
}

fn ask(origin: &str, head: &str) -> Option<TcpStream> {
    let mut upstream = connect(origin);
    let lines =
        head.lines().filter(|line| !line.is_empty() && !line.to_lowercase().starts_with("connection:"));
    let head: Vec<&str> = lines.chain(["Connection: close", "", ""]).collect();
    upstream.write_all(head.join("\r\n").as_bytes()).ok()?;
    Some(upstream)
}

fn relay(stream: &mut TcpStream, origin: &str, head: &str) -> Option<()> {
    std::io::copy(&mut ask(origin, head)?, stream).ok().map(|_| ())
}

/// The body of a response with status 200.
fn fetch(origin: &str, head: &str) -> Option<Vec<u8>> {
    let mut response = Vec::new();
    ask(origin, head)?.read_to_end(&mut response).ok()?;
    let end = response.windows(4).position(|four| four == b"\r\n\r\n")?;
    response.starts_with(b"HTTP/1.1 200").then(|| response.split_off(end + 4))
}
