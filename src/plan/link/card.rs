//! Network cards, which nobody makes: what udev does to them at boot, and what is there until then.

use super::{Rest, virtual_functions};
use crate::artifact::{Content, Entry, Link, link_place};
use crate::observed::ObservedLink;
use crate::plan::draft::Draft;
use crate::plan::{Change, Sign};
use crate::value::InterfaceName;

/// Takes up a card that is not there under its name.
pub(super) fn absent(draft: &mut Draft<'_>, entry: &Entry, link: &Link, rest: &mut Rest) {
    if let Some(why) = comes_at_boot(draft, link) {
        rest.absent.insert(link.name.clone());
        return super::absent(draft, entry, link, &why.into());
    }
    let message = format!("this machine has no network card `{}`", link.name);
    let hint = match bearer(draft, link) {
        Some((name, _)) => {
            format!("the card that `match` knows is `{name}`; `rename = true` names it at boot")
        }
        None => "`ip link` lists what it has".to_owned(),
    };
    draft.problem(&entry.origin, message, &hint);
}

/// Says why a card may be there under its name after a boot.
fn comes_at_boot(draft: &Draft<'_>, link: &Link) -> Option<String> {
    if !link.renamed {
        return None;
    }
    if let Some((name, _)) = bearer(draft, link) {
        return Some(format!("udev gives `{name}` this name at boot"));
    }
    let grows = |it: &&Link| it.functions.is_some_and(|wanted| wanted > functions(draft, &it.name));
    let pf = draft.after.links().find(grows)?;
    Some(format!("there is no such card before `{}` has its virtual functions, at boot", pf.name))
}

/// Returns the card that a link shall be, under the name that it has now.
fn bearer<'a>(draft: &Draft<'a>, link: &Link) -> Option<(&'a String, &'a ObservedLink)> {
    let known = link.expect_mac.is_some() || link.expect_path.is_some();
    let is = |it: &ObservedLink| it.kind.is_none() && foreign_hardware(link, it).is_none();
    draft.observed.links.iter().find(|(_, it)| known && is(it))
}

/// Returns the number of virtual functions that a card has, under whatever name.
pub(in crate::plan) fn functions(draft: &Draft<'_>, name: &InterfaceName) -> u32 {
    let renamed = || bearer(draft, draft.after.link(name)?).map(|(_, it)| it);
    let card = draft.observed.link(name).or_else(renamed);
    card.and_then(|it| it.functions).map_or(0, |it| it.present)
}

/// Says that what udev sets on a card is set when it finds the card: at boot.
pub(super) fn say_what_udev_will_do(
    draft: &mut Draft<'_>,
    entry: &Entry,
    link: &Link,
    present: &ObservedLink,
) {
    if !link.is_hardware() {
        return;
    }
    let place = link_place(&link.name);
    let after = draft.after.content(&place);
    let functions = other_functions(link, present);
    let settings = || "settings of udev".to_owned();
    let is_more = beside_number(draft.before.content(&place)) != beside_number(after);
    let what = || match &functions {
        Some(functions) if is_more => format!("{functions}, {}", settings()),
        Some(functions) => functions.clone(),
        None => settings(),
    };
    if draft.before.content(&place) != after {
        if virtual_functions::told(draft, entry, link, present) {
            return;
        }
        if let Some(message) = too_many_functions(link, present) {
            let hint = "SR-IOV is switched on in the firmware of the host, and of some cards";
            return draft.problem(&entry.origin, message, hint);
        }
        draft.change(Change {
            when: Some("takes effect at the next boot".to_owned()),
            ..Change::new(Sign::Change, &entry.origin, what(), "udev's file")
        });
    } else if functions.is_some() || draft.observed.files.get(&place) != after {
        draft.pending(&entry.origin, format!("{}: active from the next boot", what()));
    }
}

/// Returns what a file of udev says beside the number of virtual functions.
fn beside_number(content: Option<&Content>) -> Vec<&str> {
    let Some(Content::Text(text)) = content else { return Vec::new() };
    text.lines().filter(|it| !it.starts_with("SR-IOVVirtualFunctions=")).collect()
}

fn other_functions(link: &Link, present: &ObservedLink) -> Option<String> {
    let found = present.functions.map_or(0, |it| it.present);
    let wanted = link.functions.filter(|it| *it != found)?;
    Some(format!("{wanted} virtual functions instead of {found}"))
}

fn too_many_functions(link: &Link, present: &ObservedLink) -> Option<String> {
    let most = present.functions.map_or(0, |it| it.most);
    let wanted = link.functions.filter(|it| *it > most)?;
    Some(format!("network card `{}` has at most {most} virtual functions, the spec says {wanted}", link.name))
}

/// Says why a network card is not the one that is meant.
pub(in crate::plan) fn foreign_hardware(link: &Link, present: &ObservedLink) -> Option<String> {
    if let Some(expected) = link.expect_mac.filter(|it| Some(*it) != present.hardware_mac()) {
        let found = present.hardware_mac().map_or_else(|| "none".to_owned(), |it| it.to_string());
        return Some(format!(
            "network card `{}` has MAC address {found}, the spec says {expected}",
            link.name
        ));
    }
    if let Some(expected) =
        link.expect_path.as_ref().filter(|it| Some(it.as_str()) != present.path.as_deref())
    {
        let found = present.path.as_deref().unwrap_or("none");
        return Some(format!("network card `{}` has the path {found}, the spec says {expected}", link.name));
    }
    None
}
