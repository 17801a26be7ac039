//! The globs of an `AppProject`: `*`, `**`, `?`, `[a-z]`, `[!abc]`, `{one,other}` and `\` before a character.
//!
//! The dialect is that of the Go library gobwas/glob, with its separators: `*` and `?` do not cross them, `**`
//! and classes do.

use std::str::Chars;

use regex::Regex;

use super::PatternError;

/// A pattern that is ready to be matched.
#[derive(Clone, Debug)]
pub struct Glob(Form);

#[derive(Clone, Debug)]
enum Form {
    /// Nothing in the pattern is special.
    Literal(String),
    /// A run of anything between two texts, which may overlap: `ab*ba` matches `aba`, as it does in gobwas/glob.
    Around { prefix: String, suffix: String },
    /// Everything else. The engine matches in time linear in the text.
    Expression(Regex),
}

/// Nesting beyond this many braces is refused.
const MOST_BRACES: usize = 64;

impl Glob {
    /// Reads a pattern whose `*` and `?` do not match any of `separators`.
    pub fn new(pattern: &str, separators: &[char]) -> Result<Self, PatternError> {
        let error = || PatternError(pattern.to_owned());
        if !pattern.contains(['*', '?', '[', '{', '\\']) {
            return Ok(Self(Form::Literal(pattern.to_owned())));
        }
        if let Some((prefix, suffix)) = around(pattern, separators) {
            return Ok(Self(Form::Around { prefix: prefix.to_owned(), suffix: suffix.to_owned() }));
        }
        let expression = Translation::new(separators).run(pattern).ok_or_else(error)?;
        Regex::new(&expression).map(|regex| Self(Form::Expression(regex))).map_err(|_| error())
    }

    /// Whether the whole of `text` matches.
    pub fn matches(&self, text: &str) -> bool {
        match &self.0 {
            Form::Literal(literal) => literal == text,
            Form::Around { prefix, suffix } => text.starts_with(prefix) && text.ends_with(suffix),
            Form::Expression(expression) => expression.is_match(text),
        }
    }
}

/// Whether the whole of `text` matches `pattern`; a pattern that breaks the grammar matches nothing.
pub fn glob_match(pattern: &str, text: &str, separators: &[char]) -> bool {
    Glob::new(pattern, separators).is_ok_and(|glob| glob.matches(text))
}

/// The same where a leading `!` turns the answer round, and a lone `*` matches whatever the separators are: the
/// patterns of `sourceRepos` and `destinations`.
pub fn negatable_match(pattern: &str, text: &str, separators: &[char]) -> bool {
    match pattern.strip_prefix('!') {
        Some(denied) => !glob_match(denied, text, separators),
        None => pattern == "*" || glob_match(pattern, text, separators),
    }
}

/// The texts around the one star of a pattern that has nothing else.
fn around<'p>(pattern: &'p str, separators: &[char]) -> Option<(&'p str, &'p str)> {
    let star = if separators.is_empty() && !pattern.contains("**") { "*" } else { "**" };
    let (prefix, suffix) = pattern.split_once(star)?;
    let is_plain = |text: &str| !text.contains(['*', '?', '[', '{', '\\']);
    (is_plain(prefix) && is_plain(suffix)).then_some((prefix, suffix))
}

/// Writes a pattern as a regular expression.
struct Translation {
    expression: String,
    single: String,
    braces: usize,
    /// How many parts there were, and whether the last is one character that is only excluded, never named.
    parts: usize,
    excludes: bool,
}

impl Translation {
    fn new(separators: &[char]) -> Self {
        let single = if separators.is_empty() {
            ".".to_owned()
        } else {
            let escaped: String = separators.iter().map(|c| regex::escape(&c.to_string())).collect();
            format!("[^{escaped}]")
        };
        Self { expression: "(?s)\\A".to_owned(), single, braces: 0, parts: 0, excludes: false }
    }

    fn run(mut self, pattern: &str) -> Option<String> {
        let mut rest = pattern.chars();
        while let Some(next) = rest.next() {
            self.parts += 1;
            self.excludes = next == '?' || (next == '[' && rest.as_str().starts_with('!'));
            match next {
                '*' => self.star(&mut rest),
                '?' => self.expression.push_str(&self.single),
                '[' => self.class(&mut rest)?,
                '{' => {
                    self.braces += 1;
                    self.expression.push_str("(?:");
                }
                ',' if self.braces > 0 => self.expression.push('|'),
                '}' if self.braces > 0 => {
                    self.braces -= 1;
                    self.expression.push(')');
                }
                // A backslash at the very end stands for nothing.
                '\\' => rest.next().into_iter().for_each(|escaped| self.literal(escaped)),
                literal => self.literal(literal),
            }
            if self.braces > MOST_BRACES {
                return None;
            }
        }
        // gobwas/glob takes the end of an empty text for a character, where nothing else is asked for.
        if self.parts == 1 && self.excludes {
            self.expression.push('?');
        }
        // A brace that is never closed ends with the pattern.
        self.expression.push_str(&")".repeat(self.braces));
        self.expression.push_str("\\z");
        Some(self.expression)
    }

