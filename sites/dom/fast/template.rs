//! Templates (HTML Standard, section 13.2.6.4.18): what stands in them is a tree of its own.

use super::{Builder, Kind, Mode, Step, Tag};
use crate::dom::Span;
use crate::dom::name::{self, is};

impl Builder<'_> {
    /// `<template>`: its content goes into a fragment, which takes its place among the open elements.
    pub(super) fn start_template(&mut self, tag: Tag) -> Step {
        self.formats.mark();
        self.mode = Mode::InTemplate;
        self.templates.push(Mode::InTemplate);
        let id = self.insert_open(tag)?;
        let content = self.tree.add(Kind::Fragment, 0, id, Span::default());
        self.open.pop();
        self.open.push(content, name::TEMPLATE, true);
        Ok(())
    }

    /// A start tag directly in a template says what kind of content it has.
    pub(super) fn start_in_template(&mut self, tag: Tag) -> Step {
        self.mode = match tag.name {
            name::BASE
            | name::BASEFONT
            | name::BGSOUND
            | name::LINK
            | name::META
            | name::NOFRAMES
            | name::SCRIPT
            | name::STYLE
            | name::TEMPLATE
            | name::TITLE => {
                return self.start_in_head(tag);
            }
            name::CAPTION | name::COLGROUP | name::TBODY | name::TFOOT | name::THEAD => {
                Mode::InTable
            }
            name::COL => Mode::InColumns,
            name::TR => Mode::InTableBody,
            name::TD | name::TH => Mode::InRow,
            _ => Mode::InBody,
        };
        if let Some(mode) = self.templates.last_mut() {
            *mode = self.mode;
        }
        match self.mode {
            Mode::InBody => self.start_in_body(tag),
            _ => self.start_in_table(tag),
        }
    }

    /// `</template>`.
    pub(super) fn end_template(&mut self) {
        if self.templates.pop().is_none() {
            return;
        }
        let implied = |open: super::open::Opened| {
            let parts = [
                name::CAPTION,
                name::COLGROUP,
                name::TBODY,
                name::TD,
                name::TFOOT,
                name::TH,
                name::THEAD,
                name::TR,
            ];
            open.html && (open.flags & is::IMPLIED != 0 || parts.contains(&open.name))
        };
        while self.open.top().is_some_and(implied) {
            self.open.pop();
        }
        self.open.close(name::TEMPLATE);
        self.formats.clear_to_mark();
        self.reset_mode();
    }
}
