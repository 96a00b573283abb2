//! CSS selectors: compiled once, matched by the `selectors` crate (the engine of Servo, of Firefox and
//! of `scraper`).
//!
//! Before the engine is asked, one comparison of bits sorts out the elements that cannot match: each
//! selector knows the marks (name, id, classes, attributes) its last part asks for.

use std::fmt;

use cssparser::ToCss;
use precomputed_hash::PrecomputedHash;
use selectors::attr::{AttrSelectorOperation, CaseSensitivity, NamespaceConstraint};
use selectors::bloom::BloomFilter;
use selectors::matching::{self, MatchingContext, SelectorCaches};
use selectors::parser::{self, Component, ParseRelative, SelectorList, SelectorParseErrorKind};
use selectors::{Element, OpaqueElement};

use super::name::{self, NameId};
use super::walk::{ElementRef, Html, NodeRef};
use super::{Attribute, Kind};

/// A list of CSS selectors.
#[derive(Debug, Clone)]
pub struct Selector {
    list: SelectorList<Language>,
    /// For each selector the marks an element must have.
    needs: Vec<u64>,
}

impl Selector {
    /// Compiles a list; the error says what is wrong.
    pub fn parse(text: &str) -> Result<Selector, String> {
        let mut parser = cssparser::Parser::new(text);
        let list =
            SelectorList::parse(&Language, &mut parser, ParseRelative::No).map_err(|_| {
                // The reference words its errors well.
                let error = scraper::Selector::parse(text).err();
                error.map_or_else(|| "not understood".to_owned(), |error| error.to_string())
            })?;
        let needs = list.slice().iter().map(needs).collect();
        Ok(Selector { list, needs })
    }

    /// Whether an element matches.
    pub fn matches(&self, element: &ElementRef<'_>) -> bool {
        self.fits(element, None, &mut SelectorCaches::default())
    }

    fn fits(
        &self,
        element: &ElementRef<'_>,
        scope: Option<OpaqueElement>,
        caches: &mut SelectorCaches,
    ) -> bool {
        let marks = element.0.html.tree.marks[element.id()];
        let near = |needs: &u64| marks & needs == *needs;
        if !self.needs.iter().any(near) {
            return false;
        }
        let mut context = MatchingContext::new(
            matching::MatchingMode::Normal,
            None,
            caches,
            matching::QuirksMode::NoQuirks,
            matching::NeedsSelectorFlags::No,
            matching::MatchingForInvalidation::No,
        );
        context.scope_element = scope;
        self.list.slice().iter().zip(&self.needs).filter(|(_, needs)| near(needs)).any(
            |(selector, _)| matching::matches_selector(selector, 0, None, element, &mut context),
        )
    }
}

/// The marks that the last part of a selector asks for.
fn needs(selector: &parser::Selector<Language>) -> u64 {
    let of = |text: &str| name::mark(name::hash(text.as_bytes()));
    selector.iter().fold(1 << 63, |marks, component| {
        marks
            | match component {
                Component::LocalName(n) if n.name == n.lower_name => of(&n.name.text),
                Component::ID(id) => of(&id.text),
                Component::Class(class) => of(&class.text),
                Component::AttributeInNoNamespaceExists { local_name, local_name_lower }
                    if local_name == local_name_lower =>
                {
                    of(&local_name.text)
                }
                Component::AttributeInNoNamespace { local_name, .. }
                    if !local_name.text.bytes().any(|b| b.is_ascii_uppercase()) =>
                {
                    of(&local_name.text)
                }
                _ => 0,
            }
    })
}

/// Elements that match, in page order.
pub struct Matches<'d, 's> {
    html: Html<'d>,
    selector: &'s Selector,
    at: usize,
    end: usize,
    scope: Option<OpaqueElement>,
    caches: SelectorCaches,
}

impl<'d, 's> Matches<'d, 's> {
    pub(super) fn new(
        html: Html<'d>,
        selector: &'s Selector,
        from: usize,
        end: usize,
        scope: Option<ElementRef<'d>>,
    ) -> Matches<'d, 's> {
        let scope = scope.map(|element| element.opaque());
        Matches { html, selector, at: from, end, scope, caches: SelectorCaches::default() }
    }
}

impl<'d> Iterator for Matches<'d, '_> {
    type Item = ElementRef<'d>;

    fn next(&mut self) -> Option<ElementRef<'d>> {
        let marks = &self.html.tree.marks[..self.end];
        let least = self.selector.needs.iter().fold(u64::MAX, |all, needs| all & needs);
        while let Some(ahead) = marks.get(self.at..)?.iter().position(|m| m & least == least) {
            let id = super::place(self.at + ahead);
            self.at += ahead + 1;
            let element = ElementRef(NodeRef { html: self.html, id });
            if self.selector.fits(&element, self.scope, &mut self.caches) {
                return Some(element);
            }
        }
        self.at = self.end;
        None
    }
}

/// The selector language: no pseudo-classes beyond those of the tree, no pseudo-elements, no
/// namespaces; the same as `scraper`'s.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Language;

impl parser::Parser<'_> for Language {
    type Impl = Language;
    type Error = SelectorParseErrorKind;

    fn parse_is_and_where(&self) -> bool {
        true
    }

    fn parse_has(&self) -> bool {
        true
    }
}

impl parser::SelectorImpl for Language {
    type ExtraMatchingData<'a> = ();
    type AttrValue = Word;
    type Identifier = Word;
    type LocalName = Word;
    type NamespaceUrl = Word;
    type NamespacePrefix = Word;
    type BorrowedNamespaceUrl = Word;
    type BorrowedLocalName = Word;
    type NonTSPseudoClass = Never;
    type PseudoElement = Never;
}

