//! The log: lines on standard error, as text or JSON.

use crate::config::{LogFormat, LogLevel, Settings};
use crate::metrics::{self, Gauge};
use std::io::stderr;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, fmt, registry};

/// Starts the log of this process.
pub(crate) fn start(settings: &Settings) {
    let level = match settings.log_level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
    };
    // Ours alone: what libraries say of addresses and headers may have secrets in it.
    let ours = Targets::new().with_target("vitte_registry", level);
    let lines = fmt::layer().with_writer(stderr).with_ansi(false);
    let started = match settings.log_format {
        LogFormat::Text => registry().with(lines.with_filter(ours)).try_init(),
        LogFormat::Json => registry().with(lines.json().flatten_event(true).with_filter(ours)).try_init(),
    };
    // Only a second log in one process is refused.
    let _ = started;
    if cfg!(panic = "abort") {
        tracing::warn!(
            "built without unwinding: a fault of the program ends the server; see `--profile server`"
        );
    }
    std::panic::set_hook(Box::new(|panic| {
        // Where, but not what: its text may quote what was being read.
        metrics::add(Gauge::Panics, 1);
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, request = crate::request::current_id(), "fault of the program");
    }));
}
