//! Absolute paths.

use super::text::no_control_characters;
use super::{Refusal, checked_text};

fn absolute(text: &str) -> Result<(), Refusal> {
    no_control_characters(text)?;
    if text.contains(['\\', '"']) || text.ends_with(char::is_whitespace) {
        return Err(format!("`{text}` has a backslash or `\"`, or ends in a blank: units cannot name it"));
    }
    let Some(rest) = text.strip_prefix('/') else {
        return Err(format!("`{text}` is not an absolute path: it does not begin with `/`"));
    };
    if rest.is_empty() {
        return Err("`/` is the root itself: a path names something below it".to_owned());
    }
    let plain = |part: &str| !part.is_empty() && part != "." && part != "..";
    if !rest.split('/').all(plain) {
        return Err(format!("`{text}` has `//`, `.`, `..` or a `/` at the end, which no path here may"));
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
        check::<AbsolutePath>("/", Err("is the root itself"));
        check::<AbsolutePath>("/srv/", Err("which no path here may"));
        check::<AbsolutePath>("/srv/../etc", Err("which no path here may"));
        check::<AbsolutePath>("/srv\n", Err("control character"));
        assert_eq!(AbsolutePath::mended("/srv//a/ ").as_deref(), Some("/srv/a"));
        check::<AbsolutePath>("/srv/\u{fffe}", Err("control character"));
    }
}
