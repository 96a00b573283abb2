//! Start tags (HTML Standard, sections 13.2.6.4.1 to 13.2.6.4.7).

use super::{Builder, Kind, MAX_ATTRIBUTES, Mode, Step, Tag, Unsure};
use crate::dom::name::{self, is};
use crate::dom::{Span, place};

impl Builder<'_> {
    /// A start tag, wherever it stands.
    pub(super) fn start(&mut self, tag: Tag) -> Step {
        if let Some(top) = self.open.top().filter(|top| !top.html) {
            if top.is_integration_point() {
                return Err(Unsure("HTML in a drawing"));
            }
            if !self.leaves_drawing(tag) {
                return self.start_in_drawing(tag);
            }
            self.leave_drawing();
            if self.open.top().is_some_and(|top| !top.html) {
                return Err(Unsure("HTML in a drawing"));
            }
        }
        self.start_html(tag)
    }

    fn start_html(&mut self, tag: Tag) -> Step {
        match self.mode {
            Mode::InBody => self.start_in_body(tag),
            Mode::Initial | Mode::BeforeHtml if tag.name == name::HTML => {
                self.insert_open(tag)?;
                self.mode = Mode::BeforeHead;
                Ok(())
            }
            _ if tag.name == name::HTML => self.start_again(tag),
            Mode::Initial | Mode::BeforeHtml | Mode::BeforeHead => {
                if tag.name == name::HEAD {
                    self.reach_html();
                    self.insert_open(tag)?;
                    self.mode = Mode::InHead;
                    return Ok(());
                }
                self.reach_head();
                self.start_in_head(tag)
            }
            Mode::InHead => self.start_in_head(tag),
            Mode::AfterHead => self.start_after_head(tag),
            Mode::AfterBody | Mode::AfterAfterBody => {
                self.mode = Mode::InBody;
                self.start_in_body(tag)
            }
            Mode::InTemplate => self.start_in_template(tag),
            _ => self.start_in_table(tag),
        }
    }

    /// `html` or `body` once more: its attributes would join those of the first.
    fn start_again(&mut self, tag: Tag) -> Step {
        let first = self.open.get(usize::from(tag.name == name::BODY));
        let first = first.filter(|open| open.html && open.name == tag.name);
        let (Some(first), true) = (first, self.templates.is_empty()) else {
            self.ignore(tag);
            return Ok(());
        };
        let own = self.tree.nodes[first.node as usize].span.range();
        let own = self.tree.attributes[own].to_vec();
        let mut all = self.tree.attributes.split_off(tag.attributes);
        all.retain(|new| !own.iter().any(|a| a.name == new.name));
        if all.is_empty() {
            return Ok(());
        }
        if own.len() + all.len() > MAX_ATTRIBUTES {
            return Err(Unsure("many attributes"));
        }
        let len = place(own.len() + all.len());
        self.tree.attributes.extend(own.into_iter().chain(all));
        let span = Span { start: place(tag.attributes), len, decoded: false };
        self.tree.nodes[first.node as usize].span = span;
        self.tree.mark(first.node, self.page);
        Ok(())
    }

    pub(super) fn start_in_head(&mut self, tag: Tag) -> Step {
        match tag.name {
            name::HEAD => {
                self.ignore(tag);
                Ok(())
            }
            name::BASE | name::BASEFONT | name::BGSOUND | name::LINK | name::META => {
                self.insert(tag, Kind::Element);
                self.no_mark_here()
            }
            name::TITLE => self.raw_text(tag, true),
            name::NOSCRIPT | name::NOFRAMES | name::STYLE | name::SCRIPT => {
                self.raw_text(tag, false)
            }
            name::TEMPLATE => self.start_template(tag),
            _ => {
                self.open.pop();
                self.mode = Mode::AfterHead;
                self.start_after_head(tag)
            }
        }
    }

    fn start_after_head(&mut self, tag: Tag) -> Step {
        match tag.name {
            name::BODY => {
                self.insert_open(tag)?;
                self.mode = Mode::InBody;
                Ok(())
            }
            name::BASE
            | name::BASEFONT
            | name::BGSOUND
            | name::LINK
            | name::META
            | name::NOFRAMES
            | name::SCRIPT
            | name::STYLE
            | name::TEMPLATE
            | name::TITLE => Err(Unsure("content of `head` behind it")),
            name::FRAMESET => Err(Unsure("frames")),
            name::HEAD => {
                self.ignore(tag);
                Ok(())
            }
            _ => {
                self.reach_body();
                self.start_in_body(tag)
            }
        }
    }

    /// Adds an element that holds nothing.
    fn empty(&mut self, tag: Tag) -> Step {
        self.reconstruct()?;
        self.insert(tag, Kind::Element);
        Ok(())
    }

    /// Opens an element that may stand in formatting.
    fn ordinary(&mut self, tag: Tag) -> Step {
        self.reconstruct()?;
        self.insert_open(tag)?;
        Ok(())
    }

    /// Opens an element that may not stand in a paragraph.
    fn block(&mut self, tag: Tag) -> Step {
        self.open.close_paragraph();
        self.insert_open(tag)?;
        Ok(())
    }

    #[expect(clippy::too_many_lines, reason = "one rule of the Standard, case by case")]
    pub(super) fn start_in_body(&mut self, tag: Tag) -> Step {
        match tag.name {
            name::DIV
            | name::P
            | name::UL
            | name::OL
            | name::ADDRESS
            | name::ARTICLE
            | name::ASIDE
            | name::BLOCKQUOTE
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
            | name::MAIN
            | name::NAV
            | name::SEARCH
            | name::SECTION
            | name::SUMMARY
            | name::MENU => self.block(tag),
            name::A => self.open_link(tag),
            name::B
            | name::BIG
            | name::CODE
            | name::EM
            | name::FONT
            | name::I
            | name::S
            | name::SMALL
            | name::STRIKE
            | name::STRONG
            | name::TT
            | name::U => self.open_format(tag),
            name::IMG | name::BR | name::AREA | name::EMBED | name::KEYGEN | name::WBR => {
                self.empty(tag)
            }
            name::IMAGE => self.empty(Tag { name: name::IMG, ..tag }),
            name::LI => {
                self.close_item(&[name::LI]);
                self.block(tag)
            }
            name::DD | name::DT => {
                self.close_item(&[name::DD, name::DT]);
                self.block(tag)
            }
            name::H1 | name::H2 | name::H3 | name::H4 | name::H5 | name::H6 => {
                self.open.close_paragraph();
                if self.open.top().is_some_and(|top| top.html && top.flags & is::HEADING != 0) {
                    self.open.pop();
                }
                self.insert_open(tag)?;
                Ok(())
            }
            name::SVG => {
                self.reconstruct()?;
                self.start_drawing(tag)
            }
            name::BASE
            | name::BASEFONT
            | name::BGSOUND
            | name::LINK
            | name::META
            | name::TITLE
            | name::NOFRAMES
            | name::STYLE
            | name::SCRIPT
            | name::TEMPLATE => self.start_in_head(tag),
            name::NOSCRIPT | name::IFRAME | name::NOEMBED => self.raw_text(tag, false),
            name::TEXTAREA => self.raw_text(tag, true),
            name::XMP => {
                self.open.close_paragraph();
                self.reconstruct()?;
                self.raw_text(tag, false)
            }
            name::INPUT => {
                if self.open.in_scope(is::SCOPE, name::SELECT).is_some() {
                    self.open.close(name::SELECT);
                }
                self.empty(tag)
            }
            name::PARAM | name::SOURCE | name::TRACK => {
                self.insert(tag, Kind::Element);
                Ok(())
            }
            name::HR => {
                self.open.close_paragraph();
                if self.open.in_scope(is::SCOPE, name::SELECT).is_some() {
                    self.open.imply_ends(None);
                }
                self.insert(tag, Kind::Element);
                Ok(())
            }
            name::BUTTON => {
                if self.open.in_scope(is::SCOPE, name::BUTTON).is_some() {
                    self.open.imply_ends(None);
                    self.open.close(name::BUTTON);
                }
                self.ordinary(tag)
            }
            name::FORM => {
                if !self.templates.is_empty() {
                    return self.block(tag);
                }
                if self.form.is_some() {
                    self.ignore(tag);
                    return Ok(());
                }
                self.open.close_paragraph();
                self.form = Some(self.insert_open(tag)?);
                Ok(())
            }
            name::PRE | name::LISTING => {
                self.block(tag)?;
                self.drop_break = true;
                Ok(())
            }
            name::TABLE => self.start_table(tag),
            name::SELECT => {
                if self.open.in_scope(is::SCOPE, name::SELECT).is_some() {
                    self.open.close(name::SELECT);
                    self.ignore(tag);
                    return Ok(());
                }
                self.ordinary(tag)
            }
            name::OPTION | name::OPTGROUP => self.start_option(tag),
            name::RB | name::RTC | name::RP | name::RT => {
                if self.open.in_scope(is::SCOPE, name::RUBY).is_some() {
                    let inner = matches!(tag.name, name::RP | name::RT);
                    self.open.imply_ends(inner.then_some(name::RTC));
                }
                self.insert_open(tag)?;
                Ok(())
            }
            name::APPLET | name::MARQUEE | name::OBJECT => {
                self.ordinary(tag)?;
                self.formats.mark();
                Ok(())
            }
            name::CAPTION
            | name::COL
            | name::COLGROUP
            | name::FRAME
            | name::HEAD
            | name::TBODY
            | name::TD
            | name::TFOOT
            | name::TH
            | name::THEAD
            | name::TR => {
                self.ignore(tag);
                Ok(())
            }
            name::HTML | name::BODY => self.start_again(tag),
            name::MATH => Err(Unsure("a formula")),
            name::PLAINTEXT => Err(Unsure("plain text")),
            name::FRAMESET => Err(Unsure("frames")),
            name::NOBR => {
                self.reconstruct()?;
                if self.open.in_scope(is::SCOPE, name::NOBR).is_some() {
                    self.close_format(name::NOBR)?;
                }
                self.open_format(tag)
            }
            _ => self.ordinary(tag),
        }
    }

    /// An item of a list ends the one before it, unless a block stands between them.
    fn close_item(&mut self, names: &[name::NameId]) {
        let item = |open: &super::open::Opened| open.html && names.contains(&open.name);
        let passes = [name::ADDRESS, name::DIV, name::P];
        let mut at = self.open.len();
        while let Some(open) = at.checked_sub(1).and_then(|below| self.open.get(below)) {
            at -= 1;
            if item(&open) {
                self.open.imply_ends(Some(open.name));
                self.open.close(open.name);
                return;
            }
            if open.html && open.flags & is::SPECIAL != 0 && !passes.contains(&open.name) {
                return;
            }
        }
    }

    fn start_option(&mut self, tag: Tag) -> Step {
        if self.open.in_scope(is::SCOPE, name::SELECT).is_some() {
            let except = (tag.name == name::OPTION).then_some(name::OPTGROUP);
            self.open.imply_ends(except);
        } else if self.open.is_at(name::OPTION) {
            self.open.pop();
        }
        self.ordinary(tag)
    }
}
