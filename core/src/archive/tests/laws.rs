//! What holds for any files, any cutting and any bytes.

use super::*;
use proptest::prelude::*;

/// Names and contents of some files; the number makes each path its own.
fn files() -> impl Strategy<Value = Vec<(usize, Vec<u8>)>> {
    let content = prop_oneof![
        Just(Vec::new()),
        prop::collection::vec(any::<u8>(), 1..1500),
        prop::collection::vec(Just(0u8), 512..513),
    ];
    prop::collection::vec((0usize..4, content), 0..6)
}

fn proptest_archive(files: &[(usize, Vec<u8>)], codec: Codec) -> Vec<u8> {
    let sections = ["meta", "-", "docs", "extra"];
    let names: Vec<String> = (0..files.len()).map(|n| format!("dir{n}/file")).collect();
    let mut listed: Vec<TestFile<'_>> = vec![("meta", "vitte.toml", Mode::Regular, b"toml")];
    for ((section, content), name) in files.iter().zip(&names) {
        listed.push((sections[*section], name, Mode::Executable, content));
    }
    archive_of(Kind::Vitmod, codec, &listed, b"")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_cutting_gives_the_same_events(files in files(), lz4 in any::<bool>(), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..20)) {
        let codec = if lz4 { Codec::Lz4 } else { Codec::Zstd };
        let file = proptest_archive(&files, codec);
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(file.len() + 1)).collect();
        cuts.sort_unstable();
        let whole = whole(&file).unwrap();
        prop_assert_eq!(&read(&file, &cuts, TotalLen::Unknown).unwrap(), &whole);
        let bytewise: Vec<usize> = (0..file.len().min(900)).collect();
        prop_assert_eq!(&read(&file, &bytewise, TotalLen::Unknown).unwrap(), &whole);
    }

    #[test]
    fn parts_fill_frames_and_files_exactly(files in files()) {
        let file = proptest_archive(&files, Codec::Zstd);
        let events = whole(&file).unwrap();
        let Some(ArchiveEvent::Toc(toc)) = events.get(1) else { panic!("{events:?}") };
        let mut content = vec![0u64; toc.tree().file_count()];
        for (frame, span) in toc.layout().frames().iter().enumerate() {
            let parts: Vec<Part> = toc.layout().parts(toc.tree(), frame).collect();
            prop_assert_eq!(parts.iter().map(Part::len).sum::<u64>(), span.raw_len());
            for part in parts {
                if let Part::Content { entry, offset, len } = part {
                    prop_assert_eq!(offset, content[entry]);
                    content[entry] += len;
                }
            }
        }
        for (entry, len) in toc.tree().entries().iter().zip(content) {
            prop_assert_eq!(entry.size(), len);
        }
        prop_assert_eq!(toc.layout().frames().iter().map(FrameSpan::raw_len).sum::<u64>(), toc.tree().tar_len());
        let text = toc.frames().text();
        prop_assert_eq!(&FrameTable::parse(text.as_bytes(), toc.layout()).unwrap(), toc.frames());
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), at in any::<prop::sample::Index>()) {
        let _ = read(&bytes, &[], TotalLen::Unknown);
        let mut file = archive_of(Kind::Vitpkg, Codec::Zstd, &HELLO, b"");
        let at = at.index(file.len());
        let end = (at + bytes.len()).min(file.len());
        file[at..end].copy_from_slice(&bytes[..end - at]);
        if let Err(error) = whole(&file) {
            prop_assert!(!error.diagnostic().message.is_empty());
        }
    }
}
