use super::*;
use proptest::prelude::*;

fn name(text: &str) -> PackageName {
    PackageName::parse(text).unwrap()
}

fn found(text: &str, body: &[u8]) -> BatchFile {
    BatchFile {
        name: name(text),
        status: FileStatus::Found,
        etag: Some(format!("\"{}\"", body.len())),
        body: body.to_vec(),
    }
}

/// Everything that is read from `bytes`, cut at these places.
fn read(bytes: &[u8], cuts: &[usize]) -> (Vec<BatchFile>, Result<(), BatchError>) {
    let (mut reader, mut files, mut from) = (BatchReader::new(), Vec::new(), 0);
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (bytes.len() + 1)).collect();
    cuts.sort_unstable();
    cuts.push(bytes.len());
    for to in cuts {
        reader.push(&bytes[from..to]);
        from = to;
        while let Some(next) = reader.next() {
            match next {
                Ok(file) => files.push(file),
                Err(error) => return (files, Err(error)),
            }
        }
    }
    let end = reader.finish();
    (files, end)
}

fn write(files: &[BatchFile]) -> Vec<u8> {
    let mut writer = BatchWriter::new();
    for file in files {
        assert!(writer.add(file));
    }
    writer.finish()
}

fn any_file() -> impl Strategy<Value = BatchFile> {
    let status = prop_oneof![
        Just(FileStatus::Found),
        Just(FileStatus::Unchanged),
        Just(FileStatus::Absent(404)),
        Just(FileStatus::Absent(410)),
        Just(FileStatus::Absent(451)),
    ];
    let body = proptest::collection::vec(any::<u8>(), 0..300);
    ("[a-z]{1,8}/z[a-z]{1,7}", status, proptest::option::of("\"[!#-~]{0,20}\""), body).prop_map(
        |(name, status, etag, body)| {
            let body = if status == FileStatus::Found { body } else { Vec::new() };
            BatchFile { name: PackageName::parse(&format!("x{name}x")).unwrap(), status, etag, body }
        },
    )
}

proptest! {
    #[test]
    fn any_cutting_gives_what_was_written(
        files in proptest::collection::vec(any_file(), 0..8),
        cuts in proptest::collection::vec(any::<usize>(), 0..12),
    ) {
        let bytes = write(&files);
        prop_assert_eq!(read(&bytes, &cuts), (files, Ok(())));
    }

    #[test]
    fn an_answer_that_is_cut_short_is_never_complete(
        files in proptest::collection::vec(any_file(), 0..4),
        at in any::<prop::sample::Index>(),
    ) {
        let bytes = write(&files);
        let cut = &bytes[..at.index(bytes.len())];
        prop_assert!(read(cut, &[]).1.is_err());
    }

    #[test]
    fn any_bytes_give_the_same_however_they_are_cut(
        bytes in proptest::collection::vec(prop_oneof![Just(b'\n'), Just(b' '), any::<u8>()], 0..200),
        files in proptest::collection::vec(any_file(), 0..3),
        cuts in proptest::collection::vec(any::<usize>(), 0..6),
    ) {
        let mut all = write(&files);
        all.truncate(all.len() - 4);
        all.extend_from_slice(&bytes);
        prop_assert_eq!(read(&all, &cuts), read(&all, &[]));
    }

    #[test]
    fn a_question_is_read_back(
        packages in proptest::collection::vec(("x[a-z]{1,8}/z[a-z]{1,8}x", proptest::option::of("\"[!#-~]{0,20}\"")), 0..20),
        all in any::<bool>(),
    ) {
        let packages = packages.into_iter().map(|(text, etag)| IndexQuery { name: name(&text), etag }).collect();
        let follow = if all { Follow::Dependencies } else { Follow::Named };
        let request = BatchRequest::new(packages, follow).unwrap();
        prop_assert_eq!(BatchRequest::parse(&request.to_bytes()).unwrap(), request);
    }
}

