//! Names of elements and attributes as small numbers.
//!
//! The names that HTML gives a meaning to have fixed numbers, so that the rules of the tree are a
//! `match` on a number; other names are numbered per page as they appear.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Number of a name; below [`KNOWN`]'s length it is the same on every page.
pub(super) type NameId = u32;

/// Names kept in the small table of a page; beyond that they go into a map that nobody can slow down.
pub(super) const MAX_NEAR: usize = 1_024;

/// Slots of the small table: a power of two.
const SLOTS: usize = 4_096;

const FREE: u32 = u32::MAX;

/// Properties of a known element; sets of the HTML Standard, section 13.2.4 and 13.2.6.
pub(super) mod is {
    /// "Special" elements.
    pub(in crate::dom) const SPECIAL: u16 = 1;
    /// Ends every scope but that of tables.
    pub(in crate::dom) const SCOPE: u16 = 1 << 1;
    /// Ends the scope of buttons too.
    pub(in crate::dom) const BUTTON_SCOPE: u16 = 1 << 2;
    /// Ends the scope of list items too.
    pub(in crate::dom) const LIST_SCOPE: u16 = 1 << 3;
    /// Ends the scope of tables.
    pub(in crate::dom) const TABLE_SCOPE: u16 = 1 << 4;
    /// Its end tag may be implied.
    pub(in crate::dom) const IMPLIED: u16 = 1 << 5;
    /// `h1` to `h6`.
    pub(in crate::dom) const HEADING: u16 = 1 << 6;
    /// Starts a new line or block for a reader.
    pub(in crate::dom) const BLOCK: u16 = 1 << 7;
    /// Holds no text for a reader.
    pub(in crate::dom) const HIDDEN: u16 = 1 << 8;
    /// Ends a drawing when it starts inside one.
    pub(in crate::dom) const LEAVES_SVG: u16 = 1 << 9;
    /// A table or a part of it that holds no text.
    pub(in crate::dom) const TABLE_PART: u16 = 1 << 10;
}

use is::*;

macro_rules! known {
    ($($name:ident $text:literal $($flag:ident)*;)*) => {
        #[allow(non_camel_case_types, clippy::upper_case_acronyms, dead_code, reason = "one per name")]
        enum Number { $($name),* }

        $(#[allow(dead_code, reason = "not every name has a rule")]
        pub(super) const $name: NameId = Number::$name as NameId;)*

        /// All known names with their properties, by number.
        static KNOWN: &[(&str, u16)] = &[$(($text, 0 $(| $flag)*)),*];
    };
}

