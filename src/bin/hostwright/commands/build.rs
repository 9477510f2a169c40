//! `build`: every artifact of a spec as files to look at, the same for the same spec.

use std::path::Path;

use hostwright::artifact::{Artifact, Content, Domain, Entry, File, Place, Root};

use crate::cli::SpecArgument;
use crate::context::{Context, Exit};
use crate::failure::{During, Failure};

/// Writes the artifacts below a directory.
///
/// # Errors
/// The spec cannot be read, or the directory cannot be written.
pub(super) fn run(context: &Context, spec: &SpecArgument, out: &Path) -> Result<Exit, Failure> {
    let Some(artifacts) = context.compile(spec)?.artifacts else { return Ok(Exit::Errors) };
    let what = || format!("write below {}", out.display());
    std::fs::create_dir_all(out).during(what)?;
    for entry in artifacts.iter() {
        hostwright::emit::write(out, &reviewable(entry)?).during(what)?;
    }
    Ok(Exit::Done)
}

/// Turns an artifact into a file to look at.
fn reviewable(entry: &Entry) -> Result<File, Failure> {
    let (path, content) = match &entry.artifact {
        Artifact::File(file) => {
            (format!("{}/{}", folder(file.place.root), file.place.path), file.content.clone())
        }
        Artifact::Link(it) => (format!("links/{}.json", it.name), json(it)?),
        Artifact::Unit(it) => (format!("running/{}.json", it.name), json(it)?),
        Artifact::Target(it) => (format!("iscsi/{}.json", it.name), json(it)?),
        Artifact::Network(it) => (format!("libvirt/network/{}.xml", it.name), Content::Text(it.xml.clone())),
        Artifact::Absent(it) => (format!("absent/{it}.json"), json(it)?),
        Artifact::Domain(it) => (format!("libvirt/domain/{}.xml", it.name), first_definition(it)?),
    };
    Ok(File { place: Place::new(Root::Unit, path), content })
}

/// Returns what a guest is defined with where libvirt does not know it yet.
fn first_definition(domain: &Domain) -> Result<Content, Failure> {
    let xml = hostwright::xml::complete(&domain.xml, None);
    xml.map(Content::Text).during(|| format!("complete domain {}", domain.name))
}

const fn folder(root: Root) -> &'static str {
    match root {
        Root::Network => "systemd/network",
        Root::NetworkdConf => "systemd/networkd.conf.d",
        Root::Unit => "units",
        Root::Nspawn => "systemd/nspawn",
        Root::Sysctl => "sysctl.d",
    }
}

fn json(value: &impl serde::Serialize) -> Result<Content, Failure> {
    let text = serde_json::to_string_pretty(value).during(|| "write JSON".to_owned())?;
    Ok(Content::Text(text + "\n"))
}
