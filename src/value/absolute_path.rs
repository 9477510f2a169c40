//! Absolute paths.

use super::text::no_control_characters;
use super::{Refusal, checked_text};

fn absolute(text: &str) -> Result<(), Refusal> {
    no_control_characters(text)?;
    if text.contains(['\\', '"']) || text.ends_with(char::is_whitespace) {
        return Err(format!("`{text}` has a backslash or `\"`, or ends in a blank: units cannot name it"));
    }
    let Some(rest) = text.strip_prefix('/') else {
        return Err(format!("`{text}` is not an absolute path"));
    };
    let plain = |part: &str| !part.is_empty() && part != "." && part != "..";
    if rest.is_empty() || !rest.split('/').all(plain) {
        return Err(format!("`{text}` is not a normal path: no `//`, `.`, `..` or `/` at the end"));
    }
    Ok(())
}

checked_text!(
    /// An absolute path in normal form, not `/` itself.
    AbsolutePath, "an absolute path, like \"/srv/scratch\"" ~ r"^/[^/]", absolute,
    |text| text.starts_with('/').then(|| without_extra_slashes(text.trim_end()))
);

fn without_extra_slashes(text: &str) -> String {
    let parts: Vec<_> = text.split('/').filter(|it| !it.is_empty()).collect();
    format!("/{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::super::{TextValue, check};
    use super::*;

    #[test]
    fn absolute_paths() {
        check::<AbsolutePath>("/srv/a b", Ok("/srv/a b"));
        check::<AbsolutePath>("/srv/a\\", Err("backslash"));
        check::<AbsolutePath>("/srv/a ", Err("ends in a blank"));
        check::<AbsolutePath>("srv", Err("not an absolute path"));
        check::<AbsolutePath>("/", Err("not a normal path"));
        check::<AbsolutePath>("/srv/", Err("not a normal path"));
        check::<AbsolutePath>("/srv/../etc", Err("not a normal path"));
        check::<AbsolutePath>("/srv\n", Err("control character"));
        assert_eq!(AbsolutePath::mended("/srv//a/ ").as_deref(), Some("/srv/a"));
        check::<AbsolutePath>("/srv/\u{fffe}", Err("control character"));
    }
}
