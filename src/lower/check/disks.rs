//! Disks: who writes them, how they are named, and whether something brings them.

use std::collections::BTreeMap;

use super::super::storage::Disk;
use super::super::{Declared, DiskName};
use super::{Finding, View};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::{Located, Span};

/// Refuses disks that are written twice, and disks of which a partition is written, too.
pub(in super::super) fn written_twice(declared: &Declared, diagnostics: &mut Diagnostics) {
    let mut disks: Vec<_> = declared.storage.disks.iter().collect();
    disks.sort_by_key(|it| it.names.first().map(|it| it.span));
    let mut written = BTreeMap::new();
    let mut divided = BTreeMap::new();
    for disk in disks {
        let paths = || disk.names.iter().map(|it| (it, canonical(&it.value.path)));
        let before = |path: &str| {
            written.get(path).or_else(|| written.get(whole(path)?)).or_else(|| divided.get(path)).copied()
        };
        if let Some((name, first)) = paths().find_map(|(name, path)| Some((name, before(&path)?))) {
            diagnostics.push(twice(name, disk, first));
        }
        for (name, path) in paths() {
            let place: (&Disk, Span) = (disk, name.span);
            if let Some(disk) = whole(&path) {
                divided.entry(disk.to_owned()).or_insert(place);
            }
            written.entry(path).or_insert(place);
        }
    }
}

fn twice(name: &Located<DiskName>, disk: &Disk, (first, span): (&Disk, Span)) -> Diagnostic {
    let by = if first.origin == disk.origin {
        format!("twice by `[{}]`", first.origin)
    } else {
        format!("by both `[{}]` and `[{}]`", first.origin, disk.origin)
    };
    let message = format!("disk `{}` is written {by}", name.value.written);
    let diagnostic = Diagnostic::error(Code::DuplicateDisk, name.span, message);
    let diagnostic = diagnostic.also(span, format!("first by `[{}]`", first.origin));
    diagnostic.hint("a file system has one writer: give each a disk of its own")
}

/// Returns the path that LVM gives a volume first, for its other one below `/dev/mapper`.
fn canonical(path: &str) -> String {
    let Some(name) = path.strip_prefix("/dev/mapper/") else { return path.to_owned() };
    let parted = name.replace("--", "\0");
    match parted.split('-').collect::<Vec<_>>()[..] {
        [group, volume] => format!("/dev/{group}/{volume}").replace('\0', "-"),
        _ => path.to_owned(),
    }
}

/// Returns the disk of a partition by udev's names.
fn whole(path: &str) -> Option<&str> {
    let (disk, number) = path.rsplit_once("-part")?;
    (!number.is_empty() && number.bytes().all(|it| it.is_ascii_digit())).then_some(disk)
}

/// Refuses devices that are none.
pub(in super::super) fn elsewhere(declared: &Declared, diagnostics: &mut Diagnostics) {
    for (_, path) in declared.storage.devices.iter().filter(|(_, it)| !it.value.as_str().starts_with("/dev/"))
    {
        let message = format!("`{}` is no device: it does not lie below `/dev`", path.value);
        let hint = "a disk's own name stands in `/dev/disk/by-id`; a guest's disk in a file is `file = …`";
        diagnostics.push(Diagnostic::error(Code::NotADevice, path.span, message).hint(hint));
    }
}

/// Warns of names that the kernel gives in the order in which disks answer.
pub(in super::super) fn unstable(view: &View<'_>) -> Vec<Finding> {
    let devices = view.declared.storage.devices.iter();
    let unstable = devices.filter(|(_, path)| is_unstable(path.value.as_str()));
    let finding = unstable.map(|(origin, path)| {
        let message = format!("`{}` may be another disk after the next boot", path.value);
        let diagnostic = Diagnostic::warning(Code::UnstableDevice, path.span, message);
        let hint = "`ls -l /dev/disk/by-id` shows names that are the disk's own";
        Finding { diagnostic: diagnostic.hint(hint), tables: vec![origin.clone()] }
    });
    finding.collect()
}

