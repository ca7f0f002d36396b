//! Method 2: a suffix-array difference in columns. Bytes of the base are taken with small changes, or new ones are given.
//!
//! A patch is sixteen numbers, the lengths of the columns, and zstd frames that hold the columns, one behind the other,
//! each frame behind its two lengths. Columns that say the same kind of thing compress better than one stream of all.
//!
//! | column | holds |
//! |-|-|
//! | 0, 1, 2 | of each step: how many bytes are taken from the base, how many are new, how far the place in the base moves first (zigzag) |
//! | 3, 4 | of each run of changed bytes: how many equal ones lie before it, counted over what is taken from the base; 255 says that column 4 has what is above |
//! | 5 | its length |
//! | 6 to 13 | its change, for lengths of 1 to 8: new less old as one little-endian number |
//! | 14 | its change, for longer ones: new less old, byte by byte |
//! | 15 | the new bytes |

use super::error::PatchFault;
use super::varint::{put, take, unzigzag, zigzag};
use crate::codec::{FrameDecoder, FrameEncoder, Level};
use crate::limits;

const COLUMNS: usize = 16;
const ADD: usize = 0;
const COPY: usize = 1;
const SEEK: usize = 2;
const GAPS: usize = 3;
const LONG_GAPS: usize = 4;
const RUNS: usize = 5;
/// The column of changes of one byte; those of up to [`NUMBER_LEN`] follow.
const NUMBERS: usize = 6;
const LONG_CHANGES: usize = 14;
const NEW: usize = 15;
/// Bytes of the longest change that is written as a number.
const NUMBER_LEN: usize = 8;
/// A gap of this length or more is continued in [`LONG_GAPS`].
const LONG_GAP: u32 = 255;
/// Columns that are shorter share a frame with the next one.
const OWN_FRAME: usize = 256;
/// Below so many bytes in all, one frame for all columns is tried too.
const ONE_FRAME: usize = 64 * 1024;

/// A step of a difference: the place in the base moves by `seek`, `add` bytes are taken from there, each changed or not,
/// and `copy` bytes follow that are new.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DeltaStep {
    /// How far the place in the base moves before anything is taken.
    pub seek: i32,
    /// Bytes taken from the base.
    pub add: u32,
    /// New bytes.
    pub copy: u32,
}

/// Makes a patch of steps that turn `base` into `new`.
///
/// The smaller of the two ways to divide the columns into frames is taken.
///
/// # Errors
/// [`PatchFault::Step`] when the steps do not make `new` of `base`; [`PatchFault::Codec`] when the compressor fails.
pub fn write_difference(
    base: &[u8],
    new: &[u8],
    steps: impl IntoIterator<Item = DeltaStep>,
    encoder: &mut dyn FrameEncoder,
    level: Level,
) -> Result<Vec<u8>, PatchFault> {
    let columns = columns_of(base, new, steps)?;
    let total = columns.iter().map(Vec::len).sum::<usize>();
    let mut out = Vec::new();
    for column in &columns {
        put(&mut out, u32::try_from(column.len()).map_err(|_| PatchFault::ColumnLen)?);
    }
    let mut frame = |out: &mut Vec<u8>, raw: &[u8]| -> Result<(), PatchFault> {
        for raw in raw.chunks(limits::FRAME_RAW_LEN as usize) {
            let stored = encoder.encode(raw, level).map_err(PatchFault::Codec)?;
            put(out, raw.len() as u32);
            put(out, u32::try_from(stored.len()).map_err(|_| PatchFault::ColumnLen)?);
            out.extend_from_slice(&stored);
        }
        Ok(())
    };
    let mut many = out.clone();
    let mut piece = Vec::new();
    for column in &columns {
        piece.extend_from_slice(column);
        if column.len() >= OWN_FRAME {
            frame(&mut many, &piece)?;
            piece.clear();
        }
    }
    frame(&mut many, &piece)?;
    if total >= ONE_FRAME {
        return Ok(many);
    }
    frame(&mut out, &columns.concat())?;
    Ok(if out.len() < many.len() { out } else { many })
}

