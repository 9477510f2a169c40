//! Values of a spec from nodes of the TOML tree.

use toml::de::DeValue;

use super::keys::{Form, Scalar};
use super::reader::{Cx, Node};
use super::write::string;
use crate::diagnostic::{Code, Diagnostic, Guess, guess};
use crate::source::Located;
use crate::value::{
    AbsolutePath, ByteSize, Capability, CredentialName, Destination, DomainName, Endpoint, FileSystem,
    HttpAddress, InterfaceAddress, InterfaceName, Iqn, ItemName, Mac, Machine, MountOption, Mtu, PciPath,
    Portal, QosMap, Reason, Slot, Text, TextValue, TimeSpan, UserName, UuidText, VcpuCount, VlanId,
    VlanRange, Volume, Wwn,
};

/// A value that a key can have.
pub trait Read: Sized {
    /// What it may be.
    const FORM: Form;

    /// Reads it; adds a diagnostic where it cannot.
    fn read(node: Node<'_>, cx: &mut Cx<'_>) -> Option<Self>;
}

/// A table of a table of tables, with its name.
#[derive(Debug, Clone, PartialEq)]
pub struct Named<T> {
    /// Name, with the place of the header.
    pub name: Located<ItemName>,
    /// What the table says.
    pub body: T,
}

/// A value that is one of a few words.
pub trait Word: Sized + Copy + 'static {
    /// The words.
    const WORDS: &'static [&'static str];
    /// What others call them: their word and the one here.
    const ALSO: &'static [(&'static str, &'static str)];
    /// What they mean, in the same order.
    const VALUES: &'static [Self];

    /// Returns the word of a value.
    fn word(self) -> &'static str
    where
        Self: PartialEq,
    {
        let at = Self::VALUES.iter().position(|it| *it == self);
        at.map_or("", |at| Self::WORDS[at])
    }
}

/// Reads a string as a value of its own.
fn read_text<T: TextValue>(node: Node<'_>, cx: &mut Cx<'_>) -> Option<T> {
    let DeValue::String(text) = node.value else {
        return cx.wrong_type(node, T::FORM);
    };
    if let Some(found) = text.chars().find(|it| crate::value::is_forbidden(*it)) {
        let message =
            format!("{} has the control character {found:?}, which no string may have", cx.place.subject());
        return cx.refuse(Code::ControlCharacter, node, message);
    }
    T::parse(text).map_err(|refusal| cx.diagnostics.push(invalid::<T>(node, text, refusal))).ok()
}

/// Refuses a string, with what was meant where that is certain.
fn invalid<T: TextValue>(node: Node<'_>, text: &str, refusal: String) -> Diagnostic {
    let diagnostic = Diagnostic::error(Code::InvalidValue, node.span, refusal);
    match T::mended(text).filter(|it| T::parse(it).is_ok()) {
        Some(mended) => diagnostic.hint(format!("write `{mended}`")).suggest(node.span, string(mended)),
        None => diagnostic.did_you_mean(T::guessed(text).filter(|it| T::parse(it).is_ok()).as_deref()),
    }
}

/// Reads a whole number.
fn read_integer(node: Node<'_>, form: &str, cx: &mut Cx<'_>) -> Option<i64> {
    let DeValue::Integer(integer) = node.value else {
        let digits =
            node.value.as_str().filter(|it| it.parse::<u32>().is_ok_and(|number| number.to_string() == *it));
        return cx.mistyped(node, form, digits.map(str::to_owned));
    };
    let parsed = i64::from_str_radix(integer.as_str(), integer.radix());
    let message = |cx: &Cx<'_>| format!("{} must be {form}, found {integer}", cx.place.subject());
    parsed.map_err(|_| cx.error(Code::InvalidValue, node, message(cx))).ok()
}

/// Reads one of a few words.
pub(crate) fn read_word<T: Word>(node: Node<'_>, cx: &mut Cx<'_>) -> Option<T> {
    let DeValue::String(text) = node.value else {
        let word = node.value.as_bool().map(|it| if it { "yes" } else { "no" });
        let word = word.filter(|it| T::WORDS.contains(it)).map(string);
        return cx.mistyped(node, &one_of(T::WORDS), word);
    };
    let found = T::WORDS.iter().position(|word| word == text);
    if found.is_none() {
        let message = format!("{} must be {}, found {text:?}", cx.place.subject(), one_of(T::WORDS));
        let called = T::ALSO.iter().find(|it| it.0.eq_ignore_ascii_case(text));
        let called = called.map(|(_, word)| Guess { word, certain: true });
        cx.unknown(
            Code::UnknownValue,
            node,
            message,
            called.or_else(|| guess(text, T::WORDS.iter().copied())),
        );
    }
    found.map(|at| T::VALUES[at])
}

/// Lists what a word may be.
fn one_of(words: &[&str]) -> String {
    let listed = words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    if words.len() == 1 { listed } else { format!("one of {listed}") }
}

macro_rules! read_as_text {
    ($($type:ty),+) => {
        $(impl Read for $type {
            const FORM: Form = Form::Value(Scalar::Like(<$type as TextValue>::PATTERN), <$type as TextValue>::FORM);

            fn read(node: Node<'_>, cx: &mut Cx<'_>) -> Option<Self> {
                read_text(node, cx)
            }
        })+
    };
}

