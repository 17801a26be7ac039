//! Text to tokens.

use super::JqError;

/// One token.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// `.name` or `."name"`
    Field(String),
    /// A word: a function or keyword.
    Word(String),
    /// A string.
    Text(String),
    /// A number.
    Number(serde_json::Number),
    /// Punctuation.
    Symbol(&'static str),
}

/// Longer ones first.
const SYMBOLS: [&str; 27] = [
    "..", "//", "|=", "==", "!=", "<=", ">=", ".", "[", "]", "(", ")", "{", "}", "|", ",", ":", ";", "?",
    "=", "<", ">", "+", "-", "*", "/", "%",
];

/// The tokens of an expression; a comment runs from `#` to the end of its line.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, JqError> {
    let mut rest = text.trim_start();
    let mut tokens = vec![];
    while let Some(first) = rest.chars().next() {
        let (token, next) = match first {
            '#' => {
                rest = rest.split_once('\n').map_or("", |(_, next)| next).trim_start();
                continue;
            }
            '"' => string(rest).map(|(text, next)| (Token::Text(text), next))?,
            '.' if field(rest).is_some() => field(rest).ok_or_else(|| unexpected(rest))?,
            '0'..='9' => number(rest)?,
            'a'..='z' | 'A'..='Z' | '_' => {
                let (word, next) = word(rest);
                (Token::Word(word.to_owned()), next)
            }
            _ => SYMBOLS
                .iter()
                .find_map(|symbol| rest.strip_prefix(symbol).map(|next| (Token::Symbol(symbol), next)))
                .ok_or_else(|| unexpected(rest))?,
        };
        tokens.push(token);
        rest = next.trim_start();
    }
    Ok(tokens)
}

fn unexpected(rest: &str) -> JqError {
    JqError(format!("`{}` is not supported here", rest.chars().take(16).collect::<String>()))
}

fn word(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

fn field(text: &str) -> Option<(Token, &str)> {
    let rest = text.strip_prefix('.')?;
    if rest.starts_with('"') {
        return string(rest).ok().map(|(name, next)| (Token::Field(name), next));
    }
    let (name, next) = word(rest);
    let is_name = name.starts_with(|c: char| !c.is_ascii_digit());
    is_name.then(|| (Token::Field(name.to_owned()), next))
}

fn number(text: &str) -> Result<(Token, &str), JqError> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (digits, next) = text.split_at_checked(end).unwrap_or((text, ""));
    let number = serde_json::from_str(digits).map_err(|_| unexpected(text))?;
    Ok((Token::Number(number), next))
}

/// A string with JSON's escapes. Interpolation is not supported.
fn string(text: &str) -> Result<(String, &str), JqError> {
    let mut escaped = false;
    let end = text.char_indices().skip(1).find(|(_, character)| {
        let ends = *character == '"' && !escaped;
        escaped = *character == '\\' && !escaped;
        ends
    });
    let (literal, next) = end
        .and_then(|(at, _)| text.split_at_checked(at + 1))
        .ok_or_else(|| JqError("a string is not closed".to_owned()))?;
    let decoded =
        serde_json::from_str(literal).map_err(|_| JqError(format!("{literal} is not a supported string")))?;
    Ok((decoded, next))
}
