//! A browser, as far as the server's pages need one: cookies, forms, and where a request comes from.

use crate::served::Server;

/// A response.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn read(response: &str) -> Self {
        let (head, body) = response.split_once("\r\n\r\n").expect("a response");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        Self { status, head: head.to_owned(), body: body.to_owned() }
    }

    /// A header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (given, value) = line.split_once(": ")?;
            given.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    #[track_caller]
    pub(crate) fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}\n{}", self.head, self.body);
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.body))
    }
}

/// Sends a request with some further headers, each with its line end.
pub(crate) fn send(server: &Server, method: &str, path: &str, headers: &str, body: &str) -> Reply {
    Reply::read(&server.ask(&format!("{method} {path} HTTP/1.1\r\n{headers}"), body.as_bytes()))
}

/// The header of a token.
pub(crate) fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}\r\n")
}

/// A browser with its cookies.
pub(crate) struct Browser<'a> {
    pub(crate) server: &'a Server,
    pub(crate) cookie: String,
}

impl<'a> Browser<'a> {
    pub(crate) fn new(server: &'a Server) -> Self {
        Self { server, cookie: String::new() }
    }

    fn headers(&self) -> String {
        if self.cookie.is_empty() { String::new() } else { format!("Cookie: {}\r\n", self.cookie) }
    }

    /// What the server itself would have sent to: a request that a page of this server causes.
    pub(crate) fn own(&self) -> String {
        format!("{}Origin: {}\r\n", self.headers(), self.server.url())
    }

    pub(crate) fn get(&self, path: &str) -> Reply {
        send(self.server, "GET", path, &self.headers(), "")
    }

    pub(crate) fn post(&self, path: &str, form: &str) -> Reply {
        let headers = format!("{}Content-Type: application/x-www-form-urlencoded\r\n", self.own());
        send(self.server, "POST", path, &headers, form)
    }

    /// Signs in, and keeps the cookie.
    #[track_caller]
    pub(crate) fn sign_in(&mut self, user: &str, password: &str) -> Reply {
        let reply = self.post("/sign-in", &format!("user={user}&password={password}")).is(303);
        self.keep(&reply);
        reply
    }

    /// Keeps the cookies of a response.
    pub(crate) fn keep(&mut self, reply: &Reply) {
        for line in reply.head.lines().filter(|line| line.to_ascii_lowercase().starts_with("set-cookie: ")) {
            let pair = line["set-cookie: ".len()..].split(';').next().unwrap();
            let name = pair.split('=').next().unwrap();
            let others =
                self.cookie.split("; ").filter(|old| !old.is_empty() && old.split('=').next() != Some(name));
            let mut all: Vec<_> = others.map(str::to_owned).collect();
            all.push(pair.to_owned());
            self.cookie = all.join("; ");
        }
    }
}
