//! A text to tokens: signs, words, and where blocks begin and end.

use super::cursor::{Cursor, Mark};
use super::fault;
use super::queue::{MissingColon, Queue, SimpleKey};
use super::token::{Kind, Style, Token};
use crate::yaml::fault::{Fault, Faulty};

/// Blocks within blocks, and brackets within brackets, that are followed at all. What is read has a lower bound.
const MOST_LEVELS: usize = 10_000;

/// Cuts a text.
#[derive(Debug)]
pub(super) struct Lexer<'a> {
    pub(super) cursor: Cursor<'a>,
    pub(super) queue: Queue<'a>,
    /// How many tokens beyond the next one are cut before that is given out: go-yaml v3 looks two ahead, for its
    /// comments, and so sees errors that v2 does not.
    ahead: usize,
    /// The columns of the blocks around the cursor, the innermost last.
    blocks: Vec<usize>,
    /// Whether a key without `?` may start here.
    pub(super) key_allowed: bool,
    /// Whether there is a comment behind the last token that holds or opens something.
    pub(super) commented: bool,
}

impl<'a> Lexer<'a> {
    /// At the start of `text`. `ahead` is how many tokens beyond the next one are looked at.
    pub(super) fn new(text: &'a str, ahead: usize) -> Self {
        Self {
            cursor: Cursor::new(text),
            queue: Queue::new(),
            ahead,
            blocks: vec![],
            key_allowed: true,
            commented: false,
        }
    }

