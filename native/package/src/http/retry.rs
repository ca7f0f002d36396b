//! Whether and when to retry: three tries, a growing pause with chance in it, and what the server asks for.

use crate::env::{Env, Variable};
use crate::error::Error;
use crate::message::network as text;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use vitte_package_core::diagnostic::{Code, Diagnostic};

/// Tries in all.
const TRIES: u32 = 3;
/// The first pause; the next ones are twice as long each.
const PAUSE: Duration = Duration::from_millis(200);
/// How long a server may ask to wait; beyond that the command fails and says so.
pub const MAX_RETRY_AFTER: Duration = Duration::from_secs(60);
/// How long nothing may be received, unless `VITTE_HTTP_TIMEOUT` says otherwise.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A request that failed.
#[derive(Debug)]
pub struct Failure {
    /// Why.
    pub error: Error,
    /// Whether it is worth repeating.
    pub retry: Retry,
}

/// Whether a request is worth repeating.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Retry {
    /// It is not.
    No,
    /// After a pause.
    Soon,
    /// After as long as the host asked for.
    After(String, Duration),
}

impl Failure {
    /// A failure that will not go away.
    pub fn last(error: Error) -> Self {
        Self { error, retry: Retry::No }
    }

    /// A failure that may be gone soon.
    pub fn soon(error: Error) -> Self {
        Self { error, retry: Retry::Soon }
    }
}

/// Tries until it works, fails for good, or was tried three times. `waits` is called for each wait that a host asked for.
///
/// # Errors
/// The last one.
pub fn attempts<T>(
    waits: &dyn Fn(&str, Duration),
    mut attempt: impl FnMut() -> Result<T, Failure>,
) -> Result<T, Error> {
    let mut tried = 0;
    loop {
        tried += 1;
        let failure = match attempt() {
            Ok(done) => return Ok(done),
            Err(failure) => failure,
        };
        match failure.retry {
            _ if tried >= TRIES => return Err(failure.error),
            Retry::No => return Err(failure.error),
            Retry::Soon => std::thread::sleep(pause(tried, chance())),
            Retry::After(host, wait) => {
                waits(&host, wait);
                std::thread::sleep(wait);
            }
        }
    }
}

/// The pause after so many tries: between half and all of 200 ms, 400 ms, ... as `chance` (0 to 255) has it.
pub fn pause(tried: u32, chance: u8) -> Duration {
    let whole = PAUSE.saturating_mul(1 << tried.saturating_sub(1).min(8));
    whole / 2 + (whole / 2) * u32::from(chance) / 255
}

/// Waits as [`attempts`] does between two tries.
pub fn rest(tried: u32) {
    std::thread::sleep(pause(tried, chance()));
}

fn chance() -> u8 {
    let mut byte = [0];
    // Without chance all clients merely come back at the same moment.
    let _ = getrandom::fill(&mut byte);
    byte[0]
}

/// How long `Retry-After` asks to wait from `now`, in Unix seconds: a number of seconds or an HTTP date (RFC 9110,
/// section 10.2.3). A date in the past means at once.
pub fn retry_after(value: &str, now: u64) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(value).ok()?;
    let then = u64::try_from(date.timestamp().as_second()).ok()?;
    Some(Duration::from_secs(then.saturating_sub(now)))
}

/// Now, in Unix seconds.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// How long nothing may be received.
///
/// # Errors
/// `config` when `VITTE_HTTP_TIMEOUT` is not a number of seconds from 1 to 3,600.
pub fn timeout(env: &Env) -> Result<Duration, Error> {
    let Some(value) = env.variable(Variable::HttpTimeout)? else { return Ok(TIMEOUT) };
    match value.parse::<u64>() {
        Ok(seconds @ 1..=3600) => Ok(Duration::from_secs(seconds)),
        _ => Err(Diagnostic::new(Code::Config, text::silence(value)).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_differ() {
        let millis = |tried, chance| pause(tried, chance).as_millis();
        assert_eq!((millis(1, 0), millis(1, 255)), (100, 200));
        assert_eq!((millis(2, 0), millis(2, 255)), (200, 400));
        assert!(pause(60, 255) < Duration::from_secs(60));
    }

    #[test]
    fn servers_ask_for_seconds_or_a_date() {
        let seconds = |value: &str, now| retry_after(value, now).map(|wait| wait.as_secs());
        assert_eq!(seconds("7", 0), Some(7));
        assert_eq!(seconds("Fri, 31 Dec 1999 23:59:59 GMT", 946_684_790), Some(9));
        assert_eq!(seconds("Fri, 31 Dec 1999 23:59:59 GMT", 2_000_000_000), Some(0));
        assert_eq!(seconds("soon", 0), None);
    }

    #[test]
    fn three_tries_and_no_more() {
        let failed = || Error::from(Diagnostic::new(Code::Transport, "x".to_owned()));
        let mut tries = 0;
        let result: Result<(), Error> = attempts(&|_, _| {}, || {
            tries += 1;
            Err(Failure::soon(failed()))
        });
        assert_eq!((result.unwrap_err().code(), tries), (Code::Transport, 3));
        tries = 0;
        let result: Result<(), Error> = attempts(&|_, _| {}, || {
            tries += 1;
            Err(Failure::last(failed()))
        });
        assert_eq!((result.is_err(), tries), (true, 1));
        tries = 0;
        let result = attempts(&|_, _| {}, || {
            tries += 1;
            if tries == 2 {
                Ok(tries)
            } else {
                Err(Failure { error: failed(), retry: Retry::After("host".to_owned(), Duration::ZERO) })
            }
        });
        assert_eq!(result.unwrap(), 2);
    }
}
