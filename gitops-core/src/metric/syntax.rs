//! Tokens to expressions, by expr-lang's grammar and precedences.

#![expect(clippy::wildcard_enum_match_arm, reason = "a grammar refuses every token that it does not name")]

use super::ConditionError;
use super::token::{Token, tokens};
use super::value::Value;

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expression {
    /// A value that is written out.
    Literal(Value),
    /// A name of the environment or of `let`.
    Name(String),
    /// `#`, `#acc`, `#index`.
    Pointer(String),
    /// `not a`, `-a`.
    Unary(&'static str, Box<Expression>),
    /// `a + b`.
    Binary(&'static str, Box<Expression>, Box<Expression>),
    /// `a ? b : c`.
    Conditional(Box<Expression>, Box<Expression>, Box<Expression>),
    /// `a.b`, and `a?.b` where `true`.
    Member(Box<Expression>, String, bool),
    /// `a[b]`.
    Index(Box<Expression>, Box<Expression>),
    /// `a[b:c]`.
    Slice(Box<Expression>, Option<Box<Expression>>, Option<Box<Expression>>),
    /// `f(a, b)`.
    Call(String, Vec<Expression>),
    /// `a.b(c)`.
    Method(Box<Expression>, String),
    /// `[a, b]`.
    List(Vec<Expression>),
    /// `{a: b}`.
    Map(Vec<(String, Expression)>),
    /// `let a = b; c`.
    Let(String, Box<Expression>, Box<Expression>),
}

impl Expression {
    /// Whether the expression or a part of it is the name.
    pub(super) fn names(&self, wanted: &str) -> bool {
        match self {
            Self::Name(name) => name == wanted,
            Self::Literal(_) | Self::Pointer(_) => false,
            Self::Unary(_, part) | Self::Member(part, ..) | Self::Method(part, _) => part.names(wanted),
            Self::Binary(_, left, right) | Self::Index(left, right) | Self::Let(_, left, right) => {
                left.names(wanted) || right.names(wanted)
            }
            Self::Conditional(test, yes, no) => [test, yes, no].iter().any(|part| part.names(wanted)),
            Self::Slice(list, from, to) => {
                list.names(wanted) || [from, to].into_iter().flatten().any(|part| part.names(wanted))
            }
            Self::Call(_, parts) | Self::List(parts) => parts.iter().any(|part| part.names(wanted)),
            Self::Map(pairs) => pairs.iter().any(|(_, part)| part.names(wanted)),
        }
    }
}

/// Operators between two values, with how tightly they bind.
const BINARY: [(&str, u32); 24] = [
    ("|", 0),
    ("or", 10),
    ("||", 10),
    ("and", 15),
    ("&&", 15),
    ("==", 20),
    ("!=", 20),
    ("<", 20),
    (">", 20),
    (">=", 20),
    ("<=", 20),
    ("in", 20),
    ("matches", 20),
    ("contains", 20),
    ("startsWith", 20),
    ("endsWith", 20),
    ("..", 25),
    ("+", 30),
    ("-", 30),
    ("*", 60),
    ("/", 60),
    ("%", 60),
    ("**", 100),
    ("??", 500),
];

const COMPARISONS: [&str; 4] = ["<", ">", "<=", ">="];

/// Functions that take a closure as their second argument.
pub(super) const CLOSURES: [&str; 16] = [
    "all",
    "none",
    "any",
    "one",
    "filter",
    "map",
    "count",
    "sum",
    "find",
    "findIndex",
    "findLast",
    "findLastIndex",
    "reduce",
    "sortBy",
    "groupBy",
    "countBy",
];

/// Nesting beyond this is refused.
const DEEPEST: usize = 100;

/// Reads an expression.
pub(super) fn parse(text: &str) -> Result<Expression, ConditionError> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0 };
    let expression = parser.expression(0)?;
    match parser.peek() {
        Token::End => Ok(expression),
        token => Err(unexpected(token)),
    }
}

fn unexpected(token: &Token) -> ConditionError {
    ConditionError::new(format!("unexpected token {token}"))
}

