//! Every network namespace of the host: those of processes, and those that a mount keeps, with or without a name.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use hostwright::observed::Space;
use nix::errno::Errno;

use crate::machine::cgroup;

/// Where namespaces have names. ip-netns(8).
const NAMED: &str = "/run/netns";
/// Mounts of this mount namespace. proc(5).
const MOUNTS: &str = "/proc/thread-self/mountinfo";

/// The process that all others come from: it gave the host's namespace to them, and may be allowed more than whoever looks.
const FIRST: u32 = 1;

/// A network namespace, and the ways into it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Door {
    /// What it is known by.
    pub(crate) space: Space,
    /// Its inode in nsfs.
    number: u64,
    ways: Ways,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Ways {
    /// Where it is mounted.
    mounts: Vec<PathBuf>,
    /// Number of a process that is in it; absent: there is none.
    process: Option<u32>,
}

/// All network namespaces but one.
#[derive(Debug, Default)]
pub(super) struct Doors {
    /// Those that are known.
    pub(super) all: Vec<Door>,
    /// Of how many processes the namespace is not known, by why.
    pub(super) hidden: BTreeMap<String, usize>,
}

impl Doors {
    /// Finds all but the one with a number.
    pub(super) fn find(own: u64) -> Self {
        let (mut found, mut hidden) = (BTreeMap::<u64, Ways>::new(), BTreeMap::new());
        let mounts = fs::read(MOUNTS).unwrap_or_default();
        for (number, place) in mounted(&String::from_utf8_lossy(&mounts)) {
            found.entry(number).or_default().mounts.push(place);
        }
        for pid in processes() {
            match number_of(pid) {
                Ok(number) if number == own => {}
                Ok(number) => drop(found.entry(number).or_default().process.get_or_insert(pid)),
                Err(error) if is_gone(&error) || pid == FIRST => {}
                Err(error) => *hidden.entry(error.kind().to_string()).or_default() += 1,
            }
        }
        found.remove(&own);
        let door = |(number, ways): (u64, Ways)| Door { space: ways.space(), number, ways };
        Self { all: found.into_iter().map(door).collect(), hidden }
    }
}

impl Door {
    /// Opens it; absent: the namespace is gone.
    ///
    /// # Errors
    /// The kernel's, where no way leads in.
    pub(super) fn open(&self) -> io::Result<Option<File>> {
        let process = || processes().find(|it| number_of(*it).is_ok_and(|it| it == self.number));
        let known = self.ways.mounts.iter().cloned().chain(self.ways.process.map(path_of));
        let mut refused = None;
        for path in known.chain(std::iter::once_with(process).flatten().map(path_of)) {
            match self.open_at(&path) {
                Ok(None) => {}
                Err(error) => refused = Some(error),
                found => return found,
            }
        }
        refused.map_or(Ok(None), Err)
    }

    /// Opens a path if it still leads to the namespace.
    fn open_at(&self, path: &Path) -> io::Result<Option<File>> {
        match File::open(path).and_then(|it| Ok((it.metadata()?.ino(), it))) {
            Ok((number, file)) => Ok((number == self.number).then_some(file)),
            Err(error) if is_gone(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl Ways {
    /// Names the namespace: runtimes give numbers for names in `/run/netns`, so a container's own counts first.
    fn space(&self) -> Space {
        let holder = self.process.map(|it| cgroup::holder(Path::new("/"), it));
        let name = |it: &PathBuf| Some(it.strip_prefix(NAMED).ok()?.to_string_lossy().into_owned());
        match (holder, self.mounts.iter().find_map(name)) {
            (Some(container @ Space::Container { .. }), _) => container,
            (_, Some(name)) => Space::Named(name),
            (Some(holder), None) => holder,
            (None, None) => Space::Mounted(
                self.mounts.first().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default(),
            ),
        }
    }
}

fn path_of(pid: u32) -> PathBuf {
    format!("/proc/{pid}/ns/net").into()
}

fn number_of(pid: u32) -> io::Result<u64> {
    let target = fs::read_link(path_of(pid))?;
    target.to_str().and_then(number).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// Reads `net:[4026531840]`.
fn number(text: &str) -> Option<u64> {
    text.strip_prefix("net:[")?.strip_suffix(']')?.parse().ok()
}

/// Says whether a process ended, or a mount is no longer there, since it was listed.
fn is_gone(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound || error.raw_os_error() == Some(Errno::ESRCH as i32)
}

fn processes() -> impl Iterator<Item = u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|it| it.file_name().to_str()?.parse().ok())
}

/// Finds mounts of network namespaces in a mountinfo of proc(5).
fn mounted(mountinfo: &str) -> Vec<(u64, PathBuf)> {
    let mount = |line: &str| {
        let mut fields = line.split(' ').skip(3);
        Some((number(fields.next()?)?, unescaped(fields.next()?)))
    };
    mountinfo.lines().filter_map(mount).collect()
}

/// Replaces `\NNN` by its byte: that is how mountinfo has spaces.
fn unescaped(text: &str) -> PathBuf {
    let mut parts = text.split('\\');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        match part.get(..3).and_then(|it| u8::from_str_radix(it, 8).ok()) {
            Some(byte) => {
                bytes.push(byte);
                bytes.extend_from_slice(&part.as_bytes()[3..]);
            }
            None => bytes.extend_from_slice(format!("\\{part}").as_bytes()),
        }
    }
    std::ffi::OsString::from_vec(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mounts_of_network_namespaces_are_found() {
        let text = "25 1 8:1 / / rw - ext4 /dev/sda1 rw\n\
                    512 29 0:4 net:[4026532345] /run/docker/netns/a\\040b rw shared:9 - nsfs nsfs rw\n\
                    513 29 0:4 mnt:[4026532346] /run/snapd/ns/lxd.mnt rw - nsfs nsfs rw\n\
                    514 29 0:4 net:[4026532347] /run/netns/blue rw - nsfs nsfs rw\n\
                    broken\n";
        let expected = [(4_026_532_345, "/run/docker/netns/a b"), (4_026_532_347, "/run/netns/blue")];
        assert_eq!(mounted(text), expected.map(|(number, path)| (number, PathBuf::from(path))));
    }

    #[test]
    fn without_a_process_a_name_comes_before_another_mount() {
        let ways =
            |mounts: &[&str]| Ways { mounts: mounts.iter().map(PathBuf::from).collect(), process: None };
        let docker = "/run/docker/netns/default";
        assert_eq!(ways(&[docker, "/run/netns/blue"]).space(), Space::Named("blue".to_owned()));
        assert_eq!(ways(&[docker]).space(), Space::Mounted(docker.to_owned()));
    }
}