known! {
    A "a"; ADDRESS "address" SPECIAL BLOCK; APPLET "applet" SPECIAL SCOPE; AREA "area" SPECIAL;
    ARTICLE "article" SPECIAL BLOCK; ASIDE "aside" SPECIAL BLOCK; B "b" LEAVES_SVG;
    BASE "base" SPECIAL; BASEFONT "basefont" SPECIAL; BGSOUND "bgsound" SPECIAL;
    BIG "big" LEAVES_SVG; BLOCKQUOTE "blockquote" SPECIAL BLOCK LEAVES_SVG;
    BODY "body" SPECIAL LEAVES_SVG; BR "br" SPECIAL BLOCK LEAVES_SVG;
    BUTTON "button" SPECIAL BUTTON_SCOPE; CAPTION "caption" SPECIAL SCOPE;
    CENTER "center" SPECIAL LEAVES_SVG; CODE "code" LEAVES_SVG; COL "col" SPECIAL;
    COLGROUP "colgroup" SPECIAL; DD "dd" SPECIAL IMPLIED BLOCK LEAVES_SVG;
    DETAILS "details" SPECIAL; DIALOG "dialog"; DIR "dir" SPECIAL;
    DIV "div" SPECIAL BLOCK LEAVES_SVG; DL "dl" SPECIAL BLOCK LEAVES_SVG;
    DT "dt" SPECIAL IMPLIED BLOCK LEAVES_SVG; EM "em" LEAVES_SVG; EMBED "embed" SPECIAL LEAVES_SVG;
    FIELDSET "fieldset" SPECIAL; FIGCAPTION "figcaption" SPECIAL; FIGURE "figure" SPECIAL BLOCK;
    FONT "font"; FOOTER "footer" SPECIAL BLOCK; FORM "form" SPECIAL BLOCK; FRAME "frame" SPECIAL;
    FRAMESET "frameset" SPECIAL; H1 "h1" SPECIAL HEADING BLOCK LEAVES_SVG;
    H2 "h2" SPECIAL HEADING BLOCK LEAVES_SVG; H3 "h3" SPECIAL HEADING BLOCK LEAVES_SVG;
    H4 "h4" SPECIAL HEADING BLOCK LEAVES_SVG; H5 "h5" SPECIAL HEADING BLOCK LEAVES_SVG;
    H6 "h6" SPECIAL HEADING BLOCK LEAVES_SVG; HEAD "head" SPECIAL LEAVES_SVG;
    HEADER "header" SPECIAL BLOCK; HGROUP "hgroup" SPECIAL; HR "hr" SPECIAL BLOCK LEAVES_SVG;
    HTML "html" SPECIAL SCOPE TABLE_SCOPE; I "i" LEAVES_SVG; IFRAME "iframe" SPECIAL;
    IMAGE "image"; IMG "img" SPECIAL LEAVES_SVG; INPUT "input" SPECIAL; ISINDEX "isindex" SPECIAL;
    KEYGEN "keygen"; LI "li" SPECIAL IMPLIED BLOCK LEAVES_SVG; LINK "link" SPECIAL;
    LISTING "listing" SPECIAL LEAVES_SVG; MAIN "main" SPECIAL BLOCK;
    MARQUEE "marquee" SPECIAL SCOPE; MATH "math"; MENU "menu" SPECIAL LEAVES_SVG;
    META "meta" SPECIAL LEAVES_SVG; NAV "nav" SPECIAL BLOCK; NOBR "nobr" LEAVES_SVG;
    NOEMBED "noembed" SPECIAL; NOFRAMES "noframes" SPECIAL; NOSCRIPT "noscript" SPECIAL HIDDEN;
    OBJECT "object" SPECIAL SCOPE; OL "ol" SPECIAL LIST_SCOPE BLOCK LEAVES_SVG;
    OPTGROUP "optgroup" IMPLIED; OPTION "option" IMPLIED BLOCK;
    P "p" SPECIAL IMPLIED BLOCK LEAVES_SVG; PARAM "param" SPECIAL; PLAINTEXT "plaintext" SPECIAL;
    PRE "pre" SPECIAL BLOCK LEAVES_SVG; RB "rb" IMPLIED; RP "rp" IMPLIED; RT "rt" IMPLIED;
    RTC "rtc" IMPLIED; RUBY "ruby" LEAVES_SVG; S "s" LEAVES_SVG;
    SCRIPT "script" SPECIAL HIDDEN; SEARCH "search"; SECTION "section" SPECIAL BLOCK;
    SELECT "select" SPECIAL SCOPE; SMALL "small" LEAVES_SVG; SOURCE "source" SPECIAL;
    SPAN "span" LEAVES_SVG; STRIKE "strike" LEAVES_SVG; STRONG "strong" LEAVES_SVG;
    STYLE "style" SPECIAL HIDDEN; SUB "sub" LEAVES_SVG; SUMMARY "summary" SPECIAL;
    SUP "sup" LEAVES_SVG; SVG "svg" HIDDEN;
    TABLE "table" SPECIAL SCOPE TABLE_SCOPE BLOCK TABLE_PART LEAVES_SVG;
    TBODY "tbody" SPECIAL TABLE_PART; TD "td" SPECIAL SCOPE BLOCK;
    TEMPLATE "template" SPECIAL SCOPE TABLE_SCOPE HIDDEN; TEXTAREA "textarea" SPECIAL;
    TFOOT "tfoot" SPECIAL TABLE_PART; TH "th" SPECIAL SCOPE BLOCK; THEAD "thead" SPECIAL TABLE_PART;
    TITLE "title" SPECIAL; TR "tr" SPECIAL BLOCK TABLE_PART; TRACK "track" SPECIAL;
    TT "tt" LEAVES_SVG; U "u" LEAVES_SVG; UL "ul" SPECIAL LIST_SCOPE BLOCK LEAVES_SVG;
    VAR "var" LEAVES_SVG; WBR "wbr" SPECIAL; XMP "xmp" SPECIAL;
    // Elements of drawings, and attributes.
    DESC "desc"; FOREIGN_OBJECT "foreignObject"; PATH "path"; USE "use"; CLASS "class"; ID "id";
    HREF "href"; SRC "src"; ALT "alt"; TYPE "type"; NAME "name"; VALUE "value"; COLOR "color";
    FACE "face"; SIZE "size"; REL "rel"; CONTENT "content"; WIDTH "width"; HEIGHT "height";
    DATETIME "datetime"; VIEWBOX "viewBox"; ARIA_LABEL "aria-label"; ARIA_HIDDEN "aria-hidden";
    LABEL "label"; ROLE "role"; ACTION "action"; LOADING "loading"; SRCSET "srcset";
}

/// The names of one page.
#[derive(Debug, Clone)]
pub(super) struct Names {
    text: String,
    entries: Vec<Entry>,
    slots: Vec<u32>,
    far: HashMap<String, NameId>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    start: usize,
    len: usize,
    hash: u32,
}

/// The known names; every page starts with them.
static FIRST: LazyLock<Names> = LazyLock::new(|| {
    let mut names = Names {
        text: String::new(),
        entries: Vec::with_capacity(512),
        slots: vec![FREE; SLOTS],
        far: HashMap::new(),
    };
    for (text, _) in KNOWN {
        names.intern(text);
    }
    names
});

