//! Which old bytes each patch begins from.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;
use vitte_package_core::delta::{Base, Pool};
use vitte_package_core::limits::DELTA_PATCH_LEN;
use vitte_package_core::tree::{Entry, Tree};

/// New bytes of a patch of a file that is too long for one.
const SLICE: u64 = DELTA_PATCH_LEN / 2;

/// A patch to be made: how many new bytes it gives, and what it begins from.
#[derive(Debug)]
pub(super) struct PlannedPatch {
    pub(super) len: u64,
    pub(super) base: Base,
}

/// Divides the new bytes into patches, in tree order, and finds old bytes for each.
pub(super) fn plan(old: &Tree, new: &Tree, pool: &Pool) -> Vec<PlannedPatch> {
    let names = OldNames::of(old, new);
    let mut patches = Vec::new();
    let mut open = Open::default();
    for entry in pool.changed() {
        let Some(file) = new.entries().get(entry) else { continue };
        let namesake = pool.namesake(entry);
        let stand_in = if namesake.is_none() { names.like(old, file) } else { None };
        let range = namesake.or(stand_in).and_then(|old| pool.old_range(old));
        let base_len = range.as_ref().map_or(0, |range| range.end - range.start);
        if file.size() > DELTA_PATCH_LEN || base_len > DELTA_PATCH_LEN {
            open.close(&mut patches);
            slice(file.size(), range, &mut patches);
            continue;
        }
        if open.len + file.size() > DELTA_PATCH_LEN || open.base_len + base_len > DELTA_PATCH_LEN {
            open.close(&mut patches);
        }
        open.len += file.size();
        if namesake.is_some() {
            open.base_len += base_len;
            open.namesakes.extend(range.map(|range| range.start));
        } else if let Some(range) = range
            && open.stand_ins.insert((range.start, range.end))
        {
            open.base_len += base_len;
        }
    }
    open.close(&mut patches);
    patches
}

#[derive(Default)]
struct Open {
    len: u64,
    base_len: u64,
    /// Where the old files of the same path begin among the old bytes.
    namesakes: HashSet<u64>,
    stand_ins: BTreeSet<(u64, u64)>,
}

impl Open {
    fn close(&mut self, patches: &mut Vec<PlannedPatch>) {
        let Self { len, namesakes, stand_ins, .. } = std::mem::take(self);
        if len > 0 {
            let ranges = stand_ins.into_iter().filter(|(start, _)| !namesakes.contains(start));
            let ranges = ranges.map(|(start, end)| start..end).collect();
            patches.push(PlannedPatch { len, base: Base { same_paths: !namesakes.is_empty(), ranges } });
        }
    }
}

/// A file that is too long for one patch: slices of it, each with the old bytes around the same place.
fn slice(size: u64, old: Option<Range<u64>>, patches: &mut Vec<PlannedPatch>) {
    let mut start = 0;
    while start < size {
        let len = SLICE.min(size - start);
        let ranges = old.iter().map(|old| {
            let old_len = old.end - old.start;
            let window = DELTA_PATCH_LEN.min(old_len);
            // The middle of the slice lies at the same part of the old file.
            let middle = (u128::from(start + len / 2) * u128::from(old_len) / u128::from(size)) as u64;
            let first = middle.saturating_sub(window / 2).min(old_len - window);
            old.start + first..old.start + first + window
        });
        let ranges = ranges.filter(|range| !range.is_empty()).collect();
        patches.push(PlannedPatch { len, base: Base { same_paths: false, ranges } });
        start += len;
    }
}

/// Old files by what remains of a file that was renamed.
struct OldNames<'a> {
    by_name: HashMap<&'a str, Vec<usize>>,
    by_ending: HashMap<&'a str, Vec<usize>>,
    /// Files whose path is not in the new tree.
    gone: HashSet<usize>,
}

fn name_of(file: &Entry) -> &str {
    file.path().as_str().rsplit('/').next().unwrap_or_default()
}

fn ending_of(file: &Entry) -> Option<&str> {
    name_of(file).rsplit_once('.').map(|(_, ending)| ending)
}

impl<'a> OldNames<'a> {
    fn of(old: &'a Tree, new: &Tree) -> Self {
        let mut names = Self { by_name: HashMap::new(), by_ending: HashMap::new(), gone: HashSet::new() };
        for section in old.sections().filter(|section| !section.name().is_deferred()) {
            for (number, file) in section.range().zip(section.entries()).filter(|(_, file)| file.size() > 0) {
                names.by_name.entry(name_of(file)).or_default().push(number);
                if let Some(ending) = ending_of(file) {
                    names.by_ending.entry(ending).or_default().push(number);
                }
                if new.find(file.path().as_str()).is_none() {
                    names.gone.insert(number);
                }
            }
        }
        names
    }

    /// The old file that is most like a new one of another path: of the same name and about as long, or of the same
    /// ending and at least half and at most twice as long; rather one whose path is gone.
    fn like(&self, old: &Tree, file: &Entry) -> Option<usize> {
        let nearest = |numbers: &[usize], factor: u64| {
            let sizes =
                numbers.iter().filter_map(|number| Some((*number, old.entries().get(*number)?.size())));
            let near = sizes.filter(|(_, size)| {
                factor == 0 || (*size <= file.size() * factor && file.size() <= *size * factor)
            });
            let rank = |&(number, size): &(usize, u64)| {
                (!self.gone.contains(&number), size.abs_diff(file.size()), number)
            };
            near.min_by_key(rank).map(|(number, _)| number)
        };
        let by_name = self.by_name.get(name_of(file)).and_then(|numbers| nearest(numbers, 0));
        by_name.or_else(|| nearest(self.by_ending.get(ending_of(file)?)?, 2))
    }
}
