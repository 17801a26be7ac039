//! Expressions to tokens.

use super::ConditionError;

/// A token of an expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Integer(i64),
    Float(f64),
    Text(String),
    /// A name, a word such as `let` included.
    Identifier(String),
    /// A sign, or a word that stands between two values.
    Operator(&'static str),
    Bracket(char),
    End,
}

impl std::fmt::Display for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Integer(number) => write!(f, "Number(\"{number}\")"),
            Self::Float(number) => write!(f, "Number(\"{number}\")"),
            Self::Text(text) => write!(f, "String({text:?})"),
            Self::Identifier(name) => write!(f, "Identifier({name:?})"),
            Self::Operator(sign) => write!(f, "Operator({sign:?})"),
            Self::Bracket(bracket) => write!(f, "Bracket(\"{bracket}\")"),
            Self::End => f.write_str("EOF"),
        }
    }
}

/// Signs, longest first.
const SIGNS: [&str; 30] = [
    "**", "==", "!=", "<=", ">=", "&&", "||", "??", "?.", "..", "::", "<", ">", "+", "-", "*", "/", "%", "^",
    "!", "?", ":", ",", ".", "#", "|", ";", "=", "~", "&",
];

/// Words that are operators.
const WORDS: [&str; 8] = ["in", "not", "and", "or", "matches", "contains", "startsWith", "endsWith"];

/// An expression longer than this is refused.
const LONGEST: usize = 64 * 1024;

/// Splits an expression into tokens; the last is [`Token::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, ConditionError> {
    if text.len() > LONGEST {
        return Err(ConditionError::new(format!("expression is longer than {LONGEST} bytes")));
    }
    let mut tokens = vec![];
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, after) = match first {
            '0'..='9' => number(rest)?,
            '.' if rest.chars().nth(1).is_some_and(|next| next.is_ascii_digit()) => number(rest)?,
            '"' | '\'' | '`' => string(rest, first)?,
            '(' | ')' | '[' | ']' | '{' | '}' => (Token::Bracket(first), rest.get(1..).unwrap_or_default()),
            _ if first.is_alphabetic() || first == '_' || first == '$' => word(rest),
            _ => sign(rest, first)?,
        };
        tokens.push(token);
        rest = after.trim_start();
    }
    tokens.push(Token::End);
    Ok(tokens)
}

fn split(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    let end = text.find(|character| !belongs(character)).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

fn word(text: &str) -> (Token, &str) {
    let (word, rest) =
        split(text, |character| character.is_alphanumeric() || character == '_' || character == '$');
    let operator = WORDS.iter().find(|operator| **operator == word);
    (operator.map_or_else(|| Token::Identifier(word.to_owned()), |word| Token::Operator(word)), rest)
}

fn sign(text: &str, first: char) -> Result<(Token, &str), ConditionError> {
    let found = SIGNS.iter().find_map(|sign| Some((Token::Operator(sign), text.strip_prefix(sign)?)));
    found.ok_or_else(|| {
        ConditionError::new(format!("unrecognized character: U+{:04X} '{first}'", u32::from(first)))
    })
}

fn number(text: &str) -> Result<(Token, &str), ConditionError> {
    let bad = |text: &str| ConditionError::new(format!("bad number syntax: {text:?}"));
    if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        let (digits, rest) = split(digits, |character| character.is_ascii_hexdigit() || character == '_');
        let number = i64::from_str_radix(&digits.replace('_', ""), 16).map_err(|_| bad(digits))?;
        return Ok((Token::Integer(number), rest));
    }
    let (whole, mut rest) = split(text, |character| character.is_ascii_digit() || character == '_');
    let mut written = whole.to_owned();
    let mut is_float = false;
    if let Some(after) = rest.strip_prefix('.').filter(|after| !after.starts_with('.')) {
        let (fraction, after) = split(after, |character| character.is_ascii_digit() || character == '_');
        if !fraction.is_empty() {
            written = format!("{written}.{fraction}");
            (is_float, rest) = (true, after);
        }
    }
    if let Some(after) = rest.strip_prefix(['e', 'E']) {
        let sign = if after.starts_with('-') { "-" } else { "" };
        let (exponent, after) =
            split(after.trim_start_matches(['+', '-']), |character| character.is_ascii_digit());
        written = format!("{written}e{sign}{exponent}");
        (is_float, rest) = (true, after);
    }
    let written = written.replace('_', "");
    if rest.starts_with(|next: char| next.is_alphanumeric() || next == '_') {
        return Err(bad(&written));
    }
    let token = if is_float {
        Token::Float(written.parse().map_err(|_| bad(&written))?)
    } else {
        Token::Integer(written.parse().map_err(|_| bad(&written))?)
    };
    Ok((token, rest))
}

fn string(text: &str, quote: char) -> Result<(Token, &str), ConditionError> {
    let mut value = String::new();
    let mut characters = text.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        if character == quote {
            let rest = text.get(at + quote.len_utf8()..).unwrap_or_default();
            return Ok((Token::Text(value), rest));
        }
        if character == '\\' && quote != '`' {
            value.push(match characters.next().map(|(_, escaped)| escaped) {
                Some('n') => '\n',
                Some('t') => '\t',
                Some('r') => '\r',
                Some(other @ ('\\' | '"' | '\'' | '`' | '/')) => other,
                Some(_) | None => return Err(ConditionError::new("invalid char escape")),
            });
        } else {
            value.push(character);
        }
    }
    Err(ConditionError::new("literal not terminated"))
}
