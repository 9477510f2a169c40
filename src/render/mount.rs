//! File systems on block devices: a mount, and an automount that mounts on first use.

use minijinja::context;

use super::{Block, BlockSource, LunUse, Output};
use crate::artifact::Origin;
use crate::diagnostic::{Code, Diagnostic};
use crate::keys;
use crate::lower::{Declared, Dependency, Lower, Path};
use crate::source::{Located, Span};
use crate::spec::Namespace;
use crate::template::Template;
use crate::value::{AbsolutePath, FileSystem, MountOption, UnitName, escape_path};

pub(super) const TEMPLATES: &[Template] = &[
    ("mount.mount", include_str!("mount.mount.j2")),
    ("mount.automount", include_str!("mount.automount.j2")),
];

/// File systems whose mount checks them: fsck would do nothing or is not there.
const SELF_CHECKING: &[&str] = &["xfs", "btrfs", "f2fs", "zfs", "bcachefs"];
/// Target that waits for local file systems.
const LOCAL: &str = "local-fs.target";
/// Target that waits for file systems behind a network.
const REMOTE: &str = "remote-fs.target";

keys! {
    /// A file system on a block device.
    pub struct MountSettings {
        /// What is mounted.
        #[also("what")]
        required source: BlockSource,
        /// File system. `Type=`, systemd.mount(5).
        #[also("fs-type", "vfs-type")]
        required file_system: FileSystem as "type",
        /// Options of mount(8). `Options=`, systemd.mount(5).
        ///
        /// Absent: the kernel's defaults.
        #[also("mount-options", "opts")]
        list options: MountOption,
    }
}

/// Whether a file system is mounted at boot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// At boot, which waits for it.
    Boot,
    /// On first use.
    OnDemand,
    /// On first use, and whoever needs it fails alone: the boot goes on.
    OnDemandOrNever,
}

/// A file system on a directory. systemd.mount(5), systemd.automount(5).
#[derive(Debug, PartialEq)]
pub struct Mount {
    place: AbsolutePath,
    device: AbsolutePath,
    file_system: FileSystem,
    options: Vec<String>,
    unit: UnitName,
    /// Absent: mounted at boot.
    automount: Option<UnitName>,
    /// Check of the file system before it is mounted; absent for those that check themselves.
    check: Option<UnitName>,
    /// Units that bring its device.
    wants: Vec<UnitName>,
    path: Path,
    /// Disk of an iSCSI target that must have its name; absent: it is none.
    lun: Option<LunUse>,
    /// Mode of directories that are made for it.
    directory_mode: Option<&'static str>,
}

impl MountSettings {
    /// Takes the place and the disk, and says which unit mounts it.
    pub fn declare(&self, place: &Located<AbsolutePath>, declared: &mut Declared, origin: &Located<Origin>) {
        let at = Located::new(origin.value.clone(), place.span);
        declared.claim(Namespace::MountPoint, place.value.as_str(), &at);
        self.source.value.declare(declared, origin);
        declared.file_system(&place.value, &self.file_system.value);
        declared.mount_options(&self.options, origin);
    }

    /// Checks the settings; `needs` are units that bring the device.
    pub fn lower(
        &self,
        place: &Located<AbsolutePath>,
        when: When,
        needs: &[Dependency],
        cx: &mut Lower<'_>,
    ) -> Option<Mount> {
        let device = BlockSource::lower(&self.source, cx);
        let unit = unit(&place.value, "mount", place.span, cx)?;
        let automount = match when {
            When::Boot => None,
            When::OnDemand | When::OnDemandOrNever => {
                Some(self::unit(&place.value, "automount", place.span, cx)?)
            }
        };
        let Block { device, lun } = device?;
        let login = lun.iter().map(|it| &it.login);
        let needs: Vec<_> = needs.iter().chain(login).collect();
        let path = if needs.iter().any(|it| it.path == Path::Network) { Path::Network } else { Path::Local };
        Some(Mount {
            place: place.value.clone(),
            check: self.check_unit(&device, cx),
            device,
            file_system: self.file_system.value.clone(),
            options: self.options(when, path),
            unit,
            automount,
            wants: needs.iter().map(|it| it.unit.clone()).collect(),
            path,
            lun,
            directory_mode: (when == When::OnDemandOrNever).then_some("0700"),
        })
    }

    fn options(&self, when: When, path: Path) -> Vec<String> {
        let network = (path == Path::Network).then_some("_netdev");
        let never = (when == When::OnDemandOrNever).then_some("nofail");
        let own = [network, never].into_iter().flatten().map(str::to_owned);
        own.chain(self.options.iter().map(|it| it.value.to_string())).collect()
    }

    fn check_unit(&self, device: &AbsolutePath, cx: &mut Lower<'_>) -> Option<UnitName> {
        if SELF_CHECKING.contains(&self.file_system.value.as_str()) {
            return None;
        }
        let name = format!("systemd-fsck@{}.service", escape_path(device.as_str())).parse();
        let span = self.source.span;
        name.map_err(|refusal: String| cx.push(Diagnostic::error(Code::InvalidValue, span, refusal))).ok()
    }
}

impl Mount {
    /// Returns the directory.
    #[must_use]
    pub const fn place(&self) -> &AbsolutePath {
        &self.place
    }
}

fn unit(path: &AbsolutePath, suffix: &str, span: Span, cx: &mut Lower<'_>) -> Option<UnitName> {
    UnitName::of_path(path, suffix)
        .map_err(|_| {
            let message = format!(
                "`{path}` is too long: with its escapes it makes a unit name of more than 255 characters"
            );
            cx.push(Diagnostic::error(Code::InvalidValue, span, message));
        })
        .ok()
}

impl Output<'_> {
    /// Adds a file system: its units, and that they shall run. Dependencies are the mount's; an automount with
    /// one is a cycle with `local-fs.target`, for whose resolution systemd drops a job of the boot.
    pub fn mount(&mut self, mount: &Mount) {
        self.unit_file(
            &mount.unit,
            "mount.mount",
            context! {
                place => mount.place.as_str(),
                device => mount.device.as_str(),
                type => mount.file_system.as_str(),
                options => (!mount.options.is_empty()).then(|| mount.options.join(",")),
                check => mount.check.as_ref().map(UnitName::as_str),
                wants => mount.wants.iter().map(ToString::to_string).collect::<Vec<_>>(),
                lun => mount.lun.as_ref().map(|it| it.check.as_str()),
                directory_mode => mount.directory_mode,
            },
        );
        mount.lun.iter().for_each(|it| self.lun(it));
        let Some(automount) = &mount.automount else {
            let target = if mount.path == Path::Network { REMOTE } else { LOCAL };
            self.wanted_by(target, &mount.unit);
            return self.unit(mount.unit.clone(), Vec::new(), &mount.wants);
        };
        let context = context! { place => mount.place.as_str(), directory_mode => mount.directory_mode };
        self.unit_file(automount, "mount.automount", context);
        self.wanted_by(LOCAL, automount);
        self.unit(automount.clone(), vec![mount.unit.clone()], &mount.wants);
    }
}
