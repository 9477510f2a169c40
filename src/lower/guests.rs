//! Networks, and the guests and containers on them.

use std::collections::BTreeMap;

use super::Declared;
use crate::artifact::Origin;
use crate::source::{Located, Span};
use crate::value::{AbsolutePath, InterfaceName, ItemName};

/// How an interface is on a network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attachment {
    /// By a macvlan or macvtap device on a link.
    Macvlan(InterfaceName),
    /// As a port of a bridge.
    Bridge(InterfaceName),
    /// By a virtual function of a network card; guests of libvirt alone.
    Function(InterfaceName),
}

/// A network as declared.
#[derive(Debug)]
pub(super) struct Network {
    pub(super) origin: Located<Origin>,
    /// How interfaces are on it, with the place of the link's name.
    pub(super) attachment: Located<Attachment>,
}

/// What an interface of a guest or container is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Connection {
    /// A network.
    Network(ItemName),
    /// A bridge of the host.
    Bridge(InterfaceName),
}

/// An interface of a guest or container.
#[derive(Debug)]
pub(super) struct Guest {
    pub(super) connection: Connection,
    /// Its table.
    pub(super) origin: Origin,
    /// Where it is said what it is on.
    pub(super) span: Span,
}

/// What a guest says of moving to other hosts while it runs, and what of it would stay behind.
#[derive(Debug)]
pub struct Migration {
    /// Its table.
    pub table: Origin,
    /// Whether it is meant to.
    pub meant: Located<bool>,
    /// Files that its disks lie in.
    pub files: Vec<Located<AbsolutePath>>,
    /// Files that its CDs are.
    pub cds: Vec<Located<AbsolutePath>>,
    /// Word by which it has the host's own processor; absent: it has not.
    pub own_cpu: Option<Located<&'static str>>,
    /// Networks of the interfaces that nothing stands in for.
    pub alone: Vec<Located<ItemName>>,
}

#[derive(Debug, Default)]
pub(super) struct Guests {
    pub(super) networks: BTreeMap<ItemName, Network>,
    pub(super) interfaces: Vec<Guest>,
    /// Networks of interfaces whose receive filters are not taken over, with the place where that is said.
    pub(super) mistrusted: Vec<(Located<ItemName>, Origin)>,
    pub(super) migrations: Vec<Migration>,
}

impl Declared {
    /// Says how interfaces are on a network.
    pub fn network(&mut self, name: &ItemName, attachment: Located<Attachment>, origin: &Located<Origin>) {
        self.guests.networks.insert(name.clone(), Network { origin: origin.clone(), attachment });
    }

    /// Says what an interface of a guest or container is on.
    pub fn guest_interface(&mut self, connection: Located<Connection>, origin: &Located<Origin>) {
        let Located { value: connection, span } = connection;
        self.guests.interfaces.push(Guest { connection, origin: origin.value.clone(), span });
    }

    /// Says that an interface on a network passes no multicast that the host does not know of.
    pub fn mistrusted(&mut self, network: Located<ItemName>, origin: &Located<Origin>) {
        self.guests.mistrusted.push((network, origin.value.clone()));
    }

    /// Says whether a guest is meant to move to other hosts.
    pub fn migration(&mut self, migration: Migration) {
        self.guests.migrations.push(migration);
    }

    /// Iterates over the tables of guests that are not meant to move.
    pub fn staying(&self) -> impl Iterator<Item = &Origin> {
        self.guests.migrations.iter().filter(|it| !it.meant.value).map(|it| &it.table)
    }
}
