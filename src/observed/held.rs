//! Files that networkd may hold for links which are not there: it configures such a link as soon as it comes.

use std::collections::BTreeMap;

use super::unread::{FOLDERS, is_network, may_match, name_of};
use super::{ObservedLink, Texts};
use crate::artifact::{Link, network_place};

/// Finds the links of a spec that are not there and that networkd may hold a file for, each with that file: its own, which
/// a removal left because no reload was harmless, or one of others that may match it.
#[must_use]
pub fn held<'a>(
    links: &BTreeMap<String, ObservedLink>,
    wanted: impl IntoIterator<Item = &'a Link>,
    texts: &Texts,
) -> BTreeMap<String, String> {
    let absent = wanted.into_iter().filter(|it| !it.is_hardware() && !links.contains_key(it.name.as_str()));
    // networkd takes no notice of an empty one, which keeps one of its name elsewhere from it.
    let files: Vec<_> = in_force(texts).filter(|(_, text)| !text.is_empty()).collect();
    let found = absent.filter_map(|link| {
        let own = network_place(&link.name).to_string();
        let (name, made) = (link.name.as_str(), as_made(link, links));
        let of_others = || {
            let matching = files.iter().filter(|(_, text)| may_match(text, name, &made));
            matching.map(|(path, _)| (*path).clone()).min_by(|a, b| name_of(a).cmp(name_of(b)))
        };
        let file = if texts.contains_key(&own) { Some(own) } else { of_others() };
        Some((link.name.to_string(), file?))
    });
    found.collect()
}

/// Iterates over the files that networkd would read.
fn in_force(texts: &Texts) -> impl Iterator<Item = (&String, &String)> {
    let of_name = |path: &str| {
        FOLDERS.iter().map(|it| format!("{it}/{}", name_of(path))).find(|it| texts.contains_key(it))
    };
    let networks = texts.iter().filter(|it| is_network(it.0));
    networks.filter(move |it| of_name(it.0).is_none_or(|first| first == *it.0))
}

/// Returns what a file is matched with. A VLAN takes the MAC address of its parent.
fn as_made(link: &Link, links: &BTreeMap<String, ObservedLink>) -> ObservedLink {
    let parent = link.parent().and_then(|it| links.get(it.as_str()));
    let kind = link.device.as_ref().map(|it| it.kind.clone());
    ObservedLink { kind, mac: link.mac.or_else(|| parent?.mac), ..ObservedLink::default() }
}
