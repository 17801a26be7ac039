//! Runs a filter over a value, and keeps the path of what came from it.

use std::cmp::Ordering;

use serde_json::{Map, Value as Json};

use super::function::{self, Function};
use super::{Filter, Operator, PathStep};

/// What stops a run: jq's error, or a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stop;

/// How many values one run may produce.
const MAX_VALUES: usize = 100_000;

/// A value, with its path where it is a part of the input.
#[derive(Clone, Debug)]
pub(super) struct Item {
    path: Option<Vec<PathStep>>,
    pub(super) value: Json,
}

impl Item {
    pub(super) fn made(value: Json) -> Self {
        Self { path: None, value }
    }

    fn child(&self, step: Option<PathStep>, value: Json) -> Self {
        let path = self.path.as_ref().zip(step).map(|(path, step)| {
            let mut path = path.clone();
            path.push(step);
            path
        });
        Self { path, value }
    }
}

/// The paths that a filter names, in the order in which they can be deleted.
pub(super) fn paths(filter: &Filter, input: &Json) -> Result<Vec<Vec<PathStep>>, Stop> {
    let root = Item { path: Some(vec![]), value: input.clone() };
    let found = Run::default().eval(filter, &root)?;
    let mut paths = found.into_iter().map(|item| item.path.ok_or(Stop)).collect::<Result<Vec<_>, _>>()?;
    paths.sort();
    paths.dedup();
    paths.reverse();
    // A place that is not there has nothing to delete.
    paths.retain(|path| lookup(input, path).is_some());
    Ok(paths)
}

/// The results of a filter.
pub(super) fn values(filter: &Filter, input: Json) -> Result<Vec<Json>, Stop> {
    let root = Item { path: Some(vec![]), value: input };
    Ok(Run::default().eval(filter, &root)?.into_iter().map(|item| item.value).collect())
}

fn lookup<'v>(value: &'v Json, path: &[PathStep]) -> Option<&'v Json> {
    path.iter().try_fold(value, |value, step| match step {
        PathStep::Key(key) => value.get(key),
        PathStep::Index(index) => value.get(*index),
    })
}

/// One run, with what it has produced so far.
#[derive(Debug, Default)]
pub(super) struct Run {
    produced: usize,
}

impl Run {
    /// Every result of a filter for one input.
    pub(super) fn eval(&mut self, filter: &Filter, input: &Item) -> Result<Vec<Item>, Stop> {
        let found = self.results(filter, input)?;
        self.produced = self.produced.saturating_add(found.len()).saturating_add(1);
        if self.produced > MAX_VALUES { Err(Stop) } else { Ok(found) }
    }

    /// The one value that most arguments are.
    pub(super) fn value(&mut self, filter: &Filter, input: &Item) -> Result<Json, Stop> {
        self.eval(filter, input)?.into_iter().next().map(|item| item.value).ok_or(Stop)
    }

    fn results(&mut self, filter: &Filter, input: &Item) -> Result<Vec<Item>, Stop> {
        match filter {
            Filter::Identity => Ok(vec![input.clone()]),
            Filter::Recurse => self.recurse(input),
            Filter::Literal(value) => Ok(vec![Item::made(value.clone())]),
            Filter::Try(inner) => Ok(self.eval(inner, input).unwrap_or_default()),
            Filter::Pipe(first, second) => {
                let firsts = self.eval(first, input)?;
                self.for_each(&firsts, |run, item| run.eval(second, item))
            }
            Filter::Comma(first, second) => {
                let mut found = self.eval(first, input)?;
                found.extend(self.eval(second, input)?);
                Ok(found)
            }
            Filter::Index(target, key) => {
                let keys = self.eval(key, input)?;
                let targets = self.eval(target, input)?;
                self.for_each(&targets, |_, target| {
                    keys.iter().map(|key| index(target, &key.value)).collect()
                })
            }
            Filter::Slice(target, from, to) => {
                let mut bound = |filter: &Option<Box<Filter>>| {
                    filter.as_ref().map(|filter| self.value(filter, input)).transpose()
                };
                let (from, to) = (bound(from)?, bound(to)?);
                let targets = self.eval(target, input)?;
                targets.iter().map(|target| slice(target, from.as_ref(), to.as_ref())).collect()
            }
            Filter::Iterate(target) => {
                let targets = self.eval(target, input)?;
                self.for_each(&targets, |_, target| children(target))
            }
            Filter::Binary(operator, left, right) => self.binary(*operator, left, right, input),
            Filter::Negate(inner) => {
                let values = self.eval(inner, input)?;
                values.iter().map(|item| subtract(&Json::from(0), &item.value)).collect()
            }
            Filter::Array(inner) => {
                let items = inner.as_ref().map_or(Ok(vec![]), |inner| self.eval(inner, input))?;
                Ok(vec![Item::made(Json::Array(items.into_iter().map(|item| item.value).collect()))])
            }
            Filter::Object(pairs) => self.object(pairs, input),
            Filter::If(condition, then, otherwise) => {
                let conditions = self.eval(condition, input)?;
                self.for_each(&conditions, |run, item| {
                    run.eval(if is_true(&item.value) { then } else { otherwise }, input)
                })
            }
            Filter::Call(function, arguments) => self.call(*function, arguments, input),
        }
    }

