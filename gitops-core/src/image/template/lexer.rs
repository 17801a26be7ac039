//! Template text to literal pieces and the tokens of its actions.

use super::TemplateError;

/// A stretch of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// What is printed as it is.
    Text(String),
    /// What stands between `{{` and `}}`, and the line on which it begins.
    Action(Vec<Token>, usize),
}

/// A token of an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// `.`, `.A`, `.A.B`
    Field(Vec<String>),
    /// `$`, `$x`, `$x.A`
    Variable(String, Vec<String>),
    /// `.A` directly behind a closing parenthesis.
    Access(Vec<String>),
    /// A keyword or the name of a function.
    Word(String),
    /// A quoted text.
    Text(String),
    /// A number.
    Integer(i64),
    /// `|`
    Pipe,
    /// `:=`
    Declare,
    /// `=`
    Assign,
    /// `,`
    Comma,
    /// `(`
    Open,
    /// `)`
    Close,
}

pub(super) fn lex(template: &str) -> Result<Vec<Piece>, TemplateError> {
    let mut lexer = Lexer { template, rest: template, pieces: vec![], line: 1, counted: 0 };
    lexer.run()?;
    Ok(lexer.pieces)
}

struct Lexer<'t> {
    template: &'t str,
    rest: &'t str,
    pieces: Vec<Piece>,
    /// The line of the action that is being read, and up to where lines are counted.
    line: usize,
    counted: usize,
}

