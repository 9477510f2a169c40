//! A spec in its usual writing: keys in the order of the language, spacing alike, comments kept and in columns. Tables stay in
//! the order of their author, who may have grouped them by topic.

mod order;
mod read;
mod write;

use crate::spec::syntax;

/// Longest line that an array may have before its items get lines of their own.
const WIDTH: usize = 100;

/// In which order tables stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// In that of the text; tables inside of another follow it.
    Written,
    /// In that of the language, kind by kind, unless comments that stand alone divide the text.
    ByKind,
}

/// Writes a text as usual; absent: it is not TOML, or it would mean something else.
#[must_use]
pub fn format(text: &str) -> Option<String> {
    format_in(text, Order::Written)
}

/// Writes a text as usual, with its tables in an order; absent: as for [`format`].
#[must_use]
pub fn format_in(text: &str, by: Order) -> Option<String> {
    if !syntax::is_toml(text) {
        return None;
    }
    let mut document = read::document(text);
    order::sort(&mut document, by);
    let written = write::document(&document);
    (values(text) == values(&written) && comments(text) == comments(&written)).then_some(written)
}

fn values(text: &str) -> Option<toml::Table> {
    text.parse().ok()
}

/// Returns the comments, in the order of their texts.
fn comments(text: &str) -> Vec<String> {
    let is_comment = |it: &toml_parser::parser::Event| it.kind() == toml_parser::parser::EventKind::Comment;
    let comment =
        |it: toml_parser::parser::Event| text[it.span().start()..it.span().end()].trim_end().to_owned();
    let mut found: Vec<_> = syntax::events(text).into_iter().filter(is_comment).map(comment).collect();
    found.sort();
    found
}

/// What stands between two lines of code.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Line {
    Comment(String),
    /// One empty line or several.
    Blank,
}

/// A value and what stands around it.
#[derive(Debug)]
enum Value {
    /// Anything but an array and a table.
    Plain(String),
    Array(Brackets<Element>),
    Table(Brackets<Entry>),
}

/// What stands between brackets.
#[derive(Debug)]
struct Brackets<T> {
    inside: Vec<T>,
    /// Whether the first item stands on a line of its own.
    is_broken: bool,
    /// What stands behind the last item.
    below: Vec<Line>,
}

/// An item of an array.
#[derive(Debug)]
struct Element {
    above: Vec<Line>,
    value: Value,
    beside: Option<String>,
}

/// A key with its value.
#[derive(Debug)]
struct Entry {
    above: Vec<Line>,
    path: Vec<String>,
    /// The key as written, without blanks around its dots.
    key: String,
    value: Value,
    beside: Option<String>,
}

/// A header with its keys; the first of a text has none.
#[derive(Debug, Default)]
struct Table {
    above: Vec<Line>,
    path: Vec<String>,
    header: String,
    beside: Option<String>,
    entries: Vec<Entry>,
    below: Vec<Line>,
}

/// A text.
#[derive(Debug, Default)]
struct Document {
    /// Comments on the text as a whole.
    head: Vec<Line>,
    /// Whether no empty line stands below them.
    is_glued: bool,
    tables: Vec<Table>,
    /// Whether it has tables in arrays, whose order means something.
    has_arrays: bool,
}

#[cfg(test)]
mod tests {
    use super::{Order, format, format_in};

    #[track_caller]
    fn check_by(order: Order, before: &str, after: &str) {
        assert_eq!(format_in(before, order).as_deref(), Some(after));
        assert_eq!(format_in(after, order).as_deref(), Some(after), "a second time");
    }

    #[track_caller]
    fn check(before: &str, after: &str) {
        check_by(Order::Written, before, after);
    }

    #[test]
    fn spacing_is_alike() {
        check(
            "[ host ]\r\nname=\"a\"   #  ours \n\n\n\nsite  =  'b'",
            "[host]\nname = \"a\" #  ours\n\nsite = 'b'\n",
        );
        check(
            "[nic . \"eno1\"]\naddresses=[ \"a\",\"b\" , ]\n",
            "[nic.\"eno1\"]\naddresses = [\"a\", \"b\"]\n",
        );
        check("[nic.a]\nmatch={mac=\"x\",}\nroutes=[]\n", "[nic.a]\nmatch = { mac = \"x\" }\nroutes = []\n");
        check("x = {}\n", "x = {}\n");
        check("x = \"\"\"\na  \n\"\"\"\n", "x = \"\"\"\na  \n\"\"\"\n");
        check("", "");
    }

