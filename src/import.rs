//! A picture of a host to the text of a spec that says the same. What cannot be said is a comment, never dropped.

mod ip;
mod links;
mod networkd;
mod storage;
mod virtualisation;

use crate::artifact::DefaultBridge;
use crate::diagnostic::Diagnostics;
use crate::host::Target;
use crate::observed::{Observed, Texts};
use crate::spec::{Sources, document, write};
use crate::value::{ItemName, TextValue};
use crate::{lower, render};

/// What is known of a host.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// Name of the host.
    pub host: String,
    /// Kernel, networkd and libvirt; the sysctl `addr_gen_mode` of every link.
    pub observed: Observed,
    /// Texts by path, without secrets: those that [`crate::observed::managers`] asks for, `/etc/fstab`, mount units,
    /// iSCSI node records.
    pub texts: Texts,
    /// Why libvirt could not be asked; absent: it was, or is not there.
    pub libvirt_refusal: Option<String>,
}

/// A table, or remarks on what has none.
#[derive(Debug, Clone)]
struct Section {
    text: String,
    /// Why the table is a comment; absent: it is none.
    commented: Option<String>,
}

impl Section {
    fn table(text: String) -> Self {
        Self { text, commented: None }
    }

    fn commented(text: String, why: &str) -> Self {
        Self { text, commented: Some(why.to_owned()) }
    }

    fn remarks(lines: &[String]) -> Option<Self> {
        (!lines.is_empty()).then(|| Self::table(write::comment(&lines.join("\n"))))
    }

    fn written(&self) -> String {
        match &self.commented {
            None => self.text.clone(),
            Some(why) => format!("{}{}", write::comment(why), write::comment(&self.text)),
        }
    }
}

/// Writes the spec; it compiles: a table that does not is a comment that says why.
#[must_use]
pub fn spec(found: &Found, target: &Target) -> String {
    let mut sections = vec![host(found)];
    sections.extend(links::sections(found));
    sections.extend(storage::sections(found));
    sections.extend(virtualisation::sections(found));
    for _ in 0..=sections.len() {
        let (text, starts) = joined(&sections);
        let Some((at, why)) = first_error(&text, target) else { return text };
        let section = starts.iter().rposition(|start| *start <= at).unwrap_or_default();
        let section = (section..sections.len()).find(|it| sections[*it].commented.is_none());
        let Some(section) = section.filter(|it| *it > 0) else { break };
        sections[section].commented = Some(format!("cannot be said: {why}"));
    }
    joined(&sections[..1]).0
}

fn host(found: &Found) -> Section {
    let name = if ItemName::parse(&found.host).is_ok() { found.host.as_str() } else { "host" };
    let text = "What this host had when `hostwright init` looked at it. `hostwright check` says whether it holds,\n\
                `hostwright plan` what an apply would do. Everything that is not written has a default:\n\
                `hostwright explain --list`.";
    let bridges: Vec<_> = DefaultBridge::ALL.into_iter().filter(|it| is_there(found, *it)).collect();
    let leave = if bridges.is_empty() { String::new() } else { leave(&bridges) };
    Section::table(format!("{}\n[host]\nname = {}\n{leave}", write::comment(text), write::string(name)))
}

fn leave(bridges: &[DefaultBridge]) -> String {
    let names: Vec<_> = bridges.iter().map(ToString::to_string).collect();
    let why = format!("packages make {}: without this line `apply` keeps them away", names.join(", "));
    format!("{}default-bridges = \"leave\"\n", write::comment(&why))
}

fn is_there(found: &Found, bridge: DefaultBridge) -> bool {
    let networks = found.observed.libvirt.iter().flat_map(|it| &it.networks);
    let mut own = networks.filter(|(name, _)| bridge.network() == Some(name.as_str()));
    found.observed.links.contains_key(bridge.link()) || own.any(|(_, it)| it.active || it.autostart)
}

/// Returns the whole text and where each section begins.
fn joined(sections: &[Section]) -> (String, Vec<usize>) {
    let mut text = String::new();
    let mut starts = Vec::new();
    for section in sections {
        if !text.is_empty() {
            text.push('\n');
        }
        starts.push(text.len());
        text.push_str(&section.written());
    }
    (text, starts)
}

/// Returns the first error: its place and what it says.
fn first_error(text: &str, target: &Target) -> Option<(usize, String)> {
    let mut diagnostics = Diagnostics::default();
    let spec = document::parse(&Sources::single("host.toml", text), &mut diagnostics);
    if let Some(host) = lower::lower(&spec, target, &mut diagnostics) {
        render::render(&host, &mut diagnostics);
    }
    let found = diagnostics.sorted();
    let error = found.iter().find(|it| it.severity == crate::diagnostic::Severity::Error)?;
    Some((error.span().start, error.message.clone()))
}