read_as_text!(
    AbsolutePath,
    Endpoint,
    HttpAddress,
    ByteSize,
    CredentialName,
    Capability,
    Destination,
    DomainName,
    FileSystem,
    InterfaceAddress,
    InterfaceName,
    Iqn,
    ItemName,
    Mac,
    Machine,
    MountOption,
    PciPath,
    Portal,
    UuidText,
    QosMap,
    Reason,
    Slot,
    Text,
    TimeSpan,
    UserName,
    Volume,
    Wwn
);

macro_rules! read_as_integer {
    ($type:ty, $least:literal, $most:literal, $form:literal, $new:expr) => {
        impl Read for $type {
            const FORM: Form = Form::Value(Scalar::Integer($least, $most), $form);

            fn read(node: Node<'_>, cx: &mut Cx<'_>) -> Option<Self> {
                let number = read_integer(node, $form, cx)?;
                let new: fn(i64) -> Result<$type, String> = $new;
                new(number).map_err(|refusal| cx.error(Code::InvalidValue, node, refusal)).ok()
            }
        }
    };
}

read_as_integer!(VlanId, 1, 4094, "an integer, 1 to 4094", VlanId::new);
read_as_integer!(VcpuCount, 1, 4096, "an integer, 1 to 4096", VcpuCount::new);
read_as_integer!(Mtu, 68, 65535, "an integer, 68 to 65535", Mtu::new);

impl Read for u32 {
    const FORM: Form = Form::Value(Scalar::Integer(1, 4_294_967_295), "an integer from 1 on");

    fn read(node: Node<'_>, cx: &mut Cx<'_>) -> Option<Self> {
        let form = "an integer from 1 on";
        let number = read_integer(node, form, cx)?;
        let message = |cx: &Cx<'_>| {
            let limit = if number > 0 { ": 4294967295 is the largest" } else { "" };
            format!("{} must be {form}, found {number}{limit}", cx.place.subject())
        };
        let fitting = Self::try_from(number).ok().filter(|it| *it > 0);
        fitting.or_else(|| cx.refuse(Code::InvalidValue, node, message(cx)))
    }
}

impl Read for ipnet::IpNet {
    const FORM: Form = Form::Value(Scalar::Text, "a network, like \"198.51.100.0/24\"");

    fn read(node: Node<'_>, cx: &mut Cx<'_>) -> Option<Self> {
        match Destination::read(node, cx)? {
            Destination::Network(net) => Some(net),
            Destination::Default => cx.refuse(
                Code::InvalidValue,
                node,
                "`default` is no network here: one is like `198.51.100.0/24`",
            ),
        }
    }
}

impl Read for VlanRange {
    const FORM: Form = Form::Value(Scalar::IntegerOrText, <Self as TextValue>::FORM);

    fn read(node: Node<'_>, cx: &mut Cx<'_>) -> Option<Self> {
        match node.value {
            DeValue::Integer(_) => VlanId::read(node, cx).map(Self::from),
            _ => read_text(node, cx),
        }
    }
}

impl Read for std::net::Ipv4Addr {
    const FORM: Form = Form::Value(Scalar::Text, "an IPv4 address, like \"192.0.2.1\"");

    fn read(node: Node<'_>, cx: &mut Cx<'_>) -> Option<Self> {
        match std::net::IpAddr::read(node, cx)? {
            std::net::IpAddr::V4(ip) => Some(ip),
            std::net::IpAddr::V6(ip) => cx.refuse(
                Code::InvalidValue,
                node,
                format!("`{ip}` is an IPv6 address, only IPv4 works here"),
            ),
        }
    }
}

impl Read for std::net::IpAddr {
    const FORM: Form = Form::Value(Scalar::Text, "an IP address, like \"192.0.2.1\"");

    fn read(node: Node<'_>, cx: &mut Cx<'_>) -> Option<Self> {
        let DeValue::String(text) = node.value else {
            return cx.wrong_type(node, "an IP address, like \"192.0.2.1\"");
        };
        let message = || format!("`{}` is not an IP address, like `192.0.2.1`", text.escape_debug());
        text.parse().map_err(|_| cx.error(Code::InvalidValue, node, message())).ok()
    }
}

impl Read for bool {
    const FORM: Form = Form::Value(Scalar::Boolean, "`true` or `false`");

    fn read(node: Node<'_>, cx: &mut Cx<'_>) -> Option<Self> {
        match node.value {
            DeValue::Boolean(value) => Some(*value),
            value => cx.mistyped(node, "`true` or `false`", value.as_str().and_then(boolean)),
        }
    }
}

/// Returns the truth value that a string says, as TOML.
fn boolean(text: &str) -> Option<String> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" => Some("true".to_owned()),
        "false" | "no" | "off" => Some("false".to_owned()),
        _ => None,
    }
}

/// Gives words of a spec to an enum: `words!(Start { "boot" => Start::Boot, … })`; behind a `|` stands what others call
/// one, for whoever writes that.
#[macro_export]
macro_rules! words {
    ($type:ty { $($word:literal $(| $also:literal)* => $value:expr,)+ }) => {
        impl $crate::spec::Word for $type {
            const WORDS: &'static [&'static str] = &[$($word,)+];
            const ALSO: &'static [(&'static str, &'static str)] = &[$($(($also, $word),)*)+];
            const VALUES: &'static [Self] = &[$($value,)+];
        }

        impl $crate::spec::Read for $type {
            const FORM: $crate::spec::Form =
                $crate::spec::Form::OneOf(<$type as $crate::spec::Word>::WORDS);

            fn read(node: $crate::spec::Node<'_>, cx: &mut $crate::spec::Cx<'_>) -> Option<Self> {
                cx.word(node)
            }
        }
    };
}
