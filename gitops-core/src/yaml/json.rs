//! Nodes to and from JSON values.

use serde_json::{Number, Value as Json};

use super::node::{Entry, Mapping, Node, Value};
use super::scalar::{Scalar, Tag};

/// Why a node has no JSON form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JsonError {
    /// NaN and the infinities have no JSON form.
    #[error("`{0}` has no JSON form")]
    Number(String),
}

impl Node {
    /// The JSON value of this node. Integers outside 64 bits become floats, as in kustomize.
    pub fn to_json(&self) -> Result<Json, JsonError> {
        Ok(match &self.value {
            Value::Scalar(scalar) => scalar_to_json(scalar)?,
            Value::Sequence(items) => Json::Array(items.iter().map(Node::to_json).collect::<Result<_, _>>()?),
            Value::Mapping(mapping) => Json::Object(
                mapping
                    .entries()
                    .iter()
                    .map(|entry| Ok((entry.key.text().to_owned(), entry.value.to_json()?)))
                    .collect::<Result<_, _>>()?,
            ),
        })
    }

    /// The node of a JSON value, of unknown origin.
    pub fn from_json(json: &Json) -> Self {
        match json {
            Json::Null => Self::null(),
            Json::Bool(value) => Self::boolean(*value),
            Json::Number(number) => {
                let tag = if number.is_f64() { Tag::Float } else { Tag::Int };
                Self::scalar(Scalar::tagged(number.to_string(), tag))
            }
            Json::String(text) => Self::string(text.as_str()),
            Json::Array(items) => Self::sequence(items.iter().map(Self::from_json)),
            Json::Object(map) => {
                let entries: Mapping = map
                    .iter()
                    .map(|(key, value)| {
                        let value = Self::from_json(value);
                        Entry { key: Scalar::string(key.as_str()), key_origin: value.origin, value }
                    })
                    .collect();
                Self::new(Value::Mapping(entries.into()))
            }
        }
    }
}

fn scalar_to_json(scalar: &Scalar) -> Result<Json, JsonError> {
    Ok(match scalar.tag() {
        Tag::Null => Json::Null,
        Tag::Bool => Json::Bool(scalar.as_bool().unwrap_or_default()),
        Tag::Int | Tag::Float => {
            if let Some(integer) = scalar.as_i64() {
                return Ok(Json::Number(integer.into()));
            }
            if let Some(integer) = scalar.as_u64() {
                return Ok(Json::Number(integer.into()));
            }
            let float = scalar.as_f64().unwrap_or(f64::NAN);
            Number::from_f64(float)
                .map(Json::Number)
                .ok_or_else(|| JsonError::Number(scalar.text().to_owned()))?
        }
        Tag::Str | Tag::Timestamp | Tag::Binary | Tag::Merge => Json::String(scalar.text().to_owned()),
    })
}
