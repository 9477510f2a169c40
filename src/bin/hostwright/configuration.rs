//! Texts by which other tools configure the network.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use hostwright::artifact::{OWN_FILES, Root};
use hostwright::observed::{ObservedLink, Texts};

use crate::layout::Layout;
use crate::machine::iscsi::RECORDS;
use crate::machine::networkd::file_of;

/// Directory of networkd's files that people write.
const WRITTEN: &str = "/etc/systemd/network";
/// Folders with files that are read whole: networkd's, netplan's, cloud-init's, `NetworkManager`'s states.
const FOLDERS: [&str; 5] = [
    WRITTEN,
    "/run/systemd/network",
    "/etc/netplan",
    "/etc/cloud/cloud.cfg.d",
    "/run/NetworkManager/devices",
];
/// Folders of networkd's files that packages bring.
const PACKAGED: [&str; 2] = ["/usr/local/lib/systemd/network", "/usr/lib/systemd/network"];
/// Folder of `NetworkManager`'s connections, which hold secrets.
const CONNECTIONS: &str = "/etc/NetworkManager/system-connections";
/// Folder of units that people write.
const UNITS: &str = "/etc/systemd/system";
/// Where ifup lies; without it nobody reads its files.
const IFUP: [&str; 2] = ["sbin/ifup", "usr/sbin/ifup"];

/// Reads the texts that [`hostwright::observed::managers`] asks for.
///
/// # Errors
/// The file system's.
pub(crate) fn texts(layout: &Layout) -> io::Result<Texts> {
    texts_but(layout, &|_| false)
}

/// As [`texts`], with nothing but the names of the files that hostwright makes for networkd: there may be thousands; and with
/// what packages bring of files that networkd would read at a reload.
///
/// # Errors
/// The file system's.
pub(crate) fn texts_of_others(layout: &Layout) -> io::Result<Texts> {
    let made = format!("{}/{OWN_FILES}", Root::Network.directory());
    let mut texts = texts_but(layout, &|path| path.starts_with(&made))?;
    for folder in PACKAGED {
        let mut packaged = Texts::new();
        read_folder(layout.root(), folder, &|_| false, &mut packaged)?;
        texts.extend(packaged.into_iter().filter(|(path, _)| is_of_network(path)));
    }
    Ok(texts)
}

/// Says whether a path is that of a `.network` file, or of a drop-in of one.
pub(crate) fn is_of_network(path: &str) -> bool {
    path.strip_suffix(".network").is_some() || path.contains(".network.d/")
}

/// Leaves out what a test holds for, but for its name.
fn texts_but(layout: &Layout, left_out: &dyn Fn(&str) -> bool) -> io::Result<Texts> {
    let root = layout.root();
    let mut texts = Texts::new();
    for folder in FOLDERS {
        read_folder(root, folder, left_out, &mut texts)?;
    }
    let everything = &|_: &str| false;
    if IFUP.iter().any(|it| root.join(it).exists()) {
        read_file(root, "/etc/network/interfaces", &mut texts)?;
        read_folder(root, "/etc/network/interfaces.d", everything, &mut texts)?;
    }
    let mut connections = Texts::new();
    read_folder(root, CONNECTIONS, everything, &mut connections)?;
    texts.extend(connections.into_iter().map(|(path, text)| (path, identities(&text))));
    Ok(texts)
}

/// Reads what mounts disks and logs in to targets: fstab, mount units, the records of open-iscsi.
///
/// # Errors
/// The file system's.
pub(crate) fn storage(layout: &Layout) -> io::Result<Texts> {
    let root = layout.root();
    let mut texts = Texts::new();
    read_file(root, "/etc/fstab", &mut texts)?;
    let mut units = Texts::new();
    read_folder(root, UNITS, &|_| false, &mut units)?;
    texts.extend(units.into_iter().filter(|(path, _)| path.strip_suffix(".mount").is_some()));
    let mut records = Texts::new();
    for folder in RECORDS {
        read_all(root, folder, &mut records)?;
    }
    texts.extend(records.into_iter().map(|(path, text)| (path, without_secrets(&text))));
    Ok(texts)
}

/// Leaves out the passwords of a record.
fn without_secrets(text: &str) -> String {
    text.lines().filter(|it| !it.contains("password")).fold(String::new(), |all, it| all + it + "\n")
}

