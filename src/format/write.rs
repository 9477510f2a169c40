//! Tables, keys and values as text.

use super::{Brackets, Document, Element, Entry, Line, Table, Value, WIDTH};

const INDENT: &str = "  ";
/// Longest line, in characters, whose comment others wait for.
const COLUMN: usize = 60;

/// A line of code, what stands above it, and the comment beside it.
struct Row<'a> {
    above: String,
    code: String,
    comment: Option<&'a String>,
}

/// Writes a text.
pub(super) fn document(document: &Document) -> String {
    let mut blocks = Vec::new();
    let head = lines(&document.head, "");
    blocks.extend((!head.is_empty()).then_some(head));
    for table in &document.tables {
        let text = self::table(table);
        blocks.extend((!text.is_empty()).then_some(text));
    }
    if document.is_glued && !document.head.is_empty() && blocks.len() > 1 {
        let head = blocks.remove(0);
        return head + &blocks.join("\n");
    }
    blocks.join("\n")
}

fn table(table: &Table) -> String {
    let mut text = lines(&table.above, "");
    if !table.header.is_empty() {
        text.push_str(&beside(&table.header, table.beside.as_ref()));
    }
    let rows = table.entries.iter().enumerate().map(|(at, entry)| {
        let above = if at == 0 { without_blanks(&entry.above) } else { &entry.above };
        Row { above: lines(above, ""), code: assignment(entry, 0), comment: entry.beside.as_ref() }
    });
    text.push_str(&self::rows(&rows.collect::<Vec<_>>()));
    text + &lines(&table.below, "")
}

/// Writes rows; comments beside neighbors begin in one column.
fn rows(rows: &[Row<'_>]) -> String {
    let mut text = String::new();
    let mut rest = rows;
    while let Some(first) = rest.first() {
        let more =
            rest[1..].iter().take_while(|it| first.has_column() && it.has_column() && it.above.is_empty());
        let (run, behind) = rest.split_at(1 + more.count());
        let width = run.iter().map(|it| it.code.chars().count()).max().unwrap_or_default();
        for row in run {
            text.push_str(&row.above);
            let code = if row.has_column() { format!("{:width$}", row.code) } else { row.code.clone() };
            text.push_str(&beside(&code, row.comment));
        }
        rest = behind;
    }
    text
}

impl Row<'_> {
    fn has_column(&self) -> bool {
        self.comment.is_some() && !self.code.contains('\n') && self.code.chars().count() <= COLUMN
    }
}

fn without_blanks(lines: &[Line]) -> &[Line] {
    let blanks = lines.iter().take_while(|it| **it == Line::Blank).count();
    &lines[blanks..]
}

fn lines(lines: &[Line], indent: &str) -> String {
    let line = |it: &Line| match it {
        Line::Comment(text) => format!("{indent}{text}\n"),
        Line::Blank => "\n".to_owned(),
    };
    lines.iter().map(line).collect::<Vec<_>>().concat()
}

fn beside(code: &str, comment: Option<&String>) -> String {
    comment.map_or_else(|| format!("{code}\n"), |comment| format!("{code} {comment}\n"))
}

fn assignment(entry: &Entry, depth: usize) -> String {
    let before = format!("{} = ", entry.key);
    let value = value(&entry.value, depth, before.chars().count());
    before + &value
}

/// Writes a value; `used` columns of its line are taken.
fn value(value: &Value, depth: usize, used: usize) -> String {
    match value {
        Value::Plain(text) => text.clone(),
        Value::Array(items) => {
            let item = |it: &Element, depth: usize| self::value(&it.value, depth, 0);
            between(items, ["[", "]"], depth, used, |it| (&it.above, it.beside.as_ref()), item)
        }
        Value::Table(items) => {
            between(items, ["{ ", " }"], depth, used, |it| (&it.above, it.beside.as_ref()), assignment)
        }
    }
}

fn between<T>(
    items: &Brackets<T>,
    [open, close]: [&str; 2],
    depth: usize,
    used: usize,
    around: impl Fn(&T) -> (&Vec<Line>, Option<&String>),
    write: impl Fn(&T, usize) -> String,
) -> String {
    let commented = |it: &T| !around(it).0.is_empty() || around(it).1.is_some();
    let is_commented = !items.below.is_empty() || items.inside.iter().any(commented);
    if items.inside.is_empty() && !is_commented {
        return format!("{}{}", open.trim_end(), close.trim_start());
    }
    let flat: Vec<_> = items.inside.iter().map(|it| write(it, depth)).collect();
    let flat = format!("{open}{}{close}", flat.join(", "));
    let indent = INDENT.repeat(depth + 1);
    let fits = indent.len() - INDENT.len() + used + flat.chars().count() <= WIDTH;
    let is_table = open.starts_with('{');
    if !items.is_broken && !is_commented && (fits || is_table || flat.contains('\n')) {
        return flat;
    }
    let mut text = format!("{}\n", open.trim_end());
    let rows = items.inside.iter().map(|item| {
        let (above, comment) = around(item);
        let code = format!("{indent}{},", write(item, depth + 1));
        Row { above: lines(above, &indent), code, comment }
    });
    text.push_str(&self::rows(&rows.collect::<Vec<_>>()));
    text.push_str(&lines(&items.below, &indent));
    text + &INDENT.repeat(depth) + close.trim_start()
}
