//! The home, its file system and the clock.

use super::{Finding, Health};
use crate::dependencies::lock::now;
use crate::fs;
use crate::home;
use crate::message::maintenance as text;
use crate::store::Store;
use std::path::Path;
use std::time::SystemTime;

/// 2025-01-01: no release of this program is older.
const EARLIEST: u64 = 1_735_689_600;
/// Clocks of two machines that share a home may differ by this many seconds.
const TOLERANCE: u64 = 60 * 60;

/// Whether the home can be written, by nobody else, and lets programs run.
pub(super) fn look(folder: &Path, store: &Store) -> Vec<Finding> {
    let shown = folder.display().to_string();
    if !folder.exists() {
        let above = folder.ancestors().find(|above| above.exists()).unwrap_or(folder);
        return vec![match fs::can_be_written(above) {
            true => Finding::new(Health::Good, text::doctor_home(&shown)),
            false => {
                let message = text::doctor_home_not_made(&shown, &above.display().to_string());
                Finding::new(Health::Bad, message).help(text::doctor_home_help())
            }
        }];
    }
    let mut findings = vec![match store.is_writable() {
        Ok(true) => Finding::new(Health::Good, text::doctor_home(&shown)),
        Ok(false) => {
            Finding::new(Health::Bad, text::doctor_home_read_only(&shown)).help(text::doctor_home_help())
        }
        Err(error) => Finding::error(error.to_string(), &error),
    }];
    if findings.iter().all(|finding| finding.health == Health::Good) {
        for path in home::folders(folder).filter(|path| path.is_dir() && !fs::can_be_written(path)) {
            let path = path.display().to_string();
            let finding = Finding::new(Health::Bad, text::doctor_folder_read_only(&path));
            findings.push(finding.help(text::doctor_folder_read_only_help(&path)));
        }
    }
    findings.extend(home::faults(folder).iter().map(|error| Finding::error(error.to_string(), error)));
    for (path, mode) in home::open_to_group(folder) {
        let path = path.display().to_string();
        let finding =
            Finding::new(Health::Remark, text::doctor_group_writable(&path, &format!("{mode:04o}")));
        findings.push(finding.help(text::doctor_group_writable_help(&path)));
    }
    if is_noexec(folder) {
        let finding = Finding::new(Health::Bad, text::doctor_noexec(&shown));
        findings.push(finding.help(text::doctor_home_help()));
    }
    findings
}

/// What is wrong with the clock, as far as that can be known: it was later before.
pub(super) fn clock(folder: &Path) -> Option<Finding> {
    let now = now();
    if now < EARLIEST {
        let message = text::doctor_clock_early(&format(now));
        return Some(Finding::new(Health::Bad, message).help(text::doctor_clock_help()));
    }
    let seen = home::latest_change(folder).and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
    let seen = seen.map_or(0, |time| time.as_secs());
    (seen > now.saturating_add(TOLERANCE)).then(|| {
        let message = text::doctor_clock_behind(&format(now), &format(seen));
        Finding::new(Health::Bad, message).help(text::doctor_clock_help())
    })
}

fn format(seconds: u64) -> String {
    let time = jiff::Timestamp::from_second(i64::try_from(seconds).unwrap_or(0));
    time.map(|time| time.to_string()).unwrap_or_default()
}

#[cfg(target_os = "linux")]
fn is_noexec(folder: &Path) -> bool {
    let flags = rustix::fs::statvfs(folder).map(|data| data.f_flag);
    flags.is_ok_and(|flags| flags.contains(rustix::fs::StatVfsMountFlags::NOEXEC))
}

#[cfg(not(target_os = "linux"))]
fn is_noexec(_: &Path) -> bool {
    false
}
