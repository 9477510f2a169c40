//! What the kind refuses, and what it renders.

use super::super::testing::{check, xml};

#[test]
fn rejects() {
    check("[network.a]\nmacvtap = { parent = \"eno9\" }\n", &["unknown-reference @ \"eno9\""]);
    check("[network.a]\nbridge = { name = \"br0\" }\n", &["missing-key @ a", "unknown-key @ bridge"]);
    check("[network.\"a/b\"]\nmacvtap = { parent = \"eno1\" }\n", &["invalid-name @ \"a/b\""]);
}

#[test]
fn guests_name_it_instead_of_a_link() {
    let uuid = "2f1b6c1e-8a53-4f0e-9d0a-6b1f0c9d7e42";
    let written = xml(&format!("[network.guests]\nuuid = \"{uuid}\"\nmacvtap = {{ parent = \"eno1\" }}\n"));
    assert!(written.contains(&format!("<uuid>{uuid}</uuid>")), "{written}");
    let text = xml("[network.guests]\nmacvtap = { parent = \"eno1\" }\n");
    assert!(text.contains("<name>guests</name>") && text.contains("<interface dev=\"eno1\"/>"), "{text}");
}
