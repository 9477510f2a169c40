//! Lines for networkd that hostwright does not understand: checked for their form, marked in the plan.

use toml::de::DeValue;

use crate::diagnostic::Code;
use crate::keys;
use crate::spec::{Cx, Form, Node, Read, Scalar, node};
use crate::value::{TextValue, Word};

keys! {
    /// Lines that are written as they are.
    pub struct RawSpec {
        /// Sections that are added to the link's `.network`: `raw.network.Network = { LLDP = "no" }`.
        ///
        /// hostwright knows neither what they do nor whether the target's networkd knows them.
        optional network: RawSections,
    }
}

impl RawSpec {
    pub(super) fn sections(&self) -> Vec<RawSection> {
        self.network.as_ref().map(|it| it.value.0.clone()).unwrap_or_default()
    }

    /// Returns what is said last of a key.
    pub(super) fn says(&self, section: &str, key: &str) -> Option<&str> {
        let sections = self.network.iter().flat_map(|it| &it.value.0);
        let mut lines = sections.filter(|it| it.name.as_str() == section).flat_map(|it| &it.lines);
        lines.rfind(|(name, _)| name.as_str() == key).map(|(_, value)| value.as_str())
    }
}

/// Sections in the order of their names.
#[derive(Debug, Clone, PartialEq)]
pub struct RawSections(Vec<RawSection>);

/// A section with its lines.
#[derive(Debug, Clone, PartialEq)]
pub struct RawSection {
    /// Name without brackets.
    pub name: Word,
    /// Keys and values; a key stands once for each of its values.
    pub lines: Vec<(Word, crate::value::Text)>,
}

const SECTION: &str = "a table of keys, like { LLDP = \"no\" }";
const VALUE: &str = "a string, or an array of strings for a key that stands several times";

impl Read for RawSections {
    const FORM: Form = Form::Value(Scalar::Tables, "tables named like sections, each with keys and strings");

    fn read(node: Node<'_>, cx: &mut Cx<'_>) -> Option<Self> {
        let DeValue::Table(table) = node.value else {
            return cx.wrong_type(node, "tables named like sections");
        };
        let sections: Vec<_> = table
            .iter()
            .map(|(name, body)| {
                let place = cx.span(&name.span());
                if name.get_ref() == "Match" {
                    let message = "`[Match]` cannot be given: more lines in it would match other links";
                    cx.error(Code::InvalidValue, Node { span: place, ..node }, message);
                }
                let lines = cx.at(cx.place.below(name.get_ref()), |cx| {
                    read_lines(crate::spec::node(place, body, cx), cx)
                });
                Some(RawSection {
                    name: word(name.get_ref(), Node { span: place, ..node }, cx)?,
                    lines: lines?,
                })
            })
            .collect();
        sections.into_iter().collect::<Option<_>>().map(Self)
    }
}

fn word(text: &str, node: Node<'_>, cx: &mut Cx<'_>) -> Option<Word> {
    Word::parse(text).map_err(|refusal| cx.error(Code::InvalidValue, node, refusal)).ok()
}

fn read_lines(section: Node<'_>, cx: &mut Cx<'_>) -> Option<Vec<(Word, crate::value::Text)>> {
    let DeValue::Table(table) = section.value else {
        return cx.wrong_type(section, SECTION);
    };
    let mut lines = Some(Vec::new());
    for (key, value) in table {
        let place = cx.span(&key.span());
        let values = cx.at(cx.place.below(key.get_ref()), |cx| read_values(node(place, value, cx), cx));
        let key = word(key.get_ref(), Node { span: place, ..section }, cx);
        lines = lines.zip(key.zip(values)).map(|(mut lines, (key, values))| {
            lines.extend(values.into_iter().map(|value| (key.clone(), value)));
            lines
        });
    }
    lines
}

fn read_value(value: Node<'_>, cx: &mut Cx<'_>) -> Option<crate::value::Text> {
    let text = crate::value::Text::read(value, cx)?;
    if text.as_str().ends_with('\\') {
        return cx.refuse(
            Code::InvalidValue,
            value,
            "the line ends with `\\`, which would join the next one to it",
        );
    }
    Some(text)
}

fn read_values(value: Node<'_>, cx: &mut Cx<'_>) -> Option<Vec<crate::value::Text>> {
    match value.value {
        DeValue::String(_) => Some(vec![read_value(value, cx)?]),
        DeValue::Array(array) => {
            let read: Vec<_> = array
                .iter()
                .map(|it| read_value(Node { value: it.get_ref(), span: cx.span(&it.span()) }, cx))
                .collect();
            read.into_iter().collect()
        }
        _ => cx.wrong_type(value, VALUE),
    }
}
