//! A change as a message in the reader's language.
//!
//! ```text
//! 📉 Cheaper
//! Flat with balcony, second floor          (bold, a link to the listing)
//! €500,000 → €450,000 (−10%) · €5,521 per m²            (the old price struck through)
//! 📍 Lviv, Halytskyi district
//! 81.5 m² · 3 rooms · floor 2
//! Posted: 5 Nov 2026
//!
//! Watches: balcony, cheap flats
//! example.com
//! [ Open ]
//! ```
//!
//! ```text
//! change, what is known now, language ──templates──► body ──names of the reader's watches──► message
//!                                                     └ made once, shared by all readers
//! ```
//!
//! Lines without a value are left out: an unknown area is not an area of zero. Everything from a page is
//! foreign text: cleaned, cut, and never read as markup. Links and pictures are http or https only. What changed
//! after the message was written down is told with it: “New — meanwhile sold”.

pub mod body;
mod buttons;
pub mod fields;
pub mod template;
pub mod templates;
mod wording;

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use sites::Kind;

use super::bounded::Bounded;
use crate::domain::delivery::Latest;
use crate::domain::{Change, EventId, Language};
use body::Body;
use fields::Facts;
use templates::Templates;

/// Bodies that are kept: some thousand readers of one change come within minutes of each other.
const BODIES: usize = 1_024;

/// What kind of things a site lists, by its id.
pub type KindOf = Arc<dyn Fn(&str) -> Option<Kind> + Send + Sync>;

/// What makes one body another: event, language, version and end of the listing, short or whole.
type BodyKey = (EventId, Language, i64, bool, bool);

/// How much of a message is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// All that the template says.
    Whole,
    /// What happened, and to what: an answer to the message that says the rest.
    Short,
}

/// Makes bodies of changes, each once.
pub struct Renderer {
    templates: Templates,
    kind_of: KindOf,
    bodies: Mutex<Bounded<BodyKey, Arc<Body>>>,
    rendered: AtomicU64,
}

impl fmt::Debug for Renderer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Renderer").field("rendered", &self.rendered()).finish_non_exhaustive()
    }
}

impl Default for Renderer {
    fn default() -> Self {
        Self::new(Templates::default(), Arc::new(|_| None))
    }
}

impl Renderer {
    /// Renders by these templates; a site of unknown kind lists homes.
    pub fn new(templates: Templates, kind_of: KindOf) -> Self {
        let bodies = Mutex::new(Bounded::new(BODIES));
        Self { templates, kind_of, bodies, rendered: AtomicU64::new(0) }
    }

    /// How many bodies were made.
    pub fn rendered(&self) -> u64 {
        self.rendered.load(Ordering::Relaxed)
    }

    /// What all readers of `change` (whose name is `event`) share. Whoever asks first makes it, the others wait for
    /// that moment rather than make it again.
    pub fn body(
        &self,
        event: &EventId,
        change: &Change,
        latest: Option<&Latest>,
        language: Language,
        length: Length,
    ) -> Arc<Body> {
        let facts = Facts::new(change, latest, language);
        let gone = latest.is_some_and(|latest| latest.gone);
        let key = (event.clone(), language, facts.version(), gone, length == Length::Short);
        let mut bodies = self.bodies.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(body) = bodies.get(&key) {
            metrics::counter!("magpie_render_cache_hits_total").increment(1);
            return Arc::clone(body);
        }
        metrics::counter!("magpie_render_cache_misses_total").increment(1);
        self.rendered.fetch_add(1, Ordering::Relaxed);
        let body = Arc::new(self.make(event, &facts, language, length));
        bodies.put(key, Arc::clone(&body));
        body
    }

    fn make(&self, event: &EventId, facts: &Facts<'_>, language: Language, length: Length) -> Body {
        if length == Length::Short {
            let mut body = body::body(self.templates.short(), facts, language);
            body.photos.clear();
            return body;
        }
        let kind = (self.kind_of)(facts.site_id()).unwrap_or(Kind::Home);
        let mut body = body::body(self.templates.of(kind, language), facts, language);
        body.buttons = buttons::rows(event, facts, language);
        body
    }
}

#[cfg(test)]
mod tests;
