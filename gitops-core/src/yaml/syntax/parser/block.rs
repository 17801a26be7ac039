//! Collections that are laid out by indentation.

use super::{Allowed, Next, Parser, at};
use crate::yaml::fault::Faulty;
use crate::yaml::syntax::token::Kind;
use crate::yaml::syntax::{Collection, Indicator, Layout, Opening, Properties, Receiver};

impl<R: Receiver> Parser<'_, R> {
    /// A list; one that is `indentless` has no start and no end of its own.
    pub(super) fn block_sequence(&mut self, properties: Properties, indentless: bool) -> Result<(), Faulty> {
        self.open_block(Collection::Sequence, properties)?;
        if !indentless {
            self.tokens.take()?;
        }
        self.open.push(Next::BlockItem { indentless });
        Ok(())
    }

    pub(super) fn block_mapping(&mut self, properties: Properties) -> Result<(), Faulty> {
        self.open_block(Collection::Mapping, properties)?;
        self.tokens.take()?;
        self.open.push(Next::BlockKey);
        Ok(())
    }

    fn open_block(&mut self, collection: Collection, properties: Properties) -> Result<(), Faulty> {
        let offset = self.offset()?;
        at(offset, self.receiver.open(Opening { collection, layout: Layout::Block, properties, offset }))
    }

    pub(super) fn block_item(&mut self, indentless: bool) -> Result<(), Faulty> {
        if *self.kind()? != Kind::BlockEntry {
            return if indentless { self.close_here() } else { self.close_block("`-` of a further item") };
        }
        let dash = self.tokens.take()?;
        self.receiver.indicator(Indicator::Dash, dash.offset);
        self.open.push(Next::BlockItem { indentless });
        let next = self.kind()?;
        let is_empty = matches!(next, Kind::BlockEntry | Kind::BlockEnd)
            || indentless && matches!(next, Kind::Key { .. } | Kind::Value);
        if is_empty {
            return self.nothing(dash.end);
        }
        self.open.push(Next::Node(Allowed::Block));
        Ok(())
    }

    pub(super) fn block_key(&mut self) -> Result<(), Faulty> {
        let Kind::Key { written } = *self.kind()? else {
            return self.close_block("key of a further entry");
        };
        let key = self.tokens.take()?;
        if written {
            self.receiver.indicator(Indicator::Question, key.offset);
        }
        self.open.extend([Next::BlockKey, Next::BlockValue]);
        self.block_part(key.offset)
    }

    pub(super) fn block_value(&mut self) -> Result<(), Faulty> {
        if *self.kind()? != Kind::Value {
            return self.nothing_here();
        }
        let colon = self.tokens.take()?;
        self.receiver.indicator(Indicator::Colon, colon.offset);
        self.block_part(colon.end)
    }

    /// A key or value of a mapping, which may be nothing.
    fn block_part(&mut self, offset: usize) -> Result<(), Faulty> {
        if matches!(self.kind()?, Kind::Key { .. } | Kind::Value | Kind::BlockEnd) {
            return self.nothing(offset);
        }
        self.open.push(Next::Node(Allowed::BlockOrItems));
        Ok(())
    }

    fn close_block(&mut self, missing: &str) -> Result<(), Faulty> {
        if *self.kind()? != Kind::BlockEnd {
            return self.fault(&format!("did not find the {missing}"));
        }
        let end = self.tokens.take()?.offset;
        at(end, self.receiver.close(None))
    }
}