#[test]
fn malformed_lines_are_refused_by_number() {
    let good = "file a/b 200 2 \"x\"\nhi";
    for bad in [
        "file a/b 200 2\nhi",
        "file a/b 200 02 -\nhi",
        "file a/b 200 +2 -\nhi",
        "file a/b 500 0 -\n",
        "file a/b 304 2 -\nhi",
        "file A 200 2 -\nhi",
        "file a/b 200 2 x\nhi",
        "file a/b 200 2 - \nhi",
        "file a/b 200 8388609 -\nhi",
        "file  a/b 200 2 -\nhi",
        "fill a/b 200 2 -\nhi",
        "end \n",
        "\n",
        "\r\n",
    ] {
        let (files, end) = read(format!("{good}{bad}end\n").as_bytes(), &[]);
        assert_eq!((files.len(), end), (1, Err(BatchError::Line { file: 2 })), "{bad}");
    }
    let endless = [good.as_bytes(), &[b'f'; limits::BATCH_LINE_LEN + 1]].concat();
    assert_eq!(read(&endless, &[]).1, Err(BatchError::Line { file: 2 }));
    assert_eq!(read(format!("{good}end\n\n").as_bytes(), &[]).1, Err(BatchError::Trailing));
    assert_eq!(read(format!("{good}end").as_bytes(), &[]).1, Err(BatchError::Truncated));
}

#[test]
fn there_is_an_end_to_everything() {
    let mut writer = BatchWriter::new();
    let file = found("a/b", b"");
    assert!((0..limits::BATCH_FILES).all(|_| writer.add(&file)));
    assert!(!writer.add(&file), "as many files as there may be");
    let mut bytes = writer.finish();
    assert_eq!(read(&bytes, &[]).0.len(), limits::BATCH_FILES);
    bytes.truncate(bytes.len() - 4);
    bytes.extend_from_slice(b"file a/b 404 0 -\nend\n");
    assert_eq!(read(&bytes, &[]).1, Err(BatchError::Limit { what: "files", limit: 2000 }));
    // As many bytes as there may be.
    let mut writer = BatchWriter::new();
    let large = found("a/b", &vec![b'x'; limits::INDEX_LEN]);
    assert!((0..3).all(|_| writer.add(&large)) && !writer.add(&large));
    let mut reader = BatchReader::new();
    for _ in 0..40 {
        reader.push(&vec![b'x'; 1024 * 1024]);
    }
    assert_eq!(reader.next(), Some(Err(BatchError::Limit { what: "bytes", limit: 32 * 1024 * 1024 })));
    assert_eq!(reader.next(), None);
    let many = vec![IndexQuery { name: name("a/b"), etag: None }; limits::BATCH_NAMES + 1];
    assert!(matches!(BatchRequest::new(many, Follow::Named), Err(BatchError::Limit { what: "names", .. })));
    assert!(BatchRequest::parse(b"{\"v\":2,\"packages\":[]}").is_err());
    assert!(BatchRequest::parse(b"{\"v\":1,\"packages\":[],\"more\":1}").is_err());
}

#[test]
fn a_response_looks_at_each_package_once_and_says_what_there_is() {
    let query =
        |text: &str, etag: Option<&str>| IndexQuery { name: name(text), etag: etag.map(str::to_owned) };
    let queries =
        vec![query("a/a", Some("\"1\"")), query("a/b", None), query("a/a", None), query("a/c", None)];
    let request = BatchRequest::new(queries, Follow::Dependencies).unwrap();
    let mut response = BatchResponse::new(&request);
    let mut looked_at = Vec::new();
    while let Some(name) = response.needs().cloned() {
        let stored = |etag: &str| Some(StoredIndex { bytes: b"no index".to_vec(), etag: etag.to_owned() });
        response.supply(match name.as_str() {
            "a/a" => stored("\"1\""),
            "a/b" => stored("\"2\""),
            _ => None,
        });
        looked_at.push(name.to_string());
    }
    assert_eq!(looked_at, ["a/a", "a/b", "a/c"]);
    let (files, end) = read(&response.finish(), &[]);
    let statuses: Vec<_> =
        files.iter().map(|file| (file.name.as_str(), file.status, file.body.len())).collect();
    let expected = [
        ("a/a", FileStatus::Unchanged, 0),
        ("a/b", FileStatus::Found, 8),
        ("a/c", FileStatus::Absent(404), 0),
    ];
    assert_eq!((statuses.as_slice(), end), (expected.as_slice(), Ok(())));
}
