//! Routing daemons: which run, and what they tell over their own sockets. Asked without a program of theirs, for a disk that
//! hangs must not keep the guard from looking, and never for long.

mod conversation;
mod kernels;
mod nexthops;
mod routes;
#[cfg(test)]
mod tests;
mod witnesses;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hostwright::observed::{BfdPeer, RoutingDaemon, Told};

use crate::failure::{During, Failure};
use crate::late::joined;
use conversation::{Bird, Frr};
pub(crate) use witnesses::Witnesses;

/// Longest time for all questions to one daemon.
const LIMIT: Duration = Duration::from_secs(2);
/// Where daemons have their sockets.
const RUN: &str = "/run";
/// Name of BIRD's program; before version 2 that of IPv6 has another.
const BIRD: &str = "bird";
/// Where zebra has its own below it.
const ZEBRA: &str = "frr/zebra.vty";

/// Routing daemons that run in this network namespace.
#[derive(Debug, Clone, Default)]
pub(crate) struct Daemons {
    run: PathBuf,
    processes: Vec<Process>,
}

#[derive(Debug, Clone)]
struct Process {
    name: String,
    /// Its directory in `/proc`.
    path: PathBuf,
}

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Questions {
    All,
    Bfd,
}

/// Somebody who is asked: name of the program, name for people, how.
type Asked = (&'static str, &'static str, fn(&Path, Questions, &mut Told) -> Result<(), String>);

const ASKED: [Asked; 3] = [(BIRD, "BIRD", bird), ("bgpd", "FRR's bgpd", bgpd), ("bfdd", "FRR's bfdd", bfdd)];

impl Daemons {
    /// Finds them by the names of running programs; those of other network namespaces do not count.
    ///
    /// # Errors
    /// The processes cannot be listed.
    pub(crate) fn find() -> Result<Self, Failure> {
        let what = || "list processes".to_owned();
        let own = fs::read_link("/proc/self/ns/net").during(what)?;
        let mut processes = Vec::new();
        for entry in fs::read_dir("/proc").during(what)? {
            let path = entry.during(what)?.path();
            let Ok(name) = fs::read_to_string(path.join("comm")) else { continue };
            let name = name.trim_end().to_owned();
            let is_one = kind(&name).is_some() || ASKED.iter().any(|it| it.0 == name);
            if is_one && fs::read_link(path.join("ns/net")).is_ok_and(|it| it == own) {
                processes.push(Process { name, path });
            }
        }
        Ok(Self { run: RUN.into(), processes })
    }

    /// Returns whose routes the host carries.
    pub(crate) fn kinds(&self) -> BTreeSet<RoutingDaemon> {
        self.processes.iter().filter_map(|it| kind(&it.name)).collect()
    }

    /// Counts the processes of BIRD; none where they cannot be listed.
    fn birds() -> usize {
        Self::find().map_or(0, |it| it.processes.iter().filter(|it| it.name == BIRD).count())
    }

    /// Returns the inodes of the sockets that they hold.
    pub(crate) fn sockets(&self) -> BTreeSet<u32> {
        let descriptors = self.processes.iter().flat_map(|it| fs::read_dir(it.path.join("fd")));
        let targets = descriptors.flatten().flatten().filter_map(|it| fs::read_link(it.path()).ok());
        targets
            .filter_map(|it| it.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok())
            .collect()
    }

    /// Asks them for everything; who does not answer is named.
    pub(crate) fn tell(&self) -> Told {
        self.ask(Questions::All)
    }

    /// Asks them for BFD alone; absent: one of them did not answer, and nobody knows.
    pub(crate) fn bfd(&self) -> Option<BTreeSet<BfdPeer>> {
        let told = self.ask(Questions::Bfd);
        told.silent.is_empty().then_some(told.bfd)
    }

    /// Asks all at once: the slowest counts.
    fn ask(&self, questions: Questions) -> Told {
        let runs = |program: &str| self.processes.iter().any(|it| it.name == program);
        let mut told = Told::default();
        std::thread::scope(|scope| {
            let asked = ASKED.iter().filter(|it| runs(it.0));
            let answers: Vec<_> = asked
                .map(|(_, name, ask)| {
                    scope.spawn(move || {
                        let mut told = Told::default();
                        if let Err(why) = ask(&self.run, questions, &mut told) {
                            told.silent.insert(format!("{name}: {why}"));
                        }
                        told
                    })
                })
                .collect();
            for answer in answers {
                told.extend(joined(answer));
            }
        });
        told
    }
}

fn kind(name: &str) -> Option<RoutingDaemon> {
    match name {
        "bird" | "bird6" => Some(RoutingDaemon::Bird),
        "zebra" | "bgpd" => Some(RoutingDaemon::Frr),
        "gobgpd" | "exabgp" | "openbgpd" | "calico-node" | "cilium-agent" | "metallb-speaker" | "speaker" => {
            Some(RoutingDaemon::Other)
        }
        _ => None,
    }
}

/// BIRD's code of an answer where no protocol of BFD is there.
const NO_BFD: u16 = 9001;

fn bird(run: &Path, questions: Questions, told: &mut Told) -> Result<(), String> {
    let mut bird = Bird::open(&run.join("bird/bird.ctl"), LIMIT)?;
    if questions == Questions::All {
        let protocols = bird.ask("show protocols all")?;
        let status = bird.ask("show status")?;
        told.add_bird_protocols(&protocols.text, &status.text).map_err(|it| it.to_string())?;
    }
    let bfd = bird.ask("show bfd sessions")?;
    if bfd.code == NO_BFD {
        return Ok(());
    }
    told.add_bird_bfd(&bfd.text).map_err(|it| it.to_string())
}

fn bgpd(run: &Path, questions: Questions, told: &mut Told) -> Result<(), String> {
    if questions == Questions::Bfd {
        return Ok(());
    }
    let mut bgpd = Frr::open(&run.join("frr/bgpd.vty"), LIMIT)?;
    let neighbors = bgpd.ask("show bgp vrf all neighbors json")?;
    told.add_frr_neighbors(&neighbors).map_err(|it| it.to_string())?;
    let groups = bgpd.ask("show bgp peer-group json")?;
    // Versions that cannot say it in JSON still named the sessions.
    let _ = told.add_frr_groups(&groups);
    Ok(())
}

fn bfdd(run: &Path, _: Questions, told: &mut Told) -> Result<(), String> {
    let answer = Frr::open(&run.join("frr/bfdd.vty"), LIMIT)?.ask("show bfd peers json")?;
    told.add_frr_bfd(&answer).map_err(|it| it.to_string())
}
