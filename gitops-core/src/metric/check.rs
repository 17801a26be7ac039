//! Types before values: expr-lang refuses what cannot fit before it computes anything.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "an operation of a dynamic language refuses every type that it does not name"
)]

use super::ConditionError;
use super::builtin::{self, Builtin};
use super::moment::{self, Maker};
use super::syntax::{CLOSURES, Expression};
use super::value::{Type, Value};

/// Checks one expression against the type of the result.
#[derive(Debug)]
pub(super) struct Checker {
    names: Vec<(String, Type)>,
    items: Vec<Type>,
}

type Checked = Result<Type, ConditionError>;

fn error<T>(message: impl Into<String>) -> Result<T, ConditionError> {
    Err(ConditionError::new(message))
}

impl Checker {
    pub(super) fn new(result: Option<Type>) -> Self {
        Self {
            names: result.map(|result| ("result".to_owned(), result)).into_iter().collect(),
            items: vec![],
        }
    }

    pub(super) fn check(&mut self, expression: &Expression) -> Checked {
        match expression {
            Expression::Literal(value) => Ok(match value {
                Value::Nil => Type::Nil,
                value => value.static_type(),
            }),
            Expression::Name(name) => self.name(name),
            Expression::Pointer(name) => self.pointer(name),
            Expression::Unary(sign, value) => self.unary(sign, value),
            Expression::Binary(sign, left, right) => self.binary(sign, left, right),
            Expression::Conditional(test, yes, no) => self.conditional(test, yes, no),
            Expression::Member(of, name, _) => self.member(of, name),
            Expression::Method(of, name) => {
                let of = self.check(of)?;
                if of.is_unknown() { Ok(of) } else { error(format!("type {of} has no method {name}")) }
            }
            Expression::Index(list, at) => self.index(list, at),
            Expression::Slice(list, from, to) => self.slice(list, [from.as_deref(), to.as_deref()]),
            Expression::Call(name, arguments) => self.call(name, arguments),
            Expression::List(items) => {
                let types = items.iter().map(|item| self.check(item)).collect::<Result<Vec<_>, _>>()?;
                let first = types.first().cloned().unwrap_or(Type::Unknown);
                let is_uniform = types.iter().all(|item| *item == first);
                Ok(Type::list(if is_uniform { first } else { Type::Unknown }))
            }
            Expression::Map(pairs) => {
                for (_, value) in pairs {
                    self.check(value)?;
                }
                Ok(Type::Map)
            }
            Expression::Let(name, value, body) => {
                let value = self.check(value)?;
                self.names.push((name.clone(), value));
                let body = self.check(body);
                self.names.pop();
                body
            }
        }
    }

    fn name(&self, name: &str) -> Checked {
        let known = self.names.iter().rev().find(|(known, _)| known == name);
        known.map_or_else(|| error(format!("unknown name {name}")), |(_, of)| Ok(of.clone()))
    }

    fn pointer(&self, name: &str) -> Checked {
        match (name, self.items.last()) {
            (_, None) => error("cannot use pointer accessor outside closure"),
            ("", Some(item)) => Ok(item.clone()),
            ("acc", Some(_)) => Ok(Type::Unknown),
            ("index", Some(_)) => Ok(Type::Int),
            (other, Some(_)) => error(format!("unknown pointer {other}")),
        }
    }

    fn unary(&mut self, sign: &'static str, value: &Expression) -> Checked {
        let value = self.check(value)?;
        match (sign, &value) {
            ("not", Type::Bool | Type::Unknown) => Ok(Type::Bool),
            ("-" | "+", of) if of.is_number() || *of == Type::Duration => Ok(value),
            _ => error(format!("invalid operation: {sign} (mismatched type {value})")),
        }
    }

    fn binary(&mut self, sign: &'static str, left: &Expression, right: &Expression) -> Checked {
        let (left, right) = (self.check(left)?, self.check(right)?);
        let unknown = left.is_unknown() || right.is_unknown();
        let numbers = left.is_number() && right.is_number();
        let texts = left == Type::Text && right == Type::Text;
        let integers = left.is_integer() && right.is_integer();
        if let Some(of) = moment::check(sign, &left, &right) {
            return Ok(of);
        }
        let result = match sign {
            "==" | "!=" => (numbers || unknown || is_comparable(&left, &right)).then_some(Type::Bool),
            "<" | ">" | "<=" | ">=" => (numbers || texts || unknown).then_some(Type::Bool),
            "and" | "&&" | "or" | "||" => {
                let is_bool = |of: &Type| matches!(of, Type::Bool | Type::Unknown);
                (is_bool(&left) && is_bool(&right)).then_some(Type::Bool)
            }
            "in" => return check_in(&left, &right),
            "matches" | "contains" | "startsWith" | "endsWith" => {
                let is_text = |of: &Type| matches!(of, Type::Text | Type::Unknown);
                (is_text(&left) && is_text(&right)).then_some(Type::Bool)
            }
            "+" if texts => Some(Type::Text),
            "+" | "-" | "*" if numbers && integers && !unknown => Some(Type::Int),
            "+" | "-" | "*" | "/" | "**" if numbers && !unknown => Some(Type::Float),
            "+" | "-" | "*" | "/" | "**" => unknown.then_some(Type::Unknown),
            "%" => integers.then_some(Type::Int),
            ".." => integers.then(|| Type::list(Type::Int)),
            "??" => Some(match (left.clone(), right.clone()) {
                (Type::Nil, other) | (other, Type::Nil) => other,
                (left, right) if left == right => left,
                _ => Type::Unknown,
            }),
            _ => None,
        };
        result.map_or_else(
            || error(format!("invalid operation: {sign} (mismatched types {left} and {right})")),
            Ok,
        )
    }

