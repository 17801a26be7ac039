//! Pieces and tokens to a tree.

use std::iter::Peekable;
use std::vec::IntoIter;

use super::lexer::{Piece, Token, lex};
use super::{Data, TemplateError, evaluate};

/// How deep actions and parentheses may be nested.
const DEPTH_LIMIT: usize = 64;

/// A template that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    pub(super) body: Vec<Node>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    Text(String),
    Print(Pipeline),
    If { condition: Pipeline, then: Vec<Node>, otherwise: Vec<Node> },
    With { value: Pipeline, then: Vec<Node>, otherwise: Vec<Node> },
    Range { over: Pipeline, each: Vec<Node>, otherwise: Vec<Node> },
}

/// Commands, each fed with the result of the one before, and the variables that take the result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pipeline {
    pub(super) variables: Vec<String>,
    pub(super) declares: bool,
    pub(super) commands: Vec<Vec<Operand>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Operand {
    Field(Vec<String>),
    Variable(String, Vec<String>),
    Function(String),
    Literal(Data),
    Group(Pipeline, Vec<String>),
}

impl Template {
    /// Reads a template.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let mut parser = Parser { pieces: lex(text)?.into_iter().peekable(), line: 1 };
        let (body, end) = parser.block(0)?;
        match end {
            End::Text => Ok(Self { body }),
            End::Closed | End::Else(_) => Err(parser.error("`end` or `else` without a beginning")),
        }
    }

    /// Carries the template out on `data`.
    pub fn render(&self, data: &Data) -> Result<String, TemplateError> {
        evaluate::render(self, data)
    }
}

/// What ends a block.
enum End {
    Text,
    Closed,
    Else(Vec<Token>),
}

struct Parser {
    pieces: Peekable<IntoIter<Piece>>,
    line: usize,
}

impl Parser {
    fn block(&mut self, depth: usize) -> Result<(Vec<Node>, End), TemplateError> {
        if depth > DEPTH_LIMIT {
            return Err(self.error("nested too deep"));
        }
        let mut nodes = vec![];
        while let Some(piece) = self.pieces.next() {
            let (tokens, line) = match piece {
                Piece::Text(text) => {
                    nodes.push(Node::Text(text));
                    continue;
                }
                Piece::Action(tokens, line) => (tokens, line),
            };
            self.line = line;
            let mut rest = tokens.clone().into_iter();
            match rest.next() {
                Some(Token::Word(word)) if word == "end" => return Ok((nodes, End::Closed)),
                Some(Token::Word(word)) if word == "else" => return Ok((nodes, End::Else(rest.collect()))),
                Some(Token::Word(word)) if matches!(word.as_str(), "if" | "with" | "range") => {
                    nodes.push(self.control(&word, rest.collect(), depth)?);
                }
                _ => nodes.push(Node::Print(self.pipeline(tokens)?)),
            }
        }
        Ok((nodes, End::Text))
    }

    fn control(&mut self, word: &str, tokens: Vec<Token>, depth: usize) -> Result<Node, TemplateError> {
        let line = self.line;
        let pipeline = self.pipeline(tokens)?;
        let (then, end) = self.block(depth + 1)?;
        let unclosed = || TemplateError::Syntax { line, message: format!("`{word}` has no `end`") };
        let otherwise = match end {
            End::Text => return Err(unclosed()),
            End::Closed => vec![],
            End::Else(tokens) if tokens.is_empty() => match self.block(depth + 1)? {
                (nodes, End::Closed) => nodes,
                (_, End::Text | End::Else(_)) => return Err(unclosed()),
            },
            End::Else(tokens) => match tokens.split_first() {
                // `else if` stands for an `if` inside of the `else`, with one `end` for both.
                Some((Token::Word(same), rest)) if same == word && word != "range" => {
                    vec![self.control(word, rest.to_vec(), depth + 1)?]
                }
                _ => return Err(self.error("`else` takes nothing but an `if`")),
            },
        };
        Ok(match word {
            "if" => Node::If { condition: pipeline, then, otherwise },
            "with" => Node::With { value: pipeline, then, otherwise },
            _ => Node::Range { over: pipeline, each: then, otherwise },
        })
    }

    fn pipeline(&self, tokens: Vec<Token>) -> Result<Pipeline, TemplateError> {
        let mut tokens = tokens.into_iter().peekable();
        let pipeline = self.open_pipeline(&mut tokens, 0)?;
        if tokens.peek().is_some() { Err(self.error("a parenthesis too many")) } else { Ok(pipeline) }
    }

    /// Reads up to a closing parenthesis, which is left, or to the end.
    fn open_pipeline(
        &self,
        tokens: &mut Peekable<IntoIter<Token>>,
        depth: usize,
    ) -> Result<Pipeline, TemplateError> {
        if depth > DEPTH_LIMIT {
            return Err(self.error("nested too deep"));
        }
        let (variables, declares) = self.variables(tokens)?;
        let mut commands = vec![vec![]];
        while let Some(token) = tokens.next_if(|token| *token != Token::Close) {
            let operand = match token {
                Token::Pipe => {
                    commands.push(vec![]);
                    continue;
                }
                Token::Field(fields) => Operand::Field(fields),
                Token::Variable(name, fields) => Operand::Variable(name, fields),
                Token::Text(text) => Operand::Literal(Data::Text(text)),
                Token::Integer(number) => Operand::Literal(Data::Integer(number)),
                Token::Word(word) => match word.as_str() {
                    "true" | "false" => Operand::Literal(Data::Boolean(word == "true")),
                    "nil" => Operand::Literal(Data::Nothing),
                    _ => Operand::Function(word),
                },
                Token::Open => {
                    let inner = self.open_pipeline(tokens, depth + 1)?;
                    tokens.next().ok_or_else(|| self.error("a parenthesis has no end"))?;
                    let access = tokens.next_if(|token| matches!(token, Token::Access(_)));
                    let fields = if let Some(Token::Access(fields)) = access { fields } else { vec![] };
                    Operand::Group(inner, fields)
                }
                Token::Access(_) | Token::Declare | Token::Assign | Token::Comma | Token::Close => {
                    return Err(self.error("an action does not read"));
                }
            };
            if let Some(command) = commands.last_mut() {
                command.push(operand);
            }
        }
        if commands.iter().any(Vec::is_empty) {
            return Err(self.error("an action or a part of it is empty"));
        }
        Ok(Pipeline { variables, declares, commands })
    }

    /// Reads `$x :=`, `$x =` or `$i, $x :=`.
    fn variables(
        &self,
        tokens: &mut Peekable<IntoIter<Token>>,
    ) -> Result<(Vec<String>, bool), TemplateError> {
        let mut ahead = tokens.clone();
        let mut names = vec![];
        while let Some(Token::Variable(name, fields)) = ahead.next() {
            if !fields.is_empty() {
                break;
            }
            names.push(name);
            match ahead.next() {
                Some(Token::Comma) => {}
                Some(sign @ (Token::Declare | Token::Assign)) => {
                    *tokens = ahead;
                    if names.len() > 2 {
                        return Err(self.error("at most two variables can be declared"));
                    }
                    return Ok((names, sign == Token::Declare));
                }
                _ => break,
            }
        }
        Ok((vec![], false))
    }

    fn error(&self, message: &str) -> TemplateError {
        TemplateError::Syntax { line: self.line, message: message.to_owned() }
    }
}
