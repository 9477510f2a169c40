//! Names and MAC addresses of links.

use super::super::interfaces::{Interface, Mastery};
use super::{Finding, View};
use crate::diagnostic::{Code, Diagnostic};

/// Warns of network cards that are renamed to what the kernel calls others.
pub(in super::super) fn kernel_names(view: &View<'_>) -> Vec<Finding> {
    let entries = view.declared.interfaces.iter().filter(|(name, _)| is_of_the_kernel(name));
    let finding = entries.filter_map(|(name, entry)| {
        let message = format!(
            "`{name}` is a name that the kernel gives to cards itself: this card may not get it at boot"
        );
        let diagnostic = Diagnostic::warning(Code::KernelName, entry.interface.renamed?, message);
        let diagnostic = diagnostic.also(entry.origin.span, "the name that it shall get");
        let hint = "choose a name that the kernel never gives, like `uplink0`";
        Some(Finding { diagnostic: diagnostic.hint(hint), tables: vec![entry.origin.value.clone()] })
    });
    finding.collect()
}

fn is_of_the_kernel(name: &str) -> bool {
    let number = ["eth", "wlan", "ib"].iter().find_map(|it| name.strip_prefix(it));
    number.is_some_and(|it| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit()))
}

/// systemd that sets the MAC addresses of `.netdev` and `.network` in turn, systemd issue 42457.
const MAC_FLIPS: std::ops::RangeInclusive<u32> = 257..=261;

/// Warns of raw MAC addresses of bonds and bridges where they are set and taken back in turn.
pub(in super::super) fn raw_macs(view: &View<'_>) -> Vec<Finding> {
    if !MAC_FLIPS.contains(&view.systemd) {
        return Vec::new();
    }
    let made = |it: &Interface| matches!(it.mastery, Some(Mastery::Frames | Mastery::Switch { .. }));
    let entries = view.declared.interfaces.iter().filter(|(_, it)| made(&it.interface));
    let finding = entries.filter_map(|(name, entry)| {
        let message = format!(
            "systemd {} sets this MAC address of `{name}` and its own in turn, which ends BGP sessions",
            view.systemd
        );
        let diagnostic = Diagnostic::warning(Code::MacInNetwork, entry.interface.raw_mac?, message);
        let diagnostic =
            diagnostic.hint("write `mac = …` in the table instead of the line in `raw`: that holds");
        Some(Finding { diagnostic, tables: vec![entry.origin.value.clone()] })
    });
    finding.collect()
}
