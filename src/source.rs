//! Texts of a spec, and places in them.

use std::cell::OnceCell;
use std::rc::Rc;

use serde::Serialize;

/// One file of a spec.
#[derive(Debug, Clone)]
pub struct Source {
    /// Path as the user would type it, or `<stdin>`.
    pub name: Rc<str>,
    /// Whole text.
    pub text: Rc<str>,
    /// Where its lines begin; found when somebody asks for a line.
    lines: OnceCell<Rc<[usize]>>,
}

impl Source {
    /// Makes a source from a name and a text.
    #[must_use]
    pub fn new(name: &str, text: &str) -> Self {
        Self { name: name.into(), text: text.into(), lines: OnceCell::new() }
    }

    /// Returns line and column, both counted from 1, the column in characters, of a byte offset.
    #[must_use]
    pub fn line_column(&self, offset: usize) -> (usize, usize) {
        let offset = self.floor(offset);
        let line = self.lines().partition_point(|start| *start <= offset);
        (line, self.text[self.line_start(line)..offset].chars().count() + 1)
    }

    /// Returns the byte that a line begins with, counted from 1; behind the last line: the end of the text.
    #[must_use]
    pub fn line_start(&self, line: usize) -> usize {
        self.lines().get(line.saturating_sub(1)).copied().unwrap_or(self.text.len())
    }

    fn lines(&self) -> &[usize] {
        self.lines.get_or_init(|| {
            let ends = self.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
            std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect()
        })
    }

    fn floor(&self, offset: usize) -> usize {
        (0..=offset.min(self.text.len())).rev().find(|at| self.text.is_char_boundary(*at)).unwrap_or(0)
    }
}

/// Position of a source in the list that was compiled; the main file is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Default)]
pub struct SourceId(pub usize);

/// Bytes of one source, end excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Default)]
pub struct Span {
    /// Source the bytes lie in.
    pub source: SourceId,
    /// First byte.
    pub start: usize,
    /// Byte behind the last.
    pub end: usize,
}

/// A value and where the user wrote it.
///
/// Equality looks at the value alone.
#[derive(Debug, Clone, Copy)]
pub struct Located<T> {
    /// What was written.
    pub value: T,
    /// Where; for a default, the header of its table.
    pub span: Span,
}

impl<T> Located<T> {
    /// Joins a value and its place.
    pub const fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }

    /// Applies a function to the value and keeps the place.
    pub fn map<U>(self, function: impl FnOnce(T) -> U) -> Located<U> {
        Located { value: function(self.value), span: self.span }
    }
}

impl<T: PartialEq> PartialEq for Located<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}
