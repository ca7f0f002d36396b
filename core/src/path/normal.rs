//! Normalization form C of Unicode 16.0, which the archive format names: the same whatever libraries move to.
//!
//! Source: Unicode Standard Annex 15. Canonical mappings only, so the tables are a fifth of a general library's.

mod table;

use table::{CLASSES, COMPOSITIONS, DECOMPOSITIONS};

/// Below this, every character is in form C wherever it is.
const FIRST_TO_CHECK: char = '\u{300}';

/// Hangul syllables are arithmetic: first code points and numbers of leading, vowel and trailing jamo.
const SYLLABLES: u32 = 0xac00;
const LEADING: u32 = 0x1100;
const VOWELS: u32 = 0x1161;
const TRAILING: u32 = 0x11a7;
const LEADING_COUNT: u32 = 19;
const VOWEL_COUNT: u32 = 21;
const TRAILING_COUNT: u32 = 28;

/// Whether `text` is in form C.
pub(super) fn is_nfc(text: &str) -> bool {
    text.chars().all(|c| c < FIRST_TO_CHECK) || nfc(text) == text
}

/// `text` in form C.
pub(super) fn nfc(text: &str) -> String {
    let mut points = Vec::with_capacity(text.len());
    for c in text.chars() {
        decompose(u32::from(c), &mut points);
    }
    order(&mut points);
    compose(&mut points);
    points.into_iter().filter_map(|(point, _)| char::from_u32(point)).collect()
}

/// A code point with its combining class.
type Classed = (u32, u8);

fn class(point: u32) -> u8 {
    let run = CLASSES.partition_point(|(_, last, _)| *last < point);
    match CLASSES.get(run) {
        Some(&(first, _, class)) if first <= point => class,
        _ => 0,
    }
}

/// Appends the full canonical decomposition of a code point.
fn decompose(point: u32, out: &mut Vec<Classed>) {
    let syllable = point.wrapping_sub(SYLLABLES);
    if syllable < LEADING_COUNT * VOWEL_COUNT * TRAILING_COUNT {
        let (block, trailing) = (syllable / TRAILING_COUNT, syllable % TRAILING_COUNT);
        out.push((LEADING + block / VOWEL_COUNT, 0));
        out.push((VOWELS + block % VOWEL_COUNT, 0));
        if trailing > 0 {
            out.push((TRAILING + trailing, 0));
        }
        return;
    }
    let found = DECOMPOSITIONS.binary_search_by_key(&point, |(composed, ..)| *composed);
    match found.ok().and_then(|at| DECOMPOSITIONS.get(at)) {
        // The mappings of the standard end after at most four steps.
        Some(&(_, first, second)) => {
            decompose(first, out);
            if second != 0 {
                decompose(second, out);
            }
        }
        None => out.push((point, class(point))),
    }
}

/// Orders each run of combining characters by class; those of one class keep their order.
fn order(points: &mut [Classed]) {
    for at in 1..points.len() {
        let mut at = at;
        // Runs are a character or two long, so inserting is enough.
        while let Some([before, here]) = at.checked_sub(1).and_then(|from| points.get_mut(from..=at)) {
            if here.1 == 0 || before.1 <= here.1 {
                break;
            }
            std::mem::swap(before, here);
            at -= 1;
        }
    }
}

/// The composite of two code points.
fn composite(first: u32, second: u32) -> Option<u32> {
    let (leading, vowel) = (first.wrapping_sub(LEADING), second.wrapping_sub(VOWELS));
    if leading < LEADING_COUNT && vowel < VOWEL_COUNT {
        return Some(SYLLABLES + (leading * VOWEL_COUNT + vowel) * TRAILING_COUNT);
    }
    let (syllable, trailing) = (first.wrapping_sub(SYLLABLES), second.wrapping_sub(TRAILING));
    if syllable < LEADING_COUNT * VOWEL_COUNT * TRAILING_COUNT && syllable.is_multiple_of(TRAILING_COUNT) {
        return (1..TRAILING_COUNT).contains(&trailing).then(|| first + trailing);
    }
    let row = |at: &u16| DECOMPOSITIONS.get(usize::from(*at)).copied().unwrap_or_default();
    let pair = |at: &u16| (row(at).1, row(at).2);
    let found = COMPOSITIONS.binary_search_by_key(&(first, second), pair).ok()?;
    COMPOSITIONS.get(found).map(|at| row(at).0)
}

/// Composes in place: a character joins the last starter unless one between them blocks it.
fn compose(points: &mut Vec<Classed>) {
    let mut kept: Vec<Classed> = Vec::with_capacity(points.len());
    let mut starter: Option<usize> = None;
    for &(point, class) in points.iter() {
        let free = match (starter, kept.last()) {
            (Some(at), Some(_)) if at + 1 == kept.len() => true,
            (Some(_), Some(&(_, last))) => last != 0 && last < class,
            _ => false,
        };
        if let Some((first, _)) = starter.filter(|_| free).and_then(|at| kept.get_mut(at))
            && let Some(one) = composite(*first, point)
        {
            *first = one;
            continue;
        }
        if class == 0 {
            starter = Some(kept.len());
        }
        kept.push((point, class));
    }
    *points = kept;
}

#[cfg(test)]
mod tests;
