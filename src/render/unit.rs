//! Units and what makes them run at boot.

use minijinja::Value;

use super::Output;
use crate::artifact::{Artifact, Content, File, Id, Place, Purpose, Root, Unit};
use crate::value::UnitName;

impl Output<'_> {
    /// Adds the text of a unit from a template.
    pub fn unit_file(&mut self, name: &UnitName, template: &str, context: Value) {
        self.file(Place::new(Root::Unit, name.as_str()), template, context);
    }

    /// Adds a unit to the wants of a target, so that it starts at boot.
    pub fn wanted_by(&mut self, target: &str, name: &UnitName) {
        let place = Place::new(Root::Unit, format!("{target}.wants/{name}"));
        let content = Content::Symlink(format!("../{name}"));
        self.add(Vec::new(), Artifact::File(File { place, content }));
    }

    /// Adds a unit that shall always run; it starts behind those that it needs, and stops before them.
    pub fn unit(&mut self, name: UnitName, stop_first: Vec<UnitName>, needs: &[UnitName]) {
        let after = needs.iter().cloned().map(Id::Unit).collect();
        self.add(after, Artifact::Unit(Unit { name, stop_first, purpose: Purpose::Always }));
    }
}
