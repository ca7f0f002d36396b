//! What secrets and leftovers look like.
//!
//! Only forms that their makers gave a mark of their own, so that a finding is hardly ever wrong: a rule that
//! cries wolf would be switched off.

/// A secret by the form of its text: a mark, then so many characters of a set.
pub(super) struct Token {
    pub(super) name: &'static str,
    pub(super) mark: &'static [u8],
    pub(super) set: Set,
    /// Characters of the set behind the mark.
    pub(super) least: usize,
    /// No more than these, then another character.
    pub(super) most: usize,
}

/// Which characters may stand in a secret.
#[derive(Clone, Copy)]
pub(super) enum Set {
    /// `[A-Z0-9]`
    Upper,
    /// `[0-9a-f]`
    Hex,
    /// `[A-Za-z0-9]`
    Word,
    /// `[A-Za-z0-9_-]`
    Url,
    /// `[A-Za-z0-9_.-]`
    Dotted,
    /// `[A-Za-z0-9+/=]`
    Base64,
}

impl Set {
    pub(super) const fn has(self, byte: u8) -> bool {
        match self {
            Self::Upper => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Self::Hex => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
            Self::Word => byte.is_ascii_alphanumeric(),
            Self::Url => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'),
            Self::Dotted => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'),
            Self::Base64 => byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='),
        }
    }
}

const fn token(name: &'static str, mark: &'static str, set: Set, least: usize, most: usize) -> Token {
    Token { name, mark: mark.as_bytes(), set, least, most }
}

/// The longest text a rule looks at.
pub(super) const LONGEST: usize = 320;

pub(super) static TOKENS: &[Token] = &[
    token("AWS access key", "AKIA", Set::Upper, 16, 16),
    token("AWS temporary access key", "ASIA", Set::Upper, 16, 16),
    token("Azure storage key", "AccountKey=", Set::Base64, 86, 88),
    token("Azure access key", "SharedAccessKey=", Set::Base64, 43, 44),
    token("Alibaba Cloud access key", "LTAI", Set::Word, 20, 20),
    token("Databricks token", "dapi", Set::Hex, 32, 32),
    token("Google OAuth access token", "ya29.", Set::Url, 60, 300),
    token("Google API key", "AIza", Set::Url, 35, 35),
    token("Google OAuth client secret", "GOCSPX-", Set::Url, 28, 28),
    token("GitHub token", "ghp_", Set::Word, 36, 255),
    token("GitHub token", "gho_", Set::Word, 36, 255),
    token("GitHub token", "ghu_", Set::Word, 36, 255),
    token("GitHub token", "ghs_", Set::Word, 36, 255),
    token("GitHub token", "ghr_", Set::Word, 36, 255),
    token("GitHub token", "github_pat_", Set::Url, 82, 255),
    token("GitLab token", "glpat-", Set::Dotted, 20, 300),
    token("Slack token", "xoxb-", Set::Url, 40, 255),
    token("Slack token", "xoxp-", Set::Url, 40, 255),
    token("Slack token", "xoxa-", Set::Url, 40, 255),
    token("Slack token", "xoxr-", Set::Url, 40, 255),
    token("Slack app token", "xapp-", Set::Url, 40, 255),
    token("Stripe live key", "sk_live_", Set::Word, 24, 255),
    token("Stripe live key", "rk_live_", Set::Word, 24, 255),
    token("npm token", "npm_", Set::Word, 36, 36),
    token("RubyGems token", "rubygems_", Set::Hex, 48, 48),
    token("PyPI token", "pypi-AgEIcHlwaS", Set::Url, 50, 300),
    token("crates.io token", "cio", Set::Word, 32, 32),
    token("Docker Hub token", "dckr_pat_", Set::Url, 27, 40),
    token("DigitalOcean token", "dop_v1_", Set::Hex, 64, 64),
    token("Hugging Face token", "hf_", Set::Word, 34, 34),
    token("OpenAI key", "sk-proj-", Set::Url, 40, 255),
    token("Anthropic key", "sk-ant-", Set::Url, 80, 255),
    token("SendGrid key", "SG.", Set::Dotted, 66, 66),
    token("Shopify token", "shpat_", Set::Hex, 32, 32),
    token("Vault token", "hvs.", Set::Url, 90, 300),
    token("age secret key", "AGE-SECRET-KEY-1", Set::Upper, 58, 58),
];

/// A secret by the name it is given: `name = "value"`, whatever the case of the name. The value alone has no mark.
pub(super) struct Labelled {
    pub(super) name: &'static str,
    /// In lower case.
    pub(super) label: &'static [u8],
    pub(super) set: Set,
    pub(super) least: usize,
    pub(super) most: usize,
}

const fn labelled(name: &'static str, label: &'static str, set: Set, least: usize, most: usize) -> Labelled {
    Labelled { name, label: label.as_bytes(), set, least, most }
}

pub(super) static LABELLED: &[Labelled] = &[
    labelled("AWS secret access key", "aws_secret_access_key", Set::Base64, 40, 40),
    labelled("AWS secret access key", "awssecretaccesskey", Set::Base64, 40, 40),
    labelled("AWS secret access key", "secretaccesskey", Set::Base64, 40, 40),
    labelled("AWS session token", "aws_session_token", Set::Base64, 100, 280),
    labelled("token of an npm registry", "_authtoken", Set::Dotted, 16, 255),
    labelled("password of an npm registry", "_auth", Set::Base64, 16, 255),
    labelled("token of an npm registry", "npmauthtoken", Set::Dotted, 16, 255),
];

