//! Masters and their ports, and what is built on a link.

use super::unread::name_of;
use super::{Observed, ObservedLink};
use crate::artifact::link::ALIAS_MARK;
use crate::artifact::{Content, Device, OWN_FILES, network_place, receives_for_its_parent};
use crate::ini;
use crate::value::InterfaceName;

/// First version whose files may say that a link keeps the master that somebody else gave it. `KeepMaster=`.
const KEEPS_MASTERS: u32 = 250;
/// Keys of `[Network]` that give a link a master. systemd.network(5).
const GIVING_MASTERS: [&str; 4] = ["Bridge", "Bond", "VRF", "BatmanAdvanced"];
/// The key of `[Network]` that lets a link keep its master, likewise.
const KEEPING_MASTERS: [&str; 1] = ["KeepMaster"];

impl ObservedLink {
    /// Says whether it takes what comes in over its parent, which no master gets then: `rx_handler` of the kernel.
    #[must_use]
    pub fn receives_for_its_parent(&self) -> bool {
        self.kind.as_deref().is_some_and(receives_for_its_parent)
    }

    /// Says whether the kernel would not make a device on the same parent beside it: a VLAN with the same number, or one of two
    /// of which either has the parent as a whole.
    #[must_use]
    pub fn has_place_of(&self, device: &Device) -> bool {
        // `IFLA_MACVLAN_MODE`.
        const MODE: u16 = 1;
        const VLAN_PROTOCOL: u16 = 5;
        const PASSTHROUGH: u32 = 8;
        if self.vlan().is_some() {
            return self.vlan() == device.vlan()
                && self.number(VLAN_PROTOCOL) == device.number(VLAN_PROTOCOL);
        }
        let is_whole = [self.number(MODE), device.number(MODE)].contains(&Some(PASSTHROUGH));
        self.receives_for_its_parent() && device.receives_for_its_parent() && is_whole
    }
}

impl Observed {
    /// Says whether a link is a bridge.
    #[must_use]
    pub fn is_bridge(&self, name: &str) -> bool {
        self.link_of_kind(name, "bridge").is_some()
    }

    /// Says whether a link is a bond.
    #[must_use]
    pub fn is_bond(&self, name: &str) -> bool {
        self.link_of_kind(name, "bond").is_some()
    }

    /// Finds a link that is a VRF.
    #[must_use]
    pub fn vrf(&self, name: &str) -> Option<&ObservedLink> {
        self.link_of_kind(name, "vrf")
    }

    /// Says whether a link is a port of a bond.
    #[must_use]
    pub fn is_port_of_bond(&self, link: &ObservedLink) -> bool {
        link.master.as_ref().is_some_and(|it| self.is_bond(it))
    }

    /// Iterates over the names of the ports of a link.
    pub fn ports<'a>(&'a self, master: &'a str) -> impl Iterator<Item = &'a str> {
        let is_port = move |it: &(&String, &ObservedLink)| it.1.master.as_deref() == Some(master);
        self.links.iter().filter(is_port).map(|it| it.0.as_str())
    }

    /// Says whether links that hostwright did not make are built on a link, or are its ports.
    #[must_use]
    pub fn has_links_of_others(&self, name: &str) -> bool {
        let is_on = |it: &ObservedLink| [&it.parent, &it.master].iter().any(|it| it.as_deref() == Some(name));
        let is_ours = |it: &ObservedLink| it.alias.as_ref().is_some_and(|it| it.starts_with(ALIAS_MARK));
        self.links.values().any(|it| is_on(it) && !is_ours(it))
    }

    /// Says whether a link has a master that the file which networkd has loaded for it neither gives nor lets it keep; of a
    /// file that nobody wrote in `/etc` it is not known.
    #[must_use]
    pub fn may_lose_its_master(&self, name: &str) -> bool {
        let Some(networkd) = &self.networkd else { return false };
        let has_master = self.links.get(name).is_some_and(|it| it.master.is_some());
        let Some(path) = networkd.loaded.get(name).filter(|_| has_master) else { return false };
        if is_own(path) {
            return networkd.version < KEEPS_MASTERS && !self.is_given_a_master(&format!("{path}.d/"));
        }
        self.written.contains_key(path) && !self.texts_of(path).any(names_a_master)
    }

    /// Returns the path of the file that networkd has loaded for a link; absent: it has none, does not say which, or it is
    /// one of ours.
    #[must_use]
    pub fn foreign_file(&self, name: &str) -> Option<&str> {
        let path = self.networkd.as_ref()?.loaded.get(name)?;
        (path.starts_with('/') && !is_own(path)).then_some(path)
    }

