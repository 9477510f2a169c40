//! The calls tried on libvirt's own test driver, and by request on a real one.

use hostwright::artifact::libvirt::{Accelerator, MARK_NAMESPACE};
use hostwright::artifact::{Domain, Network, Start};
use hostwright::value::{ItemName, TextValue};
use hostwright::xml;
use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, UndefinedBehavior, Value, context};

use super::{Failure, Libvirt};

fn name(text: &str) -> ItemName {
    ItemName::parse(text).expect("a good name")
}

fn render(template: &str, context: Value) -> String {
    let mut environment = Environment::new();
    let syntax =
        SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build();
    environment.set_syntax(syntax.expect("the usual delimiters"));
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let rendered = environment.render_str(template, context);
    rendered.expect("the context is whole")
}

fn network() -> Network {
    let uuid = "11111111-1111-5111-8111-111111111120";
    let context = context! {
        name => "trial-lan", uuid, mark_namespace => MARK_NAMESPACE, spec => "network.trial-lan",
        interface => "trial0",
    };
    Network {
        name: name("trial-lan"),
        uuid: uuid.to_owned(),
        xml: render(include_str!("../../../../kind/network/network.xml.j2"), context),
    }
}

fn disk(name: &str) -> Value {
    context! {
        name, type => "file", format => "raw", source => format!("/var/lib/libvirt/images/{name}"),
        slot => (), serial => name, boot_order => (),
    }
}

fn domain(disks: &[&str]) -> Domain {
    let uuid = "5f3c2b1e-7a4d-5c6b-9e8f-0a1b2c3d4e01";
    let disks: Vec<Value> = disks.iter().map(|it| disk(it)).collect();
    let interface = context! {
        name => "lan", mac => "52:54:00:12:34:AB", network => "trial-lan", boot_order => (),
    };
    let context = context! {
        type => "qemu", name => "trial", uuid, mark_namespace => MARK_NAMESPACE, boot => (),
        spec => "domain.trial", memory_kib => 65536, vcpus => 1, firmware => "bios", disks,
        machine => "q35", interfaces => [interface], spare_ports => 4, guest_agent => true,
        console_log => "/var/log/libvirt/qemu/trial-console.log",
    };
    Domain {
        name: name("trial"),
        uuid: uuid.to_owned(),
        xml: render(include_str!("../../../../kind/domain/domain.xml.j2"), context),
        start: Start::Manual,
        accelerator: Accelerator::Tcg,
    }
}

fn completed(libvirt: &Libvirt, disks: &[&str]) -> Domain {
    let mut domain = domain(disks);
    let observed = libvirt.observe().expect("libvirt answers");
    let present = observed.domains.get(&domain.name).map(|it| it.xml.as_str());
    domain.xml = xml::complete(&domain.xml, present).expect("well-formed");
    domain
}

fn refusal(result: Result<(), Failure>) -> String {
    result.expect_err("a refusal").to_string()
}

/// Does with a network what a spec's life brings.
fn try_network(libvirt: &Libvirt) {
    let network = network();
    for _ in 0..2 {
        libvirt.define_network(&network).expect("defined");
        libvirt.start_network(&network.name).expect("started");
    }
    let observed = libvirt.observe().expect("libvirt answers");
    let seen = &observed.networks[&network.name];
    assert!(seen.active && seen.autostart);
    assert_eq!(seen.uuid, network.uuid);
    assert!(refusal(libvirt.undefine_network(&network.name)).contains("is active"));
}

fn remove_network(libvirt: &Libvirt) {
    for _ in 0..2 {
        libvirt.stop_network(&name("trial-lan")).expect("stopped");
        libvirt.undefine_network(&name("trial-lan")).expect("undefined");
    }
}

