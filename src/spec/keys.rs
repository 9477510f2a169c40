//! Declaration of keys: one place that gives the struct, its reader and the table of keys.

use super::reader::TableReader;

/// What TOML calls a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scalar {
    /// A string.
    Text,
    /// A string with a pattern, as JSON Schema writes it.
    Like(&'static str),
    /// A whole number from one to another.
    Integer(i64, i64),
    /// A whole number, or a string.
    IntegerOrText,
    /// `true` or `false`.
    Boolean,
    /// Tables whose keys nobody lists.
    Tables,
}

/// What a value may be.
#[derive(Debug, Clone, Copy)]
pub enum Form {
    /// What TOML calls it, and words that finish the sentence "the value is …".
    Value(Scalar, &'static str),
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A table with these keys.
    Table(&'static Keys),
    /// An array.
    List(&'static Form),
    /// A table of tables `NAME`, each with these keys.
    Named(&'static Keys),
}

impl Form {
    /// Says in words what a value may be; finishes the sentence "the value is …".
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Value(_, words) => (*words).to_owned(),
            Self::OneOf(words) => {
                let words: Vec<_> = words.iter().map(|it| format!("\"{it}\"")).collect();
                format!("one of {}", words.join(", "))
            }
            Self::Table(_) => "a table".to_owned(),
            Self::List(form) => format!("an array, each item {}", form.words()),
            Self::Named(_) => "tables, one for each NAME".to_owned(),
        }
    }

    /// Says the same with the keys of tables.
    #[must_use]
    pub fn in_full(&self) -> String {
        match self {
            Self::Table(keys) => format!("a table with {}", keys.listed()),
            Self::List(Self::Table(keys)) => format!("an array of tables with {}", keys.listed()),
            Self::Value(..) | Self::OneOf(_) | Self::List(_) | Self::Named(_) => self.words(),
        }
    }
}

/// Whether a key must be written.
#[derive(Debug, Clone, Copy)]
pub enum Presence {
    /// It must.
    Required,
    /// It need not; its doc says what absence means.
    Optional,
    /// It need not; this TOML text stands for it.
    Default(&'static str),
}

/// One key.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// Name as written.
    pub name: &'static str,
    /// What netplan, networkd, libvirt and others call it; nobody may write it here.
    pub also: &'static [&'static str],
    /// Words of others that come near but mean something else, and what to write for them.
    pub unlike: &'static [(&'static str, &'static str)],
    /// Doc: first line says what it is, the rest unit, range, absence and source.
    pub doc: &'static str,
    /// What the value may be.
    pub form: Form,
    /// Whether it must be written.
    pub presence: Presence,
    /// Language that brought it.
    pub since: u32,
    /// Whether somebody may have written a secret as its value: no message repeats that.
    pub is_secretive: bool,
}

/// The keys of a table.
#[derive(Debug, Clone, Copy)]
pub struct Keys {
    /// What the table is.
    pub doc: &'static str,
    /// Keys of its own.
    pub own: &'static [Key],
    /// Keys that it shares with other tables.
    pub blocks: &'static [&'static Keys],
}

impl Keys {
    /// Iterates over own keys and those of the blocks.
    #[must_use]
    pub fn all(&self) -> Box<dyn Iterator<Item = &'static Key> + '_> {
        Box::new(self.own.iter().chain(self.blocks.iter().flat_map(|block| block.all())))
    }

    /// Lists the names of all keys in backticks.
    #[must_use]
    pub fn listed(&self) -> String {
        self.all().map(|it| format!("`{}`", it.name)).collect::<Vec<_>>().join(", ")
    }
}

/// A table of the spec whose keys are declared with [`keys!`].
pub trait Table: Sized {
    /// The declaration.
    const KEYS: &'static Keys;

    /// Reads the keys that the table declares; adds a diagnostic for each that cannot be read.
    fn read_keys(table: &mut TableReader<'_, '_>) -> Option<Self>;
}

/// Turns a field's name into a key: `on_demand` is `on-demand`.
#[must_use]
pub const fn kebab<const LENGTH: usize>(field: &str) -> [u8; LENGTH] {
    let mut name = [0; LENGTH];
    let mut at = 0;
    while at < LENGTH {
        let byte = field.as_bytes()[at];
        name[at] = if byte == b'_' { b'-' } else { byte };
        at += 1;
    }
    name
}

