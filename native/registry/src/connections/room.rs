//! Room for so many connections: when it is full, the one that has been idle for longest makes way.

use crate::metrics::{self, Gauge};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// Room for connections.
pub(super) struct Room(Mutex<State>);

struct State {
    most: usize,
    open: usize,
    next: u64,
    /// Connections without a request, that have been so for longest first.
    idle: BTreeMap<u64, Arc<Notify>>,
}

impl Room {
    pub(super) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self(Mutex::new(State { most, open: 0, next: 0, idle: BTreeMap::new() })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place; none when all are taken by connections with requests.
    pub(super) fn take(self: &Arc<Self>) -> Option<Place> {
        let mut state = self.state();
        if state.open >= state.most {
            let (_, longest) = state.idle.pop_first()?;
            // Its place is given away now; it ends soon.
            longest.notify_one();
            state.open -= 1;
            metrics::add(Gauge::ClosedIdle, 1);
        }
        state.open += 1;
        let leave = Arc::new(Notify::new());
        let since = state.idle_now(&leave);
        metrics::add(Gauge::Connections, 1);
        Some(Place(Arc::new(Inner { room: Arc::clone(self), leave, held: Mutex::new(Held::Idle(since)) })))
    }
}

impl State {
    fn idle_now(&mut self, leave: &Arc<Notify>) -> u64 {
        self.next += 1;
        self.idle.insert(self.next, Arc::clone(leave));
        self.next
    }
}

/// The place of one connection.
pub(super) struct Place(Arc<Inner>);

struct Inner {
    room: Arc<Room>,
    leave: Arc<Notify>,
    held: Mutex<Held>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Held {
    Idle(u64),
    Busy,
    /// The place was given to another connection: this one ends.
    Given {
        is_busy: bool,
    },
}

/// A request that keeps its connection from being idle, until the last of these is dropped.
#[derive(Clone)]
pub(crate) struct Busy(#[allow(dead_code, reason = "held, not read")] Arc<Guard>);

struct Guard(Arc<Inner>);

impl Place {
    /// Notes a request.
    pub(super) fn busy(&self) -> Busy {
        let (mut state, mut held) = (self.0.room.state(), self.0.held());
        *held = match *held {
            Held::Idle(since) if state.idle.remove(&since).is_some() => Held::Busy,
            Held::Busy => Held::Busy,
            Held::Idle(_) | Held::Given { .. } => Held::Given { is_busy: true },
        };
        drop((held, state));
        Busy(Arc::new(Guard(Arc::clone(&self.0))))
    }

    /// Ends when another connection needs the place.
    pub(super) async fn asked_to_leave(&self) {
        self.0.leave.notified().await;
    }

    pub(super) fn is_busy(&self) -> bool {
        matches!(*self.0.held(), Held::Busy | Held::Given { is_busy: true })
    }
}

impl Inner {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let (mut state, mut held) = (self.0.room.state(), self.0.held());
        *held = match *held {
            Held::Busy => Held::Idle(state.idle_now(&self.0.leave)),
            Held::Idle(since) => Held::Idle(since),
            Held::Given { .. } => Held::Given { is_busy: false },
        };
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        metrics::subtract(Gauge::Connections, 1);
        let (mut state, mut held) = (self.0.room.state(), self.0.held());
        let is_given = match *held {
            Held::Idle(since) => state.idle.remove(&since).is_none(),
            Held::Busy => false,
            Held::Given { .. } => true,
        };
        if !is_given {
            state.open -= 1;
        }
        // A request that outlives its connection does not make it idle.
        *held = Held::Given { is_busy: false };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_idle_makes_way_and_requests_never_do() {
        let room = Room::new(2);
        let (first, second) = (room.take().unwrap(), room.take().unwrap());
        let request = first.busy();
        let third = room.take().unwrap();
        // The second was idle: its place is the third's.
        assert_eq!(second.0.room.state().open, 2);
        let late = second.busy();
        assert!(second.is_busy(), "a request that came at that moment is served to its end");
        let other = third.busy();
        assert!(room.take().is_none(), "both have requests");
        drop((late, second));
        assert!(room.take().is_none(), "its place was given away before");
        drop(request);
        let fourth = room.take().unwrap();
        drop((first, other, third, fourth));
        let state = room.state();
        assert_eq!((state.open, state.idle.len()), (0, 0));
    }

    #[test]
    fn a_request_that_outlives_its_connection_leaves_nothing() {
        let room = Room::new(1);
        let place = room.take().unwrap();
        let request = place.busy();
        drop(place);
        drop(request);
        let counts = |state: MutexGuard<'_, State>| (state.open, state.idle.len());
        assert_eq!(counts(room.state()), (0, 0));
        assert!(room.take().is_some());
    }
}
