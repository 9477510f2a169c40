//! What keeps guests from moving to other hosts that are meant to.

use std::path::Path;

use super::super::guests::Migration;
use super::super::{Attachment, Declared};
use super::{Finding, View};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{Located, Span};
use crate::value::AbsolutePath;

/// File systems that several hosts mount at once, as libvirt knows them; others that it knows are on no block device.
const OF_SEVERAL_HOSTS: &[&str] = &["gfs2", "ocfs2"];

fn meant<'a>(view: &View<'a>) -> impl Iterator<Item = &'a Migration> {
    view.declared.guests.migrations.iter().filter(|it| it.meant.value)
}

fn finding(guest: &Migration, code: Code, place: Span, why: &str, hint: &str) -> Finding {
    let message = format!("guest `{}` is meant to migrate, and {why}", guest.table.name);
    let diagnostic = Diagnostic::warning(code, place, message).also(guest.meant.span, "it is meant to");
    Finding { diagnostic: diagnostic.hint(hint), tables: vec![guest.table.clone()] }
}

/// Warns of disks in files that one host alone has.
pub(in super::super) fn local_files(view: &View<'_>) -> Vec<Finding> {
    let hint = "a `lun`, or a `volume` on one, is there for other hosts, too";
    local(view, |it| &it.files, "disk", Code::LocalFileDisk, hint)
}

/// Warns of CDs that one host alone has.
pub(in super::super) fn local_cds(view: &View<'_>) -> Vec<Finding> {
    let hint = "take it out when the guest has read it: a seed is needed once";
    local(view, |it| &it.cds, "CD", Code::LocalCdrom, hint)
}

fn local(
    view: &View<'_>,
    files: fn(&Migration) -> &[Located<AbsolutePath>],
    what: &str,
    code: Code,
    hint: &str,
) -> Vec<Finding> {
    let files = meant(view).flat_map(|guest| files(guest).iter().map(move |it| (guest, it)));
    let local = files.filter(|(_, file)| !is_shared(view.declared, &file.value));
    let finding = local.map(|(guest, file)| {
        let why = format!("its {what} `{}` is a file of this host", file.value);
        finding(guest, code, file.span, &why, hint)
    });
    finding.collect()
}

fn is_shared(declared: &Declared, file: &AbsolutePath) -> bool {
    let above = declared.storage.file_systems.iter();
    let above = above.filter(|(place, _)| Path::new(file.as_str()).starts_with(place.as_str()));
    let nearest = above.max_by_key(|(place, _)| place.as_str().len());
    nearest.is_some_and(|(_, it)| OF_SEVERAL_HOSTS.contains(&it.as_str()))
}

/// Warns of guests with the host's own processor.
pub(in super::super) fn passthrough(view: &View<'_>) -> Vec<Finding> {
    let finding = meant(view).filter_map(|guest| {
        let mode = guest.own_cpu?;
        let why =
            format!("`{}` leaves it hosts with the same processor, microcode and kernel alone", mode.value);
        let hint = "`host-model`, the default, leaves it all hosts that have the features of this one";
        Some(finding(guest, Code::HostPassthrough, mode.span, &why, hint))
    });
    finding.collect()
}

/// Warns of virtual functions that nothing stands in for.
pub(in super::super) fn functions_alone(view: &View<'_>) -> Vec<Finding> {
    let networks = &view.declared.guests.networks;
    let interfaces = meant(view).flat_map(|guest| guest.alone.iter().map(move |it| (guest, it)));
    let finding = interfaces.filter_map(|(guest, network)| {
        let Attachment::Function(card) = &networks.get(&network.value)?.attachment.value else { return None };
        let why =
            format!("libvirt refuses that to one with a virtual function of `{card}` that stands alone");
        let hint = "`teaming = { persistent = \"…\" }` names the interface that carries on meanwhile";
        Some(finding(guest, Code::SrIovWithoutTeaming, network.span, &why, hint))
    });
    finding.collect()
}
