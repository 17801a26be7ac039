//! Which item of a list a name means, for any number of names: each list is looked through once.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::object::{Step, is_called};
use crate::yaml::Node;

/// How many items are looked at that share the first value of a name.
const MOST_ALIKE: usize = 64;

/// The positions of the items that have a value under a key, by that value.
type ByValue<'a> = BTreeMap<&'a str, Vec<usize>>;

/// The lists of one object that were looked through.
#[derive(Default)]
pub(super) struct Items<'a> {
    /// By the place of the first item in memory, and the key.
    known: RefCell<BTreeMap<(*const Node, String), Rc<ByValue<'a>>>>,
}

impl<'a> Items<'a> {
    /// The position of the item of `items` that `name` means, as [`is_called`] tells.
    pub(super) fn position(&self, items: &'a [Node], name: &str) -> Option<usize> {
        let whole = || items.iter().position(|item| is_called(item, name));
        let (key, value) = match name.split_once('=') {
            Some((key, rest)) => (key, rest.split(',').next().unwrap_or_default()),
            None => return whole(),
        };
        if value.is_empty() || items.iter().any(|item| item.as_scalar().is_some()) {
            return whole();
        }
        let alike = self.by_value(items, key);
        alike.get(value)?.iter().copied().find(|at| items.get(*at).is_some_and(|item| is_called(item, name)))
    }

    /// The item at `at` by the values of `keys`, where no item before it has the same.
    pub(super) fn name(&self, items: &'a [Node], at: usize, keys: &[&str]) -> Option<Step> {
        let item = items.get(at)?;
        let text = |key: &str| item.get(key).and_then(Node::text);
        let pairs: Vec<_> = keys.iter().filter_map(|key| Some((*key, text(key)?))).collect();
        let (key, value) = *pairs.first()?;
        let own = pairs.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(",");
        if own.contains([']', '[', '"']) {
            return None;
        }
        let alike = self.by_value(items, key);
        let before = alike.get(value).into_iter().flatten().copied().take_while(|other| *other < at);
        let mut before = before.take(MOST_ALIKE).enumerate();
        let is_taken = |(count, other): (usize, usize)| {
            count + 1 == MOST_ALIKE || items.get(other).is_some_and(|item| is_called(item, &own))
        };
        (!before.any(is_taken) && is_called(item, &own)).then(|| Step::Item(own.into()))
    }

    fn by_value(&self, items: &'a [Node], key: &str) -> Rc<ByValue<'a>> {
        let place = (items.as_ptr(), key.to_owned());
        if let Some(known) = self.known.borrow().get(&place) {
            return Rc::clone(known);
        }
        let mut positions = ByValue::new();
        for (at, item) in items.iter().enumerate() {
            if let Some(value) = item.get(key).and_then(Node::text) {
                positions.entry(value).or_default().push(at);
            }
        }
        let positions = Rc::new(positions);
        self.known.borrow_mut().insert(place, Rc::clone(&positions));
        positions
    }
}