/// Reads all files below a folder.
fn read_all(root: &Path, folder: &str, texts: &mut Texts) -> io::Result<()> {
    let Ok(entries) = fs::read_dir(below(root, folder)) else { return Ok(()) };
    for entry in entries {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let path = format!("{folder}/{name}");
        if entry.path().is_dir() {
            read_all(root, &path, texts)?;
        } else {
            read_file(root, &path, texts)?;
        }
    }
    Ok(())
}

/// Leaves nothing of a connection but what names it.
fn identities(text: &str) -> String {
    text.lines().filter(|it| it.starts_with("uuid=")).fold(String::new(), |all, it| all + it + "\n")
}

/// Reads all files of a folder and of its folders of drop-ins.
fn read_folder(
    root: &Path,
    folder: &str,
    left_out: &dyn Fn(&str) -> bool,
    texts: &mut Texts,
) -> io::Result<()> {
    let entries = match fs::read_dir(below(root, folder)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let path = format!("{folder}/{name}");
        if !is_folder(&entry)? {
            if left_out(&path) {
                texts.insert(path, String::new());
            } else {
                read_file(root, &path, texts)?;
            }
        } else if entry.path().extension().is_some_and(|it| it == "d") {
            read_folder(root, &path, left_out, texts)?;
        }
    }
    Ok(())
}

/// Says whether an entry is a folder, or leads to one.
fn is_folder(entry: &fs::DirEntry) -> io::Result<bool> {
    let kind = entry.file_type()?;
    Ok(kind.is_dir() || (kind.is_symlink() && entry.path().is_dir()))
}

/// Reads a file; one that is no text, or gone meanwhile, says nothing.
fn read_file(root: &Path, path: &str, texts: &mut Texts) -> io::Result<()> {
    match fs::read(below(root, path)) {
        Ok(bytes) => texts.extend(String::from_utf8(bytes).ok().map(|it| (path.to_owned(), it))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    Ok(())
}

fn below(root: &Path, path: &str) -> std::path::PathBuf {
    root.join(path.trim_start_matches('/'))
}

/// Divides the texts for networkd into the files that people write, and the drop-ins that lie elsewhere; those that were not
/// read, for they are hostwright's own, are left out.
pub(crate) fn written(texts: &Texts) -> (Texts, Texts) {
    let is_drop_in = |path: &str| path.contains("/systemd/network/") && path.contains(".network.d/");
    let of_networkd =
        |path: &str, text: &str| path.starts_with(WRITTEN) || (is_drop_in(path) && !text.is_empty());
    texts
        .iter()
        .filter(|(path, text)| of_networkd(path, text))
        .map(|(path, text)| (path.clone(), text.clone()))
        .partition(|(path, _)| path.starts_with(WRITTEN))
}

/// Names the files that networkd has loaded where it does not say, up to 248, by the states that it keeps.
pub(crate) fn name_files(
    layout: &Layout,
    loaded: &mut BTreeMap<String, String>,
    links: &BTreeMap<String, ObservedLink>,
) {
    for (name, path) in loaded.iter_mut().filter(|(_, path)| !path.starts_with('/')) {
        let Some(link) = links.get(name) else { continue };
        if let Some(found) = file_of(layout.root(), link.index) {
            *path = found;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drop_ins_of_others_are_found_wherever_they_lie() {
        let runtime = "/run/systemd/network/20-eno2.network.d/bridge.conf";
        let texts = [
            ("/etc/systemd/network/20-eno2.network", "[Match]\nName=eno2\n"),
            (runtime, "[Network]\nBridge=br0\n"),
            ("/run/systemd/network/10-hostwright-v20.network.d/10-master.conf", ""),
            ("/run/systemd/network/20-eno3.network", "[Match]\nName=eno3\n"),
            ("/etc/netplan/50-cloud-init.yaml", "network: {}\n"),
        ];
        let texts = texts.map(|(path, text)| (path.to_owned(), text.to_owned())).into();
        let (written, drop_ins) = written(&texts);
        assert_eq!(written.keys().collect::<Vec<_>>(), ["/etc/systemd/network/20-eno2.network"]);
        assert_eq!(drop_ins.keys().collect::<Vec<_>>(), [runtime]);
    }
}