/// Declares a table: struct with places, reader and table of keys from one list.
///
/// Each key has a mode: `required`, `optional`, `default … = "TOML"`, `list` (absent: empty),
/// `named` (tables by name, absent: none). `as "name"` gives a key another name than its field.
/// `#[also("…")]` names what others call it, for whoever writes that, `#[unlike("…" => "advice")]` what they write that
/// means something else. `#[may_hold(secret)]` keeps what was written for a key out of messages. `blocks` are taken in whole.
#[macro_export]
macro_rules! keys {
    (
        $(#[doc = $doc:literal])+
        pub struct $table:ident {
            $(
                $(#[doc = $key_doc:literal])+
                $(#[also($($also:literal),+)])?
                $(#[unlike($($unlike:literal => $advice:literal),+)])?
                $(#[may_hold($secret:ident)])?
                $mode:ident $field:ident: $type:ty $(as $name:literal)? $(= $default:literal)?,
            )*
            $(block $block:ident: $block_type:ty,)*
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, PartialEq)]
        pub struct $table {
            $($(#[doc = $key_doc])+ pub $field: $crate::key_type!($mode $type),)*
            $(#[doc = "Shared keys."] pub $block: $block_type,)*
        }

        impl $crate::spec::Table for $table {
            const KEYS: &'static $crate::spec::Keys = &$crate::spec::Keys {
                doc: concat!($($doc, "\n"),+),
                own: &[$($crate::spec::Key {
                    name: $crate::key_name!($field $($name)?),
                    also: &[$($($also),+)?],
                    unlike: &[$($(($unlike, $advice)),+)?],
                    doc: concat!($($key_doc, "\n"),+),
                    form: $crate::key_form!($mode $type),
                    presence: $crate::key_presence!($mode $($default)?),
                    since: 1,
                    is_secretive: $crate::key_secretive!($($secret)?),
                },)*],
                blocks: &[$(<$block_type as $crate::spec::Table>::KEYS,)*],
            };

            fn read_keys(table: &mut $crate::spec::TableReader<'_, '_>) -> Option<Self> {
                $(let $field = table.$mode($crate::key_name!($field $($name)?) $(, $default)?);)*
                $(let $block = <$block_type as $crate::spec::Table>::read_keys(table);)*
                Some(Self { $($field: $field?,)* $($block: $block?,)* })
            }
        }

        impl $crate::spec::Read for $table {
            const FORM: $crate::spec::Form = $crate::spec::Form::Table(<Self as $crate::spec::Table>::KEYS);

            fn read(node: $crate::spec::Node<'_>, cx: &mut $crate::spec::Cx<'_>) -> Option<Self> {
                $crate::spec::TableReader::whole(node, cx)
            }
        }
    };
}

/// Gives the name of a key from its field.
#[doc(hidden)]
#[macro_export]
macro_rules! key_name {
    ($field:ident $name:literal) => {
        $name
    };
    ($field:ident) => {{
        const FIELD: &str = stringify!($field);
        const NAME: [u8; FIELD.len()] = $crate::spec::keys::kebab(FIELD);
        const TEXT: &str = match std::str::from_utf8(&NAME) {
            Ok(text) => text,
            Err(_) => FIELD,
        };
        TEXT
    }};
}

/// Gives the type of a field from its mode.
#[doc(hidden)]
#[macro_export]
macro_rules! key_type {
    (optional $type:ty) => { Option<$crate::source::Located<$type>> };
    (list $type:ty) => { Vec<$crate::source::Located<$type>> };
    (named $type:ty) => { Vec<$crate::spec::Named<$type>> };
    ($mode:ident $type:ty) => { $crate::source::Located<$type> };
}

/// Gives the form of a key from its mode.
#[doc(hidden)]
#[macro_export]
macro_rules! key_form {
    (list $type:ty) => {
        $crate::spec::Form::List(&<$type as $crate::spec::Read>::FORM)
    };
    (named $type:ty) => {
        $crate::spec::Form::Named(<$type as $crate::spec::Table>::KEYS)
    };
    ($mode:ident $type:ty) => {
        <$type as $crate::spec::Read>::FORM
    };
}

/// Says whether a key may hold a secret.
#[doc(hidden)]
#[macro_export]
macro_rules! key_secretive {
    (secret) => {
        true
    };
    () => {
        false
    };
}

/// Gives the presence of a key from its mode.
#[doc(hidden)]
#[macro_export]
macro_rules! key_presence {
    (required) => {
        $crate::spec::Presence::Required
    };
    (default $default:literal) => {
        $crate::spec::Presence::Default($default)
    };
    ($mode:ident) => {
        $crate::spec::Presence::Optional
    };
}