    fn for_each(
        &mut self,
        items: &[Item],
        mut next: impl FnMut(&mut Self, &Item) -> Result<Vec<Item>, Stop>,
    ) -> Result<Vec<Item>, Stop> {
        let mut found = vec![];
        for item in items {
            found.extend(next(self, item)?);
        }
        Ok(found)
    }

    fn recurse(&mut self, input: &Item) -> Result<Vec<Item>, Stop> {
        let mut found = vec![input.clone()];
        let children = children(input).unwrap_or_default();
        found.extend(self.for_each(&children, |run, child| run.eval(&Filter::Recurse, child))?);
        Ok(found)
    }

    fn object(&mut self, pairs: &[(Filter, Filter)], input: &Item) -> Result<Vec<Item>, Stop> {
        let mut map = Map::new();
        for (key, value) in pairs {
            let Json::String(key) = self.value(key, input)? else { return Err(Stop) };
            map.insert(key, self.value(value, input)?);
        }
        Ok(vec![Item::made(Json::Object(map))])
    }

    fn binary(
        &mut self,
        operator: Operator,
        left: &Filter,
        right: &Filter,
        input: &Item,
    ) -> Result<Vec<Item>, Stop> {
        match operator {
            Operator::Alternative => {
                let mut found = self.eval(left, input).unwrap_or_default();
                found.retain(|item| is_true(&item.value));
                return if found.is_empty() { self.eval(right, input) } else { Ok(found) };
            }
            Operator::Update => return self.update(left, right, input),
            Operator::And | Operator::Or => {
                let first = is_true(&self.value(left, input)?);
                let decided = first == (operator == Operator::Or);
                let result = if decided { first } else { is_true(&self.value(right, input)?) };
                return Ok(vec![Item::made(Json::Bool(result))]);
            }
            Operator::Equal
            | Operator::NotEqual
            | Operator::Less
            | Operator::LessEqual
            | Operator::Greater
            | Operator::GreaterEqual
            | Operator::Add
            | Operator::Subtract => {}
        }
        let (rights, lefts) = (self.eval(right, input)?, self.eval(left, input)?);
        let mut found = vec![];
        for right in &rights {
            for left in &lefts {
                found.push(combine(operator, &left.value, &right.value)?);
            }
        }
        Ok(found)
    }

    /// `f |= g`: every place that `f` names becomes the first result of `g`, or goes where there is none.
    fn update(&mut self, places: &Filter, change: &Filter, input: &Item) -> Result<Vec<Item>, Stop> {
        let root = Item { path: Some(vec![]), value: input.value.clone() };
        let mut value = input.value.clone();
        for place in self.eval(places, &root)? {
            let path = place.path.clone().ok_or(Stop)?;
            let result = self.eval(change, &Item::made(place.value))?.into_iter().next().ok_or(Stop)?;
            set(&mut value, &path, result.value)?;
        }
        Ok(vec![Item::made(value)])
    }

    fn call(&mut self, function: Function, arguments: &[Filter], input: &Item) -> Result<Vec<Item>, Stop> {
        match (function, arguments) {
            (Function::Empty, _) => Ok(vec![]),
            (Function::Select, [condition]) => {
                let conditions = self.eval(condition, input)?;
                Ok(conditions.iter().filter(|item| is_true(&item.value)).map(|_| input.clone()).collect())
            }
            (Function::OfType(types), _) => {
                let matches = types.contains(&function::type_name(&input.value));
                Ok(if matches { vec![input.clone()] } else { vec![] })
            }
            (Function::First, [inner]) => Ok(self.eval(inner, input)?.into_iter().take(1).collect()),
            (Function::Last, [inner]) => {
                Ok(self.eval(inner, input)?.into_iter().last().into_iter().collect())
            }
            (Function::Map, [inner]) => {
                let items = children(input)?;
                let found = self.for_each(&items, |run, item| run.eval(inner, item))?;
                Ok(vec![Item::made(Json::Array(found.into_iter().map(|item| item.value).collect()))])
            }
            (Function::Any | Function::All, conditions) => {
                let items = children(input)?;
                let tested = match conditions {
                    [condition] => self.for_each(&items, |run, item| run.eval(condition, item))?,
                    _ => items,
                };
                let holds = |item: &Item| is_true(&item.value);
                let is_any = function == Function::Any;
                let result = if is_any { tested.iter().any(holds) } else { tested.iter().all(holds) };
                Ok(vec![Item::made(Json::Bool(result))])
            }
            (Function::Delete, [places]) => {
                let mut value = input.value.clone();
                for path in paths(places, &input.value)? {
                    delete(&mut value, &path);
                }
                Ok(vec![Item::made(value)])
            }
            (function, arguments) => {
                let mut values = vec![];
                for argument in arguments {
                    values.push(self.value(argument, input)?);
                }
                function::apply(function, &input.value, &values).map(|value| vec![Item::made(value)])
            }
        }
    }
}

/// What is neither false nor null.
pub(super) fn is_true(value: &Json) -> bool {
    !matches!(value, Json::Null | Json::Bool(false))
}

