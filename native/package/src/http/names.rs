//! Host names and the addresses they were found to have, remembered for a while.
//!
//! `ureq` looks a name up for each request, also where a connection is kept, and starts a thread each time to keep the
//! time limit: a cold install asks well over a thousand times for one name.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// How long resolved addresses are reused: the commands that run for hours follow a registry that moves.
const KEPT: Duration = Duration::from_secs(60);

/// Looks names up by the system, each once a minute at most. Copies share what they know.
#[derive(Debug)]
pub(super) struct Names<R = DefaultResolver> {
    system: Arc<R>,
    kept: Duration,
    known: Arc<Mutex<HashMap<String, (Instant, ResolvedSocketAddrs)>>>,
}

impl Default for Names {
    fn default() -> Self {
        Self { system: Arc::default(), kept: KEPT, known: Arc::default() }
    }
}

/// By hand, since a derived one would ask it of the system's resolver.
impl<R> Clone for Names<R> {
    fn clone(&self) -> Self {
        Self { system: Arc::clone(&self.system), kept: self.kept, known: Arc::clone(&self.known) }
    }
}

impl<R: Resolver> Resolver for Names<R> {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        // The addresses have the port in them, which the scheme stands for where it is not written.
        let name = format!(
            "{}://{}",
            uri.scheme_str().unwrap_or_default(),
            uri.authority().map_or("", |at| at.as_str())
        );
        {
            let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((since, addresses)) = known.get(&name)
                && since.elapsed() < self.kept
            {
                return Ok(addresses.clone());
            }
        }
        // Not under the lock: another name need not wait for this one.
        let addresses = self.system.resolve(uri, config, timeout)?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(name, (Instant::now(), addresses.clone()));
        Ok(addresses)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::SocketAddr;
    use std::sync::atomic::{AtomicU16, Ordering};

    /// Gives another address each time it is asked; none for `nowhere`.
    #[derive(Debug, Default)]
    struct Counting(AtomicU16);

    impl Resolver for Counting {
        fn resolve(&self, uri: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
            let asked = self.0.fetch_add(1, Ordering::Relaxed);
            if uri.host() == Some("nowhere") {
                return Err(ureq::Error::HostNotFound);
            }
            let mut addresses = self.empty();
            addresses.push(SocketAddr::from(([127, 0, 0, 1], asked)));
            Ok(addresses)
        }
    }

    fn look_up(names: &Names<Counting>, uri: &'static str) -> Option<u16> {
        let found = names.resolve(&Uri::from_static(uri), &Config::default(), NextTimeout::default()).ok()?;
        found.iter().next().map(SocketAddr::port)
    }

    fn names(kept: Duration) -> Names<Counting> {
        Names { system: Arc::default(), kept, known: Arc::default() }
    }

    #[test]
    fn a_name_is_looked_up_once_for_all_copies() {
        let names = names(KEPT);
        assert_eq!(look_up(&names, "http://a/x"), Some(0));
        assert_eq!(look_up(&names.clone(), "http://a/y"), Some(0));
    }

    #[test]
    fn scheme_and_port_tell_names_apart() {
        let names = names(KEPT);
        assert_eq!(look_up(&names, "http://a/"), Some(0));
        assert_eq!(look_up(&names, "https://a/"), Some(1));
        assert_eq!(look_up(&names, "http://a:81/"), Some(2));
        assert_eq!(look_up(&names, "http://a/"), Some(0));
    }

    #[test]
    fn what_is_old_or_was_not_found_is_asked_again() {
        let brief = names(Duration::ZERO);
        assert_eq!((look_up(&brief, "http://a/"), look_up(&brief, "http://a/")), (Some(0), Some(1)));
        let names = names(KEPT);
        assert_eq!((look_up(&names, "http://nowhere/"), look_up(&names, "http://nowhere/")), (None, None));
        assert_eq!(names.system.0.load(Ordering::Relaxed), 2);
    }
}
