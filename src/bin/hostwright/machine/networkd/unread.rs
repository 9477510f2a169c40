//! When files that networkd reads changed, and when it configured its links.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use hostwright::artifact::{OWN_FILES, Root};
use hostwright::observed::{self, ObservedLink, Texts};

use super::protection::changed;

/// Folders that networkd reads. systemd.network(5).
const FOLDERS: [&str; 4] = [
    "/etc/systemd/network",
    "/run/systemd/network",
    "/usr/local/lib/systemd/network",
    "/usr/lib/systemd/network",
];

/// Finds links whose files of others changed since networkd may have read them, each with the file; `read` is when it read
/// all of them for certain, in microseconds of the real-time clock.
pub(crate) fn unread(
    root: &Path,
    links: &BTreeMap<String, ObservedLink>,
    loaded: &BTreeMap<String, String>,
    texts: &Texts,
    read: u64,
) -> BTreeMap<String, String> {
    let when =
        |path: &str| Some(changed(&fs::symlink_metadata(root.join(path.trim_start_matches('/'))).ok()?));
    let made = format!("{}/{OWN_FILES}", Root::Network.directory());
    let of_others = candidates(loaded, texts).into_iter().filter(|it| !it.starts_with(&made));
    let changed = of_others.filter_map(|it| when(&it).map(|time| (it, time))).filter(|it| it.1 > read);
    let state = |link: &ObservedLink| when(&format!("/run/systemd/netif/links/{}", link.index));
    let saved = links.iter().filter_map(|(name, link)| Some((name.clone(), state(link)?)));
    observed::unread(links, loaded, texts, &changed.collect(), &saved.collect())
}

/// Lists the files of networks, those that are loaded from anywhere, and the folders of drop-ins that they may have.
fn candidates(loaded: &BTreeMap<String, String>, texts: &Texts) -> BTreeSet<String> {
    let of_networks = |it: &&String| it.ends_with(".network") || it.contains(".network.d/");
    let in_folders = |it: &&String| FOLDERS.iter().any(|folder| it.starts_with(folder));
    let names: BTreeSet<_> = loaded.values().filter_map(|it| it.rsplit_once('/')).map(|it| it.1).collect();
    let folders = names.iter().flat_map(|name| FOLDERS.map(|it| format!("{it}/{name}.d")));
    let written = texts.keys().filter(of_networks).filter(in_folders);
    written.chain(loaded.values()).cloned().chain(folders).collect()
}
