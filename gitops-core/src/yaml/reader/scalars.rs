//! The scalar that a text with a style and a tag stands for, in each dialect.

use smol_str::SmolStr;

use crate::yaml::fault::Fault;
use crate::yaml::number::{format_general_32, format_json, parse_float};
use crate::yaml::resolve::{Dialect, boolean, resolve};
use crate::yaml::scalar::{EMPTY_IN_FLOW, Scalar, Tag};
use crate::yaml::syntax::CORE;

/// A scalar without a tag that is written without quotes. `flow` is whether it stands between brackets.
pub(crate) fn plain(text: SmolStr, dialect: Dialect, flow: bool) -> Result<Scalar, Fault> {
    let tag = resolve(&text, dialect);
    match dialect {
        Dialect::Resource if text.is_empty() && flow => Ok(Scalar::tagged(EMPTY_IN_FLOW, Tag::Null)),
        Dialect::Resource => Ok(Scalar::tagged(text, tag)),
        Dialect::Json => json(text, tag),
    }
}

/// A scalar with the tag `tag`, written in full (`tag:yaml.org,2002:int`) or local (`!custom`).
pub(super) fn tagged(text: SmolStr, tag: &str, dialect: Dialect) -> Result<Scalar, Fault> {
    let Some(name) = tag.strip_prefix(CORE) else { return Ok(Scalar::string(text)) };
    let wanted = match name {
        "null" => Tag::Null,
        "bool" => Tag::Bool,
        "int" => Tag::Int,
        "float" => Tag::Float,
        "timestamp" => Tag::Timestamp,
        "merge" if text == "<<" => Tag::Merge,
        "binary" => return binary(text, dialect),
        _ => return Ok(Scalar::string(text)),
    };
    let actual = resolve(&text, dialect);
    if actual != wanted && (actual, wanted) != (Tag::Int, Tag::Float) {
        return Err(Fault::WrongTag(name.to_owned()));
    }
    match (dialect, wanted) {
        (_, Tag::Null) => Ok(Scalar::null()),
        (Dialect::Json, _) => json(text, wanted),
        (Dialect::Resource, _) => Ok(Scalar::tagged(text, wanted)),
    }
}

fn binary(text: SmolStr, dialect: Dialect) -> Result<Scalar, Fault> {
    let scalar = Scalar::tagged(text, Tag::Binary);
    match dialect {
        Dialect::Resource => Ok(scalar),
        Dialect::Json => scalar.decoded().map(Scalar::string).ok_or(Fault::WrongTag("binary".to_owned())),
    }
}

/// The JSON form of a scalar as `sigs.k8s.io/yaml` makes it.
fn json(text: SmolStr, tag: Tag) -> Result<Scalar, Fault> {
    Ok(match tag {
        Tag::Null => Scalar::null(),
        Tag::Bool => Scalar::boolean(boolean(&text, Dialect::Json).unwrap_or_default()),
        Tag::Int | Tag::Float => {
            let scalar = Scalar::tagged(text, tag);
            let whole = scalar.canonical_number().filter(|number| resolve(number, Dialect::Json) == Tag::Int);
            match (whole, scalar.as_f64().filter(|number| number.is_finite())) {
                (Some(number), _) => Scalar::tagged(number, Tag::Int),
                (None, Some(number)) => Scalar::tagged(format_json(number), Tag::Float),
                (None, None) => return Err(Fault::NotInJson(scalar.text().to_owned())),
            }
        }
        // Go-yaml v2 leaves a date that was not asked for as it was written.
        Tag::Str | Tag::Timestamp | Tag::Binary => Scalar::string(text),
        Tag::Merge => Scalar::tagged(text, Tag::Merge),
    })
}

/// A scalar as a key: in JSON each key is a string, and null is none.
pub(crate) fn key(scalar: Scalar, dialect: Dialect) -> Result<Scalar, Fault> {
    match (dialect, scalar.tag()) {
        (Dialect::Json, Tag::Null) => Err(Fault::NullKey),
        (Dialect::Json, Tag::Float) => {
            Ok(Scalar::string(parse_float(scalar.text()).map_or(scalar.shared_text(), format_general_32)))
        }
        (Dialect::Json, Tag::Bool | Tag::Int | Tag::Str | Tag::Timestamp | Tag::Binary) => {
            Ok(Scalar::string(scalar.shared_text()))
        }
        (Dialect::Json, Tag::Merge) | (Dialect::Resource, _) => Ok(scalar),
    }
}
