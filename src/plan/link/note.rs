//! What a reader of a plan should know beside its steps.

use super::difference::Difference;
use super::telling::TAKES_VLANS_SINCE;
use crate::artifact::{Device, Link, device_place};
use crate::plan::draft::Draft;

/// From this version on networkd gives a bond that it finds what the file says.
const ALTERS_BONDS_SINCE: u32 = 257;

/// Notes what the plan does not know, because nobody told.
pub(super) fn unseen(draft: &mut Draft<'_>) {
    let observed = draft.observed;
    for what in &observed.missing {
        draft.note(format!(
            "no boot starts {what}, and without it none brings what is applied: `hostwright install` has it started"
        ));
    }
    for who in &observed.told.silent {
        draft.note(format!("{who}; its BFD sessions, and BGP on other ports than 179, are not seen"));
    }
    for (link, path) in observed.networkd.iter().flat_map(|it| &it.unread) {
        draft.note(format!(
            "{path} changed since networkd may have read it for `{link}`: a reload would bring what it says"
        ));
    }
    for what in &observed.unseen {
        draft.note(format!("{what}; what it has on links here is not seen"));
    }
}

/// Notes that networkd has the former settings of a bridge, or from 257 on of a bond: it gives them to one that it finds as it
/// starts. `netdev_bridge_post_create`, netdev/bridge.c.
pub(super) fn former_settings(draft: &mut Draft<'_>, link: &Link) {
    let is_read = draft.observed.files.contains_key(&device_place(&link.name));
    let alters = draft.observed.networkd.as_ref().is_some_and(|it| it.version >= ALTERS_BONDS_SINCE);
    let is_given = link.device.as_ref().is_some_and(Device::is_bridge)
        || alters && draft.observed.is_bond(link.name.as_str());
    if is_read && is_given {
        draft.note(format!(
            "networkd learns of the settings of `{}` at the next boot, until then a restart of networkd would bring the former ones",
            link.name
        ));
    }
}

/// Notes that networkd has the former VLANs of a port that passes others now: it gives them to one that it finds as it starts.
pub(super) fn former_vlans(draft: &mut Draft<'_>, difference: &Difference) {
    let Difference::ChangedPort(_, port) = difference else { return };
    let takes = draft.observed.networkd.as_ref().is_some_and(|it| it.version >= TAKES_VLANS_SINCE);
    if takes && draft.observed.networkd_has_loaded(&port.link) {
        draft.note(format!(
            "networkd learns of the VLANs of port `{}` at the next boot, until then a restart of networkd would bring the former ones",
            port.link
        ));
    }
}
