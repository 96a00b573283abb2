//! Drawings: `svg` in HTML (HTML Standard, section 13.2.6.5). Pages are full of small icons.

use super::{Builder, Kind, MAX_OPEN, Step, Tag, Unsure};
use crate::dom::Span;
use crate::dom::name::{self, NameId, flags, is};
use crate::dom::place;

/// Elements of drawings that are written with capitals.
const ELEMENTS: [&str; 37] = [
    "altGlyph",
    "altGlyphDef",
    "altGlyphItem",
    "animateColor",
    "animateMotion",
    "animateTransform",
    "clipPath",
    "feBlend",
    "feColorMatrix",
    "feComponentTransfer",
    "feComposite",
    "feConvolveMatrix",
    "feDiffuseLighting",
    "feDisplacementMap",
    "feDistantLight",
    "feDropShadow",
    "feFlood",
    "feFuncA",
    "feFuncB",
    "feFuncG",
    "feFuncR",
    "feGaussianBlur",
    "feImage",
    "feMerge",
    "feMergeNode",
    "feMorphology",
    "feOffset",
    "fePointLight",
    "feSpecularLighting",
    "feSpotLight",
    "feTile",
    "feTurbulence",
    "foreignObject",
    "glyphRef",
    "linearGradient",
    "radialGradient",
    "textPath",
];

/// Attributes of drawings that are written with capitals.
const ATTRIBUTES: [&str; 58] = [
    "attributeName",
    "attributeType",
    "baseFrequency",
    "baseProfile",
    "calcMode",
    "clipPathUnits",
    "diffuseConstant",
    "edgeMode",
    "filterUnits",
    "glyphRef",
    "gradientTransform",
    "gradientUnits",
    "kernelMatrix",
    "kernelUnitLength",
    "keyPoints",
    "keySplines",
    "keyTimes",
    "lengthAdjust",
    "limitingConeAngle",
    "markerHeight",
    "markerUnits",
    "markerWidth",
    "maskContentUnits",
    "maskUnits",
    "numOctaves",
    "pathLength",
    "patternContentUnits",
    "patternTransform",
    "patternUnits",
    "pointsAtX",
    "pointsAtY",
    "pointsAtZ",
    "preserveAlpha",
    "preserveAspectRatio",
    "primitiveUnits",
    "refX",
    "refY",
    "repeatCount",
    "repeatDur",
    "requiredExtensions",
    "requiredFeatures",
    "specularConstant",
    "specularExponent",
    "spreadMethod",
    "startOffset",
    "stdDeviation",
    "stitchTiles",
    "surfaceScale",
    "systemLanguage",
    "tableValues",
    "targetX",
    "targetY",
    "textLength",
    "viewBox",
    "viewTarget",
    "xChannelSelector",
    "yChannelSelector",
    "zoomAndPan",
];

/// Attributes of other namespaces, and their names without prefix.
const FOREIGN: [(&str, &str); 11] = [
    ("xlink:actuate", "actuate"),
    ("xlink:arcrole", "arcrole"),
    ("xlink:href", "href"),
    ("xlink:role", "role"),
    ("xlink:show", "show"),
    ("xlink:title", "title"),
    ("xlink:type", "type"),
    ("xml:lang", "lang"),
    ("xml:space", "space"),
    ("xmlns", "xmlns"),
    ("xmlns:xlink", "xlink"),
];

impl Builder<'_> {
    /// `<svg>` in HTML.
    pub(super) fn start_drawing(&mut self, tag: Tag) -> Step {
        self.adjust_attributes(tag);
        self.insert_foreign(tag)
    }

    /// A start tag in a drawing.
    pub(super) fn start_in_drawing(&mut self, tag: Tag) -> Step {
        let own = self.tree.names.get(tag.name);
        let proper = ELEMENTS.iter().find(|proper| proper.eq_ignore_ascii_case(own));
        let name = proper.map_or(tag.name, |proper| self.tree.names.intern(proper));
        self.start_drawing(Tag { name, ..tag })
    }

    fn insert_foreign(&mut self, tag: Tag) -> Step {
        let len = place(self.tree.attributes.len() - tag.attributes);
        let span = Span { start: place(tag.attributes), len, decoded: false };
        let id = self.tree.add(Kind::Foreign, tag.name, self.open.current(), span);
        self.tree.mark(id, self.page);
        if !tag.self_closing {
            self.open.push(id, tag.name, false);
        }
        if self.open.len() > MAX_OPEN {
            return Err(Unsure("elements nest deeply"));
        }
        Ok(())
    }

    fn adjust_attributes(&mut self, tag: Tag) {
        for at in tag.attributes..self.tree.attributes.len() {
            let own = self.tree.names.get(self.tree.attributes[at].name);
            if let Some((_, local)) = FOREIGN.iter().find(|(full, _)| *full == own) {
                self.tree.attributes[at].name = self.tree.names.intern(local);
                self.tree.attributes[at].foreign = true;
            } else if let Some(proper) =
                ATTRIBUTES.iter().find(|proper| proper.eq_ignore_ascii_case(own))
            {
                self.tree.attributes[at].name = self.tree.names.intern(proper);
            }
        }
    }

    /// Whether a start tag cannot stand in a drawing and ends it.
    pub(super) fn leaves_drawing(&self, tag: Tag) -> bool {
        let mut attributes = self.tree.attributes[tag.attributes..].iter();
        flags(tag.name) & is::LEAVES_SVG != 0
            || tag.name == name::FONT
                && attributes.any(|a| matches!(a.name, name::COLOR | name::FACE | name::SIZE))
    }

    /// Ends a drawing, or goes back to the part of it where HTML may stand.
    pub(super) fn leave_drawing(&mut self) {
        while self.open.top().is_some_and(|top| !top.html && !top.is_integration_point()) {
            self.open.pop();
        }
    }

    /// An end tag in a drawing.
    pub(super) fn end_in_drawing(&mut self, name: NameId) -> Step {
        if matches!(name, name::BR | name::P) {
            return Err(Unsure("the end of a paragraph in a drawing"));
        }
        let own = self.tree.names.get(name);
        for at in (1..self.open.len()).rev() {
            let Some(open) = self.open.get(at) else { break };
            if open.html {
                return self.end_html(name);
            }
            if open.name == name || self.tree.names.get(open.name).eq_ignore_ascii_case(own) {
                self.open.truncate(at);
                return Ok(());
            }
        }
        Ok(())
    }
}
