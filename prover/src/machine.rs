//! What this machine has.

use std::{fs, path::Path};

/// Threads that work at once: those of the pool, which a caller may have made smaller than the machine.
pub fn threads() -> usize {
    rayon::current_num_threads()
}

/// A line of `/proc/meminfo`, in bytes.
fn meminfo(name: &str) -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

/// What a container leaves of the machine's memory; `None` where it sets no limit.
fn cgroup_left() -> Option<u64> {
    let number = |name: &str| fs::read_to_string(name).ok()?.trim().parse::<u64>().ok();
    let limit = number("/sys/fs/cgroup/memory.max")?;
    Some(limit.saturating_sub(number("/sys/fs/cgroup/memory.current")?))
}

/// Bytes of memory that a new program can have, where the system tells.
pub fn memory_available() -> Option<u64> {
    let machine = meminfo("MemAvailable")?;
    Some(cgroup_left().map_or(machine, |left| left.min(machine)))
}

/// Bytes of memory there are, where the system tells.
pub fn memory_total() -> Option<u64> {
    meminfo("MemTotal")
}

/// The most memory that this process has had at once, where the system tells.
pub fn peak_memory() -> Option<u64> {
    let text = fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

/// Bytes free on the disk of a folder, or of the nearest folder above it that exists.
#[cfg(unix)]
pub fn disk_free(folder: &Path) -> Option<u64> {
    let there = folder.ancestors().find(|folder| folder.is_dir())?;
    let disk = rustix::fs::statvfs(there).ok()?;
    disk.f_bavail.checked_mul(disk.f_frsize)
}

/// Bytes free on a disk: not known here.
#[cfg(not(unix))]
pub fn disk_free(_: &Path) -> Option<u64> {
    None
}

/// How many files a folder holds, and their bytes. A folder that is not there holds none.
pub fn folder_size(folder: &Path) -> (usize, u64) {
    let files = fs::read_dir(folder).into_iter().flatten().flatten().filter_map(|entry| entry.metadata().ok());
    files.filter(fs::Metadata::is_file).fold((0, 0), |(count, bytes), file| (count + 1, bytes + file.len()))
}
