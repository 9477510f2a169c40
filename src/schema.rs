//! The keys as a JSON Schema, draft 2020-12: what editors complete and check, from the tables that declare them.

use serde_json::{Map, Value, json};

use crate::kind::KINDS;
use crate::spec::document::MainSpec;
use crate::spec::{Form, Key, Keys, Presence, Scalar, Table};
use crate::value::{ItemName, TextValue};

/// Where the draft is described.
const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

/// Returns the schema of a main file.
#[must_use]
pub fn schema() -> Value {
    let mut root = table(MainSpec::KEYS);
    let kinds = KINDS.iter().map(|kind| (kind.word().to_owned(), named(kind.keys(), kind.name_pattern())));
    if let Some(properties) = root.get_mut("properties").and_then(Value::as_object_mut) {
        properties.extend(kinds);
    }
    root["$schema"] = json!(DRAFT);
    root["title"] = json!("hostwright: a host");
    root
}

fn table(keys: &Keys) -> Value {
    let properties: Map<_, _> = keys.all().map(|key| (key.name.to_owned(), property(key))).collect();
    let required = keys.all().filter(|it| matches!(it.presence, Presence::Required)).map(|it| it.name);
    json!({
        "type": "object",
        "description": written(keys.doc),
        "properties": properties,
        "required": required.collect::<Vec<_>>(),
        "additionalProperties": false,
    })
}

fn named(keys: &Keys, pattern: &str) -> Value {
    json!({
        "type": "object",
        "description": written(keys.doc),
        "propertyNames": like(pattern),
        "additionalProperties": table(keys),
    })
}

/// Describes a string by a pattern; an empty one says nothing.
fn like(pattern: &str) -> Value {
    if pattern.is_empty() {
        json!({ "type": "string" })
    } else {
        json!({ "type": "string", "pattern": pattern })
    }
}

fn property(key: &Key) -> Value {
    let mut property = form(&key.form);
    property["description"] = json!(format!("{}\n\n{}.", written(key.doc), capital(&key.form.words())));
    if let Presence::Default(text) = key.presence
        && let Some(default) = default(text)
    {
        property["default"] = default;
    }
    property
}

fn form(form: &Form) -> Value {
    match form {
        Form::Value(scalar, words) => scalar_with_example(*scalar, words),
        Form::OneOf(words) => json!({ "enum": words }),
        Form::Table(keys) => table(keys),
        Form::List(item) => json!({ "type": "array", "items": self::form(item) }),
        Form::Named(keys) => named(keys, ItemName::PATTERN),
    }
}

/// Describes a value by what its words say, the examples behind `like` among it.
fn scalar_with_example(scalar: Scalar, words: &str) -> Value {
    let mut value = match scalar {
        Scalar::Text => like(""),
        Scalar::Like(pattern) => like(pattern),
        Scalar::Integer(least, most) => json!({ "type": "integer", "minimum": least, "maximum": most }),
        Scalar::IntegerOrText => json!({ "type": ["integer", "string"] }),
        Scalar::Boolean => json!({ "type": "boolean" }),
        Scalar::Tables => json!({ "type": "object", "additionalProperties": true }),
    };
    let behind = words.split_once(", like ").map_or("", |it| it.1);
    let examples: Vec<_> = behind.split('"').skip(1).step_by(2).collect();
    if !examples.is_empty() {
        value["examples"] = json!(examples);
    }
    value
}

/// Reads the TOML text that stands for a key.
fn default(text: &str) -> Option<Value> {
    let table: toml::Table = format!("it = {text}").parse().ok()?;
    serde_json::to_value(table.get("it")?).ok()
}

/// Begins a sentence with words.
fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |it| it.to_uppercase().chain(letters).collect())
}

fn written(doc: &str) -> String {
    doc.lines().map(str::trim).collect::<Vec<_>>().join("\n").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::schema;

    #[test]
    fn the_schema_has_every_form() {
        let schema = schema();
        let at = |path: &str| schema.pointer(path).unwrap_or_else(|| panic!("{path}")).clone();
        assert_eq!(at("/required"), serde_json::json!(["host"]));
        assert_eq!(at("/properties/safety/properties/networkd-restart/default"), "refuse");
        let vlan = "/properties/vlan/additionalProperties";
        assert_eq!(at(&format!("{vlan}/properties/id/type")), "integer");
        assert_eq!(at(&format!("{vlan}/additionalProperties")), false);
        assert_eq!(at(&format!("{vlan}/properties/id/maximum")), 4094);
        assert_eq!(at("/properties/vlan/propertyNames/pattern"), "^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$");
        let memory = "/properties/domain/additionalProperties/properties/memory";
        assert_eq!(at(&format!("{memory}/examples")), serde_json::json!(["8GiB"]));
        let disk = "/properties/domain/additionalProperties/properties/disk/additionalProperties";
        assert_eq!(at(&format!("{disk}/properties/cache/enum/0")), "none");
    }
}
