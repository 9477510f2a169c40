//! What was written to a valid host: names declared first, then every table resolved and checked.

mod facts;
mod interfaces;
mod meeting;
mod safety;

use std::collections::BTreeMap;

use uuid::Uuid;

use interfaces::Interfaces;
pub use interfaces::{Interface, Mastery};
use meeting::Meeting;
pub use meeting::{Attachment, Dependency, Path};

use crate::artifact::Origin;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Guess, guess};
use crate::host::{Host, Target};
use crate::source::{Located, Span};
use crate::spec::safety::NetworkdRestart;
use crate::spec::write::string;
use crate::spec::{HostSpec, Namespace, Reference};
use crate::value::{InterfaceName, Iqn, Mac, Mtu, UuidText, VlanId};

/// Names that tables give, and who gives them.
#[derive(Debug, Default)]
pub struct Declared {
    names: BTreeMap<(Namespace, String), Located<Origin>>,
    interfaces: Interfaces,
    meeting: Meeting,
    duplicates: Vec<Diagnostic>,
}

impl Declared {
    /// Takes a name; the second to take it is a diagnostic with both places.
    pub fn claim(&mut self, namespace: Namespace, name: &str, origin: &Located<Origin>) {
        let key = (namespace, name.to_owned());
        let Some(first) = self.names.get(&key) else {
            self.names.insert(key, origin.clone());
            return;
        };
        let code = match namespace {
            Namespace::Mac | Namespace::Address | Namespace::Disk => Code::DuplicateValue,
            _ => Code::DuplicateName,
        };
        let message = format!("{} `{}` is given twice", namespace.what(), name.escape_debug());
        let by = |it: &Origin| format!("first by `[{it}]`");
        let (one, other) = (by(&first.value), by(&origin.value));
        let places = [(first.span, one.as_str()), (origin.span, other.as_str())];
        self.duplicates.push(Diagnostic::twice(code, places, message));
    }

    /// Takes MAC addresses that are written.
    pub fn macs<'a>(&mut self, macs: impl IntoIterator<Item = &'a Located<Mac>>, origin: &Located<Origin>) {
        for mac in macs {
            let place = Located::new(origin.value.clone(), mac.span);
            self.claim(Namespace::Mac, &mac.value.to_string(), &place);
        }
    }

    /// Says what is known of an interface.
    pub fn interface(&mut self, name: &InterfaceName, interface: Interface) {
        self.interfaces.insert(name, interface);
    }

    /// Reports a name that no table gives.
    fn resolve(&self, reference: &Reference, diagnostics: &mut Diagnostics) {
        let Reference { namespace, name, span, is_whole } = reference;
        if self.names.contains_key(&(*namespace, name.clone())) {
            return;
        }
        let message = format!("no {} named `{name}`", namespace.what());
        let guess =
            guess(name, self.names(*namespace)).map(|it| Guess { certain: it.certain && *is_whole, ..it });
        let diagnostic = Diagnostic::error(Code::UnknownReference, *span, message);
        diagnostics.push(diagnostic.meant(guess, *span, |it| string(it)));
    }

    fn names(&self, namespace: Namespace) -> impl Iterator<Item = &str> {
        self.names.keys().filter(move |(of, _)| *of == namespace).map(|(_, name)| name.as_str())
    }
}

/// What a kind may ask while it resolves a table.
#[derive(Debug)]
pub struct Lower<'a> {
    declared: &'a Declared,
    seed: String,
    initiator: Option<Iqn>,
    /// systemd that is compiled for, major version.
    pub systemd: u32,
    diagnostics: &'a mut Diagnostics,
}

