//! Disks that the host sees: where a mount or a guest's disk comes from.

use minijinja::context;

use super::Output;
use crate::artifact::Origin;
use crate::diagnostic::{Code, Diagnostic};
use crate::keys;
use crate::lower::{Declared, Dependency, DiskName, Lower, Path};
use crate::source::{Located, Span};
use crate::spec::{LunOf, UnitOf};
use crate::template::Template;
use crate::value::{AbsolutePath, Iqn, Lun, UnitName, Volume, Wwn, escape_path};

pub(super) const TEMPLATES: &[Template] =
    &[("lun.service", include_str!("lun.service.j2")), ("device.conf", include_str!("device.conf.j2"))];

keys! {
    /// Where the bytes are; exactly one key, a `lun` with its `wwn`.
    pub struct BlockSource {
        /// Logical volume, `group/volume`.
        #[also("lv", "logical-volume")]
        optional volume: Volume,
        /// Device by a path that names the same disk at every boot: `/dev/disk/by-id/…`.
        #[also("dev", "path")]
        optional device: AbsolutePath,
        /// Disk of an iSCSI target, `target/number`: the name of an `[iscsi.NAME]` and the logical unit number.
        ///
        /// It is used while the disk behind the number is the one that `wwn` names.
        optional lun: LunOf,
        /// World wide name of the disk behind `lun`: `hostwright iscsi status` shows it.
        optional wwn: Wwn,
    }
}

/// A block device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Path that names the same disk at every boot.
    pub device: AbsolutePath,
    /// Whose disk it is; absent: the host's own, or nobody knows.
    pub lun: Option<LunUse>,
}

/// A disk of an iSCSI target with what must be so before it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LunUse {
    lun: Lun,
    target: Iqn,
    wwn: Wwn,
    /// Unit that logs in.
    pub login: Dependency,
    /// Unit that compares the disk's name.
    pub check: UnitName,
}

impl BlockSource {
    /// Takes the disk, so that no other table writes it too.
    pub fn declare(&self, declared: &mut Declared, origin: &Located<Origin>) {
        let name = |written: String, path: String, span| Located::new(DiskName { written, path }, span);
        let volume =
            self.volume.iter().map(|it| name(it.value.to_string(), it.value.device().to_string(), it.span));
        let device = self.device.iter().map(|it| name(it.value.to_string(), it.value.to_string(), it.span));
        let lun = self.lun.iter().map(|it| name(it.value.0.to_string(), it.value.0.to_string(), it.span));
        let wwn =
            self.wwn.iter().map(|it| name(it.value.to_string(), it.value.device().to_string(), it.span));
        declared.disk(volume.chain(device).chain(lun).chain(wwn).collect(), origin);
        self.device.iter().for_each(|it| declared.device(it, origin));
    }

    /// Returns the keys of which exactly one is given.
    #[must_use]
    pub fn alternatives(&self) -> [(&'static str, Option<Span>); 3] {
        [
            ("volume", self.volume.as_ref().map(|it| it.span)),
            ("device", self.device.as_ref().map(|it| it.span)),
            ("lun", self.lun.as_ref().map(|it| it.span)),
        ]
    }

    /// Resolves a source that is nothing but a block device.
    pub fn lower(source: &Located<Self>, cx: &mut Lower<'_>) -> Option<Block> {
        cx.exactly_one(source.span, &source.value.alternatives()).then_some(())?;
        source.value.block(cx)
    }

    /// Resolves the key that is given.
    pub fn block(&self, cx: &mut Lower<'_>) -> Option<Block> {
        let local = |device| Some(Block { device, lun: None });
        match (&self.volume, &self.device, &self.lun, &self.wwn) {
            (_, _, Some(lun), Some(wwn)) => lun_use(&lun.value.0, wwn.value.clone(), cx),
            (_, _, Some(lun), None) => {
                let message = "a `lun` needs its `wwn`: the disk behind a number may be another one tomorrow";
                let hint = format!(
                    "`hostwright iscsi status {}` shows it where the host is logged in",
                    lun.value.0.target
                );
                cx.push(Diagnostic::error(Code::MissingKey, lun.span, message).hint(hint));
                None
            }
            (_, _, None, Some(wwn)) => {
                let message = "`wwn` belongs to a `lun`, and there is none";
                let hint = format!("a disk of the host is `device = \"{}\"`", wwn.value.device());
                cx.push(Diagnostic::error(Code::Conflict, wwn.span, message).hint(hint));
                None
            }
            (Some(volume), ..) => local(volume.value.device()),
            (None, Some(device), ..) => local(device.value.clone()),
            (None, None, None, None) => None,
        }
    }
}

fn lun_use(lun: &Lun, wwn: Wwn, cx: &mut Lower<'_>) -> Option<Block> {
    let login = cx.dependency(&UnitOf(format!("iscsi.{}", lun.target)))?;
    let check = format!("hostwright-lun-{}-{}.service", lun.target, lun.number).parse().ok()?;
    let target = cx.target(&lun.target)?;
    let device = wwn.device();
    let login = Dependency { path: Path::Network, ..login };
    Some(Block { device, lun: Some(LunUse { lun: lun.clone(), target, wwn, login, check }) })
}

impl LunUse {
    /// Returns the arguments of the command that compares the disk's name.
    #[must_use]
    pub fn arguments(&self) -> String {
        format!("{} --target={} --wwn={}", self.lun, self.target, self.wwn)
    }
}

impl Output<'_> {
    /// Adds the unit that compares a disk's name, and how long its device is waited for.
    pub fn lun(&mut self, lun: &LunUse) {
        let context = context! {
            lun => lun.lun.to_string(),
            login => lun.login.unit.as_str(),
            arguments => lun.arguments(),
            binaries => self.target.binaries.clone(),
        };
        self.unit_file(&lun.check, "lun.service", context);
        let device = escape_path(lun.wwn.device().as_str());
        let place = format!("{device}.device.d/50-hostwright.conf");
        let place = crate::artifact::Place::new(crate::artifact::Root::Unit, place);
        self.file(place, "device.conf", context! {});
    }
}
