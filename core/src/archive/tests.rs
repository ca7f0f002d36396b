use super::*;
use crate::codec::{Codec, FrameEncoder as _, Level, PureEncoder, store_frame};
use crate::diagnostic::{Code, Diagnose as _, Exit};
use crate::digest::Digest;
use crate::path::PackagePath;
use crate::target::Kind;
use crate::tree::{Mode, SectionName, Tree, TreeBuilder};
use std::sync::Arc;

/// A file for a test archive: section, path, mode, content.
pub(crate) type TestFile<'a> = (&'a str, &'a str, Mode, &'a [u8]);

/// The files of the format document's example, section 13.
pub(crate) const HELLO: [TestFile<'static>; 3] = [
    ("meta", "vitte.toml", Mode::Regular, b"[package]\nname = \"demo/hello\"\nversion = \"1.0.0\"\nedition = \"2025\"\nlicense = \"MIT\"\n\n[package.sections]\ndocs = [\"docs/**\"]\n\n[[bin]]\nname = \"hello\"\npath = \"src/main.vit\"\n"),
    ("-", "bin/hello", Mode::Executable, b"#!/bin/sh\necho hello\n"),
    ("docs", "docs/guide.md", Mode::Regular, b"# hello\n\nPrints hello.\n"),
];

pub(crate) fn tree_of(files: &[TestFile<'_>]) -> Tree {
    let mut builder = TreeBuilder::new();
    for (section, path, mode, content) in files {
        let path = PackagePath::parse(path).unwrap();
        let section = SectionName::parse(section).unwrap();
        builder.add(&section, path, *mode, content.len() as u64, Digest::of(content));
    }
    builder.build().unwrap()
}

/// The bytes of each frame before compression, as the layout says.
pub(crate) fn raw_frames(tree: &Tree, files: &[TestFile<'_>]) -> Vec<Vec<u8>> {
    let layout = Layout::of(tree);
    let fill = |frame| {
        let mut raw = Vec::new();
        for part in layout.parts(tree, frame) {
            match part {
                Part::Header { entry } => {
                    let entry = &tree.entries()[entry];
                    raw.extend_from_slice(&ustar_header(entry.path(), entry.size(), entry.mode()));
                }
                Part::Content { entry, offset, len } => {
                    let path = tree.entries()[entry].path().as_str();
                    let content = files.iter().find(|file| file.1 == path).unwrap().3;
                    raw.extend_from_slice(&content[offset as usize..(offset + len) as usize]);
                }
                Part::Padding { len, .. } => raw.resize(raw.len() + len as usize, 0),
            }
        }
        raw
    };
    (0..layout.frames().len()).map(fill).collect()
}

/// An archive with everything in store form, or in lz4's plainest.
pub(crate) fn archive_of(kind: Kind, codec: Codec, files: &[TestFile<'_>], sigs: &[u8]) -> Vec<u8> {
    let tree = tree_of(files);
    let raw = raw_frames(&tree, files);
    let encode = |raw: &Vec<u8>| match codec {
        Codec::Zstd => store_frame(raw),
        Codec::Lz4 => PureEncoder::new(codec).encode(raw, Level::MIN).unwrap(),
    };
    assemble(kind, codec, tree, &raw, encode, sigs)
}

/// An archive whose frames are made by `encode`.
pub(crate) fn assemble(
    kind: Kind,
    codec: Codec,
    tree: Tree,
    raw: &[Vec<u8>],
    encode: impl Fn(&Vec<u8>) -> Vec<u8>,
    sigs: &[u8],
) -> Vec<u8> {
    let stored: Vec<Vec<u8>> = raw.iter().map(encode).collect();
    let info = |(raw, stored): (&Vec<u8>, &Vec<u8>)| FrameInfo {
        raw_len: raw.len() as u64,
        stored_len: stored.len() as u64,
        digest: Digest::of(stored),
    };
    let frames = raw.iter().zip(&stored).map(info).collect();
    let writer = ArchiveWriter::new(kind, codec, tree, frames).unwrap();
    let toc = store_frame(writer.toc_text());
    let mut out = writer.prefix(&toc, sigs).unwrap();
    out.extend(stored.concat());
    out.extend_from_slice(end_frame(codec));
    assert_eq!(out.len() as u64, writer.total_len(&toc, sigs));
    out
}

/// All events of `bytes`, pushed in pieces that end at `cuts`.
fn read(bytes: &[u8], cuts: &[usize], total: TotalLen) -> Result<Vec<ArchiveEvent>, ArchiveError> {
    let mut reader = ArchiveReader::new(total);
    let mut events = Vec::new();
    let mut from = 0;
    for to in cuts.iter().copied().chain([bytes.len()]) {
        reader.push(&bytes[from..to]);
        from = to;
        while let Some(event) = reader.next() {
            events.push(event?);
        }
    }
    reader.finish()?;
    Ok(events)
}

fn whole(bytes: &[u8]) -> Result<Vec<ArchiveEvent>, ArchiveError> {
    read(bytes, &[], TotalLen::Known(bytes.len() as u64))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(" ")
}

/// Every value that the format document, section 13, prints.
#[test]
fn the_example_is_made_byte_for_byte() {
    let tree = tree_of(&HELLO);
    assert_eq!(tree.text(), crate::tree::tests::HELLO.as_bytes());
    let raw = raw_frames(&tree, &HELLO);
    let tar = raw.concat();
    assert_eq!(tar.len(), 3072);
    assert_eq!(
        Digest::of(&tar).to_string(),
        "0640af3396c93d01200a5ab48d279ea1966f5aee48e08f570380ee827cc8a378"
    );
    assert_eq!(
        Digest::of(&[tar, vec![0; 1024]].concat()).to_string(),
        "c378d3768a486fa358f63913c1b834bf93d094222821e2bcbd466df49a4ade79"
    );
    let file = archive_of(Kind::Vitpkg, Codec::Zstd, &HELLO, b"");
    assert_eq!(file.len(), 3769);
    assert_eq!(hex(&file[..9]), "28 B5 2F FD 20 00 01 00 00");
    assert_eq!(
        hex(&file[9..49]),
        "56 2A 4D 18 60 00 00 00 56 49 54 50 4B 47 1A 0A 01 00 00 00 01 01 00 00 0F 02 00 00 15 01 00 00 \
         F0 00 00 00 00 00 00 00"
    );
    assert_eq!(hex(&file[113..131]), "56 2A 4D 18 0F 02 00 00 28 B5 2F FD 60 05 01 29 10 00");
    assert_eq!(hex(&file[648..656]), "56 2A 4D 18 00 00 00 00");
    assert_eq!(hex(&file[656..666]), "28 B5 2F FD 60 00 03 01 20 00");
    assert_eq!(&file[666 + 148..666 + 156], b"010620\0 ");
    assert_eq!(&file[1700 + 148..1700 + 156], b"010364\0 ");
    assert_eq!(&file[2734 + 148..2734 + 156], b"011134\0 ");
    assert_eq!(hex(&file[3758..]), "28 B5 2F FD 60 00 03 03 20 00 00");
    let head = Head::parse(&file).unwrap();
    assert_eq!(
        head.toc_digest().to_string(),
        "5253f36b1552e59f76dbcb8073c1cacb2d4e2f4dfc8affc0b02504bdf8ad30ee"
    );
    assert_eq!(
        head.head_digest().to_string(),
        "d70c8dd94d3bf47788fc9a4188ed88321464a547b5abff9b06bd35e18ff7b5c1"
    );
    assert_eq!(head.head_digest(), Digest::of(&file[..113]));
    assert_eq!(
        Digest::of(&file).to_string(),
        "fab880bacc78d3f0b027716c580b0a5c10c8aaa2106fd694243695b41816a704"
    );
}

#[test]
fn the_example_reads_back() {
    for (codec, head_len) in [(Codec::Zstd, 113), (Codec::Lz4, 115)] {
        let file = archive_of(Kind::Vitmod, codec, &HELLO, b"[]");
        let events = whole(&file).unwrap();
        let [
            ArchiveEvent::Head(head),
            ArchiveEvent::Toc(toc),
            ArchiveEvent::Signatures(sigs),
            frames @ ..,
            ArchiveEvent::End,
        ] = events.as_slice()
        else {
            panic!("{events:?}");
        };
        assert_eq!((head.kind(), head.codec()), (ArchiveKind::Artifact(Kind::Vitmod), codec));
        assert_eq!(head.len(), head_len);
        assert_eq!(head.encode(), &file[..head_len]);
        assert_eq!(toc.tree(), &tree_of(&HELLO));
        assert_eq!((sigs.as_slice(), frames.len()), (b"[]".as_slice(), 3));
    }
}

#[test]
fn both_codecs_have_one_identity() {
    let heads = [Codec::Zstd, Codec::Lz4].map(|codec| {
        let file = archive_of(Kind::Vitpkg, codec, &HELLO, b"");
        Head::parse(&file).unwrap()
    });
    assert_eq!(heads[0].tree(), heads[1].tree());
    assert_ne!(heads[0].head_digest(), heads[1].head_digest());
}

#[test]
fn signing_again_leaves_all_else_alone() {
    let unsigned = archive_of(Kind::Vitpkg, Codec::Zstd, &HELLO, b"");
    let signed = archive_of(Kind::Vitpkg, Codec::Zstd, &HELLO, b"[\"sig\"]");
    let (front, replaced) = with_signatures(&unsigned, b"[\"sig\"]").unwrap();
    assert_eq!([&front, &unsigned[replaced as usize..]].concat(), signed);
    let (front, replaced) = with_signatures(&signed[..700], b"").unwrap();
    assert_eq!([&front, &signed[replaced as usize..]].concat(), unsigned);
    assert_eq!(with_signatures(&unsigned, &vec![b' '; 262_145]), Err(ArchiveError::SigsLen(262_145)));
    for cut in [0, 3, 112, 113, 120, 655] {
        assert!(with_signatures(&unsigned[..cut], b"").is_err(), "{cut}");
    }
}

/// In a file of known length every flipped bit is an error, of class "malformed" or "verification", and never
/// one that may be retried. Frames are compared with their digests by `verify`, so here it is done by hand.
#[test]
fn every_flipped_bit_is_detected() {
    for codec in [Codec::Zstd, Codec::Lz4] {
        let file = archive_of(Kind::Vitpkg, codec, &HELLO, b"");
        let table = whole(&file).unwrap();
        let Some(ArchiveEvent::Toc(toc)) = table.get(1) else { panic!("{table:?}") };
        let digests: Vec<Digest> = toc.frames().frames().iter().map(|frame| frame.digest).collect();
        let mut altered = file.clone();
        for at in 0..file.len() {
            for bit in 0..8 {
                altered[at] ^= 1 << bit;
                match whole(&altered) {
                    Err(error) => {
                        let exit = error.code().exit();
                        assert!(matches!(exit, Exit::Input | Exit::Verification), "{at}.{bit}: {error:?}");
                    }
                    Ok(events) => {
                        let wrong = events.iter().any(|event| match event {
                            ArchiveEvent::Frame { index, stored } => Digest::of(stored) != digests[*index],
                            _ => false,
                        });
                        assert!(wrong, "{at}.{bit} passed unseen");
                    }
                }
                altered[at] = file[at];
            }
        }
    }
}

#[test]
fn every_truncation_and_every_appended_byte_is_detected() {
    let file = archive_of(Kind::Vitmod, Codec::Zstd, &HELLO, b"[]");
    for len in 0..file.len() {
        let known = whole(&file[..len]).unwrap_err();
        assert_eq!(known.code().exit(), Exit::Input, "{len}: {known:?}");
        let stream = read(&file[..len], &[], TotalLen::Unknown).unwrap_err();
        assert_eq!(stream.code(), Code::Truncated, "{len}: {stream:?}");
        assert!(stream.code().retryable());
        // A transfer that declared the right length, and was cut.
        let declared = read(&file[..len], &[], TotalLen::Known(file.len() as u64)).unwrap_err();
        assert_eq!(declared.code(), Code::Truncated, "{len}: {declared:?}");
    }
    for more in [&[0u8][..], &[0; 512], &file, end_frame(Codec::Zstd)] {
        let longer = [&file, more].concat();
        assert_eq!(whole(&longer).unwrap_err().code(), Code::TrailingData);
        assert_eq!(read(&longer, &[file.len()], TotalLen::Unknown).unwrap_err().code(), Code::TrailingData);
    }
}

#[test]
fn other_files_are_refused_by_their_first_bytes() {
    for (bytes, hint) in [
        (&b"PK\x03\x04rest"[..], true),
        (&[0x1F, 0x8B, 8][..], true),
        (&b"hello"[..], false),
        (&b"\x28\xB5\x2F\xFD\x24\x00\x01\x00\x00"[..], true),
    ] {
        let mut long = bytes.to_vec();
        long.resize(200, 0);
        let error = whole(&long).unwrap_err();
        assert_eq!(error.code(), Code::NotAPackage, "{bytes:?}");
        assert_eq!(!error.diagnostic().help.is_empty(), hint, "{bytes:?}");
    }
    // Four bytes of text are enough; so is one.
    assert_eq!(read(b"#", &[], TotalLen::Unknown).unwrap_err().code(), Code::NotAPackage);
}

/// HEAD fields set to values this version must refuse, one at a time: offset in the payload, bytes, code.
#[test]
fn fields_of_the_head_are_checked() {
    let file = archive_of(Kind::Vitpkg, Codec::Zstd, &HELLO, b"");
    for (at, bytes, code) in [
        (8, &[2, 0][..], Code::UnsupportedFormat),
        (10, &[1, 0], Code::UnsupportedFormat),
        (12, &[0], Code::UnsupportedFormat),
        (12, &[3], Code::NotAPackage),
        (12, &[4], Code::UnsupportedFormat),
        (13, &[2], Code::UnsupportedFormat),
        (14, &[0, 0x80], Code::UnsupportedFormat),
        (16, &[0, 0, 0, 2], Code::Limit),
        (16, &[0xFF, 0xFF, 0xFF, 0], Code::ArchiveLength),
        (16, &[0x10, 2, 0, 0], Code::FrameSyntax),
        (20, &[1, 0, 0, 2], Code::Limit),
        (24, &[1, 0, 0x80, 0], Code::Limit),
        (28, &[0, 0, 0, 1], Code::UnsupportedFormat),
        (32, &[0; 32], Code::TreeDigest),
        (64, &[0; 32], Code::TocDigest),
    ] {
        let mut altered = file.clone();
        altered[17 + at..17 + at + bytes.len()].copy_from_slice(bytes);
        let error = whole(&altered).expect_err("altered head");
        assert_eq!(error.code(), code, "{at} {bytes:?}: {error:?}");
    }
    // SIGS says it is longer than it may be, and longer than it is.
    for (len, code) in [(262_145u32, Code::Limit), (5, Code::ArchiveLength)] {
        let mut altered = file.clone();
        altered[652..656].copy_from_slice(&len.to_le_bytes());
        assert_eq!(whole(&altered).unwrap_err().code(), code, "{len}");
    }
}

/// An archive whose TOC was replaced by a text of the tester, consistently.
fn with_toc(tree_text: &[u8], frames_text: &[u8]) -> Vec<u8> {
    let stored = store_frame(&[tree_text, frames_text].concat());
    let tree = (tree_text.len(), crate::digest::TreeDigest::of(tree_text));
    let head = Head::new(ArchiveKind::Artifact(Kind::Vitpkg), Codec::Zstd, tree, frames_text.len(), &stored)
        .unwrap();
    let mut out = head.encode();
    out.extend_from_slice(&[0x56, 0x2A, 0x4D, 0x18]);
    out.extend_from_slice(&(stored.len() as u32).to_le_bytes());
    out.extend_from_slice(&stored);
    out
}

#[test]
fn frame_tables_must_fit_the_tree() {
    let tree = tree_of(&HELLO);
    let digest = Digest::of(b"");
    let good = format!("1024 1034 {digest}\n");
    let table = |lines: &[&str]| format!("vitte-frames 1\n{}", lines.concat());
    let three = [good.as_str(); 3];
    let refuse = |text: String| {
        let file = with_toc(tree.text(), text.as_bytes());
        read(&file, &[], TotalLen::Unknown).unwrap_err()
    };
    assert!(matches!(refuse(table(&three)), ArchiveError::Truncated { .. }), "the good table is read");
    for (text, code) in [
        (String::new(), Code::FrameSyntax),
        (table(&three[..2]), Code::FrameSyntax),
        (table(&[three[0]; 4]), Code::FrameSyntax),
        (table(&[three[0], &good.replace("1024", "1025"), three[0]]), Code::FrameSyntax),
        (table(&[three[0], &good.replace("1034", "0"), three[0]]), Code::FrameSyntax),
        (table(&[three[0], &good.replace("1034", "1097"), three[0]]), Code::FrameSyntax),
        (table(&[three[0], &good.replace("1034", "18446744073709551615"), three[0]]), Code::FrameSyntax),
        (table(&[three[0], &good.replace("1034", "01034"), three[0]]), Code::FrameSyntax),
        (table(&[three[0], &good.replace('\n', " x\n"), three[0]]), Code::FrameSyntax),
        (table(&[three[0], &good.replace('\n', "\r\n"), three[0]]), Code::FrameSyntax),
        (table(&[three[0], "\n", three[0]]), Code::FrameSyntax),
        (table(&three).trim_end().to_owned(), Code::FrameSyntax),
        (table(&three).replace("frames 1", "frames 2"), Code::FrameSyntax),
    ] {
        assert_eq!(refuse(text.clone()).code(), code, "{text}");
    }
}

#[test]
fn the_toc_must_decompress_to_what_the_head_says() {
    let text = b"vitte-tree 1\n";
    let mut file = with_toc(text, b"");
    assert!(matches!(read(&file, &[], TotalLen::Unknown), Err(ArchiveError::Tree(_))));
    // tree_len one more than the frame yields.
    file[17 + 20] += 1;
    let error = read(&file, &[], TotalLen::Unknown).unwrap_err();
    assert!(matches!(error, ArchiveError::TocFrame(_)), "{error:?}");
    assert_eq!(error.code(), Code::FrameSyntax);
}

/// One file of 20 MiB among small ones: frames are cut at 8 MiB, and only there, and never across sections.
#[test]
fn large_files_are_cut_at_every_eight_mebibytes() {
    let big: Vec<u8> = (0..20u32 << 20).map(|n| (n >> 8) as u8).collect();
    let files: [TestFile<'_>; 5] = [
        ("meta", "vitte.toml", Mode::Regular, b"x"),
        ("-", "a", Mode::Regular, b"first"),
        ("-", "big", Mode::Regular, &big),
        ("-", "c", Mode::Regular, b""),
        ("docs", "d", Mode::Regular, b"last"),
    ];
    let tree = tree_of(&files);
    let layout = Layout::of(&tree);
    let lens: Vec<u64> = layout.frames().iter().map(FrameSpan::raw_len).collect();
    assert_eq!(lens, [1024, 8 << 20, 8 << 20, (4 << 20) + 1024 + 512 + 512, 1024]);
    assert_eq!(layout.frames()[1].entries(), 1..3);
    assert_eq!(layout.frames()[2].entries(), 2..3);
    assert_eq!(layout.frames_of_entry(2), 1..4);
    assert_eq!(layout.frames_of_section(1), 1..4);
    assert!(layout.frames()[2].begins_inside() && !layout.frames()[4].begins_inside());
    assert_eq!(
        layout.parts(&tree, 2).collect::<Vec<_>>(),
        [Part::Content { entry: 2, offset: (8 << 20) - 1536, len: 8 << 20 }]
    );
    let raw = raw_frames(&tree, &files);
    assert!(raw.iter().zip(&lens).all(|(raw, len)| raw.len() as u64 == *len));
    // The concatenation is a tar that an independent reader takes.
    let tar = [raw.concat(), vec![0; 1024]].concat();
    let mut theirs = tar::Archive::new(tar.as_slice());
    let mut seen = 0;
    for (entry, ours) in theirs.entries().unwrap().zip(tree.entries()) {
        let mut entry = entry.unwrap();
        let mut content = Vec::new();
        std::io::Read::read_to_end(&mut entry, &mut content).unwrap();
        assert_eq!(&Digest::of(&content), ours.digest());
        assert_eq!(entry.path_bytes().as_ref(), format!("pkg/{}", ours.path()).as_bytes());
        seen += 1;
    }
    assert_eq!(seen, 5);
}

#[test]
fn a_section_that_ends_at_a_cut_has_no_empty_frame() {
    let exact = vec![7; (8 << 20) - 512];
    let files: [TestFile<'_>; 2] =
        [("-", "a", Mode::Regular, &exact), ("meta", "vitte.toml", Mode::Regular, b"")];
    let tree = tree_of(&files);
    let lens: Vec<u64> = Layout::of(&tree).frames().iter().map(FrameSpan::raw_len).collect();
    assert_eq!(lens, [512, 8 << 20]);
}

#[test]
fn ranges_are_planned() {
    let noise = |seed: u32, len: usize| -> Vec<u8> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        (0..len).map(|_| next()).collect()
    };
    let (one, two) = (noise(1, 20 << 20), noise(2, 1 << 20));
    let files: [TestFile<'_>; 4] = [
        ("meta", "vitte.toml", Mode::Regular, b"x"),
        ("-", "one", Mode::Regular, &one),
        ("docs", "docs/two", Mode::Regular, &two),
        ("docs", "docs/three", Mode::Regular, b"three"),
    ];
    let file = archive_of(Kind::Vitpkg, Codec::Zstd, &files, b"");
    let mut reader = ArchiveReader::new(TotalLen::Known(file.len() as u64));
    reader.push(&file[..4096]);
    while let Some(event) = reader.next() {
        event.unwrap();
    }
    let toc = Arc::clone(reader.toc().unwrap());
    assert_eq!(reader.expected_len(), Some(file.len() as u64));
    let docs = plan::frames_of_sections(&toc, [&SectionName::parse("docs").unwrap()]);
    assert_eq!(plan::frames_of_paths(&toc, ["docs/three", "nowhere"]), docs);
    let plan::FetchPlan::Ranges(ranges) = plan::plan(&reader, &docs).unwrap() else { panic!("ranges") };
    assert_eq!(ranges.len(), 1);
    let bytes = &file[ranges[0].bytes.start as usize..ranges[0].bytes.end as usize];
    assert_eq!(Digest::of(bytes), toc.frames().frames()[4].digest);
    let all = (0..5).collect();
    assert_eq!(plan::plan(&reader, &all), Some(plan::FetchPlan::Whole));
    // `meta` and `docs` lie further apart than is fetched along.
    let ends = [0, 4].into_iter().collect();
    let Some(plan::FetchPlan::Ranges(ranges)) = plan::plan(&reader, &ends) else { panic!("ranges") };
    assert_eq!(ranges.iter().map(|range| range.frames.clone()).collect::<Vec<_>>(), [0..1, 4..5]);
}

mod laws;
