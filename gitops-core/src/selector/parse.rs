//! The syntax of `kubectl --selector`.

use smol_str::SmolStr;

use super::{Operator, Requirement, SelectorError};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'t> {
    Word(&'t str),
    Symbol(&'static str),
    End,
}

const COMMA: Token<'static> = Token::Symbol(",");
const OPEN: Token<'static> = Token::Symbol("(");
const CLOSE: Token<'static> = Token::Symbol(")");

/// Reads every requirement of a selector.
pub(super) fn parse(selector: &str) -> Result<Vec<Requirement>, SelectorError> {
    let mut parser = Parser { selector, rest: selector };
    let mut requirements = vec![];
    if parser.peek()? == Token::End {
        return Ok(requirements);
    }
    loop {
        requirements.push(parser.requirement()?);
        match parser.next()? {
            Token::End => return Ok(requirements),
            COMMA => {}
            other @ (Token::Word(_) | Token::Symbol(_)) => {
                return Err(parser.unexpected(other, "`,` or the end"));
            }
        }
    }
}

struct Parser<'t> {
    selector: &'t str,
    rest: &'t str,
}

impl<'t> Parser<'t> {
    fn requirement(&mut self) -> Result<Requirement, SelectorError> {
        let (negated, token) = match self.next()? {
            Token::Symbol("!") => (true, self.next()?),
            other @ (Token::Word(_) | Token::Symbol(_) | Token::End) => (false, other),
        };
        let Token::Word(key) = token else { return Err(self.unexpected(token, "a key")) };
        if !is_key(key) {
            return Err(SelectorError::Key(key.to_owned()));
        }
        let operator = if negated {
            Operator::DoesNotExist
        } else if matches!(self.peek()?, Token::End | COMMA) {
            Operator::Exists
        } else {
            self.operator(key)?
        };
        Ok(Requirement { key: key.into(), operator })
    }

    fn operator(&mut self, key: &str) -> Result<Operator, SelectorError> {
        match self.next()? {
            Token::Symbol("=" | "==") => Ok(Operator::In(vec![self.value(key)?])),
            Token::Symbol("!=") => Ok(Operator::NotIn(vec![self.value(key)?])),
            Token::Symbol(">") => Ok(Operator::GreaterThan(self.integer(key, ">")?)),
            Token::Symbol("<") => Ok(Operator::LessThan(self.integer(key, "<")?)),
            Token::Word("in") => Ok(Operator::In(self.values(key)?)),
            Token::Word("notin") => Ok(Operator::NotIn(self.values(key)?)),
            other @ (Token::Word(_) | Token::Symbol(_) | Token::End) => {
                Err(self.unexpected(other, "an operator"))
            }
        }
    }

    /// A value after an operator; nothing stands for the empty value.
    fn value(&mut self, key: &str) -> Result<SmolStr, SelectorError> {
        if matches!(self.peek()?, Token::End | COMMA) {
            return Ok(SmolStr::default());
        }
        match self.next()? {
            Token::Word(value) => checked_value(key, value),
            other @ (Token::Symbol(_) | Token::End) => Err(self.unexpected(other, "a value")),
        }
    }

    fn integer(&mut self, key: &str, operator: &str) -> Result<i64, SelectorError> {
        self.value(key)?.parse().map_err(|_| SelectorError::Operator {
            key: key.to_owned(),
            operator: operator.to_owned(),
            message: "needs an integer",
        })
    }

    /// The values between parentheses.
    fn values(&mut self, key: &str) -> Result<Vec<SmolStr>, SelectorError> {
        let open = self.next()?;
        if open != OPEN {
            return Err(self.unexpected(open, "`(`"));
        }
        if self.peek()? == CLOSE {
            return Err(self.unexpected(CLOSE, "a value"));
        }
        let mut values = vec![];
        loop {
            let value = match self.peek()? {
                Token::Word(value) => {
                    self.next()?;
                    value
                }
                COMMA | CLOSE => "",
                other @ (Token::Symbol(_) | Token::End) => return Err(self.unexpected(other, "a value")),
            };
            values.push(checked_value(key, value)?);
            match self.next()? {
                COMMA => {}
                CLOSE => return Ok(values),
                other @ (Token::Word(_) | Token::Symbol(_) | Token::End) => {
                    return Err(self.unexpected(other, "`,` or `)`"));
                }
            }
        }
    }

    fn peek(&self) -> Result<Token<'t>, SelectorError> {
        self.scan().map(|(token, _)| token)
    }

    fn next(&mut self) -> Result<Token<'t>, SelectorError> {
        let (token, rest) = self.scan()?;
        self.rest = rest;
        Ok(token)
    }

    /// The next token, and what follows it.
    fn scan(&self) -> Result<(Token<'t>, &'t str), SelectorError> {
        let text = self.rest.trim_start_matches([' ', '\t', '\r', '\n']);
        for symbol in ["==", "!=", "=", "!", ">", "<", "(", ")", ","] {
            if let Some(rest) = text.strip_prefix(symbol) {
                return Ok((Token::Symbol(symbol), rest));
            }
        }
        let end = text.find(|c: char| " \t\r\n=!(),><".contains(c)).unwrap_or(text.len());
        match text.split_at_checked(end) {
            Some(("", _)) => Ok((Token::End, "")),
            Some((word, rest)) => Ok((Token::Word(word), rest)),
            None => Err(self.error("it is cut inside a character".to_owned())),
        }
    }

    fn unexpected(&self, token: Token<'_>, expected: &str) -> SelectorError {
        let found = match token {
            Token::Word(word) => word,
            Token::Symbol(symbol) => symbol,
            Token::End => return self.error(format!("it ends where {expected} must stand")),
        };
        self.error(format!("`{found}` stands where {expected} must stand"))
    }

    fn error(&self, message: String) -> SelectorError {
        SelectorError::Syntax { selector: self.selector.to_owned(), message }
    }
}

fn checked_value(key: &str, value: &str) -> Result<SmolStr, SelectorError> {
    if value.is_empty() || is_name(value) {
        Ok(value.into())
    } else {
        Err(SelectorError::Value { key: key.to_owned(), value: value.to_owned() })
    }
}

/// Whether this is a qualified name: an optional DNS subdomain and a slash, then a name.
fn is_key(key: &str) -> bool {
    match key.split_once('/') {
        Some((prefix, name)) => is_subdomain(prefix) && is_name(name),
        None => is_name(key),
    }
}

/// Whether this is a name of at most 63 characters that begins and ends with a letter or digit.
fn is_name(name: &str) -> bool {
    name.len() <= 63
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.ends_with(|c: char| c.is_ascii_alphanumeric())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

fn is_subdomain(name: &str) -> bool {
    let edge = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    name.len() <= 253
        && name.split('.').all(|part| {
            part.starts_with(edge)
                && part.ends_with(edge)
                && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        })
}
