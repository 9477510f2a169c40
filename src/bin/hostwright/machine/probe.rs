//! Trials of what must work: those of the spec, and echo requests to BGP peers and gateways.

mod reach;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use hostwright::artifact::{Probe, Trial};
use hostwright::observed::BgpSession;
use hostwright::value::Iqn;

pub(crate) use reach::Reach;

use super::echo::Asked;
use super::iscsi::sessions::sessions;
use crate::caller::Caller;
use crate::late::{self, DISK_LIMIT, joined};

/// How often an echo request is repeated before it counts as unanswered.
const TRIES: u32 = 3;
/// Payload that every path carries.
const SMALL: u32 = 56;
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// Something that is tried.
#[derive(Debug, Clone)]
pub(crate) enum Attempt {
    /// A probe of the spec.
    Probe(Probe),
    /// An echo request to a neighbour.
    Reach(Reach),
    /// The connection that the apply was asked for over; one that was closed is nobody's loss.
    Caller(Caller),
}

/// What an attempt looks at beside the network.
pub(crate) struct Surroundings<'a> {
    /// Established BGP sessions.
    pub(crate) sessions: &'a [BgpSession],
    /// Name of the target behind an `[iscsi.NAME]`.
    pub(crate) target: &'a (dyn Fn(&str) -> Option<Iqn> + Sync),
    /// Whether the peer of the connection that the apply was asked for over acknowledges nothing.
    pub(crate) is_stalled: bool,
}

/// Tries all at once, each with a limit of its own: who does not answer keeps nobody waiting. What came of them is in the
/// order of the attempts.
pub(crate) fn all(attempts: &[&mut Attempt], around: &Surroundings<'_>) -> Vec<bool> {
    thread::scope(|scope| {
        let begun: Vec<_> = attempts
            .iter()
            .map(|it| (it, thread::Builder::new().spawn_scoped(scope, || it.works(around))))
            .collect();
        let ended = begun.into_iter().map(|(attempt, thread)| match thread {
            Ok(thread) => joined(thread),
            // No more threads are to be had.
            Err(_) => attempt.works(around),
        });
        ended.collect()
    })
}

impl Attempt {
    /// Says in words what is tried.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Reach(it) => it.words(),
            Self::Caller(it) => format!("the connection from {} that this was asked for over", it.peer),
            Self::Probe(probe) => match &probe.trial {
                Trial::Ping(ip) => format!("ping {ip}"),
                Trial::Tcp(socket) => format!("tcp {socket}"),
                Trial::BgpPeer(ip) => format!("bgp-peer {ip}"),
                Trial::IscsiSession(name) => format!("iscsi-session {name}"),
                Trial::Http(socket, path) => format!("http://{socket}{path}"),
                Trial::Command(words) => format!("command {}", words.join(" ")),
            },
        }
    }

    /// Goes on with small packets; says whether it did not before.
    pub(crate) fn becomes_small(&mut self) -> bool {
        match self {
            Self::Reach(it) => it.becomes_small(),
            Self::Probe(_) | Self::Caller(_) => false,
        }
    }

    /// Tries it.
    fn works(&self, around: &Surroundings<'_>) -> bool {
        match self {
            Self::Reach(it) => it.works(),
            Self::Caller(_) => !around.is_stalled,
            Self::Probe(Probe { trial, timeout }) => {
                probe(trial, Duration::from_millis((*timeout).into()), around)
            }
        }
    }
}

fn probe(trial: &Trial, limit: Duration, around: &Surroundings<'_>) -> bool {
    match trial {
        Trial::Ping(ip) => {
            let asked = Asked { from: None, to: *ip, device: None, vrf: None, size: SMALL };
            (0..TRIES).any(|_| asked.answers(limit / TRIES))
        }
        Trial::Tcp(socket) => TcpStream::connect_timeout(socket, limit).is_ok(),
        Trial::BgpPeer(ip) => around.sessions.iter().any(|it| it.peer == *ip),
        Trial::IscsiSession(name) => (around.target)(name).is_some_and(|iqn| {
            sessions(Path::new("/sys"), Some(&iqn)).iter().any(|it| it.state == "LOGGED_IN")
        }),
        Trial::Http(socket, path) => get(socket, path, limit).unwrap_or(false),
        Trial::Command(words) => {
            let Some((program, arguments)) = words.split_first() else { return false };
            let mut command = Command::new(program);
            command.args(arguments);
            ends_well(command, limit)
        }
    }
}

fn get(socket: &str, path: &str, limit: Duration) -> Option<bool> {
    let socket: SocketAddr = socket.parse().ok()?;
    let mut stream = TcpStream::connect_timeout(&socket, limit).ok()?;
    stream.set_read_timeout(Some(limit)).ok()?;
    stream.set_write_timeout(Some(limit)).ok()?;
    write!(stream, "GET {path} HTTP/1.0\r\nHost: {socket}\r\nConnection: close\r\n\r\n").ok()?;
    let mut head = [0; 12];
    stream.read_exact(&mut head).ok()?;
    let status: u16 = std::str::from_utf8(&head).ok()?.strip_prefix("HTTP/1.")?.get(2..)?.parse().ok()?;
    Some(status < 400)
}

/// Whether a program was not even begun in time: the disk that they lie on hangs, and is not waited for again.
static HANGS: AtomicBool = AtomicBool::new(false);

/// Runs a program and says whether it ends with 0 within a time; what takes longer is killed.
fn ends_well(mut command: Command, limit: Duration) -> bool {
    if HANGS.load(Ordering::Relaxed) {
        return false;
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // Whoever begins a program waits until it is read from the disk.
    let work = late::begin(move || command.spawn().is_ok_and(|child| waited(child, limit)));
    let ended = work.within(limit + DISK_LIMIT);
    HANGS.fetch_or(ended.is_none(), Ordering::Relaxed);
    ended.unwrap_or(false)
}

fn waited(mut child: Child, limit: Duration) -> bool {
    let begin = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) if begin.elapsed() < limit => std::thread::sleep(LOOK_AGAIN),
            _ => {
                let _ = child.kill();
                let _ = child.wait();
                return false;
            }
        }
    }
}
