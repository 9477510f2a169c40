//! Who reads and writes macvtaps: QEMU does through a character device that it holds open, and no link says so.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;

/// Finds who has the devices of macvtaps open, by the index of the link; in words.
pub(crate) fn opened(root: &Path, taps: impl Iterator<Item = u32>) -> BTreeMap<u32, String> {
    let number = |index: u32| Some((fs::metadata(root.join(format!("dev/tap{index}"))).ok()?.rdev(), index));
    let taps: BTreeMap<_, _> = taps.filter_map(number).collect();
    if taps.is_empty() {
        return BTreeMap::new();
    }
    let mut found = BTreeMap::new();
    for process in fs::read_dir(root.join("proc")).into_iter().flatten().flatten() {
        let files = fs::read_dir(process.path().join("fd")).into_iter().flatten().flatten();
        // Whoever looks at a file of a server that is gone waits for that.
        let files = files.map(|it| it.path()).filter(|it| fs::read_link(it).is_ok_and(|it| is_tap(&it)));
        // Wherever it was opened, the number is the same.
        let numbers = files.filter_map(|it| fs::metadata(it).ok());
        let numbers = numbers.filter(|it| it.file_type().is_char_device()).map(|it| it.rdev());
        for index in numbers.filter_map(|it| taps.get(&it)) {
            found.entry(*index).or_insert_with(|| named(&process.path()));
        }
    }
    found
}

fn is_tap(path: &Path) -> bool {
    path.file_name().is_some_and(|it| it.to_string_lossy().starts_with("tap"))
}

fn named(process: &Path) -> String {
    let id = process.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let name = fs::read_to_string(process.join("comm")).unwrap_or_default();
    format!("process {id} ({})", name.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::os::unix::fs::symlink;

    #[test]
    fn who_has_a_tap_open_is_found_by_the_number_of_its_device() {
        let root = tempfile::tempdir().expect("a folder");
        let root = root.path();
        fs::create_dir_all(root.join("dev")).expect("made");
        fs::create_dir_all(root.join("proc/42/fd")).expect("made");
        fs::write(root.join("proc/42/comm"), "qemu\n").expect("written");
        for (device, path) in [("null", "dev/tap7"), ("zero", "dev/tap8")] {
            symlink(Path::new("/dev").join(device), root.join(path)).expect("made");
        }
        symlink(root.join("dev/tap7"), root.join("proc/42/fd/9")).expect("made");
        let found = opened(root, [7, 8, 9].into_iter());
        assert_eq!(found, [(7, "process 42 (qemu)".to_owned())].into());
    }
}
