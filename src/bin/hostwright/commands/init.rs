//! `init`: looks at the host and writes a spec that says the same.

use std::path::Path;

use hostwright::import::{Found, spec};
use hostwright::observed::{Observed, ObservedLibvirt};

use crate::context::{Context, Exit};
use crate::failure::{During, Failure};
use crate::machine::Ports;
use crate::{configuration, install, observe, store};

/// Writes the spec; `-` is standard output, absent the candidate.
///
/// # Errors
/// The host cannot be looked at, or there is a spec already.
pub(super) fn run(context: &Context, out: Option<&Path>) -> Result<Exit, Failure> {
    let schema = install::named_schema_path(Path::new(&context.target.binaries));
    let text = format!("#:schema file://{}\n{}", schema.display(), spec(&found(context)?, &context.target));
    let path = out.map_or_else(|| context.layout.candidate(), Path::to_owned);
    if path == Path::new("-") {
        print!("{text}");
        return Ok(Exit::Done);
    }
    if path.exists() {
        return Err(Failure::new(
            format!("write {}", path.display()),
            "it is there already: `--out FILE` writes elsewhere, `--out -` prints",
        ));
    }
    store::write_whole(&path, &text)?;
    println!("{}", path.display());
    Ok(Exit::Done)
}

fn found(context: &Context) -> Result<Found, Failure> {
    let layout = &context.layout;
    let mut texts = configuration::texts(layout).during(|| "read who configures the network".to_owned())?;
    texts.extend(configuration::storage(layout).during(|| "read mounts and iSCSI records".to_owned())?);
    let ports = Ports::default();
    let (mut observed, mut libvirt_refusal) = (Observed::default(), None);
    if layout.is_machine() {
        observed = observe::host(&ports, layout, &texts)?;
        match libvirt(&ports) {
            Ok(found) => observed.libvirt = found,
            Err(why) => libvirt_refusal = Some(why),
        }
    }
    Ok(Found { host: name(context)?, observed, texts, libvirt_refusal })
}

/// Returns the first label of the host's name.
fn name(context: &Context) -> Result<String, Failure> {
    let text = store::read_if_there(&context.layout.root().join("etc/hostname"))?.unwrap_or_default();
    Ok(text.trim().split('.').next().unwrap_or_default().to_owned())
}

/// Asks libvirt where it is there.
fn libvirt(ports: &Ports) -> Result<Option<ObservedLibvirt>, String> {
    if !Path::new("/run/libvirt").exists() {
        return Ok(None);
    }
    ports.libvirt.observe().map(Some).map_err(|it| it.to_string())
}
