//! Who uses a disk: in this mount namespace or any other, by a file system, a holder, swap or an open descriptor.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use nix::libc::{O_EXCL, O_NONBLOCK, major, minor};

use crate::failure::{During, Failure};

/// Device numbers of a disk and its partitions: `8:16`.
type Devices = BTreeSet<String>;

/// Says who uses a disk, by its kernel name; empty: nobody does.
///
/// # Errors
/// What could not be read: then it counts as used.
pub(crate) fn users(disk: &str) -> Result<Vec<String>, Failure> {
    let block = Path::new("/sys/block").join(disk);
    let parts = parts(&block).during(|| format!("find the partitions of {disk}"))?;
    let devices: Devices = parts.iter().filter_map(|it| line(&it.join("dev"))).collect();
    let mut users = holders(&parts);
    users.extend(mounts(&devices));
    users.extend(swaps(&devices));
    users.extend(descriptors(&devices));
    if users.is_empty() {
        users.extend(exclusively(disk));
    }
    Ok(users)
}

/// Returns the directories of a disk and its partitions.
fn parts(block: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut parts = vec![block.to_owned()];
    for entry in fs::read_dir(block)? {
        let path = entry?.path();
        if path.join("partition").exists() {
            parts.push(path);
        }
    }
    Ok(parts)
}

fn holders(parts: &[PathBuf]) -> Vec<String> {
    let entries = parts.iter().filter_map(|it| fs::read_dir(it.join("holders")).ok()).flatten().flatten();
    entries.map(|it| format!("{} is built on it", it.file_name().to_string_lossy())).collect()
}

/// Looks at one process of each mount namespace.
fn mounts(devices: &Devices) -> Vec<String> {
    let mut seen = BTreeMap::new();
    for process in processes() {
        if let Ok(namespace) = fs::read_link(process.join("ns/mnt")) {
            seen.entry(namespace).or_insert(process);
        }
    }
    let found = seen.into_values().flat_map(|process| {
        let text = fs::read_to_string(process.join("mountinfo")).unwrap_or_default();
        let by = described(&process);
        mounted(&text, devices).into_iter().map(move |place| format!("mounted on {place}, seen by {by}"))
    });
    found.collect()
}

/// Returns the places where the devices are mounted, from a mountinfo of proc(5).
fn mounted(mountinfo: &str, devices: &Devices) -> Vec<String> {
    let place = |line: &str| {
        let mut fields = line.split(' ').skip(2);
        let device = fields.next()?;
        devices.contains(device).then(|| fields.nth(1).unwrap_or_default().to_owned())
    };
    mountinfo.lines().filter_map(place).collect()
}

fn swaps(devices: &Devices) -> Vec<String> {
    let text = fs::read_to_string("/proc/swaps").unwrap_or_default();
    let paths = text.lines().skip(1).filter_map(|it| it.split_whitespace().next());
    paths.filter(|it| is_one_of(Path::new(it), devices)).map(|it| format!("{it} is swap")).collect()
}

fn descriptors(devices: &Devices) -> Vec<String> {
    let opens = |process: &PathBuf| {
        let entries = fs::read_dir(process.join("fd")).into_iter().flatten().flatten();
        entries.map(|it| it.path()).any(|it| is_one_of(&it, devices))
    };
    processes().into_iter().filter(opens).map(|it| format!("open in {}", described(&it))).collect()
}

fn is_one_of(path: &Path, devices: &Devices) -> bool {
    let number = |it: fs::Metadata| {
        let device = it.rdev();
        it.file_type().is_block_device().then(|| format!("{}:{}", major(device), minor(device)))
    };
    fs::metadata(path).ok().and_then(number).is_some_and(|it| devices.contains(&it))
}

/// Asks the kernel, which knows of users that no process shows.
fn exclusively(disk: &str) -> Option<String> {
    let path = Path::new("/dev").join(disk);
    let opened = File::options().read(true).custom_flags(O_EXCL | O_NONBLOCK).open(path);
    let error = opened.err()?;
    Some(format!("the kernel does not open it exclusively: {error}"))
}

fn processes() -> Vec<PathBuf> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let is_process = |it: &PathBuf| {
        let name = it.file_name().and_then(|it| it.to_str()).unwrap_or_default();
        name.bytes().all(|it| it.is_ascii_digit())
    };
    entries.map(|it| it.path()).filter(is_process).collect()
}

fn described(process: &Path) -> String {
    let number = process.file_name().unwrap_or_default().to_string_lossy();
    format!("process {number} ({})", line(&process.join("comm")).unwrap_or_default())
}

fn line(path: &Path) -> Option<String> {
    Some(fs::read_to_string(path).ok()?.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTINFO: &str = "25 1 8:1 / / rw - ext4 /dev/sda1 rw\n\
                             31 25 8:16 / /srv/my\\040disk rw,noatime shared:2 - ext4 /dev/sdb rw\n\
                             32 25 0:30 / /run rw - tmpfs tmpfs rw\n";

    #[test]
    fn mounts_are_found_by_number() {
        let devices = |it: &str| Devices::from([it.to_owned()]);
        assert_eq!(mounted(MOUNTINFO, &devices("8:16")), ["/srv/my\\040disk"]);
        assert_eq!(mounted(MOUNTINFO, &devices("8:17")), Vec::<String>::new());
        assert_eq!(mounted("broken", &devices("8:17")), Vec::<String>::new());
    }

    #[test]
    fn an_open_descriptor_of_another_kind_is_no_use() {
        let null = File::open("/dev/null").expect("open");
        let number = null.metadata().expect("metadata").rdev();
        let devices = Devices::from([format!("{}:{}", major(number), minor(number))]);
        assert_eq!(descriptors(&devices), Vec::<String>::new());
    }
}
