//! TOML as tokens: all of them stay, comments included, only the space between them is made anew.

use std::iter::Peekable;

use toml_parser::{
    Source,
    lexer::{Lexer, TokenKind},
};

/// How far the elements of an array on several lines are indented.
const INDENT: usize = 4;

/// Writes TOML, which must be well-formed, with one blank line before each table, none twice,
/// `name = value`, `[1, 2]`, `{ a = 1 }`, and `"text"` and bare names where they can be.
pub(crate) fn formatted(text: &str) -> String {
    let source = Source::new(text);
    Formatter { source, tokens: source.lex().peekable(), lines: Vec::new() }.document()
}

struct Formatter<'a> {
    source: Source<'a>,
    tokens: Peekable<Lexer<'a>>,
    lines: Vec<Line>,
}

/// What stands between two line breaks of the document; a value may have more inside.
#[derive(PartialEq)]
enum Line {
    Blank,
    Comment(String),
    Statement(String),
}

impl<'a> Formatter<'a> {
    fn document(mut self) -> String {
        loop {
            self.skip_space();
            match self.peek() {
                TokenKind::Eof => break,
                TokenKind::Newline => self.blank(),
                TokenKind::Comment => {
                    let comment = self.comment();
                    self.lines.push(Line::Comment(comment));
                }
                TokenKind::LeftSquareBracket => {
                    let header = self.header();
                    self.space_out();
                    self.statement(header);
                }
                _ => {
                    let pair = self.pair(0);
                    self.statement(pair);
                }
            }
            // The end of the line; a file need not end with one.
            if self.peek() == TokenKind::Newline {
                self.take();
            }
        }
        self.finished()
    }

    fn blank(&mut self) {
        if self.lines.last().is_some_and(|line| *line != Line::Blank) {
            self.lines.push(Line::Blank);
        }
    }

    /// Makes sure of a blank line before a table, above the comments that belong to it.
    fn space_out(&mut self) {
        let comments =
            self.lines.iter().rev().take_while(|line| matches!(line, Line::Comment(_))).count();
        let start = self.lines.len() - comments;
        if start > 0 && self.lines[start - 1] != Line::Blank {
            self.lines.insert(start, Line::Blank);
        }
    }

    fn statement(&mut self, mut text: String) {
        self.skip_space();
        if self.peek() == TokenKind::Comment {
            text.push(' ');
            text.push_str(&self.comment());
        }
        self.lines.push(Line::Statement(text));
    }

    fn finished(mut self) -> String {
        if self.lines.last() == Some(&Line::Blank) {
            self.lines.pop();
        }
        let mut text = String::new();
        for line in &self.lines {
            if let Line::Comment(line) | Line::Statement(line) = line {
                text.push_str(line);
            }
            text.push('\n');
        }
        text
    }

    /// `[a.b]` or `[[a.b]]`.
    fn header(&mut self) -> String {
        let mut text = String::new();
        while !matches!(self.peek(), TokenKind::Newline | TokenKind::Comment | TokenKind::Eof) {
            text.push_str(&self.name_part());
        }
        text
    }

    /// `a.b = value`.
    fn pair(&mut self, indent: usize) -> String {
        let mut text = String::new();
        while !matches!(self.peek(), TokenKind::Equals | TokenKind::Newline | TokenKind::Eof) {
            text.push_str(&self.name_part());
        }
        self.take();
        text.push_str(" = ");
        text.push_str(&self.value(indent));
        text
    }

    /// A name without needless quotes, or the dot or bracket beside it.
    fn name_part(&mut self) -> String {
        let (kind, text) = self.take();
        let is_quoted = matches!(kind, TokenKind::BasicString | TokenKind::LiteralString);
        match text.get(1..text.len().saturating_sub(1)).filter(|_| is_quoted) {
            _ if kind == TokenKind::Whitespace => String::new(),
            Some(name) if is_bare(name) => name.to_owned(),
            _ => requoted(kind, text),
        }
    }

    fn value(&mut self, indent: usize) -> String {
        self.skip_space();
        match self.peek() {
            TokenKind::LeftSquareBracket => self.list(["[", "]"], indent, Self::value),
            TokenKind::LeftCurlyBracket => self.list(["{ ", " }"], indent, Self::pair),
            _ => self.scalar(),
        }
    }

    /// Numbers and datetimes may be several tokens, a space between date and time included.
    fn scalar(&mut self) -> String {
        use TokenKind as Kind;
        let mut text = String::new();
        while !matches!(
            self.peek(),
            Kind::Comma
                | Kind::Comment
                | Kind::Eof
                | Kind::Newline
                | Kind::RightCurlyBracket
                | Kind::RightSquareBracket
        ) {
            let (kind, token) = self.take();
            text.push_str(&requoted(kind, token));
        }
        text.truncate(text.trim_end().len());
        text
    }

