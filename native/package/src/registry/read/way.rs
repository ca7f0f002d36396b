//! The ways in which what is wanted of a package can be brought, and the cheapest of them.

use vitte_package_core::archive::plan::{FetchPlan, RangeRequest};

/// What one request costs besides the bytes it brings, in bytes: the response's head, and the time it takes.
const REQUEST: u64 = 4 * 1024;

/// A way to bring what is wanted. Another way to do so is another variant, offered by the code that knows what it costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Everything is here.
    Nothing,
    /// Parts of the archive.
    Ranges(Vec<RangeRequest>),
    /// All of the archive that is not here.
    Full {
        /// Its bytes.
        bytes: u64,
    },
}

impl Way {
    /// What a plan comes to, where the first `have` bytes of `total` are here.
    pub(super) fn of(plan: FetchPlan, have: u64, total: u64) -> Self {
        match plan {
            FetchPlan::Whole => Self::Full { bytes: total.saturating_sub(have) },
            FetchPlan::Ranges(ranges) if ranges.is_empty() => Self::Nothing,
            FetchPlan::Ranges(ranges) => Self::Ranges(ranges),
        }
    }

    /// The bytes it brings.
    pub(super) fn bytes(&self) -> u64 {
        match self {
            Self::Nothing => 0,
            Self::Ranges(ranges) => ranges.iter().map(|range| range.bytes.end - range.bytes.start).sum(),
            Self::Full { bytes } => *bytes,
        }
    }

    /// Its bytes, and what its requests cost.
    fn cost(&self) -> u64 {
        let requests = match self {
            Self::Nothing => 0,
            Self::Ranges(ranges) => ranges.len() as u64,
            Self::Full { .. } => 1,
        };
        self.bytes().saturating_add(requests * REQUEST)
    }

    /// The cheapest of some ways; of equally cheap ones the first.
    pub(super) fn cheapest(ways: impl IntoIterator<Item = Self>) -> Option<Self> {
        ways.into_iter().min_by_key(Self::cost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranges(lens: &[u64]) -> Way {
        let mut start = 0;
        let request = |len: &u64| {
            let bytes = start..start + len;
            start = bytes.end + (1 << 20);
            RangeRequest { bytes, frames: 0..1 }
        };
        Way::of(FetchPlan::Ranges(lens.iter().map(request).collect()), 0, 10 << 20)
    }

    #[test]
    fn the_cheapest_way_is_taken() {
        let full = || Way::of(FetchPlan::Whole, 0, 1 << 20);
        assert_eq!(ranges(&[]), Way::Nothing);
        assert_eq!(Way::cheapest([full(), Way::Nothing, ranges(&[100])]), Some(Way::Nothing));
        assert_eq!(Way::cheapest([full(), ranges(&[1000, 1000])]), Some(ranges(&[1000, 1000])));
        // A few bytes less are not worth many requests.
        let most = (1 << 20) / 8 - 100;
        assert_eq!(Way::cheapest([full(), ranges(&[most; 8])]), Some(full()));
        assert_eq!((full().bytes(), ranges(&[5, 6]).bytes()), (1 << 20, 11));
        assert_eq!(Way::cheapest([]), None);
    }
}
