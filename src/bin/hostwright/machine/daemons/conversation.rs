//! Questions to BIRD and to FRR's daemons over their control sockets, each with an end.

use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::socket::{AddressFamily, SockFlag, SockType, UnixAddr, connect, socket};

/// Longest answer in bytes: that of some thousand peers.
const MOST: usize = 16 << 20;
/// Bytes that are read at a time.
const PIECE: usize = 1 << 16;

/// A connection that ends at a time, whatever the other side does.
#[derive(Debug)]
struct Conversation {
    stream: UnixStream,
    end: Instant,
    limit: Duration,
}

impl Conversation {
    fn open(path: &Path, limit: Duration) -> Result<Self, String> {
        let stream = connected(path).map_err(|it| format!("{}: {it}", path.display()))?;
        Ok(Self { stream, end: Instant::now() + limit, limit })
    }

    fn send(&mut self, text: &str) -> Result<(), String> {
        let left = self.left()?;
        let sent =
            self.stream.set_write_timeout(Some(left)).and_then(|()| self.stream.write_all(text.as_bytes()));
        sent.map_err(|it| self.words(&it))
    }

    /// Reads until an answer is whole.
    fn receive(&mut self, is_whole: impl Fn(&[u8]) -> bool) -> Result<Vec<u8>, String> {
        let mut answer = Vec::new();
        let mut piece = vec![0; PIECE];
        while !is_whole(&answer) {
            let left = self.left()?;
            let read = self.stream.set_read_timeout(Some(left)).and_then(|()| self.stream.read(&mut piece));
            match read {
                Ok(0) => return Err("it hung up".to_owned()),
                Ok(length) => answer.extend_from_slice(&piece[..length]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(self.words(&error)),
            }
            if answer.len() > MOST {
                return Err(format!("its answer is longer than {} MiB", MOST >> 20));
            }
        }
        Ok(answer)
    }

    fn left(&self) -> Result<Duration, String> {
        let left = self.end.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(self.too_slow()) } else { Ok(left) }
    }

    fn too_slow(&self) -> String {
        format!("it did not answer within {} s", self.limit.as_secs_f32())
    }

    fn words(&self, error: &io::Error) -> String {
        match error.kind() {
            ErrorKind::WouldBlock | ErrorKind::TimedOut => self.too_slow(),
            _ => error.to_string(),
        }
    }
}

/// Connects at once or not at all: one that accepts nobody has a full queue after a while.
fn connected(path: &Path) -> io::Result<UnixStream> {
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    let socket = socket(AddressFamily::Unix, SockType::Stream, flags, None)?;
    match connect(socket.as_raw_fd(), &UnixAddr::new(path)?) {
        Err(Errno::EAGAIN) => return Err(io::Error::other("it accepts nobody")),
        done => done?,
    }
    let stream = UnixStream::from(socket);
    stream.set_nonblocking(false)?;
    Ok(stream)
}

/// BIRD's control socket, which may change nothing.
#[derive(Debug)]
pub(super) struct Bird(Conversation);

/// An answer of BIRD.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    /// Code of its last line; from 8000 on it is a refusal.
    pub(super) code: u16,
    /// Its lines without codes.
    pub(super) text: String,
}

impl Bird {
    /// Connects and gives up the right to change anything.
    ///
    /// # Errors
    /// Why there is no conversation, in words.
    pub(super) fn open(path: &Path, limit: Duration) -> Result<Self, String> {
        let mut bird = Self(Conversation::open(path, limit)?);
        bird.hear()?;
        bird.ask("restrict")?;
        Ok(bird)
    }

    /// Asks and waits for the answer.
    ///
    /// # Errors
    /// Why there is none, in words.
    pub(super) fn ask(&mut self, question: &str) -> Result<Answer, String> {
        self.0.send(&format!("{question}\n"))?;
        self.hear()
    }

    fn hear(&mut self) -> Result<Answer, String> {
        let bytes = self.0.receive(|it| last_code(it).is_some())?;
        let code = last_code(&bytes).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let lines: Vec<_> = text.lines().map(without_code).collect();
        Ok(Answer { code, text: lines.join("\n") })
    }
}

/// Returns the code of the last line of a whole answer: `0000 `, where others have `1002-` or a blank.
fn last_code(bytes: &[u8]) -> Option<u16> {
    let line = bytes.strip_suffix(b"\n")?.rsplit(|it| *it == b'\n').next()?;
    let (code, rest) = line.split_first_chunk::<4>()?;
    let ends = rest.first().is_none_or(|it| *it == b' ') && code.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(code).ok()?.parse().ok().filter(|_| ends)
}

fn without_code(line: &str) -> &str {
    let begins = line.as_bytes();
    let coded =
        begins.len() > 4 && begins[..4].iter().all(u8::is_ascii_digit) && matches!(begins[4], b' ' | b'-');
    if coded { &line[5..] } else { line.strip_prefix(' ').unwrap_or(line) }
}

/// The socket that vtysh speaks to a daemon of FRR over.
#[derive(Debug)]
pub(super) struct Frr(Conversation);

/// Bytes behind each answer; one with what became of the command follows.
const END: [u8; 3] = [0; 3];

impl Frr {
    /// Connects, as one who may read everything.
    ///
    /// # Errors
    /// Why there is no conversation, in words.
    pub(super) fn open(path: &Path, limit: Duration) -> Result<Self, String> {
        let mut frr = Self(Conversation::open(path, limit)?);
        frr.ask("enable")?;
        Ok(frr)
    }

    /// Asks and waits for the answer.
    ///
    /// # Errors
    /// Why there is none, in words.
    pub(super) fn ask(&mut self, question: &str) -> Result<String, String> {
        self.0.send(&format!("{question}\0"))?;
        let whole = |it: &[u8]| it.len() > END.len() && it[..it.len() - 1].ends_with(&END);
        let bytes = self.0.receive(whole)?;
        Ok(String::from_utf8_lossy(&bytes[..bytes.len() - END.len() - 1]).into_owned())
    }
}
