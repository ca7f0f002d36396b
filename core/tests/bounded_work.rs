//! The memory that is asked for grows with the bytes that come in and go out, not with the number of pieces they are
//! cut into (T79). Bytes asked of the allocator are counted: no clock is looked at.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use vitte_package_core::archive::foreign::ForeignArchive;
use vitte_package_core::codec::{gunzip, unzstd};

thread_local! {
    static ASKED: Cell<u64> = const { Cell::new(0) };
}

struct Counting;

fn count(bytes: usize) {
    // Gone when a thread ends: what is asked for then is nobody's.
    let _ = ASKED.try_with(|asked| asked.set(asked.get() + bytes as u64));
}

// SAFETY: every call goes to the system's allocator as it came; only lengths are added up.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, len: usize) -> *mut u8 {
        count(len);
        unsafe { System.realloc(pointer, layout, len) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Bytes that `work` asks the allocator for, and what it gives.
fn asked<T>(work: impl FnOnce() -> T) -> (u64, T) {
    let before = ASKED.get();
    let result = work();
    (ASKED.get() - before, result)
}

const LIMIT: u64 = 64 << 20;
/// What a decoder's tables may take, once.
const TABLES: u64 = 1 << 20;

/// An empty gzip member.
const MEMBER: [u8; 20] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];
/// A skippable zstd frame of no bytes.
const SKIPPABLE: [u8; 8] = [0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0];
/// A zstd frame of one empty block.
const EMPTY: [u8; 9] = [0x28, 0xb5, 0x2f, 0xfd, 0x20, 0, 1, 0, 0];
/// The same with a window of 1 MiB instead of a length.
const WINDOWED: [u8; 9] = [0x28, 0xb5, 0x2f, 0xfd, 0, 0x50, 1, 0, 0];

#[test]
fn t79_many_empty_pieces_ask_for_no_more_than_their_bytes() {
    for (name, piece, window) in [
        ("gzip members", &MEMBER[..], 0),
        ("skippable frames", &SKIPPABLE, 0),
        ("empty frames", &EMPTY, 0),
        ("windowed frames", &WINDOWED, 2 << 20),
    ] {
        for pieces in [1, 100, 10_000, 100_000] {
            let input = piece.repeat(pieces);
            let (bytes, out) = asked(|| match name {
                "gzip members" => gunzip(&input, LIMIT),
                _ => unzstd(&input, LIMIT),
            });
            assert_eq!(out, Ok(Vec::new()), "{name}");
            let allowed = 8 * input.len() as u64 + TABLES + window;
            assert!(bytes <= allowed, "{pieces} {name}: {bytes} bytes asked for, {allowed} allowed");
        }
    }
}

/// A tar header of a file of no bytes, or of records or a long name.
fn header(name: &str, type_byte: u8, size: usize) -> [u8; 512] {
    let mut block = [0; 512];
    block[..name.len()].copy_from_slice(name.as_bytes());
    block[100..108].copy_from_slice(b"0000644\0");
    block[124..136].copy_from_slice(format!("{size:011o}\0").as_bytes());
    block[148..156].fill(b' ');
    block[156] = type_byte;
    let sum: u64 = block.iter().map(|&byte| u64::from(byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}

#[test]
fn t79_a_foreign_listing_is_linear_in_its_tar() {
    let name = "n".repeat(400);
    let records = format!("{} path={name}\n", 4 + 6 + name.len());
    let mut long = header("./././@LongLink", b'L', 401).to_vec();
    long.extend(name.bytes().chain(std::iter::repeat(0)).take(512));
    let mut pax = header("pax", b'x', records.len()).to_vec();
    pax.extend(records.bytes().chain(std::iter::repeat(0)).take(512));
    let comment = "30 comment=0123456789abcdefghi\n".replace("30", "31").repeat(33);
    let mut global = header("pax_global_header", b'g', comment.len()).to_vec();
    global.extend(comment.bytes().chain(std::iter::repeat(0)).take(comment.len().next_multiple_of(512)));
    for (what, piece) in [
        ("files", header("a", b'0', 0).to_vec()),
        ("long names", [long, header("a", b'0', 0).to_vec()].concat()),
        ("pax names", [pax, header("a", b'0', 0).to_vec()].concat()),
        ("global records", global),
    ] {
        for pieces in [10, 1000, 20_000] {
            let tar = piece.repeat(pieces);
            let (bytes, read) = asked(|| ForeignArchive::read(&tar, LIMIT).map(|read| read.entries().len()));
            assert_eq!(read.ok(), Some(pieces), "{what}");
            let allowed = 8 * tar.len() as u64 + TABLES;
            assert!(bytes <= allowed, "{pieces} {what}: {bytes} bytes asked for, {allowed} allowed");
        }
    }
}