    /// Returns the path of a file of somebody else that networkd has loaded for a link, and that gives it a master, or may:
    /// what nobody wrote in `/etc`, has changed since or is no longer there, is not known.
    #[must_use]
    pub fn foreign_file_with_a_master(&self, name: &InterfaceName) -> Option<&str> {
        let path = self.foreign_file(name.as_str())?;
        let has_changed = self.networkd.as_ref().is_some_and(|it| it.unread.contains_key(name.as_str()));
        let is_known = self.written.contains_key(path) && !has_changed;
        let may_give = !is_known || self.texts_of(path).any(|it| names(it, &GIVING_MASTERS));
        may_give.then_some(path)
    }

    /// Says whether the networkd that runs leaves a link the master that somebody else gave it, where its file says so.
    #[must_use]
    pub fn keeps_masters(&self) -> bool {
        self.networkd.as_ref().is_none_or(|it| it.version >= KEEPS_MASTERS)
    }

    /// Says whether networkd takes a link from its master when it is given the link's file of ours.
    #[must_use]
    pub fn would_lose_its_master(&self, name: &InterfaceName) -> bool {
        let old = !self.keeps_masters();
        let has_master = self.link(name).is_some_and(|it| it.master.is_some());
        old && has_master && !self.is_given_a_master(&format!("{}.d/", network_place(name)))
    }

    /// Iterates over the texts of a file of others and of its drop-ins, whatever folder they lie in.
    pub(super) fn texts_of<'a>(&'a self, path: &'a str) -> impl Iterator<Item = &'a str> {
        let drop_ins = format!("/{}.d/", name_of(path));
        let of_file = move |it: &(&String, &String)| it.0 == path || it.0.contains(&drop_ins);
        self.written.iter().chain(&self.drop_ins).filter(of_file).map(|it| it.1.as_str())
    }

    /// Says whether a drop-in of ours gives a link its master.
    fn is_given_a_master(&self, folder: &str) -> bool {
        let drop_ins = self.files.iter().filter(|it| it.0.to_string().starts_with(folder));
        drop_ins.into_iter().any(|it| matches!(it.1, Content::Text(text) if names_a_master(text)))
    }
}

fn is_own(path: &str) -> bool {
    name_of(path).starts_with(OWN_FILES)
}

fn names_a_master(text: &str) -> bool {
    names(text, &GIVING_MASTERS) || names(text, &KEEPING_MASTERS)
}

fn names(text: &str, keys: &[&str]) -> bool {
    ini::parse(text).iter().any(|section| keys.iter().any(|key| section.get(key).is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observed::Networkd;

    const FILE: &str = "/etc/systemd/network/20-eno2.network";

    /// Says whether `eno2`, a port that somebody made, may be freed by a networkd of a version with a file for it.
    fn may_be_freed(version: u32, path: &str, written: &[(&str, &str)]) -> bool {
        let port = ObservedLink { master: Some("br0".to_owned()), ..ObservedLink::default() };
        let loaded = [("eno2".to_owned(), path.to_owned())].into();
        let texts = written.iter().map(|it| (it.0.to_owned(), it.1.to_owned()));
        let (written, drop_ins) = texts.partition(|it: &(String, String)| it.0.starts_with("/etc/"));
        Observed {
            links: [("eno2".to_owned(), port)].into(),
            networkd: Some(Networkd { version, loaded, ..Networkd::default() }),
            written,
            drop_ins,
            ..Observed::default()
        }
        .may_lose_its_master("eno2")
    }

    #[test]
    fn a_master_that_no_file_gives_is_taken_away() {
        let plain = "[Match]\nName=eno2\n[Network]\nDHCP=no\n";
        assert!(may_be_freed(257, FILE, &[(FILE, plain)]));
        assert!(!may_be_freed(257, FILE, &[(FILE, "[Network]\nKeepMaster=yes\n")]));
        let drop_in = "/etc/systemd/network/20-eno2.network.d/bridge.conf";
        assert!(!may_be_freed(257, FILE, &[(FILE, plain), (drop_in, "[Network]\nBridge=br0\n")]));
        let runtime = "/run/systemd/network/20-eno2.network.d/bridge.conf";
        assert!(!may_be_freed(257, FILE, &[(FILE, plain), (runtime, "[Network]\nBridge=br0\n")]));
        assert!(!may_be_freed(257, FILE, &[]), "nobody knows");
        let ours = "/run/systemd/network/10-hostwright-eno2.network";
        assert!(may_be_freed(247, ours, &[]) && !may_be_freed(252, ours, &[]));
    }

    #[test]
    fn links_of_others_are_told_by_what_hostwright_writes_on_its_own() {
        let on = |alias: Option<String>| {
            let link = ObservedLink { parent: Some("v20".to_owned()), alias, ..ObservedLink::default() };
            Observed { links: [("up".to_owned(), link)].into(), ..Observed::default() }
                .has_links_of_others("v20")
        };
        assert!(on(None) && on(Some("words".to_owned())));
        assert!(!on(Some(format!("{ALIAS_MARK}macvtap.up]"))));
    }
}
