//! The resolver from outside: cases as files, and laws checked against a brute-force oracle.

#![allow(clippy::disallowed_methods, reason = "tests read the case files")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a case that cannot be read fails its test")]

mod case;
mod laws;
mod oracle;

use case::Case;

/// Every file of `tests/cases/resolve` gives what it says.
#[test]
fn cases_give_what_they_say() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/cases/resolve");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut failed = Vec::new();
    let mut count = 0;
    for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "txt")) {
        let case = Case::parse(&std::fs::read_to_string(file).unwrap());
        let got = case::outcome(&case.resolve());
        count += 1;
        if got != case.expect {
            failed.push(format!(
                "{}\nexpected:\n{}\ngot:\n{}\n",
                file.file_name().unwrap().to_string_lossy(),
                case.expect.join("\n"),
                got.join("\n")
            ));
        }
        assert_eq!(got, case::outcome(&case.resolve_prepared()), "order of supply in {}", file.display());
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert!(count >= 30, "{count} cases");
}
