//! Templates: they print what was decided, and one place escapes what they print.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::ValueKind;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value};

use crate::xml;

/// A template: its name, whose ending chooses the escaper, and its text.
pub type Template = (&'static str, &'static str);

/// How values are written into a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Escaper {
    /// Units: `%` begins a specifier.
    Unit,
    /// Files of networkd, udev and systemd-nspawn: `%` is a character.
    Networkd,
    /// libvirt's XML.
    Xml,
}

impl Escaper {
    fn of(template: &str) -> Self {
        match template.rsplit('.').next() {
            Some("xml") => Self::Xml,
            Some("netdev" | "network" | "link" | "conf" | "nspawn") => Self::Networkd,
            _ => Self::Unit,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Unit => "unit",
            Self::Networkd => "networkd",
            Self::Xml => "xml",
        }
    }

    fn escape(self, text: &str) -> Result<String, Error> {
        if let Some(found) = text.chars().find(|it| crate::value::is_forbidden(*it)) {
            return Err(refusal(format!("control character {found:?}")));
        }
        match self {
            Self::Unit => Ok(text.replace('%', "%%")),
            Self::Networkd => Ok(text.to_owned()),
            Self::Xml => xml::escaped(text).map_err(|error| refusal(error.to_string())),
        }
    }
}

fn refusal(message: String) -> Error {
    Error::new(ErrorKind::BadEscape, message)
}

fn write_value(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    if !matches!(value.kind(), ValueKind::String | ValueKind::Number) {
        return Err(refusal(format!("a value of kind {} cannot be printed", value.kind())));
    }
    let escaper = Escaper::of(state.name());
    out.write_str(&escaper.escape(&value.to_string())?).map_err(Error::from)
}

fn lines_of_tags_vanish() -> SyntaxConfig {
    SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true)
        .build()
        .expect("the delimiters are the usual ones")
}

/// Makes the set of all templates.
///
/// # Panics
/// A template is broken: a test renders each.
#[must_use]
pub fn environment(templates: impl Iterator<Item = &'static Template>) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(lines_of_tags_vanish());
    environment.set_auto_escape_callback(|name| AutoEscape::Custom(Escaper::of(name).word().into()));
    environment.set_formatter(write_value);
    for (name, text) in templates {
        environment.add_template(name, text).expect("a template of ours is well-formed");
    }
    environment
}
