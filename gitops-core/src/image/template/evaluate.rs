//! Carries a template out.

use super::functions::{call, is_true, print};
use super::parse::{Node, Operand, Pipeline, Template};
use super::{Data, TemplateError};

/// How long the output may be.
const OUTPUT_LIMIT: usize = 1 << 20;

pub(super) fn render(template: &Template, data: &Data) -> Result<String, TemplateError> {
    let mut state =
        State { out: String::new(), variables: vec![(String::new(), data.clone())], dot: data.clone() };
    state.nodes(&template.body)?;
    Ok(state.out)
}

struct State {
    out: String,
    /// The innermost last; `$` has the empty name.
    variables: Vec<(String, Data)>,
    dot: Data,
}

impl State {
    fn nodes(&mut self, nodes: &[Node]) -> Result<(), TemplateError> {
        let known = self.variables.len();
        nodes.iter().try_for_each(|node| self.node(node))?;
        self.variables.truncate(known);
        Ok(())
    }

    fn node(&mut self, node: &Node) -> Result<(), TemplateError> {
        match node {
            Node::Text(text) => self.write(text),
            Node::Print(pipeline) => {
                let value = self.pipeline(pipeline)?;
                if pipeline.variables.is_empty() { self.write(&print(&value)?) } else { Ok(()) }
            }
            Node::If { condition, then, otherwise } => {
                let known = self.variables.len();
                let branch = if is_true(&self.pipeline(condition)?) { then } else { otherwise };
                self.nodes(branch)?;
                self.variables.truncate(known);
                Ok(())
            }
            Node::With { value, then, otherwise } => {
                let known = self.variables.len();
                let value = self.pipeline(value)?;
                if is_true(&value) {
                    self.with_dot(value, then)?;
                } else {
                    self.nodes(otherwise)?;
                }
                self.variables.truncate(known);
                Ok(())
            }
            Node::Range { over, each, otherwise } => self.range(over, each, otherwise),
        }
    }

    fn range(&mut self, over: &Pipeline, each: &[Node], otherwise: &[Node]) -> Result<(), TemplateError> {
        let entries: Vec<(Data, Data)> = match self.value(over)? {
            Data::List(items) => {
                let number = |at| Data::Integer(i64::try_from(at).unwrap_or(i64::MAX));
                items.into_iter().enumerate().map(|(at, item)| (number(at), item)).collect()
            }
            Data::Map(map) => map.into_iter().map(|(key, value)| (Data::Text(key), value)).collect(),
            Data::Nothing => vec![],
            Data::Boolean(_) | Data::Integer(_) | Data::Text(_) | Data::Record(_) => {
                return Err(TemplateError::Evaluation("`range` takes a list or a map".to_owned()));
            }
        };
        if entries.is_empty() {
            return self.nodes(otherwise);
        }
        for (key, value) in entries {
            let known = self.variables.len();
            match over.variables.as_slice() {
                [] => {}
                [name] => self.variables.push((name.clone(), value.clone())),
                [index, name, ..] => {
                    self.variables.push((index.clone(), key));
                    self.variables.push((name.clone(), value.clone()));
                }
            }
            self.with_dot(value, each)?;
            self.variables.truncate(known);
        }
        Ok(())
    }

    fn with_dot(&mut self, dot: Data, nodes: &[Node]) -> Result<(), TemplateError> {
        let outer = std::mem::replace(&mut self.dot, dot);
        self.nodes(nodes)?;
        self.dot = outer;
        Ok(())
    }

    /// The value of a pipeline, after its variable has taken it.
    fn pipeline(&mut self, pipeline: &Pipeline) -> Result<Data, TemplateError> {
        let value = self.value(pipeline)?;
        let Some(name) = pipeline.variables.first() else { return Ok(value) };
        if pipeline.declares {
            self.variables.push((name.clone(), value.clone()));
        } else {
            match self.variables.iter_mut().rev().find(|(known, _)| known == name) {
                Some((_, slot)) => *slot = value.clone(),
                None => return Err(undefined(name)),
            }
        }
        Ok(value)
    }

    fn value(&self, pipeline: &Pipeline) -> Result<Data, TemplateError> {
        let mut result: Option<Data> = None;
        for command in &pipeline.commands {
            result = Some(self.command(command, result)?);
        }
        Ok(result.unwrap_or(Data::Nothing))
    }

    fn command(&self, command: &[Operand], piped: Option<Data>) -> Result<Data, TemplateError> {
        match command {
            [Operand::Function(name), arguments @ ..] => {
                let arguments = arguments.iter().map(|operand| self.operand(operand));
                let arguments: Result<Vec<Data>, TemplateError> = arguments.chain(piped.map(Ok)).collect();
                call(name, &arguments?)
            }
            [single] if piped.is_none() => self.operand(single),
            _ => {
                Err(TemplateError::Evaluation("a value that is not a function takes no arguments".to_owned()))
            }
        }
    }

    fn operand(&self, operand: &Operand) -> Result<Data, TemplateError> {
        match operand {
            Operand::Field(fields) => follow(&self.dot, fields),
            Operand::Variable(name, fields) => {
                let known = self.variables.iter().rev().find(|(known, _)| known == name);
                follow(known.map(|(_, value)| value).ok_or_else(|| undefined(name))?, fields)
            }
            Operand::Function(name) => call(name, &[]),
            Operand::Literal(value) => Ok(value.clone()),
            Operand::Group(pipeline, fields) => follow(&self.value(pipeline)?, fields),
        }
    }

    fn write(&mut self, text: &str) -> Result<(), TemplateError> {
        if self.out.len() + text.len() > OUTPUT_LIMIT {
            return Err(TemplateError::TooLong { limit: OUTPUT_LIMIT });
        }
        self.out.push_str(text);
        Ok(())
    }
}

fn undefined(name: &str) -> TemplateError {
    TemplateError::Evaluation(format!("undefined variable `${name}`"))
}

/// The value below `value` at a chain of fields.
fn follow(value: &Data, fields: &[String]) -> Result<Data, TemplateError> {
    let mut at = value;
    for field in fields {
        at = match at {
            Data::Record(record) => record
                .get(field)
                .ok_or_else(|| TemplateError::Evaluation(format!("there is no field `{field}`")))?,
            Data::Map(map) => map.get(field).unwrap_or(&Data::Nothing),
            Data::Nothing | Data::Boolean(_) | Data::Integer(_) | Data::Text(_) | Data::List(_) => {
                return Err(TemplateError::Evaluation(format!("a value without fields has no `{field}`")));
            }
        };
    }
    Ok(at.clone())
}
