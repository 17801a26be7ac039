//! Tokens on their way out. That something was a key only its colon tells, so each token waits until it is certain
//! what stands before it.

use std::collections::VecDeque;

use super::cursor::Mark;
use super::token::{Kind, Token};

/// How many characters before its colon a key without `?` may start.
const LONGEST_KEY: usize = 1024;

/// The tokens that were cut and not yet taken.
#[derive(Debug)]
pub(super) struct Queue<'a> {
    /// Those that are certain.
    settled: VecDeque<Token<'a>>,
    /// Those behind them.
    slots: VecDeque<Slot<'a>>,
    /// The number of the first slot; slots are counted from the start of the text.
    first: usize,
    /// At each level of brackets, the outermost being none, the slot that may be the start of a key.
    levels: Vec<Option<usize>>,
    /// The tokens that all of this will be.
    length: usize,
}

/// A token, and what may be or is before it.
#[derive(Debug)]
struct Slot<'a> {
    token: Token<'a>,
    maybe_key: Option<MaybeKey>,
    key: Option<SimpleKey>,
}

/// What starts at a slot may be a key.
#[derive(Clone, Copy, Debug)]
struct MaybeKey {
    start: Mark,
    /// Nothing but a key can stand there.
    required: bool,
}

impl MaybeKey {
    fn may_end_at(self, colon: Mark) -> bool {
        self.start.line == colon.line && self.start.column + LONGEST_KEY >= colon.column
    }
}

/// A key without `?`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SimpleKey {
    /// Whether a mapping in a block starts with it.
    pub(super) opens_block: bool,
}

/// There is no key at this place, where nothing else can stand.
#[derive(Debug)]
pub(super) struct MissingColon(pub(super) Mark);

impl<'a> Queue<'a> {
    pub(super) fn new() -> Self {
        Self { settled: VecDeque::new(), slots: VecDeque::new(), first: 0, levels: vec![None], length: 0 }
    }

    /// How many tokens there are, the certain ones and the others.
    pub(super) fn len(&self) -> usize {
        self.length
    }

    /// The next token, if it is certain.
    pub(super) fn front(&self) -> Option<&Token<'a>> {
        self.settled.front()
    }

    /// Takes the next token, if it is certain.
    pub(super) fn pop(&mut self) -> Option<Token<'a>> {
        let token = self.settled.pop_front()?;
        self.length -= 1;
        Some(token)
    }

    /// Every token, without the keys that only a colon tells.
    pub(super) fn tokens(&self) -> impl DoubleEndedIterator<Item = &Token<'a>> {
        self.settled.iter().chain(self.slots.iter().map(|slot| &slot.token))
    }

    /// Makes the next token certain, where that is so when the text is read up to `here`.
    pub(super) fn settle(&mut self, here: Mark) -> Result<(), MissingColon> {
        if let Some(slot) = self.slots.front_mut()
            && !still_maybe_key(slot, here)?
        {
            self.settle_front();
        }
        Ok(())
    }

    fn settle_front(&mut self) {
        let Some(Slot { token, key, .. }) = self.slots.pop_front() else { return };
        self.first += 1;
        let sign = |kind| Token { kind, offset: token.offset, end: token.offset };
        if let Some(SimpleKey { opens_block }) = key {
            self.settled.extend(opens_block.then(|| sign(Kind::BlockMappingStart)));
            self.settled.push_back(sign(Kind::Key { written: false }));
        }
        self.settled.push_back(token);
    }

    pub(super) fn push(&mut self, token: Token<'a>) {
        self.slots.push_back(Slot { token, maybe_key: None, key: None });
        self.length += 1;
    }

    /// Adds a token at which a key may start. What was one at this level of brackets must have been dropped.
    pub(super) fn push_maybe_key(&mut self, token: Token<'a>, start: Mark, required: bool) {
        let number = self.first + self.slots.len();
        if let Some(level) = self.levels.last_mut() {
            *level = Some(number);
        }
        let maybe_key = Some(MaybeKey { start, required });
        self.slots.push_back(Slot { token, maybe_key, key: None });
        self.length += 1;
    }

    /// How many brackets are open.
    pub(super) fn depth(&self) -> usize {
        self.levels.len() - 1
    }

    pub(super) fn open_bracket(&mut self) {
        self.levels.push(None);
    }

    pub(super) fn close_bracket(&mut self) {
        if self.depth() > 0 {
            self.levels.pop();
        }
    }

    /// Says that what may be a key at this level is none.
    pub(super) fn drop_maybe_key(&mut self) -> Result<(), MissingColon> {
        let Some(slot) = self.take_level().and_then(|number| self.slot(number)) else { return Ok(()) };
        match slot.maybe_key.take() {
            Some(MaybeKey { start, required: true }) => Err(MissingColon(start)),
            Some(_) | None => Ok(()),
        }
    }

    /// The number of the slot at which the key starts that ends before the colon at `here`, and where that is.
    pub(super) fn take_key(&mut self, here: Mark) -> Result<Option<(usize, Mark)>, MissingColon> {
        let Some(number) = self.take_level() else { return Ok(None) };
        let Some(slot) = self.slot(number) else { return Ok(None) };
        let found = still_maybe_key(slot, here)?;
        let start = slot.maybe_key.take().map(|maybe| maybe.start);
        Ok(start.filter(|_| found).map(|start| (number, start)))
    }

    /// Says that a key starts at a slot.
    pub(super) fn set_key(&mut self, number: usize, key: SimpleKey) {
        if let Some(slot) = self.slot(number) {
            slot.key = Some(key);
            self.length += 1 + usize::from(key.opens_block);
        }
    }

    fn take_level(&mut self) -> Option<usize> {
        self.levels.last_mut().and_then(Option::take)
    }

    fn slot(&mut self, number: usize) -> Option<&mut Slot<'a>> {
        self.slots.get_mut(number.checked_sub(self.first)?)
    }
}

/// Whether a colon at `here` or later may still make a key of a slot.
fn still_maybe_key(slot: &mut Slot<'_>, here: Mark) -> Result<bool, MissingColon> {
    match slot.maybe_key {
        Some(maybe) if maybe.may_end_at(here) => Ok(true),
        Some(MaybeKey { start, required: true }) => Err(MissingColon(start)),
        Some(_) => {
            slot.maybe_key = None;
            Ok(false)
        }
        None => Ok(false),
    }
}
