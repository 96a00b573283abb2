//! What a process and all its descendants cost, read from `/proc`.

use std::collections::HashMap;
use std::fs;

/// Ticks per second of the kernel's process accounting (`USER_HZ`, 100 on Linux).
const TICKS: f64 = 100.0;

/// Ids of `root` and all its descendants.
pub fn members(root: u32) -> Vec<u32> {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Ok(pid) = entry.file_name().to_string_lossy().parse::<u32>() else { continue };
        if let Some(parent) = stat(pid).and_then(|fields| fields.get(1)?.parse().ok()) {
            children.entry(parent).or_default().push(pid);
        }
    }
    let mut found = vec![root];
    let mut next = 0;
    while next < found.len() {
        found.extend(children.remove(&found[next]).unwrap_or_default());
        next += 1;
    }
    found
}

/// CPU seconds of the tree, including descendants that have ended and were waited for.
pub fn cpu_seconds(root: u32) -> f64 {
    let ticks = |fields: Vec<String>| -> f64 {
        // utime, stime, cutime, cstime are fields 14–17 of proc(5), 11–14 after the name and state.
        fields.iter().skip(11).take(4).filter_map(|field| field.parse::<f64>().ok()).sum()
    };
    members(root).into_iter().filter_map(stat).map(ticks).sum::<f64>() / TICKS
}

/// Proportional memory of the tree in MB: shared pages are divided among those who share them.
pub fn pss_mb(root: u32) -> f64 {
    let kilobytes = |pid: u32| -> Option<f64> {
        let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
        let line = text.lines().find(|line| line.starts_with("Pss:"))?;
        line.split_whitespace().nth(1)?.parse().ok()
    };
    members(root).into_iter().filter_map(kilobytes).sum::<f64>() / 1024.0
}

/// The fields of `/proc/<pid>/stat` after the name: state, parent, group, …
fn stat(pid: u32) -> Option<Vec<String>> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let rest = &text[text.rfind(')')? + 1..];
    Some(rest.split_whitespace().map(str::to_owned).collect())
}