    fn literal(&mut self, literal: char) {
        self.expression.push_str(&regex::escape(literal.encode_utf8(&mut [0; 4])));
    }

    fn star(&mut self, rest: &mut Chars<'_>) {
        if rest.as_str().starts_with('*') {
            rest.next();
            self.expression.push_str(".*");
        } else {
            self.expression.push_str(&self.single);
            self.expression.push('*');
        }
    }

    /// `[a-z]` holds one range, `[abc]` one list of characters; `!` in front takes all others.
    fn class(&mut self, rest: &mut Chars<'_>) -> Option<()> {
        self.expression.push('[');
        if rest.as_str().starts_with('!') {
            rest.next();
            self.expression.push('^');
        }
        let mut ahead = rest.clone();
        let low = ahead.next()?;
        if ahead.next() == Some('-') {
            let high = ahead.next()?;
            if ahead.next() != Some(']') || high < low {
                return None;
            }
            self.literal_in_class(low);
            self.expression.push('-');
            self.literal_in_class(high);
            *rest = ahead;
        } else {
            self.list(rest)?;
        }
        self.expression.push(']');
        Some(())
    }

    fn list(&mut self, rest: &mut Chars<'_>) -> Option<()> {
        let mut is_empty = true;
        loop {
            let member = match rest.next()? {
                ']' => return (!is_empty).then_some(()),
                '\\' => rest.next()?,
                member => member,
            };
            is_empty = false;
            self.literal_in_class(member);
        }
    }

    fn literal_in_class(&mut self, member: char) {
        if member.is_ascii_punctuation() {
            self.expression.push('\\');
        }
        self.expression.push(member);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(pattern: &str, separators: &[char], matching: &[&str], others: &[&str]) {
        for text in matching {
            assert!(glob_match(pattern, text, separators), "`{pattern}` must match `{text}`");
        }
        for text in others {
            assert!(!glob_match(pattern, text, separators), "`{pattern}` must not match `{text}`");
        }
    }

    #[test]
    fn stars_stop_at_separators_and_double_stars_do_not() {
        let url = "https://git.example.com/team/repo";
        check("https://git.example.com/*", &['/'], &["https://git.example.com/team"], &[url]);
        check("https://git.example.com/**", &['/'], &[url], &["http://git.example.com/x"]);
        check("https://git.example.com/*", &[], &[url], &[]);
        check("a?c", &['/'], &["abc", "aéc"], &["a/c", "ac"]);
    }

    #[test]
    fn classes_and_braces_choose() {
        check("[a-c]x", &['/'], &["bx"], &["dx", "x"]);
        check("[!a-c]x", &['/'], &["dx", "/x"], &["ax"]);
        check("[^a]", &[], &["^", "a"], &["b"]);
        check("team-{a,b{1,2}}", &[], &["team-a", "team-b2"], &["team-b", "team-"]);
        check("{a", &[], &["a"], &["{a"]);
        check(r"\*", &[], &["*"], &["a"]);
    }

    #[test]
    fn the_oddities_of_the_original_are_kept() {
        check("a/**/c", &['/'], &["a/c", "a/b/c"], &["ac"]);
        check("?", &['/'], &["", "x"], &["/"]);
        check("[!a]", &[], &["", "x"], &["a"]);
    }

    #[test]
    fn a_class_that_breaks_the_grammar_is_refused() {
        for pattern in ["[", "[]", "[]]", "[a", "[z-a]", "[a-zx]", "e[[a*", "[!]"] {
            assert!(Glob::new(pattern, &[]).is_err(), "{pattern}");
        }
        assert!(Glob::new(&"{".repeat(1000), &[]).is_err());
    }

    proptest! {
        #[test]
        fn a_text_without_special_characters_matches_itself_alone(text in "[a-z/.:]{0,12}", other in "[a-z/.:]{0,12}") {
            prop_assert!(glob_match(&text, &text, &['/']));
            prop_assert_eq!(glob_match(&text, &other, &['/']), text == other);
        }

        #[test]
        fn whatever_a_pattern_holds_it_is_read_or_refused(pattern in ".{0,24}", text in ".{0,24}") {
            let denied = format!("!{pattern}");
            prop_assume!(pattern != "*" && !pattern.starts_with('!'));
            prop_assert_ne!(negatable_match(&pattern, &text, &['/']), negatable_match(&denied, &text, &['/']));
        }
    }
}
