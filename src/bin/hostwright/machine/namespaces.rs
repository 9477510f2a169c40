//! Other network namespaces of the host: looked into, never touched. Changes to a link here hurt what stands on it there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::thread;

use hostwright::observed::{BgpSession, Elsewhere, ObservedLink};
use nix::sched::{CloneFlags, setns};

use super::netlink::{Netlink, OtherPorts};
use crate::failure::{During, Failure};

/// Where namespaces have names. ip-netns(8).
const NAMED: &str = "/run/netns";
/// The namespace of the thread that reads it.
const OWN: &str = "/proc/thread-self/ns/net";

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Namespaces that have something on a link here, or BGP sessions.
    pub(crate) elsewhere: Vec<Elsewhere>,
    /// Which could not be looked into, and why, in words.
    pub(crate) unseen: BTreeSet<String>,
}

/// Looks into every named namespace but the own one.
pub(crate) fn look(links: &BTreeMap<String, ObservedLink>) -> Found {
    let mut found = Found::default();
    let here: BTreeMap<u32, &String> = links.iter().map(|(name, it)| (it.index, name)).collect();
    let entries = fs::read_dir(NAMED).into_iter().flatten().flatten();
    let names = entries.filter_map(|it| it.file_name().into_string().ok());
    for name in names.collect::<BTreeSet<_>>() {
        match within(&name, |netlink, own| described(&name, netlink, own, &here)) {
            Ok(Some(it)) if !it.built.is_empty() || !it.sessions.is_empty() => found.elsewhere.push(it),
            Ok(_) => {}
            Err(failure) => drop(found.unseen.insert(failure.to_string())),
        }
    }
    found
}

/// Returns the sessions of a namespace; absent: it is gone, or is the own one.
pub(crate) fn sessions(name: &str) -> Option<BTreeSet<BgpSession>> {
    within(name, |netlink, _| netlink.sessions(&OtherPorts::default())).ok().flatten()
}

fn described(
    name: &str,
    netlink: &Netlink,
    own: &File,
    here: &BTreeMap<u32, &String>,
) -> Result<Elsewhere, Failure> {
    let links = netlink.links(&BTreeMap::new())?;
    let halves = netlink.halves_in(own)?.into_iter();
    let below = halves.filter_map(|(there, index)| Some((there, (*here.get(&index)?).clone()))).collect();
    Ok(Elsewhere::new(name, &links, &below, netlink.sessions(&OtherPorts::default())?))
}

/// Does something in a namespace, in a thread that ends with it; absent: it is the own one.
fn within<T: Send>(
    name: &str,
    look: impl FnOnce(&Netlink, &File) -> Result<T, Failure> + Send,
) -> Result<Option<T>, Failure> {
    let what = || format!("look into the network namespace `{name}`");
    let own = File::open(OWN).during(what)?;
    let other = File::open(Path::new(NAMED).join(name)).during(what)?;
    let identity = |it: &File| it.metadata().map(|it| (it.dev(), it.ino()));
    if identity(&own).during(what)? == identity(&other).during(what)? {
        return Ok(None);
    }
    thread::scope(|scope| {
        let inside = scope.spawn(|| {
            setns(&other, CloneFlags::CLONE_NEWNET).during(what)?;
            look(&Netlink::default(), &own).map(Some)
        });
        inside.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};
    use std::process::Command;

    use nix::sched::unshare;

    use super::*;

    fn ip(arguments: &str) -> bool {
        Command::new("ip").args(arguments.split(' ')).status().is_ok_and(|it| it.success())
    }

    /// A named namespace that goes with the test.
    struct Named(String);

    impl Drop for Named {
        fn drop(&mut self) {
            ip(&format!("netns del {}", self.0));
        }
    }

    #[test]
    fn a_session_in_a_namespace_goes_over_the_parent_here() {
        let inside = || {
            let named = Named(format!("hostwright-test-{}", std::process::id()));
            let name = named.0.as_str();
            if unshare(CloneFlags::CLONE_NEWNET).is_err()
                || !ip(&format!("netns add {name}"))
                || !ip("link add one type veth peer name two")
                || !ip("link add mv0 link one type macvlan")
            {
                return println!("skipped: no network namespaces here");
            }
            assert!(ip(&format!("link set mv0 netns {name}")) && ip(&format!("link set two netns {name}")));
            for command in ["link set lo up", "link set mv0 up", "addr add 192.0.2.2/24 dev mv0"] {
                assert!(ip(&format!("-n {name} {command}")));
            }
            let open = within(name, |_, _| {
                let listener = TcpListener::bind("192.0.2.2:179").expect("bound");
                let stream = TcpStream::connect("192.0.2.2:179").expect("connected");
                Ok((listener.accept().expect("accepted"), stream))
            });
            let open = open.expect("inside").expect("another namespace");
            let links = Netlink::default().links(&BTreeMap::new()).expect("links");
            let found = look(&links).elsewhere.into_iter().find(|it| it.name == name).expect("it is found");
            assert_eq!(found.built, [("mv0".to_owned(), "one".to_owned())].into(), "`two` is a pair's end");
            assert_eq!(found.sessions.len(), 2, "both ends are there");
            assert!(found.sessions.iter().all(|it| it.over == ["one".to_owned()].into()), "{found:?}");
            assert_eq!(sessions(name).map(|it| it.len()), Some(2));
            drop(open);
            assert_eq!(sessions(name), Some(BTreeSet::new()));
            assert_eq!(sessions("hostwright-test-absent"), None);
        };
        thread::spawn(inside).join().expect("the test in the namespace");
    }
}
