//! To whom a process belongs in an administrator's words: a container of whatever runtime, a unit, or nobody but itself.

use std::path::Path;

use hostwright::observed::Space;

use super::{Form, group, named, unescaped};

/// Digits of a container's number, and how many of them runtimes show.
const DIGITS: (usize, usize) = (64, 12);
/// Units that say nothing of what runs in them: logins, systemd itself, and what `systemd-run` named.
const NAMELESS: [&str; 4] = ["session-", "user@", "init.scope", "run-"];

/// Names a network namespace by a process that is in it.
pub(crate) fn holder(root: &Path, pid: u32) -> Space {
    let read = |file: &str| {
        let bytes = std::fs::read(root.join(format!("proc/{pid}/{file}"))).unwrap_or_default();
        String::from_utf8_lossy(&bytes).trim_end_matches('\n').to_owned()
    };
    let groups = read("cgroup");
    let path = group(&groups).unwrap_or_default();
    let unit = || path.rsplit('/').find(|it| is_unit(it)).map(|it| Space::Unit(it.to_owned()));
    let process = || Space::Process { pid, command: read("comm") };
    container(path).or_else(unit).unwrap_or_else(process)
}

fn is_unit(part: &str) -> bool {
    let is_unit = matches!(part.rsplit_once('.'), Some((_, "service" | "scope")));
    is_unit && !NAMELESS.iter().any(|it| part.starts_with(it))
}

/// Finds the outermost container in a control group's path.
fn container(path: &str) -> Option<Space> {
    let mut above = "";
    for part in path.split('/') {
        if let Some((runtime, name)) = contained(above, part) {
            let runtime = (!runtime.is_empty()).then(|| runtime.to_owned());
            return Some(Space::Container { runtime, name });
        }
        above = part;
    }
    None
}

/// Reads one part of a path and the one above it: what runs the container, empty where that is not said, and its name.
fn contained<'a>(above: &'a str, part: &'a str) -> Option<(&'a str, String)> {
    if let Some((Form::Container, name)) = named(part) {
        return Some(("", name));
    }
    if let Some(name) = part.strip_prefix("lxc.payload.") {
        return Some(("LXC", name.to_owned()));
    }
    if ["lxc", "lxc.payload"].contains(&above) {
        return Some(("LXC", part.to_owned()));
    }
    let scope = part.strip_suffix(".scope");
    if let Some(machine) = scope.and_then(|it| it.strip_prefix("machine-")) {
        let machine = unescaped(machine);
        let (_, name) = machine.strip_prefix("lxc-")?.split_once('-')?;
        return Some(("libvirt", name.to_owned()));
    }
    let (runtime, number) = scope.unwrap_or(part).rsplit_once('-').unwrap_or((above, part));
    let is_number = number.len() == DIGITS.0 && number.bytes().all(|it| it.is_ascii_hexdigit());
    is_number.then(|| (word(runtime), number[..DIGITS.1].to_owned()))
}

/// Returns the word of a runtime, from what it puts before the numbers of its containers.
fn word(prefix: &str) -> &str {
    match prefix {
        "docker" => "docker",
        "libpod" | "libpod_parent" => "podman",
        "crio" => "CRI-O",
        "cri-containerd" | "nerdctl" => "containerd",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_groups_tell_the_container() {
        let number = "0123456789ab".repeat(5) + "cdef";
        for (path, expected) in [
            ("/machine.slice/systemd-nspawn@ci1.service/payload/init.scope", Some((None, "ci1"))),
            ("/lxc.payload.web/init.scope", Some((Some("LXC"), "web"))),
            ("/lxc.payload/web", Some((Some("LXC"), "web"))),
            ("/lxc/web/system.slice/ssh.service", Some((Some("LXC"), "web"))),
            (r"/machine.slice/machine-lxc\x2d17\x2ddb\x2d1.scope/libvirt", Some((Some("libvirt"), "db-1"))),
            (r"/machine.slice/machine-qemu\x2d1\x2dweb1.scope", None),
            ("/system.slice/docker-NUMBER.scope", Some((Some("docker"), "0123456789ab"))),
            ("/docker/NUMBER", Some((Some("docker"), "0123456789ab"))),
            ("/machine.slice/libpod-NUMBER.scope/container", Some((Some("podman"), "0123456789ab"))),
            ("/libpod_parent/libpod-NUMBER", Some((Some("podman"), "0123456789ab"))),
            (
                "/kubepods.slice/kubepods-podx.slice/cri-containerd-NUMBER.scope",
                Some((Some("containerd"), "0123456789ab")),
            ),
            ("/kubepods/besteffort/podx/NUMBER", Some((None, "0123456789ab"))),
            ("/system.slice/docker.service", None),
            ("/", None),
        ] {
            let found = container(&path.replace("NUMBER", &number));
            let expected = expected.map(|(runtime, name): (Option<&str>, &str)| Space::Container {
                runtime: runtime.map(str::to_owned),
                name: name.to_owned(),
            });
            assert_eq!(found, expected, "{path}");
        }
    }

    #[test]
    fn a_unit_is_named_unless_its_name_says_nothing() {
        let root = tempfile::tempdir().expect("a directory");
        let process = root.path().join("proc/7");
        std::fs::create_dir_all(&process).expect("a process");
        std::fs::write(process.join("comm"), "sleep\n").expect("its name");
        let known = |path: &str| {
            std::fs::write(process.join("cgroup"), format!("0::{path}\n")).expect("its group");
            holder(root.path(), 7)
        };
        let unit = |it: &str| Space::Unit(it.to_owned());
        assert_eq!(known("/system.slice/bird@red.service"), unit("bird@red.service"));
        assert_eq!(known("/user.slice/user-1.slice/user@1.service/app.slice/a.service"), unit("a.service"));
        let process = Space::Process { pid: 7, command: "sleep".to_owned() };
        for path in
            ["/user.slice/user-0.slice/session-3.scope", "/init.scope", "/system.slice/run-u3.service"]
        {
            assert_eq!(known(path), process, "{path}");
        }
    }
}
