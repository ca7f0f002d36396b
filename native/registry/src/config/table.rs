//! The table of settings. A new one is a row here: its flag, its variable, its line in the file and its place in
//! `vitte-registry config` come from it. `docs/operating.md` has the same rows, which a test compares.

use super::value::{
    Address, Count, Items, Limit, LogFormat, LogLevel, Seconds, SimilarNames, Size, Switch, Text, Value,
    WebAddress, WebhookTargets, WhoMayCreate, YesNo,
};
use super::{PREFIX, fault};
use crate::message as words;
use crate::networks::Networks;
use std::net::SocketAddr;
use std::path::PathBuf;
use vitte_package_core::diagnostic::Diagnostic;

/// What is to be known of a setting.
#[derive(Debug)]
pub(crate) struct Row {
    pub(super) name: &'static str,
    /// What is written where it is not set; empty if that is nothing.
    pub(super) default: &'static str,
    /// What its value looks like.
    pub(super) form: &'static str,
    pub(super) about: &'static str,
    /// A value as it may be shown.
    pub(super) shown: fn(&str) -> String,
}

impl Row {
    /// The variable that sets it.
    pub(super) fn variable(&self) -> String {
        format!("{PREFIX}{}", self.name.replace('-', "_").to_ascii_uppercase())
    }

    pub(super) fn help(&self) -> String {
        match self.default {
            "" => self.about.to_owned(),
            default => format!("{} [default: {default}]", self.about),
        }
    }
}

