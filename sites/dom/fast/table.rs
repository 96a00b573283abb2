//! Tables (HTML Standard, sections 13.2.6.4.9 to 13.2.6.4.15), as long as nothing stands in them that
//! would be moved out.

use super::{Builder, Kind, Mode, Step, Tag, Unsure};
use crate::dom::name::{self, NameId, is};

const MOVED: Unsure = Unsure("content directly in a table");

impl Builder<'_> {
    /// `<table>` in the body.
    pub(super) fn start_table(&mut self, tag: Tag) -> Step {
        match self.quirks {
            Some(false) => self.open.close_paragraph(),
            _ if !self.open.has_paragraph() => {}
            Some(true) => {}
            None => return Err(Unsure("a table in a paragraph and a rare document type")),
        }
        self.insert_open(tag)?;
        self.mode = Mode::InTable;
        Ok(())
    }

    /// A start tag inside a table.
    pub(super) fn start_in_table(&mut self, tag: Tag) -> Step {
        let part = matches!(
            tag.name,
            name::CAPTION
                | name::COL
                | name::COLGROUP
                | name::TBODY
                | name::TD
                | name::TFOOT
                | name::TH
                | name::THEAD
                | name::TR
        );
        // Each turn closes something or leaves.
        loop {
            match self.mode {
                Mode::InCell if part => {
                    if !self.close_cell() {
                        self.ignore(tag);
                        return Ok(());
                    }
                }
                Mode::InCaption if part => {
                    if !self.close_caption() {
                        self.ignore(tag);
                        return Ok(());
                    }
                }
                Mode::InCell | Mode::InCaption => return self.start_in_body(tag),
                Mode::InRow => match tag.name {
                    name::TD | name::TH => {
                        self.open.close_to(&[name::TR, name::TEMPLATE]);
                        self.insert_open(tag)?;
                        self.formats.mark();
                        self.mode = Mode::InCell;
                        return Ok(());
                    }
                    _ if part => {
                        if !self.close_row() {
                            self.ignore(tag);
                            return Ok(());
                        }
                    }
                    _ => return self.start_between_cells(tag),
                },
                Mode::InTableBody => match tag.name {
                    name::TR => {
                        self.close_to_body();
                        self.insert_open(tag)?;
                        self.mode = Mode::InRow;
                        return Ok(());
                    }
                    name::TD | name::TH => {
                        self.close_to_body();
                        self.open_empty(name::TR);
                        self.mode = Mode::InRow;
                    }
                    _ if part => {
                        if !self.close_body() {
                            self.ignore(tag);
                            return Ok(());
                        }
                    }
                    _ => return self.start_between_cells(tag),
                },
                Mode::InColumns if tag.name == name::COL => {
                    self.insert(tag, Kind::Element);
                    return Ok(());
                }
                Mode::InColumns if tag.name == name::TEMPLATE => return self.start_template(tag),
                Mode::InColumns => {
                    if !self.open.is_at(name::COLGROUP) {
                        self.ignore(tag);
                        return Ok(());
                    }
                    self.open.pop();
                    self.mode = Mode::InTable;
                }
                _ => match tag.name {
                    name::CAPTION => {
                        self.close_to_table();
                        self.formats.mark();
                        self.insert_open(tag)?;
                        self.mode = Mode::InCaption;
                        return Ok(());
                    }
                    name::COLGROUP => {
                        self.close_to_table();
                        self.insert_open(tag)?;
                        self.mode = Mode::InColumns;
                        return Ok(());
                    }
                    name::COL => {
                        self.close_to_table();
                        self.open_empty(name::COLGROUP);
                        self.mode = Mode::InColumns;
                    }
                    name::TBODY | name::TFOOT | name::THEAD => {
                        self.close_to_table();
                        self.insert_open(tag)?;
                        self.mode = Mode::InTableBody;
                        return Ok(());
                    }
                    name::TD | name::TH | name::TR => {
                        self.close_to_table();
                        self.open_empty(name::TBODY);
                        self.mode = Mode::InTableBody;
                    }
                    _ => return self.start_between_cells(tag),
                },
            }
        }
    }

    /// A start tag between the parts of a table.
    fn start_between_cells(&mut self, tag: Tag) -> Step {
        match tag.name {
            name::STYLE | name::SCRIPT => self.raw_text(tag, false),
            name::TEMPLATE => self.start_template(tag),
            name::INPUT => {
                let kind = self.tree.attributes[tag.attributes..]
                    .iter()
                    .find(|a| a.name == name::TYPE && !a.value.decoded);
                let hidden = kind.and_then(|a| self.page.get(a.value.range()));
                if !hidden.is_some_and(|kind| kind.eq_ignore_ascii_case("hidden")) {
                    return Err(MOVED);
                }
                self.insert(tag, Kind::Element);
                Ok(())
            }
            name::FORM => {
                if self.form.is_some() || !self.templates.is_empty() {
                    self.ignore(tag);
                } else {
                    self.form = Some(self.insert(tag, Kind::Element));
                }
                Ok(())
            }
            // A table in a table ends the outer one.
            _ => Err(MOVED),
        }
    }

    /// An end tag inside a table.
    pub(super) fn end_in_table(&mut self, name: NameId) -> Step {
        let part = matches!(
            name,
            name::CAPTION
                | name::COL
                | name::COLGROUP
                | name::TBODY
                | name::TD
                | name::TFOOT
                | name::TH
                | name::THEAD
                | name::TR
        );
        let never = matches!(name, name::BODY | name::HTML);
        loop {
            match self.mode {
                Mode::InCell => match name {
                    name::TD | name::TH => {
                        if self.open.in_scope(is::TABLE_SCOPE, name).is_some() {
                            self.open.imply_ends(None);
                            self.open.close(name);
                            self.formats.clear_to_mark();
                            self.mode = Mode::InRow;
                        }
                        return Ok(());
                    }
                    name::TABLE | name::TBODY | name::TFOOT | name::THEAD | name::TR => {
                        if self.open.in_scope(is::TABLE_SCOPE, name).is_none() {
                            return Ok(());
                        }
                        if !self.close_cell() {
                            return Err(Unsure("a cell without a cell"));
                        }
                    }
                    _ if part || never => return Ok(()),
                    _ => return self.end_in_body(name),
                },
                Mode::InCaption => match name {
                    name::TABLE | name::CAPTION => {
                        if !self.close_caption() || name == name::CAPTION {
                            return Ok(());
                        }
                    }
                    _ if part || never => return Ok(()),
                    _ => return self.end_in_body(name),
                },
                Mode::InRow => match name {
                    name::TR => {
                        self.close_row();
                        return Ok(());
                    }
                    name::TABLE => {
                        if !self.close_row() {
                            return Ok(());
                        }
                    }
                    name::TBODY | name::TFOOT | name::THEAD => {
                        let open = self.open.in_scope(is::TABLE_SCOPE, name).is_some();
                        if !open || !self.close_row() {
                            return Ok(());
                        }
                    }
                    _ if part || never => return Ok(()),
                    _ => return self.end_between_cells(name),
                },
                Mode::InTableBody => match name {
                    name::TBODY | name::TFOOT | name::THEAD => {
                        if self.open.in_scope(is::TABLE_SCOPE, name).is_some() {
                            self.close_to_body();
                            self.open.pop();
                            self.mode = Mode::InTable;
                        }
                        return Ok(());
                    }
                    name::TABLE => {
                        if !self.close_body() {
                            return Ok(());
                        }
                    }
                    _ if part || never => return Ok(()),
                    _ => return self.end_between_cells(name),
                },
                Mode::InColumns => match name {
                    name::TEMPLATE => {
                        self.end_template();
                        return Ok(());
                    }
                    name::COLGROUP => {
                        if self.open.is_at(name::COLGROUP) {
                            self.open.pop();
                            self.mode = Mode::InTable;
                        }
                        return Ok(());
                    }
                    name::COL => return Ok(()),
                    _ if !self.open.is_at(name::COLGROUP) => return Ok(()),
                    _ => {
                        self.open.pop();
                        self.mode = Mode::InTable;
                    }
                },
                _ => match name {
                    name::TABLE => {
                        if self.open.in_scope(is::TABLE_SCOPE, name).is_some() {
                            self.open.close(name);
                            self.reset_mode();
                        }
                        return Ok(());
                    }
                    _ if part || never => return Ok(()),
                    _ => return self.end_between_cells(name),
                },
            }
        }
    }

    /// An end tag between the parts of a table that is not one of theirs.
    fn end_between_cells(&mut self, name: NameId) -> Step {
        if name != name::TEMPLATE {
            return Err(MOVED);
        }
        self.end_template();
        Ok(())
    }

    /// Ends the cell that is open; `false` if there is none.
    fn close_cell(&mut self) -> bool {
        let cell = |o: &super::open::Opened| o.html && matches!(o.name, name::TD | name::TH);
        if self.open.in_scope_where(is::TABLE_SCOPE, cell).is_none() {
            return false;
        }
        self.open.imply_ends(None);
        self.open.close_where(cell);
        self.formats.clear_to_mark();
        self.mode = Mode::InRow;
        true
    }

    fn close_caption(&mut self) -> bool {
        if self.open.in_scope(is::TABLE_SCOPE, name::CAPTION).is_none() {
            return false;
        }
        self.open.imply_ends(None);
        self.open.close(name::CAPTION);
        self.formats.clear_to_mark();
        self.mode = Mode::InTable;
        true
    }

    fn close_row(&mut self) -> bool {
        if self.open.in_scope(is::TABLE_SCOPE, name::TR).is_none() {
            return false;
        }
        self.open.close_to(&[name::TR, name::TEMPLATE]);
        self.open.pop();
        self.mode = Mode::InTableBody;
        true
    }

    fn close_body(&mut self) -> bool {
        // The reference names `table`, `tbody` and `tfoot` here; a table is always in scope.
        let outer = |o: &super::open::Opened| {
            o.html && matches!(o.name, name::TABLE | name::TBODY | name::TFOOT)
        };
        if self.open.in_scope_where(is::TABLE_SCOPE, outer).is_none() {
            return false;
        }
        self.close_to_body();
        self.open.pop();
        self.mode = Mode::InTable;
        true
    }

    fn close_to_body(&mut self) {
        self.open.close_to(&[name::TBODY, name::TFOOT, name::THEAD, name::TEMPLATE]);
    }

    fn close_to_table(&mut self) {
        self.open.close_to(&[name::TABLE, name::TEMPLATE]);
    }

    /// The mode that fits what is open.
    pub(super) fn reset_mode(&mut self) {
        for at in (0..self.open.len()).rev() {
            let Some(open) = self.open.get(at).filter(|open| open.html) else { continue };
            self.mode = match open.name {
                name::TD | name::TH => Mode::InCell,
                name::TR => Mode::InRow,
                name::TBODY | name::THEAD | name::TFOOT => Mode::InTableBody,
                name::CAPTION => Mode::InCaption,
                name::COLGROUP => Mode::InColumns,
                name::TABLE => Mode::InTable,
                name::BODY => Mode::InBody,
                name::HEAD => Mode::InHead,
                name::TEMPLATE => self.templates.last().copied().unwrap_or(Mode::InBody),
                name::HTML => Mode::AfterHead,
                _ => continue,
            };
            return;
        }
    }
}
