//! Changes a YAML text so that only the bytes of the change differ.
//!
//! [`Layout`] says where every part of a text stands, to the byte; [`Changes`] collects what to replace, insert
//! and remove, and applies it at once. Comments, quotes, line breaks and spacing around a change stay as they
//! were. Nothing here re-prints a document, and nothing here knows what a kustomization is.

mod block;
mod changes;
mod flow;
mod layout;
mod locate;
mod style;

pub use block::{
    append_item_block, append_key_block, append_pairs_block, fill_null_with_item, remove_pairs_block,
};
pub use changes::{Changes, line_break_at, line_end, line_start};
pub use flow::{FlowStyle, append_flow, remove_pairs_flow};
pub use layout::{Form, Item, Layout, LayoutError, Pair, Piece, Shape, Style};
pub use style::{Context, can_only_be_a_string, render_in_style, render_scalar};
