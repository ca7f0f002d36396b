//! What is known of the request that is being answered, for its log line and for the problems it is refused with.

use axum::http::{HeaderMap, HeaderName};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

/// The header that a request's id comes and goes in.
pub(crate) const ID: HeaderName = HeaderName::from_static("x-request-id");
/// Bytes of an id that a client or a proxy chose.
const ID_LEN: std::ops::RangeInclusive<usize> = 8..=64;

tokio::task_local! {
    static CURRENT: Arc<Context>;
}

/// A request.
#[derive(Debug)]
pub(crate) struct Context {
    /// Its id.
    pub(crate) id: String,
    token: OnceLock<String>,
    is_slow: AtomicBool,
}

impl Context {
    /// That of a request with these headers: the id it comes with if that is one, else a new one.
    pub(crate) fn new(headers: &HeaderMap) -> Self {
        let given = headers.get(ID).and_then(|id| id.to_str().ok()).filter(|id| is_id(id));
        Self {
            id: given.map_or_else(new_id, str::to_owned),
            token: OnceLock::new(),
            is_slow: AtomicBool::new(false),
        }
    }

    /// The id of the token it came with, if that was found to be valid.
    pub(crate) fn token(&self) -> Option<&str> {
        self.token.get().map(String::as_str)
    }

    /// Notes that its body came too slowly.
    pub(crate) fn note_slow(&self) {
        self.is_slow.store(true, Ordering::Relaxed);
    }

    /// Answers it: what is done by `work` is done for it.
    pub(crate) async fn scope<T>(self: Arc<Self>, work: impl Future<Output = T>) -> T {
        CURRENT.scope(self, work).await
    }
}

/// Work that is done for the request that is being answered, on whatever thread.
pub(crate) fn carried<T>(work: impl FnOnce() -> T) -> impl FnOnce() -> T {
    let request = CURRENT.try_with(Arc::clone).ok();
    move || match request {
        Some(request) => CURRENT.sync_scope(request, work),
        None => work(),
    }
}

/// The id of the request that is being answered.
pub(crate) fn current_id() -> Option<String> {
    CURRENT.try_with(|request| request.id.clone()).ok()
}

/// Notes by which token the request that is being answered is allowed: its id, never the token.
pub(crate) fn note_token(id: &str) {
    let _ = CURRENT.try_with(|request| request.token.set(id.to_owned()));
}

/// Whether the body of the request that is being answered ended because it came too slowly.
pub(crate) fn is_slow() -> bool {
    CURRENT.try_with(|request| request.is_slow.load(Ordering::Relaxed)).unwrap_or(false)
}

/// Whether a text may be an id: it ends up in the log and in responses.
fn is_id(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    ID_LEN.contains(&text.len()) && text.bytes().all(plain)
}

/// An id that no other request has: the process drew a number, and counts.
fn new_id() -> String {
    static PROCESS: OnceLock<u64> = OnceLock::new();
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let process = PROCESS.get_or_init(|| {
        let mut random = [0; 8];
        // Without randomness ids of two processes may be alike, and nothing else.
        let _ = getrandom::fill(&mut random);
        u64::from_le_bytes(random)
    });
    format!("{process:016x}-{:x}", COUNT.fetch_add(1, Ordering::Relaxed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_taken_if_it_is_one() {
        let id = |given: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(ID, given.parse().unwrap());
            Context::new(&headers).id
        };
        for good in ["12345678", "4bf92f35-77b3.4da6_A3", &"a".repeat(64)] {
            assert_eq!(id(good), good);
        }
        for bad in ["", "1234567", "a b c d e f", "12345678\"", "12345678=x", &"a".repeat(65)] {
            assert!(id(bad) != bad && is_id(&id(bad)), "{bad}");
        }
        assert_ne!(Context::new(&HeaderMap::new()).id, Context::new(&HeaderMap::new()).id);
    }
}
