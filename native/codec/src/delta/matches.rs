//! The longest match of bytes anywhere in a base, by its suffix array.

/// Sorted suffixes of a base, with a table of where those begin that begin with the same two bytes.
pub(super) struct Suffixes<'a> {
    base: &'a [u8],
    sorted: Vec<i32>,
    starts: Vec<u32>,
}

/// A match: where in the base it begins, and how long it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Match {
    pub(super) at: usize,
    pub(super) len: usize,
}

impl<'a> Suffixes<'a> {
    /// Sorts the suffixes: 4 bytes of memory for each byte of the base, which has at most 64 MiB.
    pub(super) fn of(base: &'a [u8]) -> Self {
        let mut sorted = vec![0; base.len()];
        divsufsort::sort_in_place(base, &mut sorted);
        let mut starts = vec![0u32; (1 << 16) + 1];
        for pair in base.windows(2) {
            starts[pair_of(pair[0], pair[1]) + 1] += 1;
        }
        // The last byte alone comes before all that begin with it.
        if let Some(&last) = base.last() {
            starts[pair_of(last, 0)] += 1;
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        Self { base, sorted, starts }
    }

    /// The longest match of the beginning of `bytes`. Adds to `work` how many bytes were compared, and 16 a step.
    pub(super) fn longest(&self, bytes: &[u8], work: &mut u64) -> Match {
        let &[first, second, ..] = bytes else { return Match::default() };
        let pair = pair_of(first, second);
        // A suffix of one byte may be among them too, and is compared like the others.
        let (mut low, mut high) = (self.starts[pair] as usize, self.starts[pair + 1] as usize);
        let mut best = Match::default();
        // How many bytes are equal to those of the suffix below and above.
        let (mut below, mut above) = (0, 0);
        while low < high {
            let middle = low + (high - low) / 2;
            let at = self.sorted[middle] as usize;
            let known = usize::min(below, above);
            let suffix = &self.base[at..];
            let len = known + common(&suffix[known.min(suffix.len())..], &bytes[known..]);
            *work += 16 + (len - known) as u64;
            if len > best.len {
                best = Match { at, len };
            }
            if len == bytes.len() {
                break;
            }
            if suffix.get(len).is_none_or(|byte| *byte < bytes[len]) {
                (low, below) = (middle + 1, len);
            } else {
                (high, above) = (middle, len);
            }
        }
        best
    }
}

fn pair_of(first: u8, second: u8) -> usize {
    usize::from(first) << 8 | usize::from(second)
}

/// How many bytes are equal from the start.
pub(super) fn common(left: &[u8], right: &[u8]) -> usize {
    const WORD: usize = 8;
    let (left_words, _) = left.as_chunks::<WORD>();
    let (right_words, _) = right.as_chunks::<WORD>();
    for (number, (left, right)) in left_words.iter().zip(right_words).enumerate() {
        let different = u64::from_le_bytes(*left) ^ u64::from_le_bytes(*right);
        if different != 0 {
            return number * WORD + different.trailing_zeros() as usize / 8;
        }
    }
    let done = left_words.len().min(right_words.len()) * WORD;
    done + left[done..].iter().zip(&right[done..]).take_while(|(left, right)| left == right).count()
}
