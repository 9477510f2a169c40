//! Where in a spec a value stands, as messages call it.

use std::fmt;

use super::keys::Key;

/// Names from the kind on: `vlan.v20.parent`, and `vlan.v20.addresses[]` for an item of an array.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    path: String,
    /// Whether somebody may have written a secret there.
    is_secretive: bool,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)
    }
}

const ITEM: &str = "[]";

impl Place {
    /// Returns the place of a key or a table in this one.
    #[must_use]
    pub fn below(&self, name: &str) -> Self {
        let (table, name) = (self.path.trim_end_matches(ITEM), name.escape_debug());
        let path = if table.is_empty() { name.to_string() } else { format!("{table}.{name}") };
        Self { path, is_secretive: false }
    }

    /// Returns the place of a declared key in this one.
    #[must_use]
    pub fn key(&self, key: &Key) -> Self {
        Self { is_secretive: key.is_secretive, ..self.below(key.name) }
    }

    /// Says whether what stands there must not be repeated: somebody may have written a secret.
    #[must_use]
    pub const fn is_secretive(&self) -> bool {
        self.is_secretive
    }

    /// Returns the place of the items of this array.
    #[must_use]
    pub fn item(&self) -> Self {
        Self { path: format!("{}{ITEM}", self.path), ..self.clone() }
    }

    /// Says what the value is called: its key, an item of one, or nothing better.
    #[must_use]
    pub fn subject(&self) -> String {
        let last = |path: &str| path.rsplit('.').next().unwrap_or_default().to_owned();
        match self.path.strip_suffix(ITEM) {
            Some(array) => format!("an item of `{}`", last(array)),
            None if self.path.is_empty() => "the value".to_owned(),
            None => format!("`{}`", last(&self.path)),
        }
    }

    /// Returns what this one stands in, and its own name.
    #[must_use]
    pub fn divided(&self) -> Option<(&str, &str)> {
        self.path.rsplit_once('.')
    }

    /// Says in which table the keys of this place stand: ` in [vlan.v20]`; before the first header: nothing.
    #[must_use]
    pub fn in_table(&self) -> String {
        let table = self.path.trim_end_matches(ITEM);
        if table.is_empty() { String::new() } else { format!(" in `[{table}]`") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_called_by_their_keys() {
        let vlan = Place::default().below("vlan").below("v20");
        assert_eq!(Place::default().subject(), "the value");
        assert_eq!(
            (Place::default().in_table(), vlan.in_table()),
            (String::new(), " in `[vlan.v20]`".to_owned())
        );
        assert_eq!(vlan.below("parent").subject(), "`parent`");
        let route = vlan.below("routes").item();
        assert_eq!(route.subject(), "an item of `routes`");
        assert_eq!(route.in_table(), " in `[vlan.v20.routes]`");
        assert_eq!(route.below("to").in_table(), " in `[vlan.v20.routes.to]`");
        assert_eq!(Place::default().below("a\n").subject(), "`a\\n`");
    }
}