#[derive(Debug)]
struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> &Token {
        self.tokens.get(self.at).unwrap_or(&Token::End)
    }

    fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.at += 1;
        token
    }

    fn take_operator(&mut self, sign: &str) -> bool {
        let is_there = matches!(self.peek(), Token::Operator(found) if *found == sign);
        self.at += usize::from(is_there);
        is_there
    }

    fn take_bracket(&mut self, bracket: char) -> bool {
        let is_there = *self.peek() == Token::Bracket(bracket);
        self.at += usize::from(is_there);
        is_there
    }

    fn expect_bracket(&mut self, bracket: char) -> Result<(), ConditionError> {
        if self.take_bracket(bracket) { Ok(()) } else { Err(unexpected(self.peek())) }
    }

    fn expect_operator(&mut self, sign: &str) -> Result<(), ConditionError> {
        if self.take_operator(sign) { Ok(()) } else { Err(unexpected(self.peek())) }
    }

    fn expression(&mut self, least: u32) -> Result<Expression, ConditionError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(ConditionError::new("expression is nested too deeply"));
        }
        let expression = if least == 0 && *self.peek() == Token::Identifier("let".to_owned()) {
            self.declaration()
        } else {
            self.operation(least)
        };
        self.depth -= 1;
        expression
    }

    fn declaration(&mut self) -> Result<Expression, ConditionError> {
        self.at += 1;
        let Token::Identifier(name) = self.next() else { return Err(unexpected(self.peek())) };
        self.expect_operator("=")?;
        let value = self.expression(0)?;
        self.expect_operator(";")?;
        Ok(Expression::Let(name, Box::new(value), Box::new(self.expression(0)?)))
    }

    fn operation(&mut self, least: u32) -> Result<Expression, ConditionError> {
        let mut left = self.unary()?;
        let mut previous = "";
        while let Token::Operator(sign) = *self.peek() {
            let negated = sign == "not";
            let sign = match self.tokens.get(self.at + 1) {
                Some(Token::Operator(next)) if negated => next,
                Some(_) | None => sign,
            };
            let sign = if sign == "^" { "**" } else { sign };
            let binding = BINARY.iter().find(|(operator, _)| *operator == sign).map(|(_, binding)| *binding);
            let Some(binding) = binding.filter(|binding| *binding >= least) else { break };
            if previous == "??" && sign != "??" {
                return Err(ConditionError::new(format!(
                    "Operator ({sign}) and coalesce expressions (??) cannot be mixed. Wrap either by parentheses."
                )));
            }
            self.at += 1 + usize::from(negated);
            left = self.right_side(sign, binding, left)?;
            if negated {
                left = Expression::Unary("not", Box::new(left));
            }
            previous = sign;
        }
        if least == 0 { self.conditional(left) } else { Ok(left) }
    }

    fn right_side(
        &mut self,
        sign: &'static str,
        binding: u32,
        left: Expression,
    ) -> Result<Expression, ConditionError> {
        match sign {
            "|" => self.pipe(left),
            "**" => Ok(Expression::Binary(sign, Box::new(left), Box::new(self.expression(binding)?))),
            _ => {
                let right = self.expression(binding + 1)?;
                self.chain(sign, left, right)
            }
        }
    }

    /// `a < b < c` means `a < b && b < c`.
    fn chain(
        &mut self,
        sign: &'static str,
        left: Expression,
        right: Expression,
    ) -> Result<Expression, ConditionError> {
        let mut middle = right.clone();
        let mut whole = Expression::Binary(sign, Box::new(left), Box::new(right));
        while let (true, Token::Operator(next)) = (COMPARISONS.contains(&sign), self.peek().clone()) {
            if !COMPARISONS.contains(&next) {
                break;
            }
            self.at += 1;
            let last = self.expression(21)?;
            let link = Expression::Binary(next, Box::new(middle), Box::new(last.clone()));
            whole = Expression::Binary("&&", Box::new(whole), Box::new(link));
            middle = last;
        }
        Ok(whole)
    }

    /// `a | f(b)` means `f(a, b)`.
    fn pipe(&mut self, left: Expression) -> Result<Expression, ConditionError> {
        let Token::Identifier(name) = self.next() else { return Err(unexpected(self.peek())) };
        self.expect_bracket('(')?;
        let mut arguments = vec![left];
        arguments.extend(self.list(')')?);
        self.postfix(Expression::Call(name, arguments))
    }

    fn conditional(&mut self, test: Expression) -> Result<Expression, ConditionError> {
        if !self.take_operator("?") {
            return Ok(test);
        }
        let yes = self.expression(0)?;
        self.expect_operator(":")?;
        let no = self.expression(0)?;
        Ok(Expression::Conditional(Box::new(test), Box::new(yes), Box::new(no)))
    }

    fn unary(&mut self) -> Result<Expression, ConditionError> {
        let (sign, binding) = match self.peek() {
            Token::Operator("not" | "!") => ("not", 50),
            Token::Operator("-") => ("-", 90),
            Token::Operator("+") => ("+", 90),
            _ => return self.primary(),
        };
        self.at += 1;
        Ok(Expression::Unary(sign, Box::new(self.expression(binding)?)))
    }

    fn primary(&mut self) -> Result<Expression, ConditionError> {
        let start = self.next();
        let expression = match start {
            Token::Integer(number) => Expression::Literal(Value::Int(number)),
            Token::Float(number) => Expression::Literal(Value::Float(number)),
            Token::Text(text) => Expression::Literal(Value::Text(text)),
            Token::Identifier(name) => self.named(name)?,
            Token::Operator("#") => match self.peek().clone() {
                Token::Identifier(name) => {
                    self.at += 1;
                    Expression::Pointer(name)
                }
                _ => Expression::Pointer(String::new()),
            },
            // `.field` inside of a closure is `#.field`.
            Token::Operator(".") => {
                self.at -= 1;
                Expression::Pointer(String::new())
            }
            Token::Bracket('(') => {
                let inner = self.expression(0)?;
                self.expect_bracket(')')?;
                inner
            }
            Token::Bracket('[') => Expression::List(self.list(']')?),
            Token::Bracket('{') => self.map()?,
            Token::Operator(_) | Token::Bracket(_) | Token::End => return Err(unexpected(&start)),
        };
        self.postfix(expression)
    }

    fn named(&mut self, name: String) -> Result<Expression, ConditionError> {
        match name.as_str() {
            "true" => return Ok(Expression::Literal(Value::Bool(true))),
            "false" => return Ok(Expression::Literal(Value::Bool(false))),
            "nil" => return Ok(Expression::Literal(Value::Nil)),
            _ => {}
        }
        if !self.take_bracket('(') {
            return Ok(Expression::Name(name));
        }
        let arguments = self.list(')')?;
        Ok(Expression::Call(name, arguments))
    }

    /// Items up to a closing bracket; a closure may stand in braces.
    fn list(&mut self, close: char) -> Result<Vec<Expression>, ConditionError> {
        let mut items = vec![];
        while !self.take_bracket(close) {
            if !items.is_empty() {
                self.expect_operator(",")?;
                if self.take_bracket(close) {
                    break;
                }
            }
            items.push(if close == ')' && self.is_closure() {
                self.at += 1;
                let body = self.expression(0)?;
                self.expect_bracket('}')?;
                body
            } else {
                self.expression(0)?
            });
        }
        Ok(items)
    }

    /// Whether a brace opens a closure: a mapping has a colon after its first key.
    fn is_closure(&self) -> bool {
        *self.peek() == Token::Bracket('{')
            && self.tokens.get(self.at + 1) != Some(&Token::Bracket('}'))
            && self.tokens.get(self.at + 2) != Some(&Token::Operator(":"))
    }

    fn map(&mut self) -> Result<Expression, ConditionError> {
        let mut pairs = vec![];
        while !self.take_bracket('}') {
            if !pairs.is_empty() {
                self.expect_operator(",")?;
            }
            let key = match self.next() {
                Token::Identifier(key) | Token::Text(key) => key,
                other => return Err(unexpected(&other)),
            };
            self.expect_operator(":")?;
            pairs.push((key, self.expression(0)?));
        }
        Ok(Expression::Map(pairs))
    }

    fn postfix(&mut self, mut expression: Expression) -> Result<Expression, ConditionError> {
        loop {
            let is_optional = self.take_operator("?.");
            if is_optional || self.take_operator(".") {
                let name = match self.next() {
                    Token::Identifier(name) => name,
                    Token::Operator(word) if word.chars().all(char::is_alphabetic) => word.to_owned(),
                    other => return Err(unexpected(&other)),
                };
                expression = if self.take_bracket('(') {
                    self.list(')')?;
                    Expression::Method(Box::new(expression), name)
                } else {
                    Expression::Member(Box::new(expression), name, is_optional)
                };
            } else if self.take_bracket('[') {
                expression = self.index(expression)?;
            } else {
                return Ok(expression);
            }
        }
    }

    fn index(&mut self, list: Expression) -> Result<Expression, ConditionError> {
        let list = Box::new(list);
        let from = if self.take_operator(":") {
            None
        } else {
            let index = Box::new(self.expression(0)?);
            if self.take_bracket(']') {
                return Ok(Expression::Index(list, index));
            }
            self.expect_operator(":")?;
            Some(index)
        };
        if self.take_bracket(']') {
            return Ok(Expression::Slice(list, from, None));
        }
        let to = Some(Box::new(self.expression(0)?));
        self.expect_bracket(']')?;
        Ok(Expression::Slice(list, from, to))
    }
}
