//! Compression and decompression of one frame, on text and on machine code, by each codec: the C library the command
//! line uses, and the one in Rust that the browser's module uses.
//!
//! `cargo bench -p vitte-package --bench compression`

#![allow(missing_docs, reason = "the macros of the library make items without")]
#![allow(clippy::unwrap_used, reason = "a bench may fail")]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::fs;
use std::hint::black_box;
use std::path::Path;
use vitte_package_codec::{NativeDecoder, NativeEncoder};
use vitte_package_core::codec::{Codec, FrameDecoder, FrameEncoder, Profile, PureDecoder, level_for};

/// Bytes of a frame here.
const FRAME: usize = 1024 * 1024;

/// The sources of this project, one after the other.
fn text() -> Vec<u8> {
    fn walk(folder: &Path, text: &mut Vec<u8>) {
        let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        for path in paths {
            if path.is_dir() {
                walk(&path, text);
            } else {
                text.extend(fs::read(&path).unwrap());
            }
        }
    }
    let mut text = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../core/src"), &mut text);
    text.truncate(FRAME);
    text
}

/// A piece from the middle of this very program.
fn code() -> Vec<u8> {
    let program = fs::read(std::env::current_exe().unwrap()).unwrap();
    let start = program.len().saturating_sub(FRAME) / 2;
    program[start..].iter().copied().take(FRAME).collect()
}

fn compress(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("compress");
    group.sample_size(10);
    for (name, raw) in [("text", text()), ("code", code())] {
        group.throughput(Throughput::Bytes(raw.len() as u64));
        for (profile, label) in
            [(Profile::Dev, "dev"), (Profile::Build, "build"), (Profile::Publish, "publish")]
        {
            let level = level_for(profile, raw.len() as u64);
            let mut encoder = NativeEncoder::new(Codec::Zstd);
            group.bench_with_input(BenchmarkId::new(format!("zstd, {label}"), name), &raw, |bencher, raw| {
                bencher.iter(|| black_box(encoder.encode(raw, level).unwrap()));
            });
        }
    }
    group.finish();
}

fn decompress(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("decompress");
    for (name, raw) in [("text", text()), ("code", code())] {
        group.throughput(Throughput::Bytes(raw.len() as u64));
        for codec in [Codec::Zstd, Codec::Lz4] {
            let level = level_for(Profile::Build, raw.len() as u64);
            let stored = NativeEncoder::new(codec).encode(&raw, level).unwrap();
            let mut decoders: [(&str, Box<dyn FrameDecoder>); 2] = [
                ("native", Box::new(NativeDecoder::new(codec))),
                ("pure", Box::new(PureDecoder::new(codec))),
            ];
            for (maker, decoder) in &mut decoders {
                let label = format!("{codec:?}, {maker}").to_lowercase();
                group.bench_with_input(BenchmarkId::new(label, name), &stored, |bencher, stored| {
                    let mut out = Vec::with_capacity(raw.len());
                    bencher.iter(|| {
                        out.clear();
                        decoder.decode(black_box(stored), raw.len(), &mut out).unwrap();
                    });
                    assert_eq!(out, raw, "what comes out is what went in");
                });
            }
        }
    }
    group.finish();
}

criterion_group!(benches, compress, decompress);
criterion_main!(benches);
