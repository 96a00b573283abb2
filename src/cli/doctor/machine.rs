//! Checks of this machine: environment, clock, disk.

use std::path::Path;

use chrono::{DateTime, Datelike, Utc};

use super::{Finding, Kind};
use crate::config::{Sources, names};

/// Names that are nearly ours, and secrets in files that others may read.
pub(super) fn environment(sources: &Sources) -> Vec<Finding> {
    let known = || names::VARIABLES.iter().map(|(name, _)| *name);
    let variables = &sources.environment.variables;
    let mut findings: Vec<Finding> = variables
        .keys()
        .filter(|name| !known().any(|known| known == name.trim_end_matches("_FILE")))
        .filter_map(|name| {
            let meant = known().find(|known| strsim::normalized_damerau_levenshtein(name, known) > 0.85)?;
            (!variables.contains_key(meant)).then(|| {
                let text = format!("{name} is set, which nobody reads");
                let remedy = format!("did you mean {meant}? Rename it, or ignore this if it belongs to another program");
                Finding::warn("environment", Kind::Configuration, text, &remedy)
            })
        })
        .collect();
    let secret_files =
        sources.environment.secret_files.keys().filter_map(|name| variables.get(name));
    for path in secret_files.map(Path::new).chain([Path::new(".env")]) {
        findings.extend(readable_by_others(path));
    }
    if findings.is_empty() {
        findings.push(Finding::ok(
            "environment",
            Kind::Configuration,
            "no glued, quoted or mistyped values",
        ));
    }
    findings
}

fn readable_by_others(path: &Path) -> Option<Finding> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path).ok()?.permissions().mode();
    (mode & 0o077 != 0).then(|| {
        let text = format!("{} can be read by other users ({:03o})", path.display(), mode & 0o777);
        let remedy = format!("chmod 600 {}", path.display());
        Finding::warn("environment", Kind::Machine, text, &remedy)
    })
}

/// A machine without a battery clock starts in 1970: certificates, digests and due times would all be wrong.
pub(super) fn clock(now: DateTime<Utc>) -> Finding {
    if (2026..2100).contains(&now.year()) {
        return Finding::ok(
            "clock",
            Kind::Machine,
            now.format("%Y-%m-%d %H:%M:%S UTC").to_string(),
        );
    }
    let text = format!("the clock says {}", now.format("%Y-%m-%d %H:%M"));
    Finding::fail(
        "clock",
        Kind::Machine,
        text,
        "set the time, for example with: timedatectl set-ntp true",
    )
}

/// Whether the folder can be written to, and what is left on its disk.
pub(super) fn data_folder(folder: &Path) -> Vec<Finding> {
    const LOW: u64 = 500 << 20;
    const FULL: u64 = 50 << 20;
    let name = folder.display();
    let probe = folder.join(format!(".doctor-{}", std::process::id()));
    let written = std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&probe, b"magpie"))
        .and_then(|()| std::fs::remove_file(&probe));
    if let Err(error) = written {
        let text = format!("{name} cannot be written to: {error}");
        let remedy = "give the folder to the user that runs Magpie, or set DATA_DIR";
        return vec![Finding::fail("data folder", Kind::Machine, text, remedy)];
    }
    let mut findings =
        vec![Finding::ok("data folder", Kind::Machine, format!("{name} can be written to"))];
    match rustix::fs::statvfs(folder) {
        Ok(disk) => {
            let free = disk.f_bavail.saturating_mul(disk.f_frsize);
            let text = format!("{} MB free for {name}", free >> 20);
            findings.push(match free {
                0..FULL => Finding::fail(
                    "disk",
                    Kind::Machine,
                    text,
                    "make room: the database stops at a full disk",
                ),
                FULL..LOW => Finding::warn("disk", Kind::Machine, text, "make room soon"),
                _ => Finding::ok("disk", Kind::Machine, text),
            });
        }
        Err(error) => {
            let text = format!("the free space of {name} is unknown: {error}");
            findings.push(Finding::warn("disk", Kind::Machine, text, "look with df"));
        }
    }
    findings
}