    /// The next token.
    pub(super) fn peek(&mut self) -> Result<&Token<'a>, Faulty> {
        self.look()?;
        self.queue.front().ok_or(Faulty { fault: Fault::Syntax(String::new()), offset: 0 })
    }

    /// Takes the next token.
    pub(super) fn take(&mut self) -> Result<Token<'a>, Faulty> {
        self.look()?;
        self.queue.pop().ok_or(Faulty { fault: Fault::Syntax(String::new()), offset: 0 })
    }

    /// Cuts until the next token is certain and enough are known behind it.
    fn look(&mut self) -> Result<(), Faulty> {
        loop {
            if self.queue.len() <= self.ahead {
                self.cut()?;
            } else if self.queue.front().is_some() {
                return Ok(());
            } else {
                let settled = self.queue.settle(self.cursor.mark);
                self.known(settled)?;
                if self.queue.front().is_none() {
                    self.cut()?;
                }
            }
        }
    }

    /// Whether nothing but comments, and at least one of them, comes before the end of the document. The next
    /// token must have been looked at.
    pub(super) fn only_comments_follow(&self) -> bool {
        let next = self.queue.tokens().find(|token| token.kind != Kind::BlockEnd);
        self.commented && next.is_some_and(|next| matches!(next.kind, Kind::StreamEnd | Kind::DocumentEnd))
    }

    /// Whether the reader goes on to comments that follow a token, as go-yaml v3 does.
    pub(super) fn keeps_comments(&self) -> bool {
        self.ahead > 0
    }

    /// Whether the cursor is in brackets.
    pub(super) fn is_flow(&self) -> bool {
        self.queue.depth() > 0
    }

    /// The column of the block around the cursor; none outside of all.
    pub(super) fn block(&self) -> Option<usize> {
        self.blocks.last().copied()
    }

    /// Says which line has no colon, at its end.
    fn known<T>(&self, found: Result<T, MissingColon>) -> Result<T, Faulty> {
        found.or_else(|MissingColon(mark)| {
            let line = self.cursor.text_from(mark.offset).lines().next().unwrap_or_default();
            fault("simple key expected", mark.offset + line.trim_end().len())
        })
    }

    /// The error that something is wrong here.
    pub(super) fn fault_here<T>(&self, message: &str) -> Result<T, Faulty> {
        fault(message, self.cursor.mark.offset)
    }

    /// Cuts one more token, and the ends of the blocks that it is not in.
    fn cut(&mut self) -> Result<(), Faulty> {
        self.skip_to_token();
        self.end_blocks(Some(self.cursor.mark.column));
        if self.cursor.is_end() {
            self.cut_end()
        } else if self.cursor.mark.column == 0 && self.cursor.byte() == Some(b'%') {
            self.leave_document()?;
            let start = self.cursor.mark;
            let directive = self.directive()?;
            self.push(directive, start);
            Ok(())
        } else if self.cursor.is_document_marker() {
            self.leave_document()?;
            let starts = self.cursor.byte() == Some(b'-');
            self.sign(if starts { Kind::DocumentStart } else { Kind::DocumentEnd }, 3);
            Ok(())
        } else {
            self.cut_content()?;
            self.skip_comment_of_token();
            Ok(())
        }
    }

    fn cut_content(&mut self) -> Result<(), Faulty> {
        self.commented = false;
        let flow = self.is_flow();
        let is_word = flow || self.cursor.is_space_at(1);
        match self.cursor.byte().unwrap_or_default() {
            b'[' => self.open_bracket(Kind::FlowSequenceStart),
            b'{' => self.open_bracket(Kind::FlowMappingStart),
            b']' => self.close_bracket(Kind::FlowSequenceEnd),
            b'}' => self.close_bracket(Kind::FlowMappingEnd),
            b',' => self.separator(Kind::FlowEntry, true),
            b'-' if self.cursor.is_space_at(1) => {
                self.start_block(Kind::BlockSequenceStart, "a block sequence is not allowed here")?;
                self.separator(Kind::BlockEntry, true)
            }
            b'?' if is_word => {
                self.start_block(Kind::BlockMappingStart, "a mapping key is not allowed here")?;
                self.separator(Kind::Key { written: true }, !flow)
            }
            b':' if is_word => self.colon(),
            b'*' => self.maybe_key(|lexer| lexer.name().map(Kind::Alias)),
            b'&' => self.maybe_key(|lexer| lexer.name().map(Kind::Anchor)),
            b'!' => self.maybe_key(Self::tag),
            b'|' if !flow => self.block_scalar(Style::Literal),
            b'>' if !flow => self.block_scalar(Style::Folded),
            b'\'' => self.maybe_key(|lexer| lexer.quoted(Style::SingleQuoted)),
            b'"' => self.maybe_key(|lexer| lexer.quoted(Style::DoubleQuoted)),
            b'\t' => {
                self.cursor.skip_blanks();
                self.fault_here("tabs disallowed within this context (block indentation)")
            }
            b'#' | b'|' | b'>' | b'%' | b'@' | b'`' | b' ' => {
                self.fault_here("found a character that cannot start any token")
            }
            _ => self.plain(),
        }
    }

    /// Adds the token that stands between `start` and here.
    pub(super) fn push(&mut self, kind: Kind<'a>, start: Mark) {
        self.queue.push(Token { kind, offset: start.offset, end: self.cursor.mark.offset });
    }

    /// A sign of `length` bytes.
    fn sign(&mut self, kind: Kind<'a>, length: usize) {
        let start = self.cursor.mark;
        self.cursor.skip_bytes(length);
        self.push(kind, start);
    }

    /// A sign of one byte, which cannot belong to a key without `?`.
    fn separator(&mut self, kind: Kind<'a>, key_may_follow: bool) -> Result<(), Faulty> {
        self.drop_maybe_key()?;
        self.key_allowed = key_may_follow;
        self.sign(kind, 1);
        Ok(())
    }

    fn cut_end(&mut self) -> Result<(), Faulty> {
        if self.cursor.mark.column != 0 {
            self.cursor.mark.column = 0;
            self.cursor.mark.line += 1;
        }
        self.leave_document()?;
        self.push(Kind::StreamEnd, self.cursor.mark);
        Ok(())
    }

    fn leave_document(&mut self) -> Result<(), Faulty> {
        self.end_blocks(None);
        self.drop_maybe_key()?;
        self.key_allowed = false;
        Ok(())
    }

    /// Starts a block here, unless it goes on or the cursor is in brackets.
    fn start_block(&mut self, kind: Kind<'a>, refusal: &str) -> Result<(), Faulty> {
        if self.is_flow() {
            return Ok(());
        }
        if !self.key_allowed {
            return self.fault_here(refusal);
        }
        let start = self.cursor.mark;
        if self.enter_block(start)? {
            self.push(kind, start);
        }
        Ok(())
    }

    /// Notes that a block starts at `start`, if none does at that column. Returns whether.
    fn enter_block(&mut self, start: Mark) -> Result<bool, Faulty> {
        if self.is_flow() || self.block() >= Some(start.column) {
            return Ok(false);
        }
        if self.blocks.len() >= MOST_LEVELS {
            return Err(Faulty { fault: Fault::TooDeep(MOST_LEVELS), offset: start.offset });
        }
        self.blocks.push(start.column);
        Ok(true)
    }

    /// Ends the blocks that are indented more than `column`; all of them without one.
    fn end_blocks(&mut self, column: Option<usize>) {
        while !self.is_flow() && self.block() > column {
            self.push(Kind::BlockEnd, self.cursor.mark);
            self.blocks.pop();
        }
    }

    pub(super) fn drop_maybe_key(&mut self) -> Result<(), Faulty> {
        let dropped = self.queue.drop_maybe_key();
        self.known(dropped)
    }

    /// A token with which a key may start.
    fn maybe_key(&mut self, cut: impl FnOnce(&mut Self) -> Result<Kind<'a>, Faulty>) -> Result<(), Faulty> {
        let allowed = self.expect_key()?;
        let start = self.cursor.mark;
        let kind = cut(self)?;
        let token = Token { kind, offset: start.offset, end: self.cursor.mark.offset };
        self.push_maybe_key(token, start, allowed);
        Ok(())
    }

    /// Before a token with which a key may start: returns whether that is so here, and ends that for the next.
    pub(super) fn expect_key(&mut self) -> Result<bool, Faulty> {
        let allowed = self.key_allowed;
        if allowed {
            self.drop_maybe_key()?;
        }
        self.key_allowed = false;
        Ok(allowed)
    }

    pub(super) fn push_maybe_key(&mut self, token: Token<'a>, start: Mark, allowed: bool) {
        let required = !self.is_flow() && self.block() == Some(start.column);
        if allowed {
            self.queue.push_maybe_key(token, start, required);
        } else {
            self.queue.push(token);
        }
    }

    fn open_bracket(&mut self, kind: Kind<'a>) -> Result<(), Faulty> {
        if self.queue.depth() >= MOST_LEVELS {
            return Err(Faulty { fault: Fault::TooDeep(MOST_LEVELS), offset: self.cursor.mark.offset });
        }
        self.maybe_key(|lexer| {
            lexer.cursor.skip();
            Ok(kind)
        })?;
        self.queue.open_bracket();
        self.key_allowed = true;
        Ok(())
    }

    fn close_bracket(&mut self, kind: Kind<'a>) -> Result<(), Faulty> {
        self.drop_maybe_key()?;
        self.queue.close_bracket();
        self.key_allowed = false;
        self.sign(kind, 1);
        Ok(())
    }

    /// A colon, which may tell that what stands before it is a key.
    fn colon(&mut self) -> Result<(), Faulty> {
        let found = self.queue.take_key(self.cursor.mark);
        if let Some((number, start)) = self.known(found)? {
            let opens_block = self.enter_block(start)?;
            self.queue.set_key(number, SimpleKey { opens_block });
            self.key_allowed = false;
        } else {
            let refusal = "mapping values are not allowed in this context";
            self.start_block(Kind::BlockMappingStart, refusal)?;
            self.key_allowed = !self.is_flow();
        }
        self.sign(Kind::Value, 1);
        Ok(())
    }
}
