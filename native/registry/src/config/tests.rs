use super::*;

fn read(file: Option<&str>, environment: &[(&str, &str)], flags: &[(&'static str, &str)]) -> Result<Loaded> {
    let folder =
        std::env::temp_dir().join(format!("vitte-registry-config-{:?}", std::thread::current().id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("named.toml");
    std::fs::write(&path, file.unwrap_or_default()).unwrap();
    let sources = Sources {
        data: &folder,
        file: file.map(|_| path.as_path()),
        environment: environment.iter().map(|(name, text)| ((*name).into(), (*text).into())).collect(),
    };
    let row = |name: &str| TABLE.iter().find(|row| row.name == name).unwrap();
    let loaded = Loaded::read(&sources, flags.iter().map(|(name, text)| (row(name), *text)));
    std::fs::remove_dir_all(&folder).unwrap();
    loaded
}

fn refused(file: &str, environment: &[(&str, &str)], flags: &[(&'static str, &str)]) -> String {
    let Err(Error(faults)) = read(Some(file), environment, flags) else { return "accepted".to_owned() };
    let shown = |fault: &Diagnostic| format!("{} {}; {}", fault.code, fault.message, fault.help.join("; "));
    faults.iter().map(shown).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_flag_beats_a_variable_beats_the_file_beats_the_default() {
    let file = "# Ours\nlisten = \"127.0.0.1:1\"\nidle-timeout = 1_0\n";
    let variables = [("VITTE_REGISTRY_LISTEN", "127.0.0.1:2"), ("VITTE_REGISTRY_LOG_FORMAT", "json")];
    let loaded = read(Some(file), &variables, &[("listen", "127.0.0.1:3")]).unwrap();
    assert_eq!(loaded.settings.listen.port(), 3);
    assert_eq!(loaded.settings.idle_timeout.duration().as_secs(), 10);
    assert_eq!(loaded.settings.log_format, LogFormat::Json);
    assert_eq!(loaded.settings.log_level, LogLevel::Info);
    let shown = loaded.shown().join("\n");
    for part in [
        "listen = 127.0.0.1:3\n    --listen\n    overrides 127.0.0.1:2 (VITTE_REGISTRY_LISTEN)\n    overrides 127.0.0.1:1 (",
        "named.toml:2)\n",
        "named.toml:3\n",
        "log-format = json\n    VITTE_REGISTRY_LOG_FORMAT\n",
        "log-level = info\n    default",
        "metrics = (not set)\n    default",
    ] {
        assert!(shown.contains(part), "{part}\nis not in\n{shown}");
    }
}

#[test]
fn what_is_no_setting_or_not_its_value_is_refused_with_its_place() {
    for (file, expected) in [
        ("x = 1\nlisen = \"127.0.0.1:1\"", ["named.toml:2: there is no setting `lisen`", "listen"]),
        ("\n\nlisten = \"nowhere\"", ["named.toml:3: `nowhere` is not a value of `listen`", "IP:PORT"]),
        ("listen = 1.5", ["named.toml:1:", "`listen`"]),
        ("idle-timeout = 0", ["`0`", "SECONDS"]),
        ("idle-timeout = -1", ["`-1`", "SECONDS"]),
        ("idle-timeout = 3601", ["`3601`", "SECONDS"]),
        ("log-format = \"xml\"", ["`xml`", "text|json"]),
        ("[listen]\na = 1", ["named.toml:1:", "`listen`"]),
        ("listen = \"a\"\nlisten = \"b\"", ["named.toml:2:", "TOML"]),
        ("listen = ", ["named.toml:1:", "TOML"]),
    ] {
        let said = refused(file, &[], &[]);
        assert!(expected.iter().all(|part| said.contains(part)) && said.contains("VP"), "{file}: {said}");
    }
    let said = refused("", &[("VITTE_REGISTRY_LISTENN", "x")], &[]);
    assert!(said.contains("`VITTE_REGISTRY_LISTENN`") && said.contains("VITTE_REGISTRY_LISTEN`"), "{said}");
    let said = refused("", &[("VITTE_REGISTRY_LISTEN", "x")], &[]);
    assert!(said.contains("VITTE_REGISTRY_LISTEN: `x`"), "{said}");
    let said = refused("lisen = 1", &[("VITTE_REGISTRY_LISTEN", "x")], &[("idle-timeout", "y")]);
    assert_eq!(said.lines().count(), 3, "all faults at once: {said}");
    let long = refused(&format!("#{}", "a".repeat(70_000)), &[], &[]);
    assert!(long.contains("65536"), "{long}");
}

#[test]
fn the_password_of_an_address_is_never_shown() {
    let file = "storage = \"s3://user:hunter2@bucket/prefix\"";
    let variables = [("VITTE_REGISTRY_STORAGE", "s3://hunter2@bucket/other?endpoint=http://u:hunter2@host/")];
    let loaded = read(Some(file), &variables, &[]).unwrap();
    let shown = format!("{:?}{}", loaded.settings, loaded.shown().join("\n"));
    assert!(!shown.contains("hunter2") && shown.contains("s3://***@bucket/prefix"), "{shown}");
    for bad in ["storage = \"user:hunter2@bucket\"", "storage = [\"hunter2\"", "storage = \"hunter2"] {
        let said = refused(bad, &[], &[]);
        assert!(!said.contains("hunter2") && said.contains("VP0303"), "{said}");
    }
}

#[test]
fn variables_that_others_set_are_left_alone() {
    let variables = [
        ("VITTE_REGISTRY", "dir"),
        ("VITTE_REGISTRY_DATA", "d"),
        ("VITTE_REGISTRY_CONFIG", "c"),
        ("VITTE_REGISTRY_EXAMPLE_TOKEN", "t"),
        ("VITTE_REGISTRY_PORT", "tcp://10.0.0.1:80"),
        ("VITTE_REGISTRY_PORT_80_TCP_ADDR", "10.0.0.1"),
        ("VITTE_REGISTRY_SERVICE_HOST", "10.0.0.1"),
        ("VITTE_REGISTRY_LISTEN", ""),
    ];
    assert_eq!(read(None, &variables, &[]).unwrap().settings.listen.port(), 7878);
}

#[test]
fn every_default_is_a_value_of_its_setting_and_every_row_is_documented() {
    read(None, &[], &[]).unwrap();
    let document = include_str!("../../docs/operating.md");
    for row in TABLE {
        let default = if row.default.is_empty() { "–".to_owned() } else { format!("`{}`", row.default) };
        let form = row.form.replace('|', "\\|");
        let line = format!("| `{}` | `{form}` | {default} | {} |", row.name, row.about);
        assert!(document.contains(&line), "docs/operating.md lacks the line\n{line}");
    }
}
