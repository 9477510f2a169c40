//! Names that tables give and names that they refer to.

use super::keys::{Form, Scalar};
use super::read::Read;
use super::reader::{Cx, Node};
use crate::diagnostic::Code;
use crate::source::{Located, Span};
use crate::value::{InterfaceName, ItemName, Lun, Text, TextValue};

/// Names that must differ among themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Namespace {
    /// Links of the host.
    Interface,
    /// libvirt's networks.
    Network,
    /// libvirt's domains.
    Domain,
    /// Mounts.
    Mount,
    /// Directories that something is mounted on.
    MountPoint,
    /// Routing tables of VRFs.
    Table,
    /// MAC addresses that are written.
    Mac,
    /// Network cards by what they are known by.
    Card,
    /// UUIDs of libvirt's domains that are written.
    DomainUuid,
    /// UUIDs of libvirt's networks that are written.
    NetworkUuid,
    /// iSCSI targets.
    Target,
    /// iSCSI names of targets.
    TargetName,
    /// Containers.
    Container,
    /// Tables with a unit that others can wait for: `mount.scratch`.
    Unit,
}

impl Namespace {
    /// Returns the word for one of them.
    #[must_use]
    pub const fn what(self) -> &'static str {
        match self {
            Self::Interface => "link",
            Self::Network => "network",
            Self::Domain => "domain",
            Self::Mount => "mount",
            Self::MountPoint => "mount point",
            Self::Table => "routing table",
            Self::Mac => "MAC address",
            Self::Card => "network card",
            Self::DomainUuid | Self::NetworkUuid => "UUID",
            Self::Target => "iSCSI target",
            Self::TargetName => "iSCSI name",
            Self::Container => "container",
            Self::Unit => "table to wait for",
        }
    }
}

/// A name that some table must give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Among which names it is looked for.
    pub namespace: Namespace,
    /// The name.
    pub name: String,
    /// Where it is written.
    pub span: Span,
    /// Whether nothing else stands there.
    pub is_whole: bool,
}

/// Name of a link of the host, given by another table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LinkName(pub InterfaceName);

impl LinkName {
    /// Returns the names that a list gives, with their places.
    #[must_use]
    pub fn all(list: &[Located<Self>]) -> Vec<Located<InterfaceName>> {
        list.iter().map(|it| it.clone().map(|it| it.0)).collect()
    }
}

/// Name of a libvirt network, given by another table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NetworkName(pub ItemName);

/// Table whose unit another one waits for, `kind.name`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnitOf(pub String);

/// Name of an `[iscsi.NAME]`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TargetRef(pub ItemName);

impl Read for TargetRef {
    const FORM: Form = Form::Value(Scalar::Like(ItemName::PATTERN), "the name of an `[iscsi.NAME]`");

    fn read(node: Node<'_>, cx: &mut Cx<'_>) -> Option<Self> {
        let name = ItemName::read(node, cx)?;
        cx.refer(Namespace::Target, name.as_str(), node.span);
        Some(Self(name))
    }
}

impl Read for LinkName {
    const FORM: Form = Form::Value(
        Scalar::Like(InterfaceName::PATTERN),
        "the name of a link: of a `[nic.NAME]`, `[vlan.NAME]` or another kind of link",
    );

    fn read(node: Node<'_>, cx: &mut Cx<'_>) -> Option<Self> {
        let name = InterfaceName::read(node, cx)?;
        cx.refer(Namespace::Interface, name.as_str(), node.span);
        Some(Self(name))
    }
}

/// A disk of an `[iscsi.NAME]`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LunOf(pub Lun);

impl Read for LunOf {
    const FORM: Form = Form::Value(Scalar::Like(Lun::PATTERN), Lun::FORM);

    fn read(node: Node<'_>, cx: &mut Cx<'_>) -> Option<Self> {
        let text = Text::read(node, cx)?;
        let lun = Lun::parse(text.as_str()).map_err(|it| cx.error(Code::InvalidValue, node, it)).ok()?;
        cx.refer_in(Namespace::Target, lun.target.as_str(), node.span);
        Some(Self(lun))
    }
}

impl Read for NetworkName {
    const FORM: Form = Form::Value(Scalar::Like(ItemName::PATTERN), "the name of a `[network.NAME]`");

    fn read(node: Node<'_>, cx: &mut Cx<'_>) -> Option<Self> {
        let name = ItemName::read(node, cx)?;
        cx.refer(Namespace::Network, name.as_str(), node.span);
        Some(Self(name))
    }
}

impl Read for UnitOf {
    const FORM: Form =
        Form::Value(Scalar::Text, "a table that can be waited for, like \"mount.scratch\" or \"iscsi.san1\"");

    fn read(node: Node<'_>, cx: &mut Cx<'_>) -> Option<Self> {
        let name = Text::read(node, cx)?.to_string();
        cx.refer(Namespace::Unit, &name, node.span);
        Some(Self(name))
    }
}
