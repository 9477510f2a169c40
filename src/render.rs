//! Models to artifacts: what kinds render alike is a builder here.

mod disk;
mod host;
mod link;
mod macvlan;
mod mount;
mod unit;

pub use disk::{Block, BlockSource, LunUse};
pub use link::{Hardware, LinkSettings, LinkShape, PortLines, Settings};
pub use macvlan::{ANSWERS_FOR_ITSELF, MacvlanMode, import_macvlan, macvlan_device};
pub use mount::{Mount, MountSettings, When};

use minijinja::{Environment, Value};

use crate::artifact::{Artifact, Artifacts, Content, File, Id, Origin, Place};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::host::{Host, Target};
use crate::kind::KINDS;
use crate::source::{Located, Span};
use crate::template;

/// Where a model's artifacts go.
#[derive(Debug)]
pub struct Output<'a> {
    /// What is compiled for.
    pub target: &'a Target,
    origin: Located<Origin>,
    templates: &'a Environment<'static>,
    artifacts: &'a mut Artifacts,
    diagnostics: &'a mut Diagnostics,
}

impl Output<'_> {
    /// Returns the table that is rendered.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin.value
    }

    /// Adds an artifact.
    pub fn add(&mut self, after: Vec<Id>, artifact: Artifact) {
        let id = artifact.id();
        if let Err(taken) = self.artifacts.add(&self.origin.value, after, artifact) {
            let message = format!("`[{}]` and `[{taken}]` both make {id}", self.origin.value);
            let diagnostic = Diagnostic::error(Code::DuplicateName, self.origin.span, message);
            self.diagnostics.push(diagnostic.hint("call one of the two otherwise"));
        }
    }

    /// Prints a template; absent when it fails, which is a bug and a diagnostic.
    pub fn print(&mut self, template: &str, context: Value) -> Option<String> {
        let context = minijinja::context! { origin => self.origin.value.to_string(), ..context };
        let text = self.templates.get_template(template).and_then(|it| it.render(context));
        text.map_err(|error| {
            let message =
                format!("a bug of hostwright: it cannot write `{template}` for this table: {error:#}");
            let diagnostic = Diagnostic::error(Code::Internal, self.origin.span, message);
            self.diagnostics.push(diagnostic.hint("please report it with the spec"));
        })
        .ok()
    }

    /// Adds a file printed from a template.
    pub fn file(&mut self, place: Place, template: &str, context: Value) {
        if let Some(text) = self.print(template, context) {
            self.add(Vec::new(), Artifact::File(File { place, content: Content::Text(text) }));
        }
    }
}

/// Renders a host: the same host gives the same artifacts.
pub fn render(host: &Host, diagnostics: &mut Diagnostics) -> Artifacts {
    let own = link::TEMPLATES.iter().chain(host::TEMPLATES).chain(mount::TEMPLATES).chain(disk::TEMPLATES);
    let kinds = KINDS.iter().flat_map(|kind| kind.templates());
    let templates = template::environment(own.chain(kinds));
    let mut artifacts = Artifacts::new(&host.name);
    artifacts.safety = host.safety.clone();
    for model in &host.models {
        model.render(&mut Output {
            target: &host.target,
            origin: model.origin().clone(),
            templates: &templates,
            artifacts: &mut artifacts,
            diagnostics,
        });
    }
    let origin = Located::new(Origin::new("host", &host.name), Span::default());
    let out = &mut Output {
        target: &host.target,
        origin,
        templates: &templates,
        artifacts: &mut artifacts,
        diagnostics,
    };
    host::render(host.networkd_restart, out);
    host::keep_away(host.default_bridges, out);
    artifacts
}
