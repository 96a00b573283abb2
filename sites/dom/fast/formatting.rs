//! Formatting elements (`b`, `a`, `font` …): they go on where another element ended too early.
//!
//! The list of active formatting elements and its reconstruction are here in full; of the "adoption
//! agency" only the cases that move nothing.

use super::{Builder, Kind, MAX_OPEN, Step, Tag, Unsure};
use crate::dom::name::{self, NameId, is};

/// Entries of the list.
const MAX_FORMATS: usize = 64;

/// Copies of formatting elements on one page.
const MAX_COPIES: usize = 4_096;

/// An entry; `None` is a marker, behind which older ones do not count.
type Format = Option<(u32, NameId)>;

/// The list of active formatting elements.
#[derive(Debug, Default)]
pub(super) struct Formats {
    list: Vec<Format>,
    copies: usize,
}

impl Formats {
    pub(super) fn mark(&mut self) {
        self.list.push(None);
    }

    pub(super) fn clear_to_mark(&mut self) {
        while let Some(Some(_)) = self.list.pop() {}
    }

    /// The last entry of a name behind the last marker.
    fn last(&self, name: NameId) -> Option<(usize, u32)> {
        let recent = self.list.iter().enumerate().rev().map_while(|(at, f)| f.map(|f| (at, f)));
        recent.into_iter().find(|(_, (_, own))| *own == name).map(|(at, (node, _))| (at, node))
    }

    fn holds(&self, node: u32) -> bool {
        self.list.iter().flatten().any(|(own, _)| *own == node)
    }
}

impl Builder<'_> {
    /// Opens formatting elements again that were closed by something else.
    pub(super) fn reconstruct(&mut self) -> Step {
        let Some(Some((last, _))) = self.formats.list.last() else { return Ok(()) };
        if self.open.position(*last).is_some() {
            return Ok(());
        }
        let done = |f: &Format| f.is_none_or(|(node, _)| self.open.position(node).is_some());
        let from = self.formats.list.iter().rposition(done).map_or(0, |at| at + 1);
        for at in from..self.formats.list.len() {
            let Some((node, name)) = self.formats.list[at] else { continue };
            let span = self.tree.nodes[node as usize].span;
            let copy = self.tree.add(Kind::Element, name, self.open.current(), span);
            self.tree.marks[copy as usize] = self.tree.marks[node as usize];
            self.open.push(copy, name, true);
            self.formats.list[at] = Some((copy, name));
            self.formats.copies += 1;
        }
        if self.formats.copies > MAX_COPIES || self.open.len() > MAX_OPEN {
            return Err(Unsure("formatting is copied often"));
        }
        Ok(())
    }

    /// Opens a formatting element and notes it.
    pub(super) fn open_format(&mut self, tag: Tag) -> Step {
        self.reconstruct()?;
        let recent = self.formats.list.iter().rev().map_while(|f| *f);
        if recent.filter(|(_, name)| *name == tag.name).count() >= 3 {
            return Err(Unsure("the same formatting nests"));
        }
        if self.formats.list.len() >= MAX_FORMATS {
            return Err(Unsure("much formatting is open"));
        }
        let node = self.insert_open(tag)?;
        self.formats.list.push(Some((node, tag.name)));
        Ok(())
    }

    /// The start tag of a link ends the link before it.
    pub(super) fn open_link(&mut self, tag: Tag) -> Step {
        if let Some((_, node)) = self.formats.last(name::A) {
            let top = self.open.top().filter(|top| top.name == name::A);
            if top.is_some_and(|top| !self.formats.holds(top.node)) {
                return Err(Unsure("a link in a link"));
            }
            self.close_format(name::A)?;
            if self.formats.holds(node) || self.open.position(node).is_some() {
                return Err(Unsure("a link in a link"));
            }
        }
        self.open_format(tag)
    }

    /// The end tag of a formatting element, where nothing has to be moved.
    pub(super) fn close_format(&mut self, name: NameId) -> Step {
        if let Some(top) = self.open.top().filter(|top| top.html && top.name == name)
            && !self.formats.holds(top.node)
        {
            self.open.pop();
            return Ok(());
        }
        let Some((entry, node)) = self.formats.last(name) else {
            self.close_other(name);
            return Ok(());
        };
        let Some(at) = self.open.position(node) else {
            self.formats.list.remove(entry);
            return Ok(());
        };
        if self.open.in_scope_where(is::SCOPE, |open| open.node == node).is_none() {
            return Ok(());
        }
        let special = |at: usize| {
            self.open.get(at).is_some_and(|open| open.html && open.flags & is::SPECIAL != 0)
        };
        if (at + 1..self.open.len()).any(special) {
            return Err(Unsure("formatting ends in the wrong order"));
        }
        self.open.truncate(at);
        self.formats.list.remove(entry);
        Ok(())
    }
}