impl Lower<'_> {
    /// Reports that not exactly one of some keys was given; tells whether one was.
    pub fn exactly_one(&mut self, span: Span, keys: &[(&str, Option<Span>)]) -> bool {
        let given: Vec<_> = keys.iter().filter_map(|(_, span)| *span).collect();
        let words = keys.iter().map(|(key, _)| format!("`{key}`")).collect::<Vec<_>>().join(", ");
        let message = match given.as_slice() {
            [_] => return true,
            [] => format!("none of {words} is given, exactly one must be"),
            _ => format!("several of {words} are given, exactly one must be"),
        };
        self.push(Diagnostic::error(Code::ExactlyOneKey, given.get(1).copied().unwrap_or(span), message));
        false
    }

    /// Adds a finding.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Returns the MTU that a link has: written, else its parent's, else Ethernet's.
    #[must_use]
    pub fn mtu(&self, name: &InterfaceName) -> Mtu {
        self.declared.interfaces.mtu(name.as_str())
    }

    /// Returns the number of the table that the routes of a link belong to: that of its VRF, or `main`.
    #[must_use]
    pub fn table(&self, name: &InterfaceName) -> u32 {
        self.declared.interfaces.table(name.as_str())
    }

    /// Says whether a link's frames go to a master: the host does not speak IP on it.
    #[must_use]
    pub fn gives_frames(&self, name: &InterfaceName) -> bool {
        self.declared.interfaces.gives_frames(name.as_str())
    }

    /// Returns the identifiers of the VLAN devices on a link, in their order.
    #[must_use]
    pub fn vlans_on(&self, name: &InterfaceName) -> Vec<VlanId> {
        self.declared.interfaces.vlans_on(name)
    }

    /// Returns the host's own iSCSI name; absent: the system has one.
    #[must_use]
    pub fn initiator(&self) -> Option<Iqn> {
        self.initiator.clone()
    }

    /// Refuses a directive that the target's systemd does not have.
    pub fn since(&mut self, span: Span, directive: &str, version: u32) -> Option<()> {
        if self.systemd >= version {
            return Some(());
        }
        let message =
            format!("`{directive}` exists since systemd {version}, the target has {}", self.systemd);
        self.push(Diagnostic::error(Code::SystemdTooOld, span, message));
        None
    }

    /// Derives the MAC address of a link or of a guest's interface from site, host and name.
    #[must_use]
    pub fn mac(&self, what: &str, name: &str) -> Mac {
        let bytes = self.derived(what, name).into_bytes();
        Mac::derived([bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5]])
    }

    /// Returns the MAC address of a link that is made: written, else derived.
    #[must_use]
    pub fn link_mac(&self, written: Option<&Located<Mac>>, name: &InterfaceName) -> Mac {
        written.map_or_else(|| self.mac("link", name.as_str()), |it| it.value)
    }

    /// Returns the UUID of a thing of libvirt: written, else derived.
    #[must_use]
    pub fn written_uuid(&self, written: Option<&Located<UuidText>>, what: &str, name: &str) -> String {
        written.map_or_else(|| self.uuid(what, name), |it| it.value.to_string())
    }

    /// Derives the UUID of a thing of libvirt from site, host and name.
    #[must_use]
    pub fn uuid(&self, what: &str, name: &str) -> String {
        self.derived(what, name).to_string()
    }

    fn derived(&self, what: &str, name: &str) -> Uuid {
        Uuid::new_v5(&NAMESPACE, format!("{}\n{what}\n{name}", self.seed).as_bytes())
    }
}

/// Namespace of derived UUIDs; changing it would change every guest's identity.
const NAMESPACE: Uuid = Uuid::from_u128(0x7a1c_9f5e_3b0d_5d52_9c64_1f0e_8a77_2b19);

/// Makes a valid host; absent when a diagnostic says why not.
pub fn lower(spec: &HostSpec, target: &Target, diagnostics: &mut Diagnostics) -> Option<Host> {
    let mut declared = Declared::default();
    for item in &spec.items {
        item.declare(&mut declared);
    }
    for duplicate in std::mem::take(&mut declared.duplicates) {
        diagnostics.push(duplicate);
    }
    spec.references.iter().for_each(|it| declared.resolve(it, diagnostics));
    declared.interfaces.check(diagnostics);
    let head = spec.main.as_ref().map(|main| &main.host.value);
    let name = head.map_or_else(String::new, |it| it.name.value.to_string());
    let site = head.and_then(|it| it.site.as_ref()).map_or_else(String::new, |it| it.value.to_string());
    let systemd = head.and_then(|it| it.systemd.as_ref());
    check_systemd(systemd, diagnostics);
    let systemd = systemd.map_or(target.systemd, |it| it.value);
    let iscsi = head.and_then(|it| it.iscsi.as_ref()).and_then(|it| it.value.initiator.as_ref());
    let initiator = iscsi.map(|it| it.value.clone());
    let mut cx =
        Lower { declared: &declared, seed: format!("{site}\n{name}"), initiator, systemd, diagnostics };
    let written = spec.main.as_ref().and_then(|it| it.safety.as_ref());
    let safety = safety::lower(written, &mut cx);
    let models: Vec<_> = spec.items.iter().map(|item| item.lower(&mut cx)).collect();
    let models: Option<Vec<_>> = models.into_iter().collect();
    let target = Target { systemd, ..target.clone() };
    let head = head.filter(|_| !diagnostics.has_errors())?;
    let networkd_restart = written.map_or(NetworkdRestart::Refuse, |it| it.value.networkd_restart.value);
    let default_bridges = head.default_bridges.value;
    Some(Host { name, target, default_bridges, safety: safety?, networkd_restart, models: models? })
}

fn check_systemd(systemd: Option<&Located<u32>>, diagnostics: &mut Diagnostics) {
    if let Some(systemd) = systemd.filter(|it| it.value < crate::host::OLDEST_SYSTEMD) {
        let message = format!("systemd {} is older than {}", systemd.value, crate::host::OLDEST_SYSTEMD);
        diagnostics.push(Diagnostic::error(Code::SystemdTooOld, systemd.span, message));
    }
}
