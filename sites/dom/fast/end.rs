//! End tags (HTML Standard, sections 13.2.6.4.1 to 13.2.6.4.7).

use super::{Builder, Kind, Mode, Step, Tag};
use crate::dom::name::{self, NameId, is};

impl Builder<'_> {
    /// An end tag, wherever it stands.
    pub(super) fn end(&mut self, name: NameId) -> Step {
        if self.open.top().is_some_and(|top| !top.html) {
            return self.end_in_drawing(name);
        }
        self.end_html(name)
    }

    pub(super) fn end_html(&mut self, name: NameId) -> Step {
        let closes = matches!(name, name::BODY | name::HTML | name::BR);
        match self.mode {
            Mode::InBody => self.end_in_body(name),
            Mode::Initial | Mode::BeforeHtml | Mode::BeforeHead => {
                if name == name::HEAD {
                    self.reach_head();
                    return self.end_html(name);
                }
                if !closes {
                    // The document type is missing for good now.
                    if self.mode == Mode::Initial {
                        self.mode = Mode::BeforeHtml;
                    }
                    return Ok(());
                }
                self.reach_body();
                self.end_in_body(name)
            }
            Mode::InHead if name == name::HEAD => {
                self.open.pop();
                self.mode = Mode::AfterHead;
                Ok(())
            }
            Mode::InHead | Mode::AfterHead | Mode::InTemplate if name == name::TEMPLATE => {
                self.end_template();
                Ok(())
            }
            // Between the parts of a template nothing else ends.
            Mode::InTemplate => Ok(()),
            Mode::InHead | Mode::AfterHead => {
                if closes {
                    self.reach_body();
                    return self.end_in_body(name);
                }
                Ok(())
            }
            Mode::AfterBody if name == name::HTML => {
                self.mode = Mode::AfterAfterBody;
                Ok(())
            }
            Mode::AfterBody | Mode::AfterAfterBody => {
                self.mode = Mode::InBody;
                self.end_in_body(name)
            }
            _ => self.end_in_table(name),
        }
    }

    pub(super) fn end_in_body(&mut self, name: NameId) -> Step {
        match name {
            name::DIV
            | name::UL
            | name::OL
            | name::ADDRESS
            | name::ARTICLE
            | name::ASIDE
            | name::BLOCKQUOTE
            | name::BUTTON
            | name::CENTER
            | name::DETAILS
            | name::DIALOG
            | name::DIR
            | name::DL
            | name::FIELDSET
            | name::FIGCAPTION
            | name::FIGURE
            | name::FOOTER
            | name::HEADER
            | name::HGROUP
            | name::LISTING
            | name::MAIN
            | name::MENU
            | name::NAV
            | name::PRE
            | name::SEARCH
            | name::SECTION
            | name::SELECT
            | name::SUMMARY => {
                if self.open.in_scope(is::SCOPE, name).is_some() {
                    self.open.imply_ends(None);
                    self.open.close(name);
                }
                Ok(())
            }
            name::A
            | name::B
            | name::BIG
            | name::CODE
            | name::EM
            | name::FONT
            | name::I
            | name::NOBR
            | name::S
            | name::SMALL
            | name::STRIKE
            | name::STRONG
            | name::TT
            | name::U => self.close_format(name),
            name::P => {
                if !self.open.has_paragraph() {
                    self.open_empty(name::P);
                }
                self.open.close_paragraph();
                Ok(())
            }
            name::LI | name::DD | name::DT => {
                let list = if name == name::LI { is::LIST_SCOPE } else { 0 };
                if self.open.in_scope(is::SCOPE | list, name).is_some() {
                    self.open.imply_ends(Some(name));
                    self.open.close(name);
                }
                Ok(())
            }
            name::H1 | name::H2 | name::H3 | name::H4 | name::H5 | name::H6 => {
                let heading = |o: &super::open::Opened| o.html && o.flags & is::HEADING != 0;
                if self.open.in_scope_where(is::SCOPE, heading).is_some() {
                    self.open.imply_ends(None);
                    self.open.close_where(heading);
                }
                Ok(())
            }
            name::FORM if !self.templates.is_empty() => {
                if self.open.in_scope(is::SCOPE, name).is_some() {
                    self.open.imply_ends(None);
                    self.open.close(name);
                }
                Ok(())
            }
            name::FORM => {
                self.end_form();
                Ok(())
            }
            name::BODY | name::HTML => {
                if self.open.in_scope(is::SCOPE, name::BODY).is_some() {
                    self.mode =
                        if name == name::BODY { Mode::AfterBody } else { Mode::AfterAfterBody };
                }
                Ok(())
            }
            name::APPLET | name::MARQUEE | name::OBJECT => {
                if self.open.in_scope(is::SCOPE, name).is_some() {
                    self.open.imply_ends(None);
                    self.open.close(name);
                    self.formats.clear_to_mark();
                }
                Ok(())
            }
            name::BR => {
                self.reconstruct()?;
                let attributes = self.tree.attributes.len();
                self.insert(Tag { name, attributes, self_closing: false }, Kind::Element);
                Ok(())
            }
            name::TEMPLATE => {
                self.end_template();
                Ok(())
            }
            _ => {
                self.close_other(name);
                Ok(())
            }
        }
    }

    fn end_form(&mut self) {
        let Some(form) = self.form.take() else { return };
        let Some(at) = self.open.in_scope_where(is::SCOPE, |open| open.node == form) else {
            return;
        };
        self.open.imply_ends(None);
        // What is open inside goes on; the form itself takes nothing more.
        self.open.remove(at);
    }

    /// An end tag without rules of its own.
    pub(super) fn close_other(&mut self, name: NameId) {
        for at in (0..self.open.len()).rev() {
            let Some(open) = self.open.get(at) else { return };
            if open.html && open.name == name {
                self.open.imply_ends(Some(name));
                self.open.truncate(at);
                return;
            }
            if open.html && open.flags & is::SPECIAL != 0 {
                return;
            }
        }
    }
}
