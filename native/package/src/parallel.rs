//! The same on several threads.

use std::sync::{Mutex, PoisonError};

/// Calls `each` with every item, on up to `workers` threads, this one among them. Gives what came of each, in the order
/// of the items.
pub(crate) fn map<T: Send, R: Send>(items: Vec<T>, workers: usize, each: impl Fn(T) -> R + Sync) -> Vec<R> {
    let workers = workers.min(items.len());
    if workers < 2 {
        return items.into_iter().map(each).collect();
    }
    let items = Mutex::new(items.into_iter().enumerate());
    let work = || {
        let mut done = Vec::new();
        // The lock is not held while the item is worked on.
        let next = || items.lock().unwrap_or_else(PoisonError::into_inner).next();
        while let Some((at, item)) = next() {
            done.push((at, each(item)));
        }
        done
    };
    let mut done = std::thread::scope(|scope| {
        let others: Vec<_> = (1..workers).map(|_| scope.spawn(work)).collect();
        let mut done = work();
        for other in others {
            done.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        done
    });
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::map;
    use std::collections::HashSet;
    use std::sync::{Barrier, Mutex};

    #[test]
    fn the_order_is_that_of_the_items() {
        for workers in [0, 1, 2, 3, 200] {
            let doubled = map((0..100).collect(), workers, |number: u32| number * 2);
            assert_eq!(doubled, (0..100).map(|number| number * 2).collect::<Vec<_>>(), "{workers} workers");
        }
        assert!(map(Vec::<u8>::new(), 4, |byte| byte).is_empty());
    }

    #[test]
    fn as_many_work_at_once_as_were_asked_for() {
        let (meeting, seen) = (Barrier::new(3), Mutex::new(HashSet::new()));
        map(vec![(); 3], 3, |()| {
            // Nobody passes before the third has come.
            meeting.wait();
            seen.lock().unwrap().insert(std::thread::current().id());
        });
        assert_eq!(seen.lock().unwrap().len(), 3);
    }
}
