//! White space and comments between tokens.

use super::lexer::Lexer;
use super::token::Kind;

impl Lexer<'_> {
    /// Goes past white space and comments. A tab is no white space where a block may be indented.
    pub(super) fn skip_to_token(&mut self) {
        loop {
            let tabs = self.is_flow() || !self.key_allowed;
            self.cursor.skip_until(|byte| !(byte == b' ' || tabs && byte == b'\t'));
            if self.cursor.byte() == Some(b'#') {
                self.skip_comments();
            }
            if self.cursor.line_break().is_empty() {
                return;
            }
            if !self.is_flow() {
                self.key_allowed = true;
            }
        }
    }

    /// Goes past a comment. Where comments are kept, those on further lines belong to it, whatever white space is
    /// before them.
    fn skip_comments(&mut self) {
        self.commented = true;
        self.cursor.skip_line();
        while self.keeps_comments() {
            let mut next = self.cursor;
            next.skip_space();
            if next.byte() != Some(b'#') {
                return;
            }
            next.skip_line();
            self.cursor = next;
        }
    }

    /// Where comments are kept, goes past one on the line of the token before.
    pub(super) fn skip_comment_of_token(&mut self) {
        let is_dash = self.queue.tokens().next_back().is_some_and(|token| token.kind == Kind::BlockEntry);
        if is_dash || !self.keeps_comments() {
            return;
        }
        let mut next = self.cursor;
        next.skip_blanks();
        if next.byte() == Some(b'#') && !self.cursor.is_after_break() {
            next.skip_line();
            self.cursor = next;
        }
    }
}
