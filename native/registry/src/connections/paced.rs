//! Peers that take too long: each may pause for a while, and what it moves earns it further time.

use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

/// Bytes that a peer moves in a second at least, when it is looked at for longer than its patience.
const LEAST_RATE: u64 = 1024;

/// A peer has been too slow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooSlow;

/// How long a peer may still be waited for. Waiting spends it; bytes earn it back, up to the patience.
#[derive(Debug)]
pub(crate) struct MinRate {
    patience: Duration,
    left: Duration,
    waiting: Option<(Instant, Pin<Box<Sleep>>)>,
}

impl MinRate {
    pub(crate) fn new(patience: Duration) -> Self {
        Self { patience, left: patience, waiting: None }
    }

    /// Notes what became of moving bytes: none yet, or so many.
    pub(crate) fn note(&mut self, context: &mut Context<'_>, moved: Option<usize>) -> Result<(), TooSlow> {
        match moved {
            None => {
                let left = self.left;
                let begin = || (Instant::now(), Box::pin(tokio::time::sleep(left)));
                let (_, sleep) = self.waiting.get_or_insert_with(begin);
                if sleep.as_mut().poll(context).is_ready() { Err(TooSlow) } else { Ok(()) }
            }
            Some(bytes) => {
                if let Some((since, _)) = self.waiting.take() {
                    self.left = self.left.saturating_sub(since.elapsed());
                }
                let earned = Duration::from_millis(bytes as u64 * 1000 / LEAST_RATE);
                self.left = self.left.saturating_add(earned).min(self.patience);
                Ok(())
            }
        }
    }
}

/// A stream whose peer is to take what is sent to it.
pub(super) struct Paced<S> {
    stream: S,
    sending: MinRate,
}

impl<S> Paced<S> {
    pub(super) fn new(stream: S, patience: Duration) -> Self {
        Self { stream, sending: MinRate::new(patience) }
    }

    fn noted<T>(
        &mut self,
        context: &mut Context<'_>,
        polled: Poll<io::Result<T>>,
        moved: impl FnOnce(&T) -> usize,
    ) -> Poll<io::Result<T>> {
        let count = match &polled {
            Poll::Pending => None,
            Poll::Ready(Ok(done)) => Some(moved(done)),
            Poll::Ready(Err(_)) => return polled,
        };
        match self.sending.note(context, count) {
            Ok(()) => polled,
            Err(TooSlow) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Paced<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        pin!(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Paced<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = pin!(&mut self.stream).poll_write(context, bytes);
        self.noted(context, polled, |written| *written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = pin!(&mut self.stream).poll_write_vectored(context, bytes);
        self.noted(context, polled, |written| *written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = pin!(&mut self.stream).poll_flush(context);
        self.noted(context, polled, |()| 0)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = pin!(&mut self.stream).poll_shutdown(context);
        self.noted(context, polled, |()| 0)
    }
}
