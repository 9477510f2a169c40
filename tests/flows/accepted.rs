//! Changes that were accepted for the boot: later plans judge what goes by what the machine has until then.

use super::*;

const NEW_LINK: &str = "[vlan.v50]\nid = 50\nparent = \"eno2\"\n";

/// Plans a further link on a machine that has the first of three specs, where the second was accepted for the boot.
fn planned(first: &str, accepted: &str, change: impl FnOnce(&mut Observed)) -> Plan {
    let applied = artifacts(&[accepted]);
    let first = artifacts(&[first]);
    let mut observed = machine(&first);
    for link in first.links() {
        observed.routes.extend(link.routes.iter().map(|it| ObservedRoute::made_of(it, &link.name)));
    }
    change(&mut observed);
    let new = artifacts(&[accepted, NEW_LINK]);
    plan(&applied, &new, &observed, Reach::Machine, Terms::default())
}

fn carries(route: &str) -> impl FnOnce(&mut Observed) {
    let flow = session(route, 4);
    move |it| {
        it.flows.insert(flow);
    }
}

fn does(plan: &Plan, word: &str) -> bool {
    plan.steps.iter().any(|it| it.action.to_string().contains(word))
}

#[test]
fn a_route_that_was_accepted_for_the_boot_does_not_go_with_the_next_change() {
    let by = |gateway: &str| routed(&format!("{{ to = \"10.255.0.0/16\", via = \"192.0.2.{gateway}\" }}"));
    for accepted in [by("253"), routed("")] {
        let used = planned(&by("254"), &accepted, carries("10.255.0.0/16 via 192.0.2.254 over eno1"));
        assert!(used.may_be_applied() && does(&used, "v50"), "{used}");
        assert!(!does(&used, "eno1"), "{used}");
        assert!(used.to_string().contains("active from the next boot"), "{used}");
        let unused = planned(&by("254"), &accepted, |_| ());
        assert!(unused.may_be_applied() && does(&unused, "eno1"), "{unused}");
    }
}

/// Made over netlink, the link has what it had before: the kernel would refuse a second route in its place.
#[test]
fn a_route_in_the_place_of_one_that_was_accepted_for_the_boot_stays() {
    let by = |gateway: &str| {
        let link = "[vlan.storage]\nid = 42\nparent = \"eno2\"\naddresses = [\"10.0.42.2/24\"]\n";
        let routes = format!("routes = [{{ to = \"10.255.0.0/16\", via = \"10.0.42.{gateway}\" }}]\n");
        format!("{HOST}{CARDS}{link}{routes}")
    };
    let plan = planned(&by("1"), &by("254"), |it| {
        it.networkd.as_mut().expect("it runs").loaded.remove("storage");
    });
    assert!(plan.may_be_applied() && does(&plan, "v50") && !does(&plan, "10.255.0.0/16"), "{plan}");
    assert!(plan.to_string().contains("active from the next boot"), "{plan}");
}

/// What the new file says as the former one did stays, and so does what no file of ours gave.
#[test]
fn a_route_that_no_file_lets_go_stays() {
    let raw = "raw.network.Route = { Destination = \"10.9.0.0/16\", Gateway = \"192.0.2.9\" }\n";
    let with = |addresses: &str| {
        let routes = "routes = [{ to = \"10.8.0.0/16\", via = \"192.0.2.9\" }]\n";
        let card = format!("[nic.eno1]\naddresses = [{addresses}]\n{routes}{raw}");
        [HOST, &card, "[nic.eno2]\naddresses = [\"198.51.100.2/24\"]\n"].concat()
    };
    let (one, two) = (with("\"192.0.2.2/24\""), with("\"192.0.2.2/24\", \"192.0.2.3/24\""));
    let plan = planned(&one, &two, |it| {
        it.routes.insert(route("10.9.0.0/16 via 192.0.2.9 over eno1", 4));
        it.routes.insert(route("10.8.0.0/16 via 192.0.2.9 over eno1 table 100", 4));
    });
    assert!(plan.may_be_applied() && does(&plan, "v50"), "{plan}");
    assert!(!plan.to_string().contains("- route"), "{plan}");
}