/// The properties of an element by its number; none for names that HTML gives no meaning.
pub(super) fn flags(id: NameId) -> u16 {
    KNOWN.get(id as usize).map_or(0, |(_, flags)| *flags)
}

/// The number a name has on every page, if it has one.
pub(super) fn known(text: &str) -> Option<NameId> {
    FIRST.find(hash(text.as_bytes()), |name| name == text)
}

/// Whether a number is that of a known name.
pub(super) fn is_known(id: NameId) -> bool {
    (id as usize) < KNOWN.len()
}

impl Names {
    pub(super) fn new() -> Names {
        FIRST.clone()
    }

    /// How many names there are.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The name of a number.
    pub(super) fn get(&self, id: NameId) -> &str {
        let entry = self.entries.get(id as usize);
        entry.and_then(|e| self.text.get(e.start..e.start + e.len)).unwrap_or("")
    }

    /// The bit that stands for a name in the marks of an element.
    pub(super) fn mark(&self, id: NameId) -> u64 {
        self.entries.get(id as usize).map_or(0, |entry| mark(entry.hash))
    }

    /// The number of a name as it stands.
    pub(super) fn intern(&mut self, text: &str) -> NameId {
        let hash = hash(text.as_bytes());
        match self.find(hash, |name| name == text) {
            Some(id) => id,
            None => self.add(hash, text, false),
        }
    }

    /// The number of a name, in lower case.
    pub(super) fn intern_lower(&mut self, text: &str) -> NameId {
        let hash = lower_hash(text.as_bytes());
        let same = |name: &str| {
            name.len() == text.len()
                && name.bytes().zip(text.bytes()).all(|(n, t)| n == t.to_ascii_lowercase())
        };
        match self.find(hash, same) {
            Some(id) => id,
            None => self.add(hash, text, true),
        }
    }

    fn find(&self, hash: u32, same: impl Fn(&str) -> bool) -> Option<NameId> {
        let mut slot = hash as usize % SLOTS;
        loop {
            let id = self.slots[slot];
            if id == FREE {
                break;
            }
            let entry = self.entries[id as usize];
            if entry.hash == hash && same(&self.text[entry.start..entry.start + entry.len]) {
                return Some(id);
            }
            slot = (slot + 1) % SLOTS;
        }
        None
    }

    fn add(&mut self, hash: u32, text: &str, lower: bool) -> NameId {
        let id = u32::try_from(self.entries.len()).unwrap_or(FREE);
        if self.entries.len() >= MAX_NEAR {
            let text = if lower { text.to_ascii_lowercase() } else { text.to_owned() };
            if let Some(id) = self.far.get(&text) {
                return *id;
            }
            self.far.insert(text, id);
        } else {
            let mut slot = hash as usize % SLOTS;
            while self.slots[slot] != FREE {
                slot = (slot + 1) % SLOTS;
            }
            self.slots[slot] = id;
        }
        let start = self.text.len();
        if lower {
            self.text.extend(text.chars().map(|c| c.to_ascii_lowercase()));
        } else {
            self.text.push_str(text);
        }
        self.entries.push(Entry { start, len: self.text.len() - start, hash });
        id
    }
}

/// FNV-1a.
pub(super) fn hash(text: &[u8]) -> u32 {
    text.iter().fold(0x811c_9dc5, |hash, byte| step(hash, *byte))
}

fn lower_hash(text: &[u8]) -> u32 {
    text.iter().fold(0x811c_9dc5, |hash, byte| step(hash, byte.to_ascii_lowercase()))
}

fn step(hash: u32, byte: u8) -> u32 {
    (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
}

/// The bit of a hash in the marks of an element; the highest bit says that there is an element.
pub(super) fn mark(hash: u32) -> u64 {
    1 << ((hash.wrapping_mul(0x9e37_79b1) >> 26) % 63)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_names_have_their_numbers_and_others_get_one_once() {
        let mut names = Names::new();
        assert_eq!(names.intern_lower("DIV"), DIV);
        assert_eq!(names.get(SRCSET), "srcset");
        assert_eq!(known("srcset"), Some(SRCSET));
        let own = names.intern_lower("X-Card");
        assert!(!is_known(own));
        assert_eq!(names.intern("x-card"), own);
        assert_ne!(names.intern("X-Card"), own);
        assert_eq!(names.get(own), "x-card");
    }

    #[test]
    fn more_names_than_fit_the_table_stay_apart() {
        let mut names = Names::new();
        let ids: Vec<NameId> = (0..3_000).map(|n| names.intern_lower(&format!("N{n}"))).collect();
        for (n, id) in ids.iter().enumerate() {
            assert_eq!(names.get(*id), format!("n{n}"));
            assert_eq!(names.intern(&format!("n{n}")), *id);
        }
    }
}
