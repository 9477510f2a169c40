//! When files that networkd reads changed.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use hostwright::artifact::{OWN_FILES, Root};
use hostwright::observed::{self, FOLDERS, Networkd, ObservedLink, Texts, is_of_device};

use super::stamp::{follow, stamp};
use crate::configuration::is_of_network;

/// From this version on a reload gives links what a changed `.netdev` says; up to it networkd passes one by whose link is there.
const CHANGES_DEVICES_SINCE: u32 = 257;

/// Finds links whose files of others changed since a networkd may have read them, each with the file.
pub(crate) fn unread(
    root: &Path,
    links: &BTreeMap<String, ObservedLink>,
    loaded: &BTreeMap<String, String>,
    texts: &Texts,
    networkd: &Networkd,
) -> BTreeMap<String, String> {
    let when = |path: &str| when(root, path);
    let counts = |it: &str| networkd.version >= CHANGES_DEVICES_SINCE || !is_of_device(it);
    let made = format!("{}/{OWN_FILES}", Root::Network.directory());
    let of_others = candidates(root, loaded, texts).into_iter().filter(|it| !it.starts_with(&made));
    let of_others = of_others.filter(|it| counts(it));
    let changed: BTreeSet<_> = of_others.filter(|it| when(it).is_some_and(|it| it > networkd.read)).collect();
    if changed.is_empty() {
        return BTreeMap::new();
    }
    observed::unread(links, loaded, texts, &changed)
}

/// Returns when a file or a link to it changed; of a link to nothing, when it did itself.
fn when(root: &Path, path: &str) -> Option<u64> {
    let path = root.join(path.trim_start_matches('/'));
    let own = || Some(stamp(&fs::symlink_metadata(&path).ok()?));
    follow(root, &path).map(|it| it.changed).ok().or_else(own)
}

/// Lists the files of networks, those that are loaded from anywhere, and the folders of drop-ins.
fn candidates(root: &Path, loaded: &BTreeMap<String, String>, texts: &Texts) -> BTreeSet<String> {
    let in_folders = |it: &&String| FOLDERS.iter().any(|folder| it.starts_with(folder));
    let written = texts.keys().filter(|it| is_of_network(it) || is_of_device(it)).filter(in_folders);
    let drop_ins = FOLDERS.into_iter().flat_map(|it| folders_of_drop_ins(root, it));
    written.chain(loaded.values()).cloned().chain(drop_ins).collect()
}

fn folders_of_drop_ins(root: &Path, folder: &'static str) -> impl Iterator<Item = String> {
    let entries = fs::read_dir(root.join(folder.trim_start_matches('/'))).into_iter().flatten().flatten();
    let names = entries.filter_map(|it| it.file_name().into_string().ok());
    names.filter(|it| it.ends_with(".network.d")).map(move |it| format!("{folder}/{it}"))
}