/// A word of a selector.
#[derive(Debug, Clone, Default)]
pub struct Word {
    text: Box<str>,
    /// Its number, if it is one of the names that every page knows.
    known: Option<NameId>,
}

impl PartialEq for Word {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Word {}

impl Word {
    /// Whether it is the name with this number.
    fn names(&self, html: Html<'_>, id: NameId) -> bool {
        match self.known {
            Some(known) => known == id,
            None => !name::is_known(id) && html.tree.names.get(id) == &*self.text,
        }
    }
}

impl<'a> From<&'a str> for Word {
    fn from(text: &'a str) -> Self {
        Word { text: text.into(), known: name::known(text) }
    }
}

impl AsRef<str> for Word {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

impl ToCss for Word {
    fn to_css<W: fmt::Write>(&self, dest: &mut W) -> fmt::Result {
        cssparser::serialize_string(&self.text, dest)
    }
}

impl PrecomputedHash for Word {
    fn precomputed_hash(&self) -> u32 {
        name::hash(self.text.as_bytes())
    }
}

/// What does not exist in this language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Never {}

impl parser::NonTSPseudoClass for Never {
    fn is_active_or_hover(&self) -> bool {
        false
    }

    fn is_user_action_state(&self) -> bool {
        false
    }
}

impl parser::PseudoElement for Never {}

impl ToCss for Never {
    fn to_css<W: fmt::Write>(&self, _dest: &mut W) -> fmt::Result {
        Ok(())
    }
}

impl<'d> ElementRef<'d> {
    fn first_element(mut node: Option<NodeRef<'d>>, forward: bool) -> Option<ElementRef<'d>> {
        while let Some(found) = node {
            if let Some(element) = ElementRef::wrap(found) {
                return Some(element);
            }
            node = if forward { found.next_sibling() } else { found.prev_sibling() };
        }
        None
    }
}

impl Element for ElementRef<'_> {
    type Impl = Language;

    fn opaque(&self) -> OpaqueElement {
        OpaqueElement::new(self.data())
    }

    fn parent_element(&self) -> Option<Self> {
        self.parent().and_then(ElementRef::wrap)
    }

    fn parent_node_is_shadow_root(&self) -> bool {
        false
    }

    fn containing_shadow_host(&self) -> Option<Self> {
        None
    }

    fn is_pseudo_element(&self) -> bool {
        false
    }

    fn prev_sibling_element(&self) -> Option<Self> {
        ElementRef::first_element(self.prev_sibling(), false)
    }

    fn next_sibling_element(&self) -> Option<Self> {
        ElementRef::first_element(self.next_sibling(), true)
    }

    fn first_element_child(&self) -> Option<Self> {
        ElementRef::first_element(self.first_child(), true)
    }

    fn is_html_element_in_html_document(&self) -> bool {
        self.value().is_html()
    }

    fn has_local_name(&self, name: &Word) -> bool {
        name.names(self.html, self.data().name)
    }

    fn has_namespace(&self, _: &Word) -> bool {
        // Selectors cannot name the namespaces that elements have.
        false
    }

    fn is_same_type(&self, other: &Self) -> bool {
        let (own, other) = (self.data(), other.data());
        own.name == other.name && own.kind == other.kind
    }

    fn attr_matches(
        &self,
        namespace: &NamespaceConstraint<&Word>,
        name: &Word,
        operation: &AttrSelectorOperation<&Word>,
    ) -> bool {
        let plain = matches!(namespace, NamespaceConstraint::Specific(_));
        let fits = |a: &&Attribute| !(plain && a.foreign) && name.names(self.html, a.name);
        let mut all = self.attributes().iter().filter(fits);
        all.any(|a| operation.eval_str(self.text_of(a)))
    }

    fn match_non_ts_pseudo_class(&self, _: &Never, _: &mut MatchingContext<'_, Language>) -> bool {
        false
    }

    fn match_pseudo_element(&self, _: &Never, _: &mut MatchingContext<'_, Language>) -> bool {
        false
    }

    fn apply_selector_flags(&self, _: matching::ElementSelectorFlags) {}

    fn is_link(&self) -> bool {
        self.data().name == name::LINK
    }

    fn is_html_slot_element(&self) -> bool {
        true
    }

    fn has_id(&self, id: &Word, case: CaseSensitivity) -> bool {
        self.known_attr(name::ID).is_some_and(|own| case.eq(id.text.as_bytes(), own.as_bytes()))
    }

    fn has_class(&self, class: &Word, case: CaseSensitivity) -> bool {
        let mut all = self.attributes().iter().filter(|a| a.name == name::CLASS);
        all.any(|a| {
            let mut classes = self.text_of(a).split_ascii_whitespace();
            classes.any(|own| case.eq(own.as_bytes(), class.text.as_bytes()))
        })
    }

    fn has_custom_state(&self, _: &Word) -> bool {
        false
    }

    fn imported_part(&self, _: &Word) -> Option<Word> {
        None
    }

    fn is_part(&self, _: &Word) -> bool {
        false
    }

    fn is_empty(&self) -> bool {
        let holds = |n: NodeRef<'_>| !matches!(n.data().kind, Kind::Comment | Kind::Fragment);
        !self.children().any(holds)
    }

    fn is_root(&self) -> bool {
        self.parent().is_some_and(|parent| parent.data().kind == Kind::Document)
    }

    fn add_element_unique_hashes(&self, _: &mut BloomFilter) -> bool {
        false
    }
}