/// Defines a domain, adds a disk that comes before the others, and looks whether anything moved.
fn try_definitions(libvirt: &Libvirt) {
    let first = completed(libvirt, &["root", "b"]);
    for _ in 0..2 {
        libvirt.define_domain(&first).expect("defined");
    }
    let before = libvirt.observe().expect("libvirt answers").domains[&first.name].clone();
    assert!(!before.autostart && before.live.is_none() && !before.managed_save);
    assert_eq!(xml::missing(&first.xml, &before.xml), Ok(Vec::new()));

    let more = completed(libvirt, &["a", "root", "b"]);
    libvirt.define_domain(&more).expect("defined");
    let after = &libvirt.observe().expect("libvirt answers").domains[&first.name];
    let expected = ["devices/disk[vdc]: not in the spec"];
    assert_eq!(xml::missing(&before.xml, &after.xml).expect("well-formed"), expected);

    let fewer = completed(libvirt, &["root"]);
    libvirt.define_domain(&fewer).expect("defined");
    let after = &libvirt.observe().expect("libvirt answers").domains[&first.name];
    let expected = ["devices/disk[vdb]: not there"];
    assert_eq!(xml::missing(&before.xml, &after.xml).expect("well-formed"), expected);
}

fn try_refusals(libvirt: &Libvirt) {
    let mut other = completed(libvirt, &["root"]);
    "5f3c2b1e-7a4d-5c6b-9e8f-0a1b2c3d4e02".clone_into(&mut other.uuid);
    let message = refusal(libvirt.define_domain(&other));
    assert!(message.contains("4e01, the spec gives it 5f3c2b1e"), "{message}");
    let mut unknown = completed(libvirt, &["root"]);
    unknown.xml = unknown.xml.replace("<on_crash>", "<vpcu/><on_crash>");
    let message = refusal(libvirt.define_domain(&unknown));
    assert!(message.contains("cannot define domain `trial`"), "{message}");
}

fn start_and_end(libvirt: &Libvirt) {
    let name = name("trial");
    for _ in 0..2 {
        libvirt.start_domain(&name).expect("started");
    }
    assert!(libvirt.observe().expect("libvirt answers").domains[&name].live.is_some());
    assert!(refusal(libvirt.undefine_domain(&name)).contains("runs"));
    let message = refusal(libvirt.stop_network(&super::trial::name("trial-lan")));
    assert!(message.contains("in use by the running guest `trial`"));
    for _ in 0..2 {
        libvirt.destroy_domain(&name).expect("ended");
    }
}

fn remove_domain(libvirt: &Libvirt) {
    for _ in 0..2 {
        libvirt.undefine_domain(&name("trial")).expect("undefined");
    }
    assert!(refusal(libvirt.start_domain(&name("trial"))).contains("there is no domain"));
}

/// The driver comes with a running domain of its own; of networks it has no inactive definitions.
#[test]
fn the_test_driver() {
    let libvirt = Libvirt::at("test:///default");
    assert!(libvirt.version().expect("libvirt answers") >= 6_000_000);
    let test = name("test");
    libvirt.start_domain(&test).expect("it runs");
    for result in [libvirt.destroy_domain(&test), libvirt.undefine_domain(&test)] {
        let message = refusal(result);
        assert!(message.contains("is not hostwright's"), "{message}");
    }
    let mut ours = domain(&["root"]);
    ours.name = test;
    let message = refusal(libvirt.define_domain(&ours));
    assert!(message.contains("is another one"), "{message}");
    libvirt.destroy_domain(&name("absent")).expect("nothing to do");
    libvirt.undefine_domain(&name("absent")).expect("nothing to do");
}

fn try_foreign_network(libvirt: &Libvirt) {
    let unmarked = "<network><name>trial-lan</name><uuid>11111111-1111-5111-8111-111111111120</uuid>\
        <forward mode='bridge'><interface dev='trial0'/></forward></network>";
    let connection = libvirt.connect().expect("libvirt answers");
    let foreign = connection.define_network_xml(unmarked).expect("defined");
    let message = refusal(libvirt.define_network(&network()));
    assert!(message.contains("is not hostwright's"), "{message}");
    let message = refusal(libvirt.undefine_network(&name("trial-lan")));
    assert!(message.contains("is not hostwright's"), "{message}");
    foreign.undefine().expect("undefined");
}

/// Wants a `qemu:///system` that may be changed, with images `root`, `a` and `b` in its directory,
/// and a link `trial0` that is up.
#[test]
#[ignore = "changes the libvirt of this host"]
fn the_system() {
    let libvirt = Libvirt::default();
    try_foreign_network(&libvirt);
    try_network(&libvirt);
    try_definitions(&libvirt);
    try_refusals(&libvirt);
    start_and_end(&libvirt);
    remove_domain(&libvirt);
    remove_network(&libvirt);
}
