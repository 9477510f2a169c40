//! The machine itself, or a directory that stands for one.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hostwright::artifact::{Artifacts, File, Link, Neighbor, Origin};
use hostwright::observed::{ForeignRoute, Nexthop, Observed};
use hostwright::plan::{Action, Reach};
use hostwright::value::InterfaceName;

use super::bridges::Bridges;
use super::networkd::Networkd;
use super::picture::Trials;
use super::{Ports, arp, definitions, disk, look, picture};
use crate::apply::churn::{Claim, Routes};
use crate::apply::guard::{Baseline, Carrier, Fate, Running};
use crate::apply::{Machine, Of};
use crate::failure::{During, Failure};
use crate::layout::Layout;
use crate::moment::Moment;
use crate::service::WayBack;
use crate::{clock, late, service, store};

/// Longest wait for an address to become usable: duplicate detection takes about two seconds.
const ADDRESS_LIMIT: Duration = Duration::from_secs(30);

/// What an apply works on.
#[derive(Debug)]
pub(crate) struct Real {
    /// Ports.
    pub(crate) ports: Ports,
    /// Paths.
    pub(crate) layout: Layout,
    /// Text of the new spec.
    pub(crate) spec: String,
    /// Text of the former spec; absent: nothing was applied.
    pub(crate) former_spec: Option<String>,
    /// Artifacts of the former spec.
    pub(crate) former: Arc<Artifacts>,
    /// Artifacts of the new spec.
    pub(crate) new: Arc<Artifacts>,
    /// What timers start.
    pub(crate) way_back: WayBack,
    /// What is tried at each look.
    pub(crate) trials: Trials,
    /// What of the new spec waits for the next boot or restart, in words.
    pub(crate) waiting: BTreeMap<Origin, String>,
    /// Guests that steps are for.
    pub(crate) with_steps: BTreeSet<String>,
    /// Permanent neighbors of others before the first step.
    pub(crate) neighbors: BTreeMap<(InterfaceName, IpAddr), Neighbor>,
    /// Whether the machine was reset since the apply began: links, files and units are those of the boot,
    /// and only libvirt and packages that make bridges still have what was done.
    pub(crate) after_reset: bool,
    /// What takes back that the new spec becomes the applied one late; absent: it became it in time, or was not to.
    pub(crate) late_commit: Option<late::Work<()>>,
}

impl Real {
    /// Returns how far plans reach here.
    pub(crate) fn reach(&self) -> Reach {
        if self.layout.is_machine() { Reach::Machine } else { Reach::Directory }
    }

    /// Looks at everything that the two specs speak of.
    ///
    /// # Errors
    /// What could not be read.
    pub(crate) fn observe(&self) -> Result<Observed, Failure> {
        look::observe(&self.ports, &self.layout, self.reach(), [&self.former, &self.new])
    }

    /// Waits, however long it takes, until nothing of this apply can reach the disk any more.
    pub(crate) fn await_disk(&mut self) {
        if let Some(work) = self.late_commit.take() {
            work.end();
        }
    }

    fn file(&self, action: &Action) -> Result<(), Failure> {
        let what = || action.to_string();
        match action {
            Action::WriteFile(File { place, .. }) | Action::RemoveFile(place) => {
                let directory = self.layout.directory(place.root);
                match action {
                    Action::WriteFile(file) => {
                        hostwright::emit::write(&directory, file).map(|_| ()).during(what)
                    }
                    _ => hostwright::emit::remove(&directory, &place.path).during(what),
                }
            }
            Action::SetRunning if self.layout.is_machine() => {
                store::write_whole(&self.layout.running(), &self.spec)
            }
            Action::ClearRunning => store::remove(&self.layout.running()),
            Action::TakeOver(list) => disk::take_over(self, action.to_string(), list.text()),
            _ => Ok(()),
        }
    }

    fn link(&self, action: &Action) -> Result<(), Failure> {
        let netlink = &self.ports.netlink;
        match action {
            Action::CreateLink(link) => netlink.create(link),
            Action::DeleteLink(name) => {
                self.refuse_to_take_along(name)?;
                netlink.delete(name)
            }
            Action::SetMtu(name, mtu) => netlink.set_mtu(name, *mtu),
            Action::RestoreMtu(name, mtu) => netlink.restore_mtu(name, *mtu),
            Action::SetAlias(name, alias) => netlink.set_alias(name, alias),
            Action::SetUp(name) => netlink.set_up(name),
            Action::SetDown(name) => netlink.set_down(name),
            Action::ProbeAddresses(list) => arp::probe(list),
            Action::AddAddress(name, address) => {
                netlink.add_address(name, address)?;
                netlink.await_usable(name, address, ADDRESS_LIMIT)
            }
            Action::RemoveAddress(name, address) => netlink.remove_address(name, address),
            Action::AddRoute(name, route) => netlink.add_route(name, route),
            Action::RemoveRoute(name, route) => netlink.remove_route(name, route),
            Action::ReplaceRoute(name, former, route) => netlink.replace_route(name, former, route),
            Action::SetDevice(name, kind, settings) => netlink.set_device(name, kind, settings),
            Action::SetVlans(name, vlans) => netlink.set_vlans(name, vlans),
            Action::AddPort(master, port) => netlink.add_port(master, port),
            Action::RemovePort(port) => netlink.remove_port(port),
            Action::Elect(master, attribute, port) => netlink.elect(master, *attribute, port.as_ref()),
            Action::SetFunction(name, function) => netlink.set_function(name, function),
            Action::SetSysctl(path, value) => crate::machine::netlink::set_sysctl(path, value),
            Action::AddRule(rule) => netlink.add_rule(rule),
            Action::RemoveRule(rule) => netlink.remove_rule(rule),
            Action::AddNeighbor(name, neighbor) => netlink.add_neighbor(name, neighbor),
            Action::RemoveNeighbor(name, neighbor) => netlink.remove_neighbor(name, neighbor),
            Action::AwaitLink(link) => self.await_link(link),
            _ => Ok(()),
        }
    }