    fn conditional(&mut self, test: &Expression, yes: &Expression, no: &Expression) -> Checked {
        let test = self.check(test)?;
        if !matches!(test, Type::Bool | Type::Unknown) {
            return error(format!("non-bool expression (type {test}) used as condition"));
        }
        let (yes, no) = (self.check(yes)?, self.check(no)?);
        Ok(if yes == no { yes } else { Type::Unknown })
    }

    fn member(&mut self, of: &Expression, name: &str) -> Checked {
        match self.check(of)? {
            Type::Unknown | Type::Map => Ok(Type::Unknown),
            Type::List(_) => error("array elements can only be selected using an integer (got string)"),
            other => error(format!("type {other} has no field {name}")),
        }
    }

    fn index(&mut self, list: &Expression, at: &Expression) -> Checked {
        let (list, at) = (self.check(list)?, self.check(at)?);
        match list {
            Type::Unknown if at.is_integer() => {
                let is_named = matches!(self.names.first(), Some((_, Type::Unknown)));
                if is_named { error(format!("type unknown[{at}] is undefined")) } else { Ok(Type::Unknown) }
            }
            Type::Unknown | Type::Map => Ok(Type::Unknown),
            Type::List(item) if at.is_integer() => Ok(*item),
            Type::List(_) => {
                error(format!("array elements can only be selected using an integer (got {at})"))
            }
            Type::Text if at.is_integer() => Ok(Type::Text),
            other => error(format!("type {other}[{at}] is undefined")),
        }
    }

    fn slice(&mut self, list: &Expression, bounds: [Option<&Expression>; 2]) -> Checked {
        let list = self.check(list)?;
        if !matches!(list, Type::List(_) | Type::Text | Type::Unknown) {
            return error(format!("cannot slice {list}"));
        }
        for bound in bounds.into_iter().flatten() {
            let of = self.check(bound)?;
            if !of.is_integer() {
                return error(format!("non-integer slice index {of}"));
            }
        }
        Ok(list)
    }

    fn call(&mut self, name: &str, arguments: &[Expression]) -> Checked {
        let closure = arguments.get(1).filter(|_| CLOSURES.contains(&name));
        if let (Some(list), Some(body)) = (arguments.first(), closure) {
            return self.closure(name, list, body, arguments.get(2));
        }
        let types = arguments.iter().map(|argument| self.check(argument)).collect::<Result<Vec<_>, _>>()?;
        if let Some(maker) = Maker::find(name) {
            return maker.check(name, &types);
        }
        let builtin = Builtin::find(name);
        let builtin = builtin.ok_or_else(|| ConditionError::new(format!("unknown name {name}")))?;
        builtin::check(builtin, name, &types)
    }

    fn closure(
        &mut self,
        name: &str,
        list: &Expression,
        body: &Expression,
        start: Option<&Expression>,
    ) -> Checked {
        let list = self.check(list)?;
        let item = match list {
            Type::List(item) => *item,
            Type::Unknown => Type::Unknown,
            other => return error(format!("builtin {name} takes only array (got {other})")),
        };
        self.items.push(item.clone());
        let body = self.check(body);
        self.items.pop();
        let body = body?;
        if let Some(start) = start {
            self.check(start)?;
        }
        let needs_bool = !matches!(name, "map" | "reduce" | "sum" | "sortBy" | "groupBy" | "countBy");
        if needs_bool && !matches!(body, Type::Bool | Type::Unknown) {
            return error(format!("predicate should return boolean (got {body})"));
        }
        Ok(match name {
            "all" | "none" | "any" | "one" => Type::Bool,
            "count" | "findIndex" | "findLastIndex" => Type::Int,
            "filter" | "sortBy" => Type::list(item),
            "map" => Type::list(body),
            "find" | "findLast" => item,
            "sum" => body,
            "groupBy" | "countBy" => Type::Map,
            _ => Type::Unknown,
        })
    }
}

fn is_comparable(left: &Type, right: &Type) -> bool {
    let is_list = |of: &Type| matches!(of, Type::List(_));
    left == right || *left == Type::Nil || *right == Type::Nil || is_list(left) && is_list(right)
}

fn check_in(left: &Type, right: &Type) -> Checked {
    match right {
        Type::Unknown => Ok(Type::Bool),
        Type::Map => match left {
            Type::Text | Type::Unknown => Ok(Type::Bool),
            left => error(format!("cannot use {left} as type string in map key")),
        },
        Type::List(item) => {
            let fits = left.is_number() && item.is_number() || is_comparable(left, item);
            if fits || left.is_unknown() || item.is_unknown() {
                Ok(Type::Bool)
            } else {
                error(format!("cannot use {left} as type {item} in array"))
            }
        }
        right => error(format!("invalid operation: in (mismatched types {left} and {right})")),
    }
}
