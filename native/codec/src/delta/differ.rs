//! The steps of a difference: bytes that are like those of the base are taken from there, the rest is new.

use super::matches::{Match, Suffixes, common};
use vitte_package_core::delta::DeltaStep;

/// So many equal bytes at the place in the base that follows are taken without a search. Without this, files of one
/// repeated byte would be searched for ever.
const GO_ON: usize = 32;
/// Finds the steps that lead from `base`, whose suffixes are given, to `new`. A match elsewhere is followed when it has
/// more than `threshold` bytes above what the present place gives.
///
/// Returns nothing when that takes more work than `patience` for each byte of base and new: files that have something in
/// common take from 1 to 27, and long unlike ones 65.
pub(super) fn difference(
    base: &[u8],
    suffixes: &Suffixes<'_>,
    new: &[u8],
    threshold: usize,
    patience: u64,
) -> Option<Vec<DeltaStep>> {
    let mut steps = Vec::new();
    let limit = patience * (base.len() + new.len()) as u64;
    let mut work = 0u64;
    // Where the next byte of the base would be taken from, less where it would go to.
    let mut diagonal = 0i64;
    // Up to where the steps lead, in the new bytes and the place in the base.
    let (mut done, mut from) = (0usize, 0usize);
    let mut place = 0i64;
    let mut scan = 0usize;
    let mut found = Match::default();
    while scan < new.len() {
        scan += found.len;
        let mut counted = scan;
        // How many of the bytes that the match covers the present place gives.
        let mut gives = 0usize;
        let on_diagonal = |at: usize, diagonal: i64| {
            usize::try_from(at as i64 + diagonal).ok().and_then(|at| base.get(at..)).unwrap_or_default()
        };
        found = Match::default();
        while scan < new.len() {
            let here = on_diagonal(scan, diagonal);
            let equal = common(here, &new[scan..]);
            work += 16 + equal.min(GO_ON) as u64;
            if equal >= GO_ON {
                found = Match { at: (scan as i64 + diagonal) as usize, len: equal };
                gives = equal;
                break;
            }
            found = suffixes.longest(&new[scan..], &mut work);
            if work > limit {
                return None;
            }
            while counted < scan + found.len {
                gives += usize::from(on_diagonal(counted, diagonal).first() == Some(&new[counted]));
                counted += 1;
            }
            if (found.len == gives && found.len != 0) || found.len > gives + threshold {
                break;
            }
            gives = gives.saturating_sub(usize::from(here.first() == Some(&new[scan])));
            scan += 1;
        }
        if found.len == gives && scan < new.len() {
            continue;
        }
        let ends = scan >= new.len();
        let found = if ends { Match { at: 0, len: 0 } } else { found };
        let (old, gap) = (&base[from..], &new[done..scan.min(new.len())]);
        let mut forward = best_forward(old, gap);
        let mut backward = if ends { 0 } else { best_backward(&base[..found.at], gap) };
        if forward + backward > gap.len() {
            let overlap = forward + backward - gap.len();
            let at = gap.len() - backward;
            let split = best_split(&old[at..], &base[found.at - backward..], &gap[at..at + overlap]);
            forward = at + split;
            backward = gap.len() - forward;
        }
        let copy = gap.len() - forward - backward;
        if forward + copy > 0 {
            let seek = i32::try_from(from as i64 - place).ok()?;
            steps.push(DeltaStep { seek, add: forward as u32, copy: copy as u32 });
            place = (from + forward) as i64;
        }
        done = scan.min(new.len()) - backward;
        from = found.at - backward.min(found.at);
        diagonal = found.at as i64 - scan as i64;
    }
    Some(steps)
}

/// How far the old bytes serve from the start: to where twice the equal ones, less all, is greatest.
fn best_forward(old: &[u8], new: &[u8]) -> usize {
    let (mut score, mut best, mut len) = (0i64, 0i64, 0);
    for (number, (old, new)) in old.iter().zip(new).enumerate() {
        score += if old == new { 1 } else { -1 };
        if score > best {
            (best, len) = (score, number + 1);
        }
    }
    len
}

/// The same from the end.
fn best_backward(old: &[u8], new: &[u8]) -> usize {
    let (mut score, mut best, mut len) = (0i64, 0i64, 0);
    for (number, (old, new)) in old.iter().rev().zip(new.iter().rev()).enumerate() {
        score += if old == new { 1 } else { -1 };
        if score > best {
            (best, len) = (score, number + 1);
        }
    }
    len
}

/// Where bytes that both sides could give are best divided.
fn best_split(first: &[u8], second: &[u8], new: &[u8]) -> usize {
    let (mut score, mut best, mut at) = (0i64, 0i64, 0);
    for (number, new) in new.iter().enumerate() {
        score += i64::from(first.get(number) == Some(new)) - i64::from(second.get(number) == Some(new));
        if score > best {
            (best, at) = (score, number + 1);
        }
    }
    at
}