fn subtract(left: &Json, right: &Json) -> Result<Item, Stop> {
    if let (Some(left), Some(right)) = (left.as_i64(), right.as_i64()) {
        return left.checked_sub(right).map(|difference| Item::made(Json::from(difference))).ok_or(Stop);
    }
    let difference = left.as_f64().zip(right.as_f64()).map(|(left, right)| left - right).ok_or(Stop)?;
    serde_json::Number::from_f64(difference).map(|number| Item::made(Json::Number(number))).ok_or(Stop)
}

fn index(target: &Item, key: &Json) -> Result<Item, Stop> {
    match (&target.value, key) {
        (Json::Object(map), Json::String(name)) => {
            let value = map.get(name).cloned().unwrap_or_default();
            Ok(target.child(Some(PathStep::Key(name.clone())), value))
        }
        (Json::Array(items), Json::Number(_)) => {
            let at = position(key, items.len())?;
            Ok(target.child(Some(PathStep::Index(at)), items.get(at).cloned().unwrap_or_default()))
        }
        (Json::Null, Json::String(name)) => Ok(target.child(Some(PathStep::Key(name.clone())), Json::Null)),
        (Json::Null, Json::Number(_)) => Ok(target.child(Some(PathStep::Index(NOWHERE)), Json::Null)),
        (_, _) => Err(Stop),
    }
}

/// The position that an index means, below zero counted from the end; [`NOWHERE`] before the first item, and an
/// error where it is no whole number.
fn position(index: &Json, len: usize) -> Result<usize, Stop> {
    let index = index.as_i64().ok_or(Stop)?;
    let from_start =
        if index < 0 { i64::try_from(len).map_err(|_| Stop)?.saturating_add(index) } else { index };
    Ok(usize::try_from(from_start).unwrap_or(NOWHERE))
}

/// A position that no item has.
const NOWHERE: usize = usize::MAX;

/// A slice is a new array: it has no place of its own that could be deleted.
fn slice(target: &Item, from: Option<&Json>, to: Option<&Json>) -> Result<Item, Stop> {
    let Json::Array(items) = &target.value else { return Err(Stop) };
    let bound = |bound: Option<&Json>, absent: usize| match bound {
        None => Ok(absent),
        Some(bound) => position(bound, items.len()).map(|at| if at == NOWHERE { 0 } else { at }),
    };
    let (from, to) = (bound(from, 0)?, bound(to, items.len())?.min(items.len()));
    Ok(Item::made(Json::Array(items.get(from..to).unwrap_or_default().to_vec())))
}

fn children(target: &Item) -> Result<Vec<Item>, Stop> {
    match &target.value {
        Json::Array(items) => Ok(items
            .iter()
            .enumerate()
            .map(|(at, item)| target.child(Some(PathStep::Index(at)), item.clone()))
            .collect()),
        Json::Object(map) => Ok(map
            .iter()
            .map(|(key, value)| target.child(Some(PathStep::Key(key.clone())), value.clone()))
            .collect()),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => Err(Stop),
    }
}

fn combine(operator: Operator, left: &Json, right: &Json) -> Result<Item, Stop> {
    let order = function::compare(left, right);
    let result = match operator {
        Operator::Equal => order == Ordering::Equal,
        Operator::NotEqual => order != Ordering::Equal,
        Operator::Less => order == Ordering::Less,
        Operator::LessEqual => order != Ordering::Greater,
        Operator::Greater => order == Ordering::Greater,
        Operator::GreaterEqual => order != Ordering::Less,
        Operator::Add => return function::add(left, right).map(Item::made),
        Operator::Subtract => return subtract(left, right),
        Operator::Alternative | Operator::Update | Operator::Or | Operator::And => return Err(Stop),
    };
    Ok(Item::made(Json::Bool(result)))
}

fn set(value: &mut Json, path: &[PathStep], new: Json) -> Result<(), Stop> {
    let Some((step, rest)) = path.split_first() else {
        *value = new;
        return Ok(());
    };
    let child = match (step, &mut *value) {
        (PathStep::Key(key), Json::Object(map)) => Some(map.entry(key.clone()).or_insert(Json::Null)),
        (PathStep::Index(at), Json::Array(items)) => items.get_mut(*at),
        (_, _) => None,
    };
    set(child.ok_or(Stop)?, rest, new)
}

fn delete(value: &mut Json, path: &[PathStep]) {
    let Some((step, rest)) = path.split_first() else {
        *value = Json::Null;
        return;
    };
    match (step, value, rest.is_empty()) {
        (PathStep::Key(key), Json::Object(map), true) => drop(map.remove(key)),
        (PathStep::Key(key), Json::Object(map), false) => {
            if let Some(child) = map.get_mut(key) {
                delete(child, rest);
            }
        }
        (PathStep::Index(at), Json::Array(items), true) if *at < items.len() => drop(items.remove(*at)),
        (PathStep::Index(at), Json::Array(items), false) => {
            if let Some(child) = items.get_mut(*at) {
                delete(child, rest);
            }
        }
        (_, _, _) => {}
    }
}
