//! `secret set`: an encrypted credential from the terminal or standard input, never from the command line.

use std::io::{IsTerminal, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::process::{Command, Stdio};

use hostwright::value::CredentialName;
use nix::sys::termios::{LocalFlags, SetArg, tcgetattr, tcsetattr};

use crate::context::{Context, Exit};
use crate::failure::{During, Failure};
use crate::machine::iscsi::record::Secret;

/// Where units look for encrypted credentials, `systemd.exec(5)`.
const STORE: &str = "etc/credstore.encrypted";

/// Stores a secret, encrypted with the host's own key: no state of a TPM can take it away.
///
/// # Errors
/// It cannot be read, is none that a record can hold, or systemd-creds(1) fails.
pub(super) fn set(context: &Context, name: &CredentialName) -> Result<Exit, Failure> {
    let what = || format!("store the credential {name}");
    if !context.layout.is_machine() {
        return Err(Failure::new(
            what(),
            "`--root` cannot be given: it is encrypted with the key of the host that uses it",
        ));
    }
    let text = read(name).during(what)?;
    Secret::new(&text).during(what)?;
    let store = context.layout.root().join(STORE);
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&store).during(what)?;
    let path = store.join(name.as_str());
    encrypt(name, text.strip_suffix('\n').unwrap_or(&text), &path)?;
    println!("{}", path.display());
    Ok(Exit::Done)
}

fn read(name: &CredentialName) -> std::io::Result<String> {
    let input = std::io::stdin();
    let mut text = String::new();
    if !input.is_terminal() {
        input.lock().read_to_string(&mut text)?;
        return Ok(text);
    }
    eprint!("{name}: ");
    let before = tcgetattr(input.as_fd())?;
    let mut silent = before.clone();
    silent.local_flags.remove(LocalFlags::ECHO);
    tcsetattr(input.as_fd(), SetArg::TCSAFLUSH, &silent)?;
    let read = input.read_line(&mut text);
    tcsetattr(input.as_fd(), SetArg::TCSAFLUSH, &before)?;
    eprintln!();
    read.map(|_| text)
}

fn encrypt(name: &CredentialName, secret: &str, path: &Path) -> Result<(), Failure> {
    let what = || "run systemd-creds".to_owned();
    let mut creds = Command::new("systemd-creds")
        .args(["encrypt", "--with-key=host", &format!("--name={name}"), "-"])
        .arg(path)
        .stdin(Stdio::piped())
        .spawn()
        .during(what)?;
    let mut input = creds.stdin.take().ok_or_else(|| Failure::new(what(), "no pipe"))?;
    input.write_all(secret.as_bytes()).during(what)?;
    drop(input);
    let ended = creds.wait().during(what)?;
    if ended.success() { Ok(()) } else { Err(Failure::new(what(), ended)) }
}
