//! Mounts on disks and iSCSI logins: proposed as comments, because their present files would make them a second time.

use super::{Found, Section};
use crate::ini;
use crate::kind::KINDS;
use crate::spec::{TableText, write};
use crate::value::escape_path;

/// Directories that belong to the host itself.
const OF_THE_HOST: &[&str] = &["/", "/boot", "/boot/efi", "/usr", "/var", "none", "swap"];
/// File systems without a disk.
const WITHOUT_DISK: &[&str] =
    &["proc", "sysfs", "tmpfs", "devpts", "devtmpfs", "overlay", "autofs", "swap", "efivarfs"];

/// A mount as its file says it.
struct Mount<'a> {
    file: &'a str,
    what: String,
    place: String,
    kind: String,
    options: String,
}

/// Writes mounts and iSCSI logins.
pub(super) fn sections(found: &Found) -> Vec<Section> {
    let mut sections: Vec<_> = mounts(found).iter().map(mount).collect();
    let is_node = |path: &str, text: &str| path.contains("/iscsi/nodes/") && text.contains("node.name");
    let nodes = found.texts.iter().filter(|(path, text)| is_node(path, text));
    sections.extend(nodes.map(|(path, text)| node(path, text)));
    sections
}

fn mounts(found: &Found) -> Vec<Mount<'_>> {
    let mut mounts = Vec::new();
    for (path, text) in &found.texts {
        if path == "/etc/fstab" {
            mounts.extend(text.lines().filter_map(|line| of_fstab(path, line)));
        } else if path.strip_suffix(".mount").is_some() {
            mounts.extend(of_unit(path, text));
        }
    }
    let on_disk = |it: &Mount<'_>| {
        !OF_THE_HOST.contains(&it.place.as_str()) && !WITHOUT_DISK.contains(&it.kind.as_str())
    };
    mounts.retain(on_disk);
    mounts
}

fn of_fstab<'a>(file: &'a str, line: &str) -> Option<Mount<'a>> {
    let line = line.split('#').next().unwrap_or_default();
    let mut words = line.split_whitespace().map(|it| it.replace("\\040", " "));
    let (what, place, kind) = (words.next()?, words.next()?, words.next()?);
    Some(Mount { file, what, place, kind, options: words.next().unwrap_or_default() })
}

fn of_unit<'a>(file: &'a str, text: &str) -> Option<Mount<'a>> {
    let sections = ini::parse(text);
    let section = sections.iter().find(|it| it.name == "Mount")?;
    let get = |key: &str| section.get(key).unwrap_or_default().to_owned();
    Some(Mount { file, what: get("What"), place: get("Where"), kind: get("Type"), options: get("Options") })
}

fn mount(mount: &Mount<'_>) -> Section {
    let Mount { file, what, place, kind, options } = mount;
    let why = format!("{file} mounts it: take it out there before it is said here");
    let Some(source) = source(what) else {
        let text = format!("{what} on {place}, {kind}: a network file system, there is no word for it");
        return Section::table(write::comment(&format!("{file} mounts {text}; it is left alone")));
    };
    let Some(keys) = KINDS.iter().find(|it| it.word() == "mount").map(|it| it.keys()) else {
        return Section::table(write::comment(&why));
    };
    let name = escape_path(place).replace('\\', "_");
    let mut table = TableText::new("mount", &name, keys);
    table.text("where", place);
    table.toml("source", source);
    table.text("type", kind);
    let plain = |it: &&str| {
        !it.is_empty()
            && *it != "defaults"
            && !it.starts_with("x-systemd")
            && *it != "noauto"
            && *it != "_netdev"
    };
    table.list("options", options.split(',').filter(plain));
    if options.split(',').any(|it| it == "x-systemd.automount") {
        table.toml("on-demand", true);
    }
    Section::commented(table.written(), &why)
}

/// Writes the disk; absent: it is none of this host.
fn source(what: &str) -> Option<String> {
    let by = |folder: &str, name: &str| format!("/dev/disk/by-{folder}/{}", name.trim_matches('"'));
    let tagged = [
        ("UUID=", "uuid"),
        ("LABEL=", "label"),
        ("PARTUUID=", "partuuid"),
        ("PARTLABEL=", "partlabel"),
        ("ID=", "id"),
    ];
    let tag = tagged.iter().find_map(|(tag, folder)| Some(by(folder, what.strip_prefix(tag)?)));
    let path = tag.unwrap_or_else(|| what.to_owned());
    path.starts_with("/dev/").then_some(())?;
    Some(match volume(&path) {
        Some(volume) => format!("{{ volume = {} }}", write::string(volume)),
        None => format!("{{ device = {} }}", write::string(path)),
    })
}

/// Reads the logical volume of a path of device mapper, whose names double their hyphens, or of `/dev/GROUP/NAME`.
fn volume(path: &str) -> Option<String> {
    if let Some(name) = path.strip_prefix("/dev/mapper/") {
        let hidden = name.replace("--", "\u{0}");
        let (group, volume) = hidden.split_once('-')?;
        return Some(format!("{}/{}", group.replace('\u{0}', "-"), volume.replace('\u{0}', "-")));
    }
    let (group, volume) = path.strip_prefix("/dev/")?.split_once('/')?;
    let is_group = !["disk", "mapper", "md", "block", "loop"].contains(&group) && !volume.contains('/');
    is_group.then(|| format!("{group}/{volume}"))
}

fn node(path: &str, text: &str) -> Section {
    let value = |key: &str| {
        let lines = text.lines().filter_map(|it| it.split_once('='));
        let mut values = lines.filter(|it| it.0.trim() == key).map(|it| it.1.trim());
        values.next().unwrap_or_default()
    };
    let portal = format!("{}:{}", value("node.conn[0].address"), value("node.conn[0].port"));
    let mut lines = vec![format!(
        "iSCSI: target {} at {portal}, startup {}, by {path}: it is left alone",
        value("node.name"),
        value("node.startup")
    )];
    let user = value("node.session.auth.username");
    if !user.is_empty() {
        lines.push(format!("it logs in by CHAP as {user}; its secret was not read"));
    }
    Section::table(write::comment(&lines.join("\n")))
}
