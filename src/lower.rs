//! What was written to a valid host: names declared first, then every table resolved and checked.

pub(crate) mod allow;
mod check;
mod facts;
mod guests;
mod interfaces;
mod meeting;
mod names;
mod order;
mod safety;
mod storage;

use uuid::Uuid;

use guests::Guests;
pub use guests::{Attachment, Connection, Migration};
use interfaces::Interfaces;
pub use interfaces::{Delivery, Interface, Ip, Mastery, Received, StaticRoute};
use meeting::Meeting;
pub use meeting::{Dependency, Path};
use names::Names;
pub use storage::DiskName;
use storage::Storage;

use crate::artifact::Origin;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::host::{Host, Target};
use crate::source::{Located, Span};
use crate::spec::HostSpec;
use crate::spec::safety::NetworkdRestart;
use crate::value::{InterfaceName, Iqn, Mac, Mtu, UuidText, VlanId};

/// What tables say of themselves before anything is resolved: what names are looked up in and checks look at.
#[derive(Debug, Default)]
pub struct Declared {
    names: Names,
    interfaces: Interfaces,
    guests: Guests,
    storage: Storage,
    meeting: Meeting,
}

impl Declared {
    /// Says what is known of an interface.
    pub fn interface(&mut self, name: &InterfaceName, interface: Interface, origin: &Located<Origin>) {
        self.interfaces.insert(name, interface, origin);
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
    /// Where that stands; absent: it is not written.
    systemd_place: Option<Span>,
    diagnostics: &'a mut Diagnostics,
}

impl Lower<'_> {
    /// Reports that not exactly one of some keys was given; tells whether one was.
    pub fn exactly_one(&mut self, span: Span, keys: &[(&str, Option<Span>)]) -> bool {
        let mut given: Vec<_> = keys.iter().filter_map(|(key, span)| Some((*span.as_ref()?, *key))).collect();
        given.sort_unstable();
        let words = listed(keys.iter().map(|(key, _)| *key));
        let diagnostic = match given.as_slice() {
            [_] => return true,
            [] => {
                let message = format!("none of {words} is given, exactly one must be");
                Diagnostic::error(Code::ExactlyOneKey, span, message)
            }
            [first, rest @ ..] => {
                let found = listed(given.iter().map(|(_, key)| *key));
                let message = format!("{found} are given together, of {words} exactly one must be");
                let place = rest.first().map_or(span, |(span, _)| *span);
                Diagnostic::error(Code::ExactlyOneKey, place, message).also(first.0, "the first of them")
            }
        };
        self.push(diagnostic);
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
        let diagnostic = self.too_old(span, &format!("`{directive}` exists since systemd {version}"));
        self.push(diagnostic);
        None
    }

    /// Says what the target's systemd is too old for, and where its version stands.
    #[must_use]
    pub fn too_old(&self, span: Span, rule: &str) -> Diagnostic {
        let message = format!("{rule}, this host has {}", self.systemd);
        let diagnostic = Diagnostic::error(Code::SystemdTooOld, span, message);
        match self.systemd_place {
            Some(place) => diagnostic.also(place, "the host's systemd"),
            None => diagnostic,
        }
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

/// How closely a spec is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scrutiny {
    /// With all rules and lints.
    Written,
    /// Without what only concerns whoever writes it: it was applied.
    Applied,
}

/// Makes a valid host; absent when a diagnostic says why not.
pub fn lower(spec: &HostSpec, target: &Target, diagnostics: &mut Diagnostics) -> Option<Host> {
    lower_with(spec, target, Scrutiny::Written, diagnostics)
}

/// Makes a host of a spec that was applied, without the rules and lints that are for whoever writes one.
pub fn lower_applied(spec: &HostSpec, target: &Target, diagnostics: &mut Diagnostics) -> Option<Host> {
    lower_with(spec, target, Scrutiny::Applied, diagnostics)
}

fn lower_with(
    spec: &HostSpec,
    target: &Target,
    scrutiny: Scrutiny,
    diagnostics: &mut Diagnostics,
) -> Option<Host> {
    let mut declared = Declared::default();
    for item in &spec.items {
        item.declare(&mut declared);
    }
    let used = spec.references.iter().map(|it| (it.namespace, it.name.as_str())).collect();
    spec.references.iter().for_each(|it| declared.names.resolve(it, &used, diagnostics));
    check::errors(&declared, scrutiny, diagnostics);
    let head = spec.main.as_ref().map(|main| &main.host.value);
    let name = head.map_or_else(String::new, |it| it.name.value.to_string());
    let site = head.and_then(|it| it.site.as_ref()).map_or_else(String::new, |it| it.value.to_string());
    let systemd = head.and_then(|it| it.systemd.as_ref());
    check_systemd(systemd, diagnostics);
    let systemd_place = systemd.map(|it| it.span);
    let systemd = systemd.map_or(target.systemd, |it| it.value);
    let iscsi = head.and_then(|it| it.iscsi.as_ref()).and_then(|it| it.value.initiator.as_ref());
    let initiator = iscsi.map(|it| it.value.clone());
    let seed = format!("{site}\n{name}");
    let mut cx = Lower { declared: &declared, seed, initiator, systemd, systemd_place, diagnostics };
    let written = spec.main.as_ref().and_then(|it| it.safety.as_ref());
    let safety = safety::lower(written, &mut cx);
    let models: Vec<_> = spec.items.iter().map(|item| item.lower(&mut cx)).collect();
    let models: Option<Vec<_>> = models.into_iter().collect();
    let target = Target { systemd, ..target.clone() };
    if scrutiny == Scrutiny::Written {
        let view = check::View { declared: &declared, systemd, safety: written.map(|it| &it.value) };
        look(&view, spec, diagnostics);
    }
    let head = head.filter(|_| !diagnostics.has_errors())?;
    let networkd_restart = written.map_or(NetworkdRestart::Refuse, |it| it.value.networkd_restart.value);
    let default_bridges = head.default_bridges.value;
    Some(Host { name, target, default_bridges, safety: safety?, networkd_restart, models: models? })
}

/// Warns, where there are no errors: what they left unsaid would be taken for missing.
fn look(view: &check::View<'_>, spec: &HostSpec, diagnostics: &mut Diagnostics) {
    let tables: Vec<_> = spec.items.iter().map(|item| item.origin().value).collect();
    let allowed = spec.main.as_ref().map_or(&[][..], |it| &it.lints);
    allow::check(allowed, &tables, diagnostics);
    if !diagnostics.has_errors() {
        allow::keep(check::lints(view), allowed, diagnostics);
    }
}

fn listed<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ")
}

fn check_systemd(systemd: Option<&Located<u32>>, diagnostics: &mut Diagnostics) {
    if let Some(systemd) = systemd.filter(|it| it.value < crate::host::OLDEST_SYSTEMD) {
        let message = format!(
            "systemd {} is too old: hostwright works from {} on",
            systemd.value,
            crate::host::OLDEST_SYSTEMD
        );
        diagnostics.push(Diagnostic::error(Code::SystemdTooOld, systemd.span, message));
    }
}
