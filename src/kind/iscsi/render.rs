//! A target's login unit.

use minijinja::context;

use super::Iscsi;
use crate::artifact::{Artifact, Target};
use crate::render::Output;

/// Target that waits for file systems behind a network.
const TARGET: &str = "remote-fs.target";

pub(super) fn render(iscsi: &Iscsi, out: &mut Output<'_>) {
    let credentials = iscsi.chap.iter().chain(&iscsi.mutual_chap).map(|it| it.credential.to_string());
    let context = context! {
        target => iscsi.target.as_str(),
        credentials => credentials.collect::<Vec<_>>(),
        login => login(iscsi),
        binaries => out.target.binaries.clone(),
    };
    out.unit_file(&iscsi.unit, "iscsi.service", context);
    out.wanted_by(TARGET, &iscsi.unit);
    out.unit(iscsi.unit.clone(), Vec::new(), &[]);
    let target = Target { name: iscsi.name.clone(), iqn: iscsi.target.clone(), unit: iscsi.unit.clone() };
    out.add(Vec::new(), Artifact::Target(target));
}

/// Returns the arguments of the login, all but secrets.
fn login(iscsi: &Iscsi) -> Vec<String> {
    let mut arguments = vec![iscsi.name.to_string(), format!("--target={}", iscsi.target)];
    arguments.extend(iscsi.portals.iter().map(|it| format!("--portal={it}")));
    arguments.extend(iscsi.initiator.iter().map(|it| format!("--initiator={it}")));
    let chap = iscsi.chap.iter().map(|it| format!("--chap={}:{}", it.credential, it.user));
    let mutual = iscsi.mutual_chap.iter().map(|it| format!("--mutual-chap={}:{}", it.credential, it.user));
    arguments.extend(chap.chain(mutual));
    let timeouts = iscsi.timeouts;
    arguments.extend([
        format!("--replacement-timeout={}", timeouts.replacement),
        format!("--login-timeout={}", timeouts.login),
        format!("--noop-out-interval={}", timeouts.noop_interval),
        format!("--noop-out-timeout={}", timeouts.noop),
    ]);
    arguments
}