    /// An array or inline table: on one line, unless there are line breaks or comments in it.
    fn list(
        &mut self,
        [open, close]: [&str; 2],
        indent: usize,
        item: impl Fn(&mut Self, usize) -> String,
    ) -> String {
        let is_broken = self.is_broken();
        let mut rows: Vec<String> = Vec::new();
        let mut is_behind_item = false;
        let inner = indent + if is_broken { INDENT } else { 0 };
        self.take();
        loop {
            self.skip_space();
            match self.peek() {
                TokenKind::RightCurlyBracket | TokenKind::RightSquareBracket | TokenKind::Eof => {
                    self.take();
                    break;
                }
                TokenKind::Comma => drop(self.take()),
                TokenKind::Newline => {
                    self.take();
                    is_behind_item = false;
                }
                TokenKind::Comment => {
                    let comment = self.comment();
                    match rows.last_mut().filter(|_| is_behind_item) {
                        Some(row) => row.push_str(&format!(" {comment}")),
                        None => rows.push(comment),
                    }
                    is_behind_item = false;
                }
                _ => {
                    let text = item(self, inner);
                    rows.push(if is_broken { format!("{text},") } else { text });
                    is_behind_item = true;
                }
            }
        }
        if rows.is_empty() {
            return format!("{}{}", open.trim(), close.trim());
        }
        if !is_broken {
            return format!("{open}{}{close}", rows.join(", "));
        }
        let lines: String = rows.iter().map(|row| format!("{:inner$}{row}\n", "")).collect();
        format!("{}\n{lines}{:indent$}{}", open.trim(), "", close.trim())
    }

    /// Whether the list that starts here has line breaks or comments of its own.
    fn is_broken(&mut self) -> bool {
        let Some(first) = self.tokens.peek() else { return false };
        let Some(rest) = self.source.input().get(first.span().start()..) else { return false };
        let mut depth = 0;
        for token in Source::new(rest).lex() {
            match token.kind() {
                TokenKind::LeftSquareBracket | TokenKind::LeftCurlyBracket => depth += 1,
                TokenKind::RightSquareBracket | TokenKind::RightCurlyBracket if depth == 1 => break,
                TokenKind::RightSquareBracket | TokenKind::RightCurlyBracket => depth -= 1,
                TokenKind::Newline | TokenKind::Comment if depth == 1 => return true,
                _ => {}
            }
        }
        false
    }

    fn comment(&mut self) -> String {
        self.take().1.trim_end().to_owned()
    }

    fn skip_space(&mut self) {
        while self.peek() == TokenKind::Whitespace {
            self.take();
        }
    }

    fn peek(&mut self) -> TokenKind {
        self.tokens.peek().map_or(TokenKind::Eof, |token| token.kind())
    }

    fn take(&mut self) -> (TokenKind, &'a str) {
        let Some(token) = self.tokens.next() else { return (TokenKind::Eof, "") };
        (token.kind(), self.source.get(token).map_or("", |raw| raw.as_str()))
    }
}

fn is_bare(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

/// `'text'` as `"text"` where nothing in it has to be escaped.
fn requoted(kind: TokenKind, text: &str) -> String {
    match text.get(1..text.len().saturating_sub(1)) {
        Some(inner) if kind == TokenKind::LiteralString && !inner.contains(['"', '\\']) => {
            format!("\"{inner}\"")
        }
        _ if kind == TokenKind::Whitespace => String::from(" "),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spacing_quotes_and_blank_lines_are_made_anew() {
        let text = "\n\n# top\nnestkey=1\nname   = 'shop' # the name  \n\n\n\n[ keys ]\n\
                    \"age\"={type='int',default=0}\nlist=[ 1,2 , 3 ,]\n# about user\n[namespaces . 'a.b']\n\
                    prefix = 'say \"hi\"'\n\n";
        let expected = "# top\nnestkey = 1\nname = \"shop\" # the name\n\n[keys]\n\
                        age = { type = \"int\", default = 0 }\nlist = [1, 2, 3]\n\n# about user\n\
                        [namespaces.\"a.b\"]\nprefix = 'say \"hi\"'\n";
        assert_eq!(formatted(text), expected);
    }

    #[test]
    fn a_list_with_line_breaks_keeps_them_and_its_comments() {
        let text =
            "x = [ # all of them\n  1, # one\n # two follows\n2 , [3,\n4] ]\ny = {}\nz = [ ]\n";
        let expected = "x = [\n    # all of them\n    1, # one\n    # two follows\n    2,\n    [\n\
                        \x20       3,\n        4,\n    ],\n]\ny = {}\nz = []\n";
        assert_eq!(formatted(text), expected);
    }

    #[test]
    fn texts_numbers_and_times_stay_as_they_are() {
        let text = "a = \"\"\"\n  # no comment\n\n\n\"\"\"\nb = 1.5e3\nc = 2020-01-02 03:04:05.5\n\
                    d = 'C:\\x'\ne = 0x1F\n";
        assert_eq!(formatted(text), text);
    }

    #[test]
    fn a_file_without_a_last_line_break_gets_one() {
        assert_eq!(formatted("a=1"), "a = 1\n");
        assert_eq!(formatted("a=1 # one\r\nb=2"), "a = 1 # one\nb = 2\n");
        assert_eq!(formatted(""), "");
    }

    #[test]
    fn what_is_formatted_stays_as_it_is() {
        let text = include_str!("../../examples/shop.layout.toml");
        let once = formatted(text);
        assert_eq!(formatted(&once), once);
        assert_eq!(once, text, "the example is written in its one look");
    }
}