macro_rules! settings {
    ($($name:literal $field:ident: $kind:ty = $default:literal, $form:literal, $about:literal;)+) => {
        /// The settings in force.
        #[derive(Clone, Debug)]
        #[allow(dead_code, reason = "a setting may come before what it sets")]
        #[allow(rustdoc::bare_urls, reason = "the same texts are shown on a terminal")]
        pub(crate) struct Settings {
            $(#[doc = $about] pub(crate) $field: $kind,)+
        }

        pub(super) const TABLE: &[Row] = &[$(Row {
            name: $name,
            default: $default,
            form: $form,
            about: $about,
            shown: <$kind as Value>::shown,
        },)+];

        impl Settings {
            /// Reads every setting from what is written for it, and where that is.
            pub(super) fn parse(
                written: &mut dyn FnMut(&Row) -> (String, String),
            ) -> Result<Self, Vec<Diagnostic>> {
                let mut faults = Vec::new();
                let mut rows = TABLE.iter();
                $(
                    let $field = rows.next().and_then(|row| {
                        let (text, place) = written(row);
                        let value = <$kind as Value>::parse(text.trim());
                        if value.is_none() {
                            let text = <$kind as Value>::shown(&text);
                            faults.push(fault(&place, words::config_value(row.name, &text, row.form)));
                        }
                        value
                    });
                )+
                match ($($field,)+) {
                    ($(Some($field),)+) => Ok(Self { $($field,)+ }),
                    _ => Err(faults),
                }
            }
        }
    };
}

settings! {
    "listen" listen: SocketAddr = "127.0.0.1:7878", "IP:PORT",
        "The address to listen on; port 0 takes one that is free";
    "metrics" metrics: Option<SocketAddr> = "", "IP:PORT",
        "The address of the metrics, for Prometheus; not served without it";
    "storage" storage: Option<Address> = "", "URL",
        "Where the registry's files are, if not in the folder: s3://BUCKET/PREFIX?endpoint=URL&region=REGION";
    "database" database: Option<Address> = "", "URL",
        "The database that replicas share, if not SQLite in the folder: postgres://USER:PASSWORD@HOST/NAME";
    "store-timeout" store_timeout: Seconds<1, 300> = "10", "SECONDS",
        "How long a shared database or a bucket may take to respond";
    "sequencer-timeout" sequencer_timeout: Seconds<1, 600> = "15", "SECONDS",
        "How long the replica that writes to the log may be silent before another one takes its place";
    "signing-keys" signing_keys: Option<PathBuf> = "", "DIR",
        "Where the registry's signing keys are, if not in the folder";
    "tls-cert" tls_cert: Option<PathBuf> = "", "FILE",
        "The certificate and its chain in PEM, to serve https; read again on SIGHUP";
    "tls-key" tls_key: Option<PathBuf> = "", "FILE",
        "The key of the certificate, in PEM";
    "trusted-proxies" trusted_proxies: Option<Networks> = "", "NETWORKS",
        "Proxies whose X-Forwarded-For is believed: 10.0.0.0/8,::1";
    "max-connections" max_connections: Count<16, 1000000> = "10000", "NUMBER",
        "Connections at once; beyond it the one idle for longest is closed";
    "shutdown-delay" shutdown_delay: Seconds<0, 600> = "0", "SECONDS",
        "How long requests are still taken after SIGTERM, while /readyz says 503";
    "idle-timeout" idle_timeout: Seconds<1, 3600> = "30", "SECONDS",
        "How long a client may send nothing before its connection is closed";
    "base-url" base_url: Option<WebAddress> = "", "URL",
        "Where users reach the server, if it stands behind a proxy: https://registry.example";
    "namespaces" namespaces: WhoMayCreate = "members", "anyone|members|admins",
        "Which users may create namespaces";
    "similar-names" similar_names: SimilarNames = "deny", "deny|allow",
        "Whether a new namespace may look like an existing one; what is denied waits for `namespace allow`";
    "quota-packages" quota_packages: Option<Count<1, 1000000000>> = "", "NUMBER",
        "Packages that a namespace may have; not limited without it";
    "quota-releases" quota_releases: Option<Count<1, 1000000000>> = "", "NUMBER",
        "Releases that a namespace may have, of all its packages; not limited without it";
    "quota-bytes" quota_bytes: Option<Size<{ 1 << 50 }>> = "", "SIZE",
        "Bytes of archives that a namespace may have: 500MiB, 10GiB; not limited without it";
    "quota-archive" quota_archive: Size<{ 1 << 30 }> = "50MiB", "SIZE",
        "Bytes that one archive may have, up to 1GiB";
    "oidc-issuer" oidc_issuer: Option<WebAddress> = "", "URL",
        "The OpenID Connect provider that users may sign in with; needs base-url and oidc-client-id";
    "oidc-client-id" oidc_client_id: Option<Text> = "", "ID",
        "What the provider knows this server as";
    "oidc-client-secret-file" oidc_client_secret_file: Option<PathBuf> = "", "FILE",
        "The file with the secret that the provider has given this server";
    "oidc-scopes" oidc_scopes: Items = "openid,profile,email", "SCOPES",
        "What the provider is asked for, separated by commas";
    "oidc-groups-claim" oidc_groups_claim: Text = "groups", "NAME",
        "The claim that lists a user's groups";
    "oidc-member-groups" oidc_member_groups: Items = "", "GROUPS",
        "The groups whose users are members, separated by commas; without it all are";
    "oidc-admin-groups" oidc_admin_groups: Items = "", "GROUPS",
        "The groups whose users are admins, separated by commas";
    "oidc-new-users" oidc_new_users: YesNo = "no", "yes|no",
        "Whether everyone whom the provider knows becomes a user at the first sign-in";
    "device-interval" device_interval: Seconds<1, 60> = "5", "SECONDS",
        "How long a client that waits for its user pauses between two questions";
    "web" web: Switch = "on", "on|off",
        "Whether the server shows its registry as a web site";
    "web-assets" web_assets: Option<PathBuf> = "", "DIR",
        "The folder of the site's scripts, which check packages in the browser; pages do without it";
    "rate-limits" rate_limits: Switch = "on", "on|off",
        "Whether requests and submissions are limited in their rate";
    "rate-requests" rate_requests: Limit = "2000+50/1", "BURST+COUNT/SECONDS|off",
        "Requests to the API and for pages, for each address or IPv6 network of 64 bits";
    "rate-packages" rate_packages: Limit = "5+1/600", "BURST+COUNT/SECONDS|off",
        "New packages, for each token";
    "rate-versions" rate_versions: Limit = "30+1/60", "BURST+COUNT/SECONDS|off",
        "New versions, for each token";
    "rate-statuses" rate_statuses: Limit = "100+1/60", "BURST+COUNT/SECONDS|off",
        "Changes of status, for each token";
    "rate-namespaces" rate_namespaces: Limit = "3+1/86400", "BURST+COUNT/SECONDS|off",
        "New namespaces, for each token";
    "webhook-targets" webhook_targets: WebhookTargets = "public", "public|any",
        "Where webhooks may lead: to the public internet by https, or anywhere";
    "log-format" log_format: LogFormat = "text", "text|json",
        "What a line of the log looks like";
    "log-level" log_level: LogLevel = "info", "error|warn|info|debug",
        "What is logged: this, and what is more important";
}
