//! Work beside a request: on threads that may wait, and for as long as the server runs. A fault of the program ends what
//! it was found in, a request or one round of such work, and nothing else.

use crate::error::{Error, Result};
use crate::request;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;
use tokio::runtime::Handle;
use vitte_package_core::diagnostic::Code;
use vitte_package_core::message::server as text;

/// How long nothing is tried after a fault of the program.
const PAUSE: Duration = Duration::from_secs(1);

/// Does what waits for the disk or the network on a thread that may. A panic there is one of who waits for it.
pub(crate) async fn waiting<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let done = tokio::task::spawn_blocking(request::carried(work)).await;
    done.unwrap_or_else(|error| match error.try_into_panic() {
        Ok(panic) => resume_unwind(panic),
        Err(_) => Err(Error::new(Code::Unavailable, text::shutting_down())),
    })
}

/// Does something, up to a panic.
pub(crate) async fn caught<T>(work: impl Future<Output = T>) -> Result<T, Box<dyn Any + Send>> {
    let mut work = pin!(work);
    let caught = std::future::poll_fn(|context| {
        match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
            Ok(poll) => poll.map(Ok),
            Err(panic) => Poll::Ready(Err(panic)),
        }
    });
    caught.await
}

/// Does something beside all requests until it ends by itself. After a panic it is rounds anew.
pub(crate) fn keep<W>(runtime: &Handle, begin: impl Fn() -> W + Send + 'static)
where
    W: Future<Output = ()> + Send + 'static,
{
    runtime.spawn(async move {
        while caught(begin()).await.is_err() {
            tokio::time::sleep(PAUSE).await;
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Context;
    use axum::http::HeaderMap;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[tokio::test]
    async fn a_panic_on_another_thread_is_one_of_the_request_that_waits() {
        let context = Arc::new(Context::new(&HeaderMap::new()));
        let id = context.id.clone();
        let seen = context.clone().scope(waiting(|| Ok(request::current_id()))).await;
        assert_eq!(seen, Ok(Some(id)), "its id is known there");
        assert_eq!(waiting(|| Ok(request::current_id())).await, Ok(None));
        let panicked = caught(context.scope(waiting(|| -> Result<()> { panic!("canary") }))).await;
        assert!(panicked.is_err());
    }

    #[tokio::test]
    async fn what_runs_for_ever_is_begun_anew_after_a_panic() {
        let (ended, mut end) = tokio::sync::mpsc::channel(1);
        let rounds = Arc::new(AtomicU32::new(0));
        keep(&Handle::current(), move || {
            let (rounds, ended) = (Arc::clone(&rounds), ended.clone());
            async move {
                assert!(rounds.fetch_add(1, Ordering::Relaxed) >= 1, "canary");
                ended.send(()).await.unwrap();
            }
        });
        assert_eq!(end.recv().await, Some(()));
        assert_eq!(end.recv().await, None, "what ended by itself is over");
    }
}