fn columns_of(
    base: &[u8],
    new: &[u8],
    steps: impl IntoIterator<Item = DeltaStep>,
) -> Result<[Vec<u8>; COLUMNS], PatchFault> {
    let mut columns: [Vec<u8>; COLUMNS] = Default::default();
    let (mut from, mut at) = (0i64, 0usize);
    // Equal bytes since the last run.
    let mut gap = 0u32;
    for step in steps {
        let (add, copy) = (step.add as usize, step.copy as usize);
        from += i64::from(step.seek);
        let start = usize::try_from(from).map_err(|_| PatchFault::Step)?;
        let old = base.get(start..).and_then(|rest| rest.get(..add)).ok_or(PatchFault::Step)?;
        let (taken, rest) =
            new.get(at..).and_then(|rest| rest.split_at_checked(add)).ok_or(PatchFault::Step)?;
        let fresh = rest.get(..copy).ok_or(PatchFault::Step)?;
        if add + copy == 0 {
            return Err(PatchFault::Step);
        }
        put(&mut columns[ADD], step.add);
        put(&mut columns[COPY], step.copy);
        put(&mut columns[SEEK], zigzag(step.seek));
        columns[NEW].extend_from_slice(fresh);
        let mut done = 0;
        while done < add {
            let (old, taken) = (&old[done..], &taken[done..]);
            let equal = old.iter().zip(taken).take_while(|(old, new)| old == new).count();
            let (old, taken) = (&old[equal..], &taken[equal..]);
            let run = old.iter().zip(taken).take_while(|(old, new)| old != new).count();
            gap += equal as u32;
            done += equal + run;
            if run == 0 {
                break;
            }
            match gap {
                0..LONG_GAP => columns[GAPS].push(gap as u8),
                _ => {
                    columns[GAPS].push(LONG_GAP as u8);
                    put(&mut columns[LONG_GAPS], gap - LONG_GAP);
                }
            }
            gap = 0;
            put(&mut columns[RUNS], run as u32);
            let (old, taken) = (&old[..run], &taken[..run]);
            if run <= NUMBER_LEN {
                let change = number(taken).wrapping_sub(number(old));
                columns[NUMBERS + run - 1].extend_from_slice(&change.to_le_bytes()[..run]);
            } else {
                columns[LONG_CHANGES].extend(taken.iter().zip(old).map(|(new, old)| new.wrapping_sub(*old)));
            }
        }
        from += i64::from(step.add);
        at += add + copy;
    }
    if at == new.len() { Ok(columns) } else { Err(PatchFault::Step) }
}

/// Up to eight bytes as a little-endian number.
fn number(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |value, &byte| value << 8 | u64::from(byte))
}

/// Applies a patch: makes `raw_len` bytes of `base` and what the patch says.
///
/// The caller has compared `raw_len` and the length of `base` with [`limits::DELTA_PATCH_LEN`]. Holds the columns, of
/// at most `raw_len` and 64 KiB bytes, and the result.
///
/// # Errors
/// [`PatchFault`] when the patch is malformed, takes bytes from outside the base, gives another number of bytes, or
/// leaves a column unused.
pub fn apply_difference(
    patch: &[u8],
    base: &[u8],
    raw_len: usize,
    decoder: &mut dyn FrameDecoder,
) -> Result<Vec<u8>, PatchFault> {
    let mut rest = patch;
    let mut lens = [0usize; COLUMNS];
    for len in &mut lens {
        *len = take(&mut rest).ok_or(PatchFault::Number)? as usize;
    }
    let total = lens.iter().fold(0u64, |sum, len| sum + *len as u64);
    if total > raw_len as u64 + limits::DELTA_COLUMNS_ABOVE {
        return Err(PatchFault::ColumnLen);
    }
    let bytes = read_parts(rest, total as usize, decoder)?;
    let mut at = 0;
    let columns = lens.map(|len| {
        let column = Column(&bytes[at..at + len]);
        at += len;
        column
    });
    rebuild(columns, base, raw_len)
}

