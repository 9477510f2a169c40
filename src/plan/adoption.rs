//! Things that bear our name and not our mark: what marks them, and nothing else.

use super::{Action, Obstacle};
use crate::artifact::link::ALIAS_MARK;
use crate::artifact::{Artifact, Artifacts, Domain, Link, Network, Origin};
use crate::observed::Observed;
use crate::xml;

/// Finds what marks the things of a table as hostwright's; nothing: they are.
///
/// # Errors
/// One of them is not there, or is another than the spec describes.
pub fn adopt(after: &Artifacts, observed: &Observed, origin: &Origin) -> Result<Vec<Action>, Obstacle> {
    let obstacle = |(message, hint): (String, &str)| Obstacle {
        origin: origin.clone(),
        message,
        hint: (!hint.is_empty()).then(|| hint.to_owned()),
    };
    let entries: Vec<_> = after.iter().filter(|it| it.origin == *origin).collect();
    if entries.is_empty() {
        return Err(obstacle((format!("the spec has no `[{origin}]`"), "")));
    }
    let actions = entries.iter().map(|entry| match &entry.artifact {
        Artifact::Link(it) => link(it, observed),
        Artifact::Network(it) => network(it, observed),
        Artifact::Domain(it) => domain(it, observed),
        Artifact::File(_) | Artifact::Unit(_) | Artifact::Target(_) | Artifact::Absent(_) => Ok(None),
    });
    let actions: Result<Vec<_>, _> = actions.collect();
    actions.map(|it| it.into_iter().flatten().collect()).map_err(obstacle)
}

type Adopted = Result<Option<Action>, (String, &'static str)>;

fn link(link: &Link, observed: &Observed) -> Adopted {
    let (Some(device), Some(alias)) = (&link.device, &link.alias) else {
        return Ok(None);
    };
    let present = observed.link(&link.name);
    let present = present.ok_or_else(|| (format!("there is no link `{}`", link.name), "`apply` makes it"))?;
    if present.alias.as_ref().is_some_and(|it| it.starts_with(ALIAS_MARK)) {
        return Ok(None);
    }
    if !present.is(device) {
        let message = format!("link `{}` is another than {link}", link.name);
        return Err((message, "`hostwright init --out -` writes what it is"));
    }
    Ok(Some(Action::SetAlias(link.name.clone(), alias.clone())))
}

fn network(network: &Network, observed: &Observed) -> Adopted {
    let networks = observed.libvirt.as_ref().map(|it| &it.networks);
    let present = networks.and_then(|it| it.get(&network.name));
    let present = present
        .ok_or_else(|| (format!("libvirt has no network `{}`", network.name), "`apply` defines it"))?;
    check_uuid(&network.uuid, &present.uuid)?;
    Ok((!is_marked(&present.xml)).then(|| Action::MarkNetwork(network.clone())))
}

fn domain(domain: &Domain, observed: &Observed) -> Adopted {
    let domains = observed.libvirt.as_ref().map(|it| &it.domains);
    let present = domains.and_then(|it| it.get(&domain.name));
    let present =
        present.ok_or_else(|| (format!("libvirt has no domain `{}`", domain.name), "`apply` defines it"))?;
    check_uuid(&domain.uuid, &present.uuid)?;
    Ok((!is_marked(&present.xml)).then(|| Action::MarkDomain(domain.clone())))
}

fn check_uuid(wanted: &str, present: &str) -> Result<(), (String, &'static str)> {
    if wanted == present {
        return Ok(());
    }
    let message = format!("libvirt's has the UUID {present}, the spec gives it {wanted}");
    Err((message, "write its `uuid` in the spec, if it is the one that is meant"))
}

/// Says whether a definition of libvirt bears our mark.
pub(super) fn is_marked(definition: &str) -> bool {
    xml::mark(definition).is_ok_and(|it| it.is_some())
}
