//! Tokens to a filter, by jq's precedence.

use serde_json::Value as Json;

use super::function::Function;
use super::lexer::{Token, tokens};
use super::{Filter, JqError, Operator};

/// How deep an expression may nest.
const MAX_DEPTH: usize = 64;

/// Operators from loosest to tightest, with whether they group to the right.
const LEVELS: [(&[(&str, Operator)], bool); 6] = [
    (&[("//", Operator::Alternative)], true),
    (&[("|=", Operator::Update)], false),
    (&[("or", Operator::Or)], false),
    (&[("and", Operator::And)], false),
    (
        &[
            ("==", Operator::Equal),
            ("!=", Operator::NotEqual),
            ("<", Operator::Less),
            ("<=", Operator::LessEqual),
            (">", Operator::Greater),
            (">=", Operator::GreaterEqual),
        ],
        false,
    ),
    (&[("+", Operator::Add), ("-", Operator::Subtract)], false),
];

/// Reads a whole expression.
pub(super) fn parse(text: &str) -> Result<Filter, JqError> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0 };
    let filter = parser.pipe()?;
    match parser.peek() {
        None => Ok(filter),
        Some(_) => Err(parser.unexpected()),
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    /// Takes a symbol or keyword if it comes next.
    fn take(&mut self, wanted: &str) -> bool {
        let found = match self.peek() {
            Some(Token::Symbol(symbol)) => *symbol == wanted,
            Some(Token::Word(word)) => word == wanted,
            Some(Token::Field(_) | Token::Text(_) | Token::Number(_)) | None => false,
        };
        if found {
            self.at += 1;
        }
        found
    }

    fn expect(&mut self, wanted: &str) -> Result<(), JqError> {
        if self.take(wanted) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn unexpected(&self) -> JqError {
        JqError(match self.peek() {
            None => "the expression ends too early".to_owned(),
            Some(Token::Field(name)) => format!("`.{name}` is not expected here"),
            Some(Token::Word(word)) => format!("`{word}` is not supported here"),
            Some(Token::Text(text)) => format!("`\"{text}\"` is not expected here"),
            Some(Token::Number(number)) => format!("`{number}` is not expected here"),
            Some(Token::Symbol(symbol)) => format!("`{symbol}` is not supported here"),
        })
    }

    fn pipe(&mut self) -> Result<Filter, JqError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(JqError("the expression nests too deep".to_owned()));
        }
        let mut filters = vec![self.comma()?];
        while self.take("|") {
            filters.push(self.comma()?);
        }
        self.depth -= 1;
        let last = filters.pop().unwrap_or(Filter::Identity);
        Ok(filters.into_iter().rfold(last, |right, left| Filter::Pipe(Box::new(left), Box::new(right))))
    }

    fn comma(&mut self) -> Result<Filter, JqError> {
        let mut filter = self.operators(0)?;
        while self.take(",") {
            filter = Filter::Comma(Box::new(filter), Box::new(self.operators(0)?));
        }
        Ok(filter)
    }

    fn operators(&mut self, level: usize) -> Result<Filter, JqError> {
        let Some((words, groups_right)) = LEVELS.get(level) else { return self.postfix() };
        let mut filter = self.operators(level + 1)?;
        while let Some((_, operator)) = words.iter().find(|(word, _)| self.take(word)) {
            let right = if *groups_right { self.nested(level)? } else { self.operators(level + 1)? };
            filter = Filter::Binary(*operator, Box::new(filter), Box::new(right));
        }
        Ok(filter)
    }

    fn nested(&mut self, level: usize) -> Result<Filter, JqError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(JqError("the expression nests too deep".to_owned()));
        }
        let filter = self.operators(level)?;
        self.depth -= 1;
        Ok(filter)
    }

    fn postfix(&mut self) -> Result<Filter, JqError> {
        let mut filter = self.term()?;
        loop {
            if let Some(Token::Field(name)) = self.peek().cloned() {
                self.at += 1;
                filter = index(filter, Filter::Literal(Json::String(name)));
            } else if self.take("?") {
                filter = Filter::Try(Box::new(filter));
            } else if self.take("[") {
                filter = self.brackets(filter)?;
            } else if matches!(self.peek(), Some(Token::Symbol(".")))
                && matches!(self.tokens.get(self.at + 1), Some(Token::Symbol("[")))
            {
                self.at += 2;
                filter = self.brackets(filter)?;
            } else {
                return Ok(filter);
            }
        }
    }

    /// What stands behind a `[` after a term.
    fn brackets(&mut self, target: Filter) -> Result<Filter, JqError> {
        if self.take("]") {
            return Ok(Filter::Iterate(Box::new(target)));
        }
        let from = if self.take(":") { None } else { Some(Box::new(self.pipe()?)) };
        if let Some(from) = &from
            && self.take("]")
        {
            return Ok(index(target, (**from).clone()));
        }
        if from.is_some() {
            self.expect(":")?;
        }
        let to = if self.take("]") {
            None
        } else {
            let to = self.pipe()?;
            self.expect("]")?;
            Some(Box::new(to))
        };
        if from.is_none() && to.is_none() {
            return Err(JqError("a slice needs a bound".to_owned()));
        }
        Ok(Filter::Slice(Box::new(target), from, to))
    }

    fn term(&mut self) -> Result<Filter, JqError> {
        let at = self.at;
        match self.next() {
            Some(Token::Field(name)) => Ok(index(Filter::Identity, Filter::Literal(Json::String(name)))),
            Some(Token::Text(text)) => Ok(Filter::Literal(Json::String(text))),
            Some(Token::Number(number)) => Ok(Filter::Literal(Json::Number(number))),
            Some(Token::Symbol(".")) => Ok(Filter::Identity),
            Some(Token::Symbol("..")) => Ok(Filter::Recurse),
            Some(Token::Symbol("-")) => Ok(Filter::Negate(Box::new(self.deeper(Self::postfix)?))),
            Some(Token::Symbol("(")) => {
                let filter = self.pipe()?;
                self.expect(")")?;
                Ok(filter)
            }
            Some(Token::Symbol("[")) if self.take("]") => Ok(Filter::Array(None)),
            Some(Token::Symbol("[")) => {
                let filter = self.pipe()?;
                self.expect("]")?;
                Ok(Filter::Array(Some(Box::new(filter))))
            }
            Some(Token::Symbol("{")) => self.object(),
            Some(Token::Word(word)) => self.word(&word),
            Some(Token::Symbol(_)) | None => {
                self.at = at;
                Err(self.unexpected())
            }
        }
    }

    fn deeper(&mut self, read: impl Fn(&mut Self) -> Result<Filter, JqError>) -> Result<Filter, JqError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(JqError("the expression nests too deep".to_owned()));
        }
        let filter = read(self)?;
        self.depth -= 1;
        Ok(filter)
    }

    fn object(&mut self) -> Result<Filter, JqError> {
        let mut pairs = vec![];
        while !self.take("}") {
            if !pairs.is_empty() {
                self.expect(",")?;
            }
            let (key, short) = match self.next() {
                Some(Token::Word(name) | Token::Text(name)) => {
                    let key = Filter::Literal(Json::String(name));
                    (key.clone(), Some(index(Filter::Identity, key)))
                }
                Some(Token::Symbol("(")) => {
                    let key = self.pipe()?;
                    self.expect(")")?;
                    (key, None)
                }
                Some(Token::Field(_) | Token::Number(_) | Token::Symbol(_)) | None => {
                    return Err(self.unexpected());
                }
            };
            let value = match short {
                Some(short) if !self.take(":") => short,
                Some(_) => self.operators(0)?,
                None => {
                    self.expect(":")?;
                    self.operators(0)?
                }
            };
            pairs.push((key, value));
        }
        Ok(Filter::Object(pairs))
    }

    fn word(&mut self, word: &str) -> Result<Filter, JqError> {
        match word {
            "true" => return Ok(Filter::Literal(Json::Bool(true))),
            "false" => return Ok(Filter::Literal(Json::Bool(false))),
            "null" => return Ok(Filter::Literal(Json::Null)),
            "if" => return self.conditional(),
            _ => {}
        }
        let mut arguments = vec![];
        if self.take("(") {
            arguments.push(self.pipe()?);
            while self.take(";") {
                arguments.push(self.pipe()?);
            }
            self.expect(")")?;
        }
        Function::find(word, arguments.len())
            .map(|function| Filter::Call(function, arguments.clone()))
            .ok_or_else(|| JqError(format!("`{word}/{}` is not supported", arguments.len())))
    }

    fn conditional(&mut self) -> Result<Filter, JqError> {
        let condition = self.pipe()?;
        self.expect("then")?;
        let then = self.pipe()?;
        let otherwise = if self.take("elif") {
            self.deeper(Self::conditional)?
        } else if self.take("else") {
            let otherwise = self.pipe()?;
            self.expect("end")?;
            otherwise
        } else {
            self.expect("end")?;
            Filter::Identity
        };
        Ok(Filter::If(Box::new(condition), Box::new(then), Box::new(otherwise)))
    }
}

fn index(target: Filter, key: Filter) -> Filter {
    Filter::Index(Box::new(target), Box::new(key))
}
