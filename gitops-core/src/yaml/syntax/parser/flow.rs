//! Collections in brackets.

use super::{Allowed, Next, Parser, at};
use crate::yaml::fault::Faulty;
use crate::yaml::syntax::token::Kind;
use crate::yaml::syntax::{Collection, Indicator, Layout, Opening, Properties, Receiver};

impl<R: Receiver> Parser<'_, R> {
    pub(super) fn flow_sequence(&mut self, properties: Properties) -> Result<(), Faulty> {
        self.open_flow(Collection::Sequence, Layout::Flow, properties)?;
        self.open.push(Next::FlowItem { first: true });
        Ok(())
    }

    pub(super) fn flow_mapping(&mut self, properties: Properties) -> Result<(), Faulty> {
        self.open_flow(Collection::Mapping, Layout::Flow, properties)?;
        self.open.push(Next::FlowKey { first: true });
        Ok(())
    }

    /// Opens a collection at the next token, and goes past that. Returns where it stands.
    fn open_flow(
        &mut self,
        collection: Collection,
        layout: Layout,
        properties: Properties,
    ) -> Result<usize, Faulty> {
        let offset = self.tokens.take()?.offset;
        at(offset, self.receiver.open(Opening { collection, layout, properties, offset }))?;
        Ok(offset)
    }

    pub(super) fn flow_item(&mut self, first: bool) -> Result<(), Faulty> {
        if !self.flow_entry(&Kind::FlowSequenceEnd, first)? {
            return Ok(());
        }
        self.open.push(Next::FlowItem { first: false });
        if self.kind()?.is_key() {
            return self.pair();
        }
        self.open.push(Next::Node(Allowed::Flow));
        Ok(())
    }

    /// A mapping of one pair without braces, in a list.
    fn pair(&mut self) -> Result<(), Faulty> {
        let written = *self.kind()? == Kind::Key { written: true };
        let offset = self.open_flow(Collection::Mapping, Layout::Bare, Properties::default())?;
        if written {
            self.receiver.indicator(Indicator::Question, offset);
        }
        self.open.extend([Next::PairEnd, Next::FlowValue { in_sequence: true }]);
        if matches!(self.kind()?, Kind::Value | Kind::FlowEntry | Kind::FlowSequenceEnd) {
            // Go-yaml takes what ends the key away with it.
            self.tokens.take()?;
            return self.nothing(offset);
        }
        self.open.push(Next::Node(Allowed::Flow));
        Ok(())
    }

    pub(super) fn flow_key(&mut self, first: bool) -> Result<(), Faulty> {
        if !self.flow_entry(&Kind::FlowMappingEnd, first)? {
            return Ok(());
        }
        self.open.push(Next::FlowKey { first: false });
        let Kind::Key { written } = *self.kind()? else {
            self.open.extend([Next::Nothing, Next::Node(Allowed::Flow)]);
            return Ok(());
        };
        let key = self.tokens.take()?;
        if written {
            self.receiver.indicator(Indicator::Question, key.offset);
        }
        self.open.push(Next::FlowValue { in_sequence: false });
        if matches!(self.kind()?, Kind::Value | Kind::FlowEntry | Kind::FlowMappingEnd) {
            return self.nothing_here();
        }
        self.open.push(Next::Node(Allowed::Flow));
        Ok(())
    }

    /// Goes to the next entry in brackets that `end` closes, past its comma. Returns whether there is one; if not,
    /// the bracket is passed and the collection closed.
    fn flow_entry(&mut self, end: &Kind<'static>, first: bool) -> Result<bool, Faulty> {
        if !first && *self.kind()? != *end {
            if *self.kind()? != Kind::FlowEntry {
                return self.missing_comma(end);
            }
            self.tokens.take()?;
        }
        if *self.kind()? != *end {
            return Ok(true);
        }
        let bracket = self.tokens.take()?;
        at(bracket.offset, self.receiver.close(Some(bracket.end)))?;
        Ok(false)
    }

    fn missing_comma<T>(&mut self, end: &Kind<'static>) -> Result<T, Faulty> {
        if *self.kind()? == Kind::Value {
            return self.fault("illegal placement of ':' indicator");
        }
        let in_sequence = *end == Kind::FlowSequenceEnd;
        self.fault(if in_sequence {
            "while parsing a flow sequence, did not find expected ',' or ']'"
        } else {
            "while parsing a flow mapping, did not find expected ',' or '}'"
        })
    }

    /// The value of an entry in brackets, which may be nothing.
    pub(super) fn flow_value(&mut self, in_sequence: bool) -> Result<(), Faulty> {
        if *self.kind()? != Kind::Value {
            return self.nothing_here();
        }
        let colon = self.tokens.take()?;
        self.receiver.indicator(Indicator::Colon, colon.offset);
        let end = if in_sequence { Kind::FlowSequenceEnd } else { Kind::FlowMappingEnd };
        if *self.kind()? == Kind::FlowEntry || *self.kind()? == end {
            return self.nothing_here();
        }
        self.open.push(Next::Node(Allowed::Flow));
        Ok(())
    }
}
