//! Figures of the running server, as Prometheus reads them.
//!
//! Labels are the patterns of routes, statuses and codes: there are only so many of them, whatever clients send.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Upper bounds of the durations that are counted together, in seconds.
const DURATIONS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
/// Upper bounds of the sizes of batches that are counted together.
const BATCHES: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

/// The media type of the text.
pub(crate) const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The pattern of a route.
pub(crate) type Route = Cow<'static, str>;

/// The figures of this process.
static FIGURES: Figures = Figures {
    requests: Mutex::new(BTreeMap::new()),
    durations: Mutex::new(BTreeMap::new()),
    refusals: Mutex::new(BTreeMap::new()),
    batches: Mutex::new(Histogram::NONE),
    gauges: [const { AtomicU64::new(0) }; GAUGES.len()],
};

struct Figures {
    requests: Mutex<BTreeMap<(Route, u16), u64>>,
    durations: Mutex<BTreeMap<Route, Histogram>>,
    refusals: Mutex<BTreeMap<String, u64>>,
    batches: Mutex<Histogram>,
    gauges: [AtomicU64; GAUGES.len()],
}

/// A figure without labels.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Gauge {
    InFlight,
    Connections,
    Received,
    Sent,
    LogSize,
    Published,
    ClosedIdle,
    RefusedConnections,
    Limited,
    Panics,
}

/// Name, kind and meaning of each [`Gauge`], in their order.
const GAUGES: [(&str, &str, &str); 10] = [
    ("requests_in_flight", "gauge", "Requests that are being answered"),
    ("connections", "gauge", "Open connections"),
    ("received_bytes_total", "counter", "Bytes of bodies of requests"),
    ("sent_bytes_total", "counter", "Bytes of bodies of responses"),
    ("log_entries", "gauge", "Entries of the log"),
    ("published_total", "counter", "Submissions that were logged"),
    ("connections_closed_idle_total", "counter", "Idle connections that were closed to make room"),
    ("connections_refused_total", "counter", "Connections that were refused because all others were busy"),
    ("rate_limited_total", "counter", "Requests that came too often"),
    ("panics_total", "counter", "Faults of the program"),
];

#[derive(Clone, Copy)]
struct Histogram {
    /// By bound; the last has what is above all bounds.
    counts: [u64; 13],
    sum: f64,
}

impl Histogram {
    const NONE: Self = Self { counts: [0; 13], sum: 0.0 };

    fn add(&mut self, value: f64, bounds: &[f64]) {
        let place = bounds.iter().position(|bound| value <= *bound).unwrap_or(bounds.len());
        if let Some(count) = self.counts.get_mut(place) {
            *count += 1;
        }
        self.sum += value;
    }

    fn write(&self, text: &mut String, name: &str, label: &str, bounds: &[f64]) {
        let comma = if label.is_empty() { "" } else { "," };
        let mut total = 0;
        for (bound, count) in bounds.iter().zip(self.counts) {
            total += count;
            line(text, &format!("{name}_bucket{{{label}{comma}le=\"{bound}\"}}"), total);
        }
        total += self.counts.get(bounds.len()).copied().unwrap_or(0);
        line(text, &format!("{name}_bucket{{{label}{comma}le=\"+Inf\"}}"), total);
        let label = if label.is_empty() { String::new() } else { format!("{{{label}}}") };
        line(text, &format!("{name}_sum{label}"), self.sum);
        line(text, &format!("{name}_count{label}"), total);
    }
}

/// Counts a request that was answered.
pub(crate) fn answered(route: &Route, status: u16, took: Duration) {
    *locked(&FIGURES.requests).entry((route.clone(), status)).or_default() += 1;
    let mut durations = locked(&FIGURES.durations);
    let histogram = durations.entry(route.clone()).or_insert(Histogram::NONE);
    histogram.add(took.as_secs_f64(), DURATIONS);
}