    fn await_link(&self, link: &Link) -> Result<(), Failure> {
        for address in &link.addresses {
            self.ports.netlink.await_usable(&link.name, address, ADDRESS_LIMIT)?;
        }
        Ok(())
    }

    fn daemon(&self, action: &Action) -> Result<(), Failure> {
        let systemd = &self.ports.systemd;
        match action {
            Action::DaemonReload => systemd.daemon_reload(),
            Action::StartUnit(name) => systemd.start(name),
            Action::StopUnit(name) => {
                self.refuse_to_detach(name)?;
                self.refuse_to_log_out(name)?;
                systemd.stop(name)
            }
            _ => self.keeping_neighbors(|| self.reload()),
        }
    }

    /// Has networkd read its files, and notes since when it has: up to 252 it tells nobody.
    fn reload(&self) -> Result<(), Failure> {
        let begun = Moment::now();
        Networkd::new(&self.ports.systemd).reload(self.layout.root(), &self.ports.netlink)?;
        store::write_whole(&self.layout.reloaded(), &begun.to_string())
    }

    fn bridge(&self, action: &Action) -> Result<(), Failure> {
        Bridges { ports: &self.ports, layout: &self.layout }.run(action)
    }
}

impl Machine for Real {
    fn run(&mut self, action: &Action) -> Result<(), Failure> {
        match action {
            _ if self.after_reset && !action.survives_reset() => Ok(()),
            Action::SetRunning
            | Action::ClearRunning
            | Action::TakeOver(_)
            | Action::WriteFile(_)
            | Action::RemoveFile(_) => self.file(action),
            Action::DaemonReload | Action::StartUnit(_) | Action::StopUnit(_) | Action::NetworkdReload => {
                self.daemon(action)
            }
            _ if action.is_of_bridge() => self.bridge(action),
            _ if action.is_of_libvirt() => definitions::run(&self.ports.patience, action),
            _ => self.link(action),
        }
    }

    fn baseline(&mut self, before: Option<&Baseline>) -> Result<Baseline, Failure> {
        match self.reach() {
            Reach::Machine => picture::take(self, before),
            Reach::Directory => Ok(Baseline::default()),
        }
    }

    fn learn(&mut self, baseline: &mut Baseline) -> Result<(), Failure> {
        picture::learn(self, &mut baseline.routes)
    }

    fn routes(&mut self) -> Result<Routes, Failure> {
        match self.reach() {
            Reach::Machine => picture::foreign_routes(self),
            Reach::Directory => Ok(Routes::default()),
        }
    }

    fn claims(&mut self, gone: &[ForeignRoute], now: &Routes) -> BTreeMap<ForeignRoute, Claim> {
        let netlink = &self.ports.netlink;
        self.trials.witnesses.claims(gone, now, &|| picture::tables_of_vrfs(netlink))
    }

    fn nexthops(&mut self) -> Result<BTreeSet<Nexthop>, Failure> {
        match self.reach() {
            Reach::Machine => self.ports.netlink.nexthops(),
            Reach::Directory => Ok(BTreeSet::new()),
        }
    }

    fn machines(&mut self) -> BTreeSet<Running> {
        match self.reach() {
            Reach::Machine => picture::machines(Path::new("/")),
            Reach::Directory => BTreeSet::new(),
        }
    }

    fn carriers(&mut self) -> BTreeMap<String, Carrier> {
        match self.reach() {
            Reach::Machine => picture::carriers_now(&self.trials),
            Reach::Directory => BTreeMap::new(),
        }
    }

    fn ended(&mut self, gone: &[Running]) -> BTreeSet<Running> {
        definitions::ended(&self.ports.patience, gone, &self.with_steps)
    }

    fn fates(&mut self, gone: &[Nexthop], now: &BTreeSet<Nexthop>) -> BTreeMap<u32, Fate> {
        self.trials.witnesses.fates(gone, now)
    }

    fn has_link(&mut self, name: &InterfaceName) -> Result<bool, Failure> {
        match self.reach() {
            Reach::Machine => self.ports.netlink.has(name),
            Reach::Directory => Ok(false),
        }
    }

    fn now(&mut self) -> Duration {
        clock::since_boot()
    }

    fn pause(&mut self, time: Duration) {
        std::thread::sleep(time);
    }

    fn hurry(&mut self, units: Duration) {
        self.ports.systemd.hurry(units);
    }

    fn arm(&mut self, after: Duration) -> Result<(), Failure> {
        self.way_back.arm_window(after)
    }

    fn is_confirmed(&mut self, generation: u64) -> bool {
        let text = store::read_if_there(&self.layout.confirmed()).ok().flatten();
        text.is_some_and(|it| it.trim() == generation.to_string())
    }

    fn goes_down(&mut self) -> bool {
        self.reach() == Reach::Machine && service::machine_stops()
    }

    fn tell_everybody(&mut self, message: &str) {
        let mut wall = std::process::Command::new("wall");
        wall.arg(message);
        // Where there is no `wall`, or it hangs, the end of the window is told to whoever follows.
        drop(late::begin(move || wall.status()));
    }

    fn drift(&mut self) -> Result<Vec<String>, Failure> {
        look::drift(self)
    }

    fn lacks(&mut self, of: Of, known: &[String]) -> Result<Vec<String>, Failure> {
        look::lacks(self, of, known)
    }

    fn commit(&mut self) -> Result<(), Failure> {
        disk::commit(self)
    }

    fn has_committed(&mut self) -> bool {
        disk::has_committed(self)
    }
}