/// The columns, one behind the other: `total` bytes.
fn read_parts(mut rest: &[u8], total: usize, decoder: &mut dyn FrameDecoder) -> Result<Vec<u8>, PatchFault> {
    let (mut bytes, mut piece) = (Vec::new(), Vec::new());
    while !rest.is_empty() {
        let raw = take(&mut rest).ok_or(PatchFault::Number)? as usize;
        let stored = take(&mut rest).ok_or(PatchFault::Number)? as usize;
        if raw == 0 || raw as u64 > limits::FRAME_RAW_LEN || raw > total - bytes.len() {
            return Err(PatchFault::ColumnLen);
        }
        let (frame, behind) = rest.split_at_checked(stored).ok_or(PatchFault::Truncated)?;
        decoder.decode(frame, raw, &mut piece).map_err(PatchFault::Codec)?;
        bytes.extend_from_slice(&piece);
        rest = behind;
    }
    if bytes.len() == total { Ok(bytes) } else { Err(PatchFault::Truncated) }
}

/// What is left of a column.
#[derive(Clone, Copy)]
struct Column<'a>(&'a [u8]);

impl<'a> Column<'a> {
    fn number(&mut self) -> Result<u32, PatchFault> {
        take(&mut self.0).ok_or(PatchFault::Number)
    }

    fn bytes(&mut self, len: usize) -> Result<&'a [u8], PatchFault> {
        let (bytes, rest) = self.0.split_at_checked(len).ok_or(PatchFault::ColumnEnd)?;
        self.0 = rest;
        Ok(bytes)
    }
}

/// Where the next run begins, counted over all bytes taken from the base; `None` when there is none.
fn next_run(columns: &mut [Column<'_>; COLUMNS], behind: u64) -> Result<Option<u64>, PatchFault> {
    let Some((&gap, rest)) = columns[GAPS].0.split_first() else { return Ok(None) };
    columns[GAPS] = Column(rest);
    let mut gap = u64::from(gap);
    if gap == u64::from(LONG_GAP) {
        gap += u64::from(columns[LONG_GAPS].number()?);
    }
    Ok(Some(behind + gap))
}

fn rebuild(mut columns: [Column<'_>; COLUMNS], base: &[u8], raw_len: usize) -> Result<Vec<u8>, PatchFault> {
    let mut out = Vec::with_capacity(raw_len);
    let mut from = 0i64;
    // All bytes taken from the base so far, and where among them the next run begins.
    let mut taken = 0u64;
    let mut run = next_run(&mut columns, 0)?;
    while !columns[ADD].0.is_empty() {
        let add = columns[ADD].number()? as usize;
        let copy = columns[COPY].number()? as usize;
        from += i64::from(unzigzag(columns[SEEK].number()?));
        let missing = raw_len - out.len();
        if add.saturating_add(copy) == 0 || add > missing || copy > missing - add {
            return Err(PatchFault::Output);
        }
        let start = usize::try_from(from).map_err(|_| PatchFault::OutsideBase)?;
        let old = base.get(start..).and_then(|rest| rest.get(..add)).ok_or(PatchFault::OutsideBase)?;
        let first = out.len();
        out.extend_from_slice(old);
        let end = taken + add as u64;
        while let Some(begin) = run.filter(|begin| *begin < end) {
            let len = columns[RUNS].number()? as usize;
            let offset = (begin - taken) as usize;
            if len == 0 || len > add - offset {
                return Err(PatchFault::Run);
            }
            change(&mut columns, &mut out[first + offset..first + offset + len])?;
            run = next_run(&mut columns, begin + len as u64)?;
        }
        taken = end;
        from += add as i64;
        out.extend_from_slice(columns[NEW].bytes(copy)?);
    }
    if out.len() != raw_len {
        return Err(PatchFault::Output);
    }
    let is_used = run.is_none() && columns.iter().all(|column| column.0.is_empty());
    if is_used { Ok(out) } else { Err(PatchFault::ColumnEnd) }
}

/// Changes a run.
fn change(columns: &mut [Column<'_>; COLUMNS], run: &mut [u8]) -> Result<(), PatchFault> {
    let len = run.len();
    if len > NUMBER_LEN {
        for (byte, change) in run.iter_mut().zip(columns[LONG_CHANGES].bytes(len)?) {
            *byte = byte.wrapping_add(*change);
        }
    } else {
        let change = number(columns[NUMBERS + len - 1].bytes(len)?);
        let new = number(run).wrapping_add(change).to_le_bytes();
        run.copy_from_slice(&new[..len]);
    }
    Ok(())
}
