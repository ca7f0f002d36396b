use super::*;

fn address(url: &str) -> Address {
    Address::parse(url).unwrap()
}

fn token(seed: u8) -> Token {
    Token::new(&[seed; Token::RANDOM])
}

struct Home {
    folder: tempfile::TempDir,
}

impl Home {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn env(&self) -> Env {
        Env::new(self.folder.path(), self.folder.path().join("home"))
    }

    fn script(&self, body: &str) -> String {
        let path = self.folder.path().join("helper");
        std::fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        path.display().to_string()
    }
}

fn found(env: &Env, url: &str) -> Option<(u8, Source)> {
    let registry = address(url);
    let lookup = Lookup { env, registry: &registry, is_only: &|| Ok(false) };
    let found = lookup.find().unwrap()?;
    let seed = (0..20).find(|seed| token(*seed) == found.token).unwrap();
    Some((seed, found.source))
}

#[test]
#[cfg(unix)]
fn the_first_source_in_the_stated_order_decides() {
    let url = "https://registry.example/team";
    let home = Home::new();
    let mut env = home.env();
    let netrc = home.folder.path().join("netrc");
    std::fs::write(&netrc, format!("machine registry.example password {}", token(1).reveal())).unwrap();
    std::fs::set_permissions(&netrc, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    assert_eq!(found(&env, url), None);
    env = env.with(Variable::Netrc, &netrc);
    assert_eq!(found(&env, url).unwrap().0, 1);
    file::store(&env, &address(url), &token(2)).unwrap();
    assert_eq!(found(&env, url), Some((2, Source::File(home.folder.path().join("home/credentials.toml")))));
    let helper = home.script(&format!("cat >/dev/null; echo password={}", token(3).reveal()));
    let settings = format!("[registry]\ncredential-helper = \"{helper}\"\n");
    std::fs::write(home.folder.path().join("home/config.toml"), settings).unwrap();
    assert_eq!(found(&env, url), Some((3, Source::Helper(helper))));
    // It names the registry it is for; what a project says is not asked.
    env = env.with(Variable::Token, token(4).reveal());
    assert_eq!(found(&env, url).unwrap().0, 3);
    env = env.with(Variable::Registry, "HTTPS://Registry.Example:443/team/");
    assert_eq!(found(&env, url), Some((4, Source::Variable("VITTE_TOKEN".to_owned()))));
    assert_eq!(found(&env.clone().with_named_registry("https://other.example"), url).unwrap().0, 3);
    env = env.with_variable("VITTE_REGISTRY_EXAMPLE____TEAM_TOKEN", token(5).reveal());
    assert_eq!(found(&env, url).unwrap().0, 5);
    env = env.with_token(address(url), token(6));
    assert_eq!(found(&env, url), Some((6, Source::CommandLine)));
    for other in
        ["https://registry.example", "https://registry.example/other", "https://registry.example:8443/team"]
    {
        assert!(found(&env, other).is_none_or(|(seed, _)| [1, 3].contains(&seed)), "{other}");
    }
    assert_eq!(found(&env, "http://registry.example/team"), None);
}

/// T37: spellings that look like the registry, or like a part of it, obtain nothing.
#[test]
fn look_alikes_obtain_no_token() {
    let home = Home::new();
    let env = home.env();
    let registry = "https://registry.example/team";
    file::store(&env, &address(registry), &token(1)).unwrap();
    let get = |url: &str| Address::parse(url).ok().and_then(|url| file::get(&env, &url).unwrap());
    for same in [
        registry,
        "https://registry.example/team/",
        "https://REGISTRY.example/team",
        "HTTPS://registry.example:443/team",
    ] {
        assert!(get(same).is_some(), "{same}");
    }
    for other in [
        "http://registry.example/team",
        "https://registry.example:444/team",
        "https://registry.example/Team",
        "https://registry.example/tea",
        "https://registry.example/team2",
        "https://registry.example/team/x",
        "https://registry.example",
        "https://registry.example./team",
        "https://registry.example//team",
        "https://registry.example/./team",
        "https://registry.example/x/../team",
        "https://registry.example/x/%2e%2e/team",
        "https://registry.example/%2e/team",
        "https://registry.example/team%2f",
        "https://registry.example/te%61m",
        "https://registry.example\\@evil.example/team",
        "https://registry.example@evil.example/team",
        "https://user:pass@registry.example/team",
        "https://registry.example/team?x",
        "https://registry.example/team#x",
        "https://registry.example.evil.example/team",
        "https://evil.example/registry.example/team",
        "https://registry%2eexample/team",
        "https://regi\u{455}try.example/team",
    ] {
        assert!(get(other).is_none(), "{other}");
    }
}

#[test]
fn the_file_is_for_its_owner_and_keeps_what_others_wrote() {
    let home = Home::new();
    let env = home.env();
    let (one, two) = (address("https://one.example"), address("http://127.0.0.1:7878/x"));
    assert!(file::remove(&env, &one).unwrap().is_none());
    let path = file::store(&env, &one, &token(1)).unwrap();
    let written = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("# mine\n{written}")).unwrap();
    file::store(&env, &two, &token(2)).unwrap();
    file::store(&env, &one, &token(3)).unwrap();
    assert_eq!(file::get(&env, &one).unwrap().unwrap().token, token(3));
    assert!(file::remove(&env, &one).unwrap().is_some() && file::get(&env, &one).unwrap().is_none());
    assert_eq!(file::get(&env, &two).unwrap().unwrap().token, token(2));
    assert!(std::fs::read_to_string(&path).unwrap().starts_with("# mine\n"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        for mode in [0o640, 0o604, 0o660] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(file::get(&env, &two).unwrap_err().code(), Code::KeyPermissions, "{mode:o}");
            assert_eq!(file::store(&env, &two, &token(2)).unwrap_err().code(), Code::KeyPermissions);
        }
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    // What is wrong with it is told without the line, which has a token in it.
    std::fs::write(&path, format!("x = {}", token(4).reveal())).unwrap();
    let error = file::get(&env, &two).unwrap_err();
    assert_eq!(error.code(), Code::Config);
    assert!(!format!("{error} {error:?}").contains(token(4).reveal()));
}

#[test]
#[cfg(unix)]
fn a_helper_is_spoken_to_as_git_speaks_to_one() {
    let home = Home::new();
    let seen = home.folder.path().join("seen");
    let secret = token(7);
    let body = format!(
        "echo \"$*\" >> {0}; cat >> {0}; [ \"$2\" = get ] && echo protocol=https && echo host=registry.example:8443 \
         && echo password={1}; exit 0",
        seen.display(),
        secret.reveal()
    );
    let helper = format!("{} --quiet", home.script(&body));
    let env = home.env().with(Variable::CredentialHelper, &helper);
    let registry = address("https://registry.example:8443/team");
    assert_eq!(store(&env, &registry, &secret).unwrap(), Source::Helper(helper.clone()));
    assert_eq!(found(&env, "https://registry.example:8443/team"), Some((7, Source::Helper(helper.clone()))));
    // It answers for another host than the one that was asked for.
    assert_eq!(found(&env, "https://registry.example"), None);
    assert_eq!(forget(&env, &registry).unwrap(), [Source::Helper(helper)]);
    let seen = std::fs::read_to_string(&seen).unwrap();
    let asked = "protocol=https\nhost=registry.example:8443\npath=team\n";
    let stored = format!("--quiet store\n{asked}username=token\npassword={}\n\n", secret.reveal());
    assert!(seen.starts_with(&stored), "{seen}");
    assert!(seen.contains(&format!("--quiet get\n{asked}\n")), "{seen}");
    assert!(seen.ends_with(&format!("--quiet erase\n{asked}\n")), "{seen}");
    assert!(!file::path(&env).unwrap().exists(), "stored twice");
    for failing in ["exit 3", "cat >/dev/null; echo password=hunter2"] {
        let env = home.env().with(Variable::CredentialHelper, home.script(failing));
        let lookup = Lookup { env: &env, registry: &registry, is_only: &|| Ok(true) };
        assert!(lookup.find().is_err(), "{failing}");
        // Nobody is asked before the registry asks for a token.
        assert!(lookup.at_once().unwrap().is_none());
    }
}

#[test]
fn no_two_addresses_share_a_variable() {
    let name = |url: &str| variable::name_of(&address(url));
    for (url, expected) in [
        ("https://registry.example", "VITTE_REGISTRY_EXAMPLE_TOKEN"),
        ("https://registry.example:443/team-a/x", "VITTE_REGISTRY_EXAMPLE____TEAM__A____X_TOKEN"),
        ("http://127.0.0.1:7878", "VITTE_127_0_0_1___7878_TOKEN"),
        ("https://registry-example", "VITTE_REGISTRY__EXAMPLE_TOKEN"),
    ] {
        assert_eq!(name(url).as_deref(), Some(expected), "{url}");
    }
    for ambiguous in [
        "https://registry_example",
        "https://a--b.example",
        "https://a-.example",
        "https://a..example",
        "https://registry.example/Team",
        "https://registry.example/a_b",
        "https://registry.example/a%20b",
        "https://[::1]:80",
    ] {
        assert_eq!(name(ambiguous), None, "{ambiguous}");
    }
}
