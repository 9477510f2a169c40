//! What the kind refuses, and what it renders.

use super::super::testing::{check, file};

const TARGET: &str = "[iscsi.a]\ntarget = \"iqn.2026-01.example:a\"\n";

#[test]
fn rejects() {
    check(
        "[iscsi.a]\ntarget = \"a\"\nportals = [\"san\"]\n",
        &["invalid-value @ \"a\"", "invalid-value @ \"san\""],
    );
    check(TARGET, &["missing-key @ a"]);
    check(
        &format!("{TARGET}portals = [\"10.0.0.1\", \"10.0.0.1:3260\"]\n"),
        &["duplicate-value @ \"10.0.0.1:3260\""],
    );
    check(
        &format!("{TARGET}portals = [\"10.0.0.1\"]\nmutual-chap = {{ user = \"a\", credential = \"b\" }}\n"),
        &["conflict @ mutual-chap"],
    );
    check(
        &format!("{TARGET}portals = [\"10.0.0.1\"]\nlogin-timeout = \"1500ms\"\n"),
        &["invalid-value @ \"1500ms\""],
    );
    check(
        &format!("{TARGET}portals = [\"10.0.0.1\"]\nchap = {{ user = \"a\", secret = \"b\" }}\n"),
        &["unknown-key @ secret"],
    );
}

#[test]
fn the_login_knows_all_but_the_secret() {
    let spec = format!(
        "{TARGET}portals = [\"10.0.0.1\", \"2001:db8::1\"]\nchap = {{ user = \"hv1\", credential = \"san1-chap\" }}\n"
    );
    let text = file(&spec, "hostwright-iscsi-a.service");
    assert!(
        text.contains("LoadCredentialEncrypted=san1-chap:/etc/credstore.encrypted/san1-chap\n"),
        "{text}"
    );
    let login = "unit iscsi-login a --target=iqn.2026-01.example:a --portal=10.0.0.1:3260 --portal=[2001:db8::1]:3260 --chap=san1-chap:hv1 ";
    assert!(text.contains(login), "{text}");
}