fn is_unstable(path: &str) -> bool {
    let Some(name) = path.strip_prefix("/dev/") else { return false };
    let digits = |text: &str| text.bytes().all(|it| it.is_ascii_digit());
    let letters = |text: &str| {
        let rest = text.trim_start_matches(|it: char| it.is_ascii_lowercase());
        rest.len() < text.len() && digits(rest)
    };
    let numbered = |text: &str| text.starts_with(|it: char| it.is_ascii_digit()) && !text.contains('/');
    ["sd", "vd", "xvd", "hd"].iter().any(|it| name.strip_prefix(it).is_some_and(letters))
        || ["nvme", "dm-"].iter().any(|it| name.strip_prefix(it).is_some_and(numbered))
}

/// Warns of disks of iSCSI targets that the spec does not log in to.
pub(in super::super) fn unprovided(view: &View<'_>) -> Vec<Finding> {
    let storage = &view.declared.storage;
    let mut found = Vec::new();
    for (origin, path) in &storage.devices {
        let Some(target) = target_of(path.value.as_str()) else { continue };
        if storage.targets.iter().any(|it| it.name.as_str() == target) {
            continue;
        }
        let message = format!("nothing here logs in to `{target}`, which brings this disk");
        let diagnostic = Diagnostic::warning(Code::UnprovidedDevice, path.span, message);
        let hint = "add its `[iscsi.NAME]`, and use `source = { lun = \"NAME/NUMBER\", wwn = … }`";
        found.push(Finding { diagnostic: diagnostic.hint(hint), tables: vec![origin.clone()] });
    }
    found
}

/// Returns the target in udev's name of a disk by its way: `ip-ADDRESS:PORT-iscsi-TARGET-lun-N`.
fn target_of(path: &str) -> Option<&str> {
    let (_, behind) = path.strip_prefix("/dev/disk/by-path/")?.split_once("-iscsi-")?;
    behind.rsplit_once("-lun-").map(|(target, _)| target)
}

/// Warns of options that systemd reads from `/etc/fstab` alone.
pub(in super::super) fn fstab_options(view: &View<'_>) -> Vec<Finding> {
    let options = view.declared.storage.options.iter();
    let ignored = options.filter(|(_, option)| is_ignored(option.value.as_str()));
    let finding = ignored.map(|(origin, option)| {
        let message =
            format!("mount option `{}` does nothing: systemd reads it in /etc/fstab alone", option.value);
        let diagnostic = Diagnostic::warning(Code::FstabOption, option.span, message);
        Finding { diagnostic: diagnostic.hint("take it out"), tables: vec![origin.clone()] }
    });
    finding.collect()
}

/// `mount_is_…` of systemd look at `x-systemd.device-bound` in units, too.
fn is_ignored(option: &str) -> bool {
    let name = option.split('=').next().unwrap_or_default();
    matches!(name, "auto" | "noauto") || name.starts_with("x-systemd.") && name != "x-systemd.device-bound"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_disks() {
        assert_eq!(canonical("/dev/mapper/vg_a-lv--b"), "/dev/vg_a/lv-b");
        assert_eq!(canonical("/dev/mapper/mpatha"), "/dev/mapper/mpatha");
        assert_eq!(whole("/dev/disk/by-id/wwn-0x5-part1"), Some("/dev/disk/by-id/wwn-0x5"));
        assert_eq!(whole("/dev/disk/by-id/wwn-0x5"), None);
        for unstable in ["/dev/sda", "/dev/sdab1", "/dev/nvme0n1p2", "/dev/dm-3", "/dev/vdb"] {
            assert!(is_unstable(unstable), "{unstable}");
        }
        for stable in ["/dev/vg/sda", "/dev/disk/by-id/a", "/dev/mapper/a", "/dev/sd_vg/a", "/dev/md/a"] {
            assert!(!is_unstable(stable), "{stable}");
        }
        let path = "/dev/disk/by-path/ip-10.0.42.10:3260-iscsi-iqn.2026-01.example:a-lun-3-part1";
        assert_eq!(target_of(path), Some("iqn.2026-01.example:a"));
        assert!(is_ignored("x-systemd.idle-timeout=60") && is_ignored("noauto"));
        assert!(!is_ignored("nofail") && !is_ignored("x-systemd.device-bound=no"));
    }
}
