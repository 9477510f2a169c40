//! Artifacts as files to look at: what `build` writes and `diff` compares. The same artifacts give the same tree.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::artifact::{Artifact, Artifacts, Content, Domain, Root};

/// Files by their path from the top of the tree.
pub type Tree = BTreeMap<String, Content>;

/// Makes the tree: a file for each artifact, and one for what keeps the host from harm.
///
/// # Errors
/// A guest's definition cannot be completed: there are more disks than names for them.
pub fn tree(artifacts: &Artifacts) -> Result<Tree, String> {
    let mut tree = Tree::new();
    for entry in artifacts.iter() {
        let (path, content) = file(&entry.artifact)?;
        tree.insert(path, content);
    }
    tree.insert("safety.json".to_owned(), json(&artifacts.safety)?);
    Ok(tree)
}

fn file(artifact: &Artifact) -> Result<(String, Content), String> {
    Ok(match artifact {
        Artifact::File(file) => {
            (format!("{}/{}", folder(file.place.root), file.place.path), file.content.clone())
        }
        Artifact::Link(it) => (format!("links/{}.json", it.name), json(it)?),
        Artifact::Unit(it) => (format!("running/{}.json", it.name), json(it)?),
        Artifact::Target(it) => (format!("iscsi/{}.json", it.name), json(it)?),
        Artifact::Network(it) => (format!("libvirt/network/{}.xml", it.name), Content::Text(it.xml.clone())),
        Artifact::Absent(it) => (format!("absent/{it}.json"), json(it)?),
        Artifact::Domain(it) => (format!("libvirt/domain/{}.xml", it.name), first_definition(it)?),
    })
}

/// Returns what a guest is defined with where libvirt does not know it yet.
fn first_definition(domain: &Domain) -> Result<Content, String> {
    let xml = crate::xml::complete(&domain.xml, None);
    xml.map(Content::Text).map_err(|error| format!("domain `{}`: {error}", domain.name))
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

fn json(value: &impl Serialize) -> Result<Content, String> {
    let text = serde_json::to_string_pretty(value).map_err(|error| error.to_string())?;
    Ok(Content::Text(text + "\n"))
}
