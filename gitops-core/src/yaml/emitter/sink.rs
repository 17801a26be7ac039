//! The text that is being printed, and where its cursor stands.

/// Output with the three facts that go-yaml's printer decides by: the column, whether white space stands before
/// the cursor, and whether nothing but indentation does.
#[derive(Debug)]
pub(super) struct Sink {
    out: String,
    column: usize,
    whitespace: bool,
    indention: bool,
}

/// What an indicator does to the white space around it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Indicator {
    /// `:` after a key, a closing bracket or quote: nothing before it.
    Tight,
    /// An opening quote, `|`: a space before it.
    Spaced,
    /// An opening bracket: a space before it, none after.
    Open,
    /// `-`, `?` and the `:` of an explicit key: they count as indentation.
    Block,
}

/// As much indentation as is written at once.
const SPACES: &str = "                                ";

impl Sink {
    pub(super) fn new() -> Self {
        Self::after(String::new())
    }

    /// A sink that goes on at the end of `out`, which is the start of a line.
    pub(super) fn after(out: String) -> Self {
        Self { out, column: 0, whitespace: true, indention: true }
    }

    /// How many bytes there are so far.
    pub(super) fn len(&self) -> usize {
        self.out.len()
    }

    pub(super) fn into_text(self) -> String {
        self.out
    }

    pub(super) fn column(&self) -> usize {
        self.column
    }

    /// Whether only indentation and block indicators stand on this line so far.
    pub(super) fn indention(&self) -> bool {
        self.indention
    }

    /// Goes to the column `indent` of a fresh line; stays on this line where that is still possible.
    pub(super) fn indent(&mut self, indent: usize) {
        if !self.indention || self.column > indent || (self.column == indent && !self.whitespace) {
            self.line_break();
        }
        while self.column < indent {
            let spaces = SPACES.get(..indent - self.column).unwrap_or(SPACES);
            self.out.push_str(spaces);
            self.column += spaces.len();
        }
        self.whitespace = true;
        self.indention = true;
    }

    pub(super) fn line_break(&mut self) {
        self.out.push('\n');
        self.column = 0;
        self.indention = true;
        self.whitespace = true;
    }

    pub(super) fn indicator(&mut self, text: &str, kind: Indicator) {
        if kind != Indicator::Tight {
            self.space();
        }
        self.out.push_str(text);
        self.column += text.len();
        self.whitespace = kind == Indicator::Open;
        self.indention = self.indention && kind == Indicator::Block;
    }

    /// A space, unless white space stands there.
    pub(super) fn space(&mut self) {
        if !self.whitespace {
            self.out.push(' ');
            self.column += 1;
        }
    }

    /// Text without line breaks.
    pub(super) fn text(&mut self, text: &str) {
        self.out.push_str(text);
        self.column += if text.is_ascii() { text.len() } else { text.chars().count() };
        self.whitespace = false;
        self.indention = false;
    }

    /// One character that is no `\n`. U+2028 and U+2029 count as line breaks.
    pub(super) fn character(&mut self, character: char) {
        self.out.push(character);
        if matches!(character, '\u{2028}' | '\u{2029}') {
            self.column = 0;
            self.indention = true;
            self.whitespace = true;
        } else {
            self.column += 1;
        }
    }

    /// What was written last was content.
    pub(super) fn content(&mut self) {
        self.whitespace = false;
        self.indention = false;
    }
}
