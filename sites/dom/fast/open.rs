//! The stack of open elements, and the scopes in it.

use std::cell::Cell;

use crate::dom::NONE;
use crate::dom::name::{self, NameId, flags, is};

/// One open element.
#[derive(Debug, Clone, Copy)]
pub(super) struct Opened {
    pub(super) node: u32,
    pub(super) name: NameId,
    /// Properties of an HTML element; those of a drawing have none but that of a scope.
    pub(super) flags: u16,
    pub(super) html: bool,
}

impl Opened {
    /// Whether HTML may stand in this element of a drawing.
    pub(super) fn is_integration_point(self) -> bool {
        !self.html && self.flags & is::SCOPE != 0
    }
}

/// All open elements.
#[derive(Debug, Default)]
pub(super) struct Open {
    list: Vec<Opened>,
    /// How many of them are paragraphs.
    paragraphs: usize,
    /// How many were looked at so far.
    pub(super) steps: Cell<usize>,
}

impl Open {
    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    fn count(&self, steps: usize) {
        self.steps.set(self.steps.get().saturating_add(steps));
    }

    /// The node of the innermost element; the document if none is open.
    pub(super) fn current(&self) -> u32 {
        self.list.last().map_or(0, |open| open.node)
    }

    /// The innermost element.
    pub(super) fn top(&self) -> Option<Opened> {
        self.list.last().copied()
    }

    /// The `html` element.
    pub(super) fn root(&self) -> u32 {
        self.list.first().map_or(NONE, |open| open.node)
    }

    pub(super) fn get(&self, at: usize) -> Option<Opened> {
        self.count(1);
        self.list.get(at).copied()
    }

    pub(super) fn push(&mut self, node: u32, name: NameId, html: bool) {
        let point = matches!(name, name::TITLE | name::DESC | name::FOREIGN_OBJECT);
        let flags = match html {
            true => flags(name),
            false => u16::from(point) * is::SCOPE,
        };
        self.paragraphs += usize::from(html && name == name::P);
        self.list.push(Opened { node, name, flags, html });
    }

    pub(super) fn pop(&mut self) -> Option<Opened> {
        self.count(1);
        let open = self.list.pop()?;
        self.paragraphs -= usize::from(open.html && open.name == name::P);
        Some(open)
    }

    /// Closes all elements from this place on.
    pub(super) fn truncate(&mut self, len: usize) {
        while self.list.len() > len {
            self.pop();
        }
    }

    /// Takes an element out that is not the innermost one.
    pub(super) fn remove(&mut self, at: usize) {
        if at < self.list.len() {
            let open = self.list.remove(at);
            self.paragraphs -= usize::from(open.html && open.name == name::P);
        }
    }

    /// Whether the innermost element is this one.
    pub(super) fn is_at(&self, name: NameId) -> bool {
        self.top().is_some_and(|open| open.html && open.name == name)
    }

    /// The place of a node, looked for from the innermost element.
    pub(super) fn position(&self, node: u32) -> Option<usize> {
        let found = self.list.iter().rposition(|open| open.node == node);
        self.count(self.list.len() - found.unwrap_or(0));
        found
    }

    /// The innermost element for which `wanted` holds, unless an element with one of the flags in
    /// `boundary` is met first.
    pub(super) fn in_scope_where(
        &self,
        boundary: u16,
        wanted: impl Fn(&Opened) -> bool,
    ) -> Option<usize> {
        for (at, open) in self.list.iter().enumerate().rev() {
            self.count(1);
            if wanted(open) {
                return Some(at);
            }
            if open.flags & boundary != 0 {
                return None;
            }
        }
        None
    }

    /// The innermost HTML element of a name, if it is in scope.
    pub(super) fn in_scope(&self, boundary: u16, name: NameId) -> Option<usize> {
        self.in_scope_where(boundary, |open| open.html && open.name == name)
    }

    /// Whether a paragraph is in the scope of buttons.
    pub(super) fn has_paragraph(&self) -> bool {
        self.paragraphs > 0 && self.in_scope(is::SCOPE | is::BUTTON_SCOPE, name::P).is_some()
    }

    /// Closes elements whose end tag may be left out, but not those of a name.
    pub(super) fn imply_ends(&mut self, except: Option<NameId>) {
        let implied =
            |open: Opened| open.html && open.flags & is::IMPLIED != 0 && Some(open.name) != except;
        while self.top().is_some_and(implied) {
            self.pop();
        }
    }

    /// Closes elements up to and with the innermost one for which `wanted` holds.
    pub(super) fn close_where(&mut self, wanted: impl Fn(&Opened) -> bool) {
        while let Some(open) = self.pop() {
            if wanted(&open) {
                return;
            }
        }
    }

    /// Closes elements up to and with the innermost HTML element of a name.
    pub(super) fn close(&mut self, name: NameId) {
        self.close_where(|open| open.html && open.name == name);
    }

    /// Closes elements until the innermost one has one of these names or is `html`.
    pub(super) fn close_to(&mut self, names: &[NameId]) {
        let stop =
            |open: Opened| open.html && (names.contains(&open.name) || open.name == name::HTML);
        while self.top().is_some_and(|open| !stop(open)) {
            self.pop();
        }
    }

    /// Closes a paragraph in the scope of buttons, with what stands open in it.
    pub(super) fn close_paragraph(&mut self) {
        if self.has_paragraph() {
            self.imply_ends(Some(name::P));
            self.close(name::P);
        }
    }
}