/// The two ends of the line that begins a private key in PEM.
pub(super) const PEM: (&[u8], &[u8]) = (b"-----BEGIN ", b"PRIVATE KEY-----");
pub(super) const PEM_NAME: &str = "private key";
/// Headers in front of the base64 of a key.
pub(super) const PEM_HEADERS: &[&[u8]] = &[b"Proc-Type:", b"DEK-Info:", b"Comment:"];
/// How the base64 of a key of OpenSSH begins.
pub(super) const OPENSSH: &[u8] = b"b3BlbnNzaC1rZXkt";

pub(super) const URL_NAME: &str = "password in an address";
/// Addresses that carry passwords in practice.
pub(super) const SCHEMES: &[&[u8]] = &[
    b"http://",
    b"https://",
    b"ftp://",
    b"sftp://",
    b"ssh://",
    b"git+https://",
    b"git+ssh://",
    b"postgres://",
    b"postgresql://",
    b"mysql://",
    b"mariadb://",
    b"mongodb://",
    b"mongodb+srv://",
    b"redis://",
    b"rediss://",
    b"amqp://",
    b"amqps://",
    b"mssql://",
    b"sqlserver://",
    b"smtp://",
    b"smtps://",
    b"ldap://",
    b"ldaps://",
    b"nats://",
    b"clickhouse://",
];
/// Passwords of documents and tests, in lower case, without digits and marks at their ends.
pub(super) const NO_PASSWORDS: &[&str] = &[
    "pass",
    "password",
    "passw0rd",
    "p4ssw0rd",
    "passwd",
    "pwd",
    "pw",
    "secret",
    "s3cr3t",
    "s3cret",
    "token",
    "user",
    "username",
    "example",
    "changeme",
    "test",
    "demo",
    "dummy",
    "foo",
    "bar",
    "baz",
    "your",
    "yourpassword",
    "admin",
    "root",
    "placeholder",
    "redacted",
    "sample",
    "fake",
    "mock",
    "abc",
    "abcd",
    "abcdef",
    "key",
];
/// Hosts that are nobody's, by RFC 2606 and 6761 or by custom, with all that end in them.
pub(super) const NO_HOSTS: &[&str] = &[
    "example",
    "example.com",
    "example.org",
    "example.net",
    "test",
    "invalid",
    "localhost",
    "foo.com",
    "bar.com",
    "host.com",
    "domain.com",
    "domain.tld",
];

/// A secret by the file's name, whatever its case; `*` at an end stands for anything.
pub(super) static SECRET_FILES: &[(&str, &str)] = &[
    (".env", "environment file"),
    (".env.*", "environment file"),
    (".env-*", "environment file"),
    (".env_*", "environment file"),
    (".envrc", "environment file"),
    ("*.env", "environment file"),
    (".netrc", "passwords for hosts"),
    ("_netrc", "passwords for hosts"),
    (".git-credentials", "passwords of git"),
    (".pypirc", "passwords of PyPI"),
    (".pgpass", "passwords of PostgreSQL"),
    (".my.cnf", "passwords of MySQL"),
    (".mylogin.cnf", "passwords of MySQL"),
    (".s3cfg", "keys of a storage service"),
    (".vault-token", "token of Vault"),
    (".dockercfg", "passwords of container registries"),
    (".htpasswd", "passwords of a web server"),
    ("credentials.toml", "tokens of registries"),
    ("*.tfstate", "state of Terraform, which holds passwords"),
    ("id_rsa", "private SSH key"),
    ("id_dsa", "private SSH key"),
    ("id_ecdsa", "private SSH key"),
    ("id_ecdsa_sk", "private SSH key"),
    ("id_ed25519", "private SSH key"),
    ("id_ed25519_sk", "private SSH key"),
    ("*.ppk", "private SSH key"),
    ("*.pfx", "key store"),
    ("*.p12", "key store"),
    ("*.jks", "key store"),
    ("*.keystore", "key store"),
    ("*.kdbx", "password store"),
];

/// A secret by the file's name and the folder it is in.
pub(super) static SECRET_PLACES: &[(&str, &str, &str)] = &[
    (".aws", "credentials", "keys of AWS"),
    (".docker", "config.json", "passwords of container registries"),
    (".kube", "config", "keys of a cluster"),
    ("gcloud", "application_default_credentials.json", "keys of Google Cloud"),
];

/// Words at the ends of names of forms to be filled in: `.env.example`, `sample.env`, `.envrc.dist`.
const FORMS: &[&str] =
    &["example", "sample", "template", "dist", "defaults", "default", "tmpl", "tpl", "schema"];

/// Whether the name only looks like that of a secret: a form to be filled in.
pub(super) fn is_form(name: &str) -> bool {
    name.split(['.', '-', '_']).any(|word| FORMS.contains(&word))
}

/// What editors, systems and version control leave behind; a folder's name covers all under it.
pub(super) static LEFTOVERS: &[(&str, &str)] = &[
    (".ds_store", "written by macOS"),
    ("._*", "written by macOS"),
    ("thumbs.db", "written by Windows"),
    ("desktop.ini", "written by Windows"),
    (".idea", "settings of an editor"),
    (".vscode", "settings of an editor"),
    (".fleet", "settings of an editor"),
    ("*.swp", "open in an editor"),
    ("*.swo", "open in an editor"),
    (".#*", "open in an editor"),
    ("*~", "backup of an editor"),
    ("*.orig", "left by a merge"),
    ("*.rej", "left by a patch"),
    (".gitmodules", "of version control"),
    (".hgignore", "of version control"),
    (".svnignore", "of version control"),
];

/// Whether a name, in lower case, is the one of a rule.
pub(super) fn is_named(name: &str, rule: &str) -> bool {
    match (rule.strip_prefix('*'), rule.strip_suffix('*')) {
        (Some(end), _) => name.len() > end.len() && name.ends_with(end),
        (_, Some(begin)) => name.len() > begin.len() && name.starts_with(begin),
        _ => name == rule,
    }
}
