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
    token("Slack app token", "xapp-", Set::Url, 40, 255),
    token("Stripe live key", "sk_live_", Set::Word, 24, 255),
    token("Stripe live key", "rk_live_", Set::Word, 24, 255),
    token("npm token", "npm_", Set::Word, 36, 36),
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

/// The two ends of the line that begins a private key in PEM.
pub(super) const PEM: (&[u8], &[u8]) = (b"-----BEGIN ", b"PRIVATE KEY-----");
pub(super) const PEM_NAME: &str = "private key";

/// A secret by the file's name. Comparison is exact; `*` at an end stands for anything.
pub(super) static SECRET_FILES: &[(&str, &str)] = &[
    (".env", "environment file"),
    (".env.*", "environment file"),
    (".netrc", "passwords for hosts"),
    ("_netrc", "passwords for hosts"),
    (".git-credentials", "passwords of git"),
    (".pypirc", "passwords of PyPI"),
    (".htpasswd", "passwords of a web server"),
    ("credentials.toml", "tokens of registries"),
    ("id_rsa", "private SSH key"),
    ("id_dsa", "private SSH key"),
    ("id_ecdsa", "private SSH key"),
    ("id_ed25519", "private SSH key"),
    ("*.pfx", "key store"),
    ("*.p12", "key store"),
    ("*.jks", "key store"),
    ("*.keystore", "key store"),
    ("*.kdbx", "password store"),
];

/// Names that only look so: forms to be filled in.
pub(super) static HARMLESS: &[&str] =
    &[".env.example", ".env.sample", ".env.template", ".env.dist", ".env.defaults"];

/// What editors, systems and version control leave behind; a folder's name covers all under it.
pub(super) static LEFTOVERS: &[(&str, &str)] = &[
    (".DS_Store", "written by macOS"),
    ("._*", "written by macOS"),
    ("Thumbs.db", "written by Windows"),
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

/// Whether a name is the one of a rule.
pub(super) fn is_named(name: &str, rule: &str) -> bool {
    match (rule.strip_prefix('*'), rule.strip_suffix('*')) {
        (Some(end), _) => name.len() > end.len() && name.ends_with(end),
        (_, Some(begin)) => name.len() > begin.len() && name.starts_with(begin),
        _ => name == rule,
    }
}