/// Counts a refusal by its code.
pub(crate) fn refused(code: String) {
    *locked(&FIGURES.refusals).entry(code).or_default() += 1;
}

/// Counts a batch of submissions that went into the log, which has `size` entries now.
pub(crate) fn logged(submissions: usize, size: u64) {
    locked(&FIGURES.batches).add(submissions as f64, BATCHES);
    add(Gauge::Published, submissions as u64);
    set(Gauge::LogSize, size);
}

/// Adds to a figure.
pub(crate) fn add(gauge: Gauge, count: u64) {
    FIGURES.gauges[gauge as usize].fetch_add(count, Relaxed);
}

/// Takes from a figure.
pub(crate) fn subtract(gauge: Gauge, count: u64) {
    FIGURES.gauges[gauge as usize].fetch_sub(count, Relaxed);
}

/// Sets a figure.
pub(crate) fn set(gauge: Gauge, value: u64) {
    FIGURES.gauges[gauge as usize].store(value, Relaxed);
}

/// All figures. `uploads`: how many uploads are open, if that is known.
pub(crate) fn text(uploads: Option<u64>) -> String {
    let mut text = String::new();
    head(&mut text, "requests_total", "counter", "Requests by route and status");
    for ((route, status), count) in &*locked(&FIGURES.requests) {
        let labels = format!("{PREFIX}requests_total{{route=\"{route}\",status=\"{status}\"}}");
        line(&mut text, &labels, count);
    }
    head(&mut text, "request_seconds", "histogram", "How long requests took, their bodies included");
    for (route, histogram) in &*locked(&FIGURES.durations) {
        let name = format!("{PREFIX}request_seconds");
        histogram.write(&mut text, &name, &format!("route=\"{route}\""), DURATIONS);
    }
    head(&mut text, "refusals_total", "counter", "Refusals by code");
    for (code, count) in &*locked(&FIGURES.refusals) {
        line(&mut text, &format!("{PREFIX}refusals_total{{code=\"{code}\"}}"), count);
    }
    head(&mut text, "batch_submissions", "histogram", "Submissions that were logged together");
    locked(&FIGURES.batches).write(&mut text, &format!("{PREFIX}batch_submissions"), "", BATCHES);
    for ((name, kind, about), value) in GAUGES.iter().zip(&FIGURES.gauges) {
        head(&mut text, name, kind, about);
        line(&mut text, &format!("{PREFIX}{name}"), value.load(Relaxed));
    }
    if let Some(uploads) = uploads {
        head(&mut text, "uploads_open", "gauge", "Uploads that are open");
        line(&mut text, &format!("{PREFIX}uploads_open"), uploads);
    }
    write_process(&mut text);
    text
}

const PREFIX: &str = "vitte_registry_";

/// What the system knows of the process, under the names that every process has it.
fn write_process(text: &mut String) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB"));
    if let Some(kilobytes) = resident.and_then(|number| number.trim().parse::<u64>().ok()) {
        text.push_str("# TYPE process_resident_memory_bytes gauge\n");
        line(text, "process_resident_memory_bytes", kilobytes * 1024);
    }
    if let Ok(handles) = std::fs::read_dir("/proc/self/fd") {
        text.push_str("# TYPE process_open_fds gauge\n");
        // Less the one that the folder is read by.
        line(text, "process_open_fds", handles.count().saturating_sub(1));
    }
}

fn head(text: &mut String, name: &str, kind: &str, about: &str) {
    let _ = writeln!(text, "# HELP {PREFIX}{name} {about}\n# TYPE {PREFIX}{name} {kind}");
}

fn line(text: &mut String, name: &str, value: impl std::fmt::Display) {
    let _ = writeln!(text, "{name} {value}");
}

fn locked<T>(figure: &Mutex<T>) -> MutexGuard<'_, T> {
    figure.lock().unwrap_or_else(PoisonError::into_inner)
}
