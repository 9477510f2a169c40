//! Control groups: to which container or domain a process belongs, and what they use.

mod holder;
mod usage;

use std::path::{Path, PathBuf};

pub(crate) use holder::holder;
pub(crate) use usage::{Rates, Usage};

use crate::failure::{During, Failure};

/// Where the hierarchy is mounted.
const HIERARCHY: &str = "sys/fs/cgroup";
/// Below what containers and domains are: systemd's slice, and libvirt's partition where systemd-machined is missing.
const TOPS: [&str; 2] = ["machine.slice", "machine"];
/// Levels below a top at which a machine can begin.
const LEVELS: usize = 4;

/// What a control group is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Form {
    /// A container of systemd-nspawn.
    Container,
    /// A domain of libvirt.
    Domain,
}

impl Form {
    /// Returns the kind's word.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Container => "container",
            Self::Domain => "domain",
        }
    }
}

/// A container or domain that runs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Machine {
    /// What it is.
    pub(crate) form: Form,
    /// Name; of a domain, that of its machine.
    pub(crate) name: String,
    /// Its control group, from the top of the hierarchy.
    pub(crate) group: PathBuf,
}

impl Machine {
    /// Says whether it is what a table of this name describes.
    pub(crate) fn is(&self, name: &str) -> bool {
        match self.form {
            Form::Container => self.name == name,
            Form::Domain => machine_name(name) == self.name,
        }
    }

    /// Reads what it has used.
    pub(crate) fn usage(&self, root: &Path) -> Usage {
        Usage::read(&root.join(HIERARCHY).join(&self.group))
    }
}

/// Returns the container or domain of a process; absent: it is the host's.
///
/// # Errors
/// There is no such process.
pub(crate) fn of_process(root: &Path, pid: u32) -> Result<Option<Machine>, Failure> {
    let path = root.join(format!("proc/{pid}/cgroup"));
    let text = std::fs::read_to_string(path).during(|| format!("look at process {pid}"))?;
    Ok(group(&text).and_then(machine))
}

/// Returns all containers and domains that run, in the order of their names.
pub(crate) fn all(root: &Path) -> Vec<Machine> {
    let mut found = Vec::new();
    for top in TOPS {
        collect(&root.join(HIERARCHY), Path::new(top), LEVELS, &mut found);
    }
    found.sort();
    found
}

fn collect(hierarchy: &Path, group: &Path, levels: usize, found: &mut Vec<Machine>) {
    let Ok(entries) = std::fs::read_dir(hierarchy.join(group)) else { return };
    for entry in entries.flatten().filter(|it| it.file_type().is_ok_and(|it| it.is_dir())) {
        let group = group.join(entry.file_name());
        match machine(&group.to_string_lossy()) {
            Some(machine) => found.push(machine),
            None if levels > 0 => collect(hierarchy, &group, levels - 1, found),
            None => {}
        }
    }
}

/// Returns the path of `/proc/PID/cgroup`: the unified hierarchy's, or that of systemd's own where there are others.
fn group(text: &str) -> Option<&str> {
    let of = |controllers: &str| {
        text.lines().find_map(|line| line.split_once(':')?.1.strip_prefix(controllers)?.strip_prefix(':'))
    };
    of("name=systemd").or_else(|| of(""))
}

/// Reads a control group's path as far as the container or domain that it belongs to.
fn machine(path: &str) -> Option<Machine> {
    let mut group = PathBuf::new();
    for part in path.split('/').filter(|it| !it.is_empty()) {
        group.push(part);
        if let Some((form, name)) = named(part) {
            return Some(Machine { form, name, group });
        }
    }
    None
}

fn named(part: &str) -> Option<(Form, String)> {
    let nspawn = part.strip_prefix("systemd-nspawn@").and_then(|it| it.strip_suffix(".service"));
    if let Some(instance) = nspawn {
        return Some((Form::Container, unescaped(instance)));
    }
    let scope = part.strip_prefix("machine-").and_then(|it| it.strip_suffix(".scope")).map(unescaped);
    let name = scope.or_else(|| part.strip_suffix(".libvirt-qemu").map(str::to_owned))?;
    let (number, name) = name.strip_prefix("qemu-")?.split_once('-')?;
    number.parse::<u32>().ok()?;
    Some((Form::Domain, name.to_owned()))
}

/// Replaces `\xNN` by its byte, systemd.unit(5). A `-` stays: neither names of containers nor of machines have a `/`.
fn unescaped(text: &str) -> String {
    let mut parts = text.split("\\x");
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        match part.get(..2).and_then(|it| u8::from_str_radix(it, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                bytes.extend_from_slice(&part.as_bytes()[2..]);
            }
            None => bytes.extend_from_slice(part.as_bytes()),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Returns what libvirt makes of a domain's name for its machine: letters, digits, and single `-` and `.` between them.
pub(crate) fn machine_name(domain: &str) -> String {
    let mut name = String::new();
    let mut separated = true;
    for it in domain.chars() {
        let separator = it == '-' || it == '.';
        if it.is_ascii_alphanumeric() || separator && !separated {
            name.push(it);
        }
        separated = !it.is_ascii_alphanumeric() && (separated || separator);
    }
    name.trim_end_matches(['-', '.']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_tell_the_machine() {
        for (path, expected) in [
            ("/machine.slice/systemd-nspawn@ci1.service/payload/init.scope", Some((Form::Container, "ci1"))),
            (r"/machine.slice/systemd-nspawn@web\x2d01.service", Some((Form::Container, "web-01"))),
            ("/machine.slice/systemd-nspawn@web-01.service/supervisor", Some((Form::Container, "web-01"))),
            (
                r"/machine.slice/machine-qemu\x2d12\x2dweb1.scope/libvirt/emulator",
                Some((Form::Domain, "web1")),
            ),
            (
                r"/machine.slice/machine-qemu\x2d1\x2ddb\x2d1.example.scope",
                Some((Form::Domain, "db-1.example")),
            ),
            ("/machine/qemu-3-web1.libvirt-qemu/emulator", Some((Form::Domain, "web1"))),
            (r"/machine.slice/machine-qemu\x2dweb1.scope", None),
            ("/system.slice/ssh.service", None),
            ("/", None),
        ] {
            let found = machine(path).map(|it| (it.form, it.name));
            assert_eq!(found, expected.map(|(form, name)| (form, name.to_owned())), "{path}");
        }
    }

    #[test]
    fn the_unified_hierarchy_is_read() {
        assert_eq!(group("0::/a.slice/b.service\n"), Some("/a.slice/b.service"));
        let hybrid = "12:cpu,cpuacct:/x\n1:name=systemd:/y\n0::/z\n";
        assert_eq!(group(hybrid), Some("/y"));
        assert_eq!(group(""), None);
    }

    #[test]
    fn a_domain_is_known_by_what_libvirt_makes_of_its_name() {
        let machine =
            |name: &str| Machine { form: Form::Domain, name: name.to_owned(), group: PathBuf::new() };
        assert!(machine("db1").is("db_1") && machine("web-1").is("web-1") && !machine("web1").is("web"));
        assert_eq!(machine_name("a..b_-c-"), "a.b-c");
    }
}
