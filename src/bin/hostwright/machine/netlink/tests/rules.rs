//! Rules.

use hostwright::artifact::Rule;

use super::{in_namespace, ip};

#[test]
fn rules() {
    in_namespace(|netlink| {
        let before = netlink.rules().expect("rules");
        let written: Vec<_> = before.iter().map(ToString::to_string).collect();
        assert!(
            written.contains(&"32766: from all to all inet lookup table 254 protocol 2".to_owned()),
            "{written:?}"
        );
        assert!(ip(
            "rule add not from 10.0.0.0/8 to 192.0.2.0/24 iif one fwmark 0x10/0xf0 table 1000 priority 77 protocol static suppress_prefixlength 0"
        ));
        let after = netlink.rules().expect("rules");
        let added: Vec<_> = after.difference(&before).map(ToString::to_string).collect();
        assert_eq!(
            added,
            [
                "77: from 10.0.0.0/8 to 192.0.2.0/24 inet not lookup iif one fwmark 16 suppress-length 0 fwmask 240 table 1000 protocol 4"
            ]
        );
    });
}

#[test]
fn own_rules() {
    in_namespace(|netlink| {
        let before = netlink.rules().expect("rules");
        for (from, to) in [(Some("10.0.0.0/8"), None), (None, Some("2001:db8::/32"))] {
            let net = |it: &str| it.parse().expect("a network");
            let rule = Rule { priority: 500, from: from.map(net), to: to.map(net), table: 1000 };
            netlink.remove_rule(&rule).expect("absent");
            netlink.add_rule(&rule).expect("added");
            netlink.add_rule(&rule).expect("there already");
            let now = netlink.rules().expect("rules");
            assert_eq!(now.iter().filter(|it| it.is(&rule)).count(), 1, "{now:?}");
            netlink.remove_rule(&rule).expect("removed");
            assert_eq!(netlink.rules().expect("rules"), before);
        }
    });
}
