//! What the kind refuses, and what it renders.

use super::super::testing::{check, xml};

#[test]
fn rejects() {
    check("[network.a]\nmacvtap = { parent = \"eno9\" }\n", &["unknown-reference @ \"eno9\""]);
    check("[network.a]\n", &["exactly-one-key @ a"]);
    check(
        "[network.a]\nmacvtap = { parent = \"eno1\" }\nsr-iov = { pf = \"eno1\" }\n",
        &["exactly-one-key @ sr-iov"],
    );
    check("[network.a]\nbridge = { name = \"eno1\" }\n", &["wrong-link @ \"eno1\""]);
    check("[dummy.d0]\n[network.a]\nsr-iov = { pf = \"d0\" }\n", &["wrong-link @ \"d0\""]);
    check("[network.\"a/b\"]\nmacvtap = { parent = \"eno1\" }\n", &["invalid-name @ \"a/b\""]);
}

#[test]
fn guests_name_it_instead_of_a_link() {
    let uuid = "2f1b6c1e-8a53-4f0e-9d0a-6b1f0c9d7e42";
    let written = xml(&format!("[network.guests]\nuuid = \"{uuid}\"\nmacvtap = {{ parent = \"eno1\" }}\n"));
    assert!(written.contains(&format!("<uuid>{uuid}</uuid>")), "{written}");
    let text = xml("[network.guests]\nmacvtap = { parent = \"eno1\" }\n");
    assert!(text.contains("<name>guests</name>") && text.contains("<interface dev=\"eno1\"/>"), "{text}");
    let text = xml("[bridge.br0]\n[network.guests]\nbridge = { name = \"br0\" }\n");
    assert!(text.contains("<forward mode=\"bridge\"/>") && text.contains("<bridge name=\"br0\"/>"), "{text}");
    let text = xml("[network.guests]\nsr-iov = { pf = \"eno1\", vlan = 20 }\n");
    assert!(text.contains("<pf dev=\"eno1\"/>") && text.contains("<tag id=\"20\"/>"), "{text}");
}