    #[test]
    fn keys_stand_in_the_order_of_the_language() {
        check("x = 1\nlanguage = 1\n", "language = 1\nx = 1\n");
        check(
            "[nic.a]\nroutes = [{ via = \"x\", to = \"y\" }]\n",
            "[nic.a]\nroutes = [{ to = \"y\", via = \"x\" }]\n",
        );
        check(
            "[vlan.b]\nparent = \"x\" # where\n# tag\nid = 1\n",
            "[vlan.b]\n# tag\nid = 1\nparent = \"x\" # where\n",
        );
    }

    #[test]
    fn tables_stay_where_their_author_put_them() {
        let topics = "[host]\n\n[vlan.san]\n\n[iscsi.san]\n\n[vlan.lan]\n\n[network.lan]\n\n[nic.a]\n";
        check(topics, topics);
        check("[nic.a]\n[nic.b]\n[nic.a.vf.1]\n", "[nic.a]\n\n[nic.a.vf.1]\n\n[nic.b]\n");
        check("[nic.a.vf.1]\n[vlan.b]\n[nic.a]\n", "[nic.a]\n\n[nic.a.vf.1]\n\n[vlan.b]\n");
    }

    #[test]
    fn tables_stand_in_the_order_of_the_language_where_that_is_asked_for() {
        check_by(
            Order::ByKind,
            "[vlan.b]\nparent = \"x\" # where\n[nic.x]\n[safety]\n[vlan.a]\n[host]\nsite = \"s\"\nname = \"a\"\n",
            "[host]\nname = \"a\"\nsite = \"s\"\n\n[safety]\n\n[nic.x]\n\n[vlan.b]\nparent = \"x\" # where\n\n[vlan.a]\n",
        );
        let divided = "[vlan.a]\nid = 1\n\n# the nic\n\n[nic.x]\n";
        check_by(Order::ByKind, divided, divided);
        check_by(Order::ByKind, "#a\n[vlan.a]\n#b\n\n#c\n[nic.x]\n", "#c\n[nic.x]\n\n#a\n[vlan.a]\n#b\n");
    }

    #[test]
    fn comments_stay_with_what_they_are_about() {
        check(
            "#:schema x\n# The host.\n\n# the vlan\n[vlan.a]\nid = 1\n# mtu = 1\n\n# the nic\n\n[nic.x]\n# end\n",
            "#:schema x\n# The host.\n\n# the vlan\n[vlan.a]\nid = 1\n# mtu = 1\n\n# the nic\n\n[nic.x]\n# end\n",
        );
        check("# all\n", "# all\n");
        check("[vlan.a.x]\n\n#a\n\n[vlan.a]\n[nic.x]\n", "#a\n\n[vlan.a]\n\n[vlan.a.x]\n\n[nic.x]\n");
        check("[nic.a]\n\n# own\nmtu = 1\n", "[nic.a]\n# own\nmtu = 1\n");
    }

    #[test]
    fn comments_beside_neighbors_begin_in_one_column() {
        check("a = 1 # one\nlong = 2 # two\n", "a = 1    # one\nlong = 2 # two\n");
        check("a = 1 # one\n\nlong = 2 # two\n", "a = 1 # one\n\nlong = 2 # two\n");
        check("a = 1 # one\n# above\nlong = 2 # two\n", "a = 1 # one\n# above\nlong = 2 # two\n");
        check("a = 1 # one\nb = 2\nlong = 3 # two\n", "a = 1 # one\nb = 2\nlong = 3 # two\n");
        check("[nic.eno1] # head\nmtu = 1 # one\n", "[nic.eno1] # head\nmtu = 1 # one\n");
        check("a = [\n1, # one\n100, # two\n]\n", "a = [\n  1,   # one\n  100, # two\n]\n");
        let long = format!("a = \"{}\" # long\nb = 1 # short\n", "x".repeat(80));
        check(&long, &long);
    }

    #[test]
    fn arrays_are_broken_where_they_were_or_where_they_are_long() {
        let long = format!("\"{}\"", "x".repeat(60));
        check(&format!("a = [{long}, {long}]\n"), &format!("a = [\n  {long},\n  {long},\n]\n"));
        check("a = [\n1, 2 # two\n # end\n]\n", "a = [\n  1,\n  2, # two\n  # end\n]\n");
        check("a = [ # first\n1]\n", "a = [\n  # first\n  1,\n]\n");
        check("a = [[\n1], [2]]\n", "a = [[\n  1,\n], [2]]\n");
        check("a = { b = 1, # one\nc = 2 }\n", "a = {\n  b = 1, # one\n  c = 2,\n}\n");
    }

    #[test]
    fn a_text_that_is_not_toml_is_left() {
        assert_eq!(format("a = \n"), None);
        assert_eq!(format("[a]\n[a]\n"), None);
    }
}
