//! Where in a spec a value stands, as messages call it.

use std::fmt;

/// Names from the kind on: `vlan.v20.parent`, and `vlan.v20.addresses[]` for an item of an array.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place(String);

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

const ITEM: &str = "[]";

impl Place {
    /// Returns the place of a key or a table in this one.
    #[must_use]
    pub fn below(&self, name: &str) -> Self {
        let (table, name) = (self.0.trim_end_matches(ITEM), name.escape_debug());
        Self(if table.is_empty() { name.to_string() } else { format!("{table}.{name}") })
    }

    /// Returns the place of the items of this array.
    #[must_use]
    pub fn item(&self) -> Self {
        Self(format!("{}{ITEM}", self.0))
    }

    /// Says what the value is called: its key, an item of one, or nothing better.
    #[must_use]
    pub fn subject(&self) -> String {
        let last = |path: &str| path.rsplit('.').next().unwrap_or_default().to_owned();
        match self.0.strip_suffix(ITEM) {
            Some(array) => format!("an item of `{}`", last(array)),
            None if self.0.is_empty() => "the value".to_owned(),
            None => format!("`{}`", last(&self.0)),
        }
    }

    /// Returns what this one stands in, and its own name.
    #[must_use]
    pub fn divided(&self) -> Option<(&str, &str)> {
        self.0.rsplit_once('.')
    }

    /// Says in which table the keys of this place stand: ` in [vlan.v20]`; before the first header: nothing.
    #[must_use]
    pub fn in_table(&self) -> String {
        let table = self.0.trim_end_matches(ITEM);
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