impl Lexer<'_> {
    fn run(&mut self) -> Result<(), TemplateError> {
        let mut trim_start = false;
        loop {
            let (text, action) = match self.rest.split_once("{{") {
                Some((text, action)) => (text, Some(action)),
                None => (self.rest, None),
            };
            let trim_end = action.is_some_and(|action| trim_marker(action).is_some());
            let text = if trim_start { text.trim_start_matches(is_space) } else { text };
            let text = if trim_end { text.trim_end_matches(is_space) } else { text };
            if !text.is_empty() {
                self.pieces.push(Piece::Text(text.to_owned()));
            }
            let Some(action) = action else { return Ok(()) };
            self.rest = trim_marker(action).unwrap_or(action);
            trim_start = self.action()?;
        }
    }

    /// Reads an action up to its end, and says whether the text behind it is to be trimmed.
    fn action(&mut self) -> Result<bool, TemplateError> {
        self.count_lines();
        let line = self.line;
        if let Some(comment) = self.rest.trim_start_matches(is_space).strip_prefix("/*") {
            let (_, after) = comment.split_once("*/").ok_or_else(|| self.error("a comment has no end"))?;
            self.rest = after;
            return self.end().ok_or_else(|| self.error("a comment must fill its action"));
        }
        let mut tokens = vec![];
        loop {
            if let Some(trim) = self.end() {
                self.pieces.push(Piece::Action(tokens, line));
                return Ok(trim);
            }
            self.rest = self.rest.trim_start_matches(is_space);
            let after_close = matches!(tokens.last(), Some(Token::Close));
            tokens.push(self.token(after_close)?);
        }
    }

    /// Passes over the end of an action, if it stands here: whether it trims what follows.
    fn end(&mut self) -> Option<bool> {
        let spaceless = self.rest.trim_start_matches(is_space);
        if let Some(after) = spaceless.strip_prefix("-}}").filter(|_| spaceless.len() < self.rest.len()) {
            self.rest = after;
            return Some(true);
        }
        self.rest = spaceless.strip_prefix("}}")?;
        Some(false)
    }

    fn token(&mut self, after_close: bool) -> Result<Token, TemplateError> {
        let rest = self.rest;
        let simple = [
            (":=", Token::Declare),
            ("=", Token::Assign),
            ("|", Token::Pipe),
            (",", Token::Comma),
            ("(", Token::Open),
            (")", Token::Close),
        ];
        for (sign, token) in simple {
            if rest.starts_with(sign) {
                return Ok(self.take(sign.len(), token));
            }
        }
        match rest.chars().next() {
            Some('.') => {
                let (fields, length) = field_chain(rest);
                let attached = after_close && !self.space_before();
                Ok(self.take(length, if attached { Token::Access(fields) } else { Token::Field(fields) }))
            }
            Some('$') => {
                let name = word(rest.get(1..).unwrap_or_default());
                let behind = rest.get(1 + name.len()..).unwrap_or_default();
                let (fields, length) =
                    if behind.starts_with('.') { field_chain(behind) } else { (vec![], 0) };
                Ok(self.take(1 + name.len() + length, Token::Variable(name.to_owned(), fields)))
            }
            Some('"') => self.quoted(),
            Some('`') => {
                let raw = rest.get(1..).and_then(|rest| rest.split_once('`'));
                let (text, _) = raw.ok_or_else(|| self.error("a raw string has no end"))?;
                self.rest = rest.get(text.len() + 2..).unwrap_or_default();
                Ok(Token::Text(text.to_owned()))
            }
            Some(first) if first.is_ascii_digit() || matches!(first, '-' | '+') => {
                let digits = rest.get(1..).unwrap_or_default();
                let length = 1 + digits.len() - digits.trim_start_matches(|c: char| c.is_ascii_digit()).len();
                let number = rest.get(..length).and_then(|number| number.parse().ok());
                let number = number.ok_or_else(|| self.error("a number does not read"))?;
                Ok(self.take(length, Token::Integer(number)))
            }
            Some(first) if first.is_alphabetic() || first == '_' => {
                let name = word(rest);
                Ok(self.take(name.len(), Token::Word(name.to_owned())))
            }
            Some(other) => Err(self.error(&format!("unexpected `{other}`"))),
            None => Err(self.error("an action has no end")),
        }
    }

    fn take(&mut self, length: usize, token: Token) -> Token {
        self.rest = self.rest.get(length..).unwrap_or_default();
        token
    }

    fn quoted(&mut self) -> Result<Token, TemplateError> {
        let mut text = String::new();
        let mut characters = self.rest.char_indices().skip(1);
        while let Some((at, character)) = characters.next() {
            match character {
                '"' => {
                    self.rest = self.rest.get(at + 1..).unwrap_or_default();
                    return Ok(Token::Text(text));
                }
                '\\' => text.push(match characters.next() {
                    Some((_, 'n')) => '\n',
                    Some((_, 't')) => '\t',
                    Some((_, 'r')) => '\r',
                    Some((_, same @ ('"' | '\\' | '\''))) => same,
                    Some(_) | None => return Err(self.error("a string has an escape that is not supported")),
                }),
                '\n' => break,
                other => text.push(other),
            }
        }
        Err(self.error("a string has no end"))
    }

    fn space_before(&self) -> bool {
        let at = self.template.len() - self.rest.len();
        self.template.get(..at).is_some_and(|before| before.ends_with(is_space))
    }

    fn count_lines(&mut self) {
        let at = self.template.len() - self.rest.len();
        let passed = self.template.get(self.counted..at).unwrap_or_default();
        self.line += passed.matches('\n').count();
        self.counted = at;
    }

    fn error(&self, message: &str) -> TemplateError {
        TemplateError::Syntax { line: self.line, message: message.to_owned() }
    }
}

fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n')
}

/// What follows a `-` that trims the text before the action.
fn trim_marker(action: &str) -> Option<&str> {
    action.strip_prefix('-').filter(|rest| rest.starts_with(is_space))
}

fn word(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

/// The names of `.A.B` at the front of `text`, and how many bytes they take.
fn field_chain(text: &str) -> (Vec<String>, usize) {
    let mut fields = vec![];
    let mut rest = text;
    while let Some(behind) = rest.strip_prefix('.') {
        let name = word(behind);
        if name.is_empty() {
            break;
        }
        fields.push(name.to_owned());
        rest = behind.get(name.len()..).unwrap_or_default();
    }
    let length = text.len() - rest.len();
    (fields, length.max(1))
}
