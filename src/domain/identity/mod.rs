//! Whether two listings are one thing: the same flat on two sites, or a repost under a new id. Pure.
//!
//! ```text
//! listing ─► traits (numbers, place, words, sketch) ─► buckets ─► the few that share a bucket
//!         ─► gates: a number that both state and that contradicts is a veto
//!         ─► weights: place, then price and size, then title and text ─► same, or undecided
//!         ─► exactly one thing is left? ─► same
//! ```
//!
//! A wrong merge is worse than a miss, so *undecided means not the same*. Weights follow the idea of record
//! linkage that agreement on a rare value says more than agreement on a common one (Fellegi and Sunter, "A Theory for
//! Record Linkage", 1969): 847.23 € twice is hardly chance, 500,000 € twice is. Texts are compared by MinHash
//! sketches of word shingles (see [`sketch`]). The measured figures and the reasons for the thresholds are in
//! `docs/decisions/0015-identity.md`.
//!
//! Listings are compared only between different sites, or with one of the same site that is gone: two live
//! listings of one site are two things, whatever they look like. And where two live listings of one site look alike,
//! a third elsewhere could be either of them: nothing is decided (see [`only_match`]).

mod bucket;
mod form;
mod gates;
pub mod sketch;
mod traits;
mod weigh;
mod words;

use serde::{Deserialize, Serialize};
use sites::{ListingKey, Money};

pub use form::Form;
pub use gates::{Contradiction, contradiction};
pub use traits::Traits;
pub use weigh::{Evidence, evidence, is_enough};

/// Another copy of a listing, as it was known when a change of it was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SameAs {
    /// Which listing.
    pub key: ListingKey,
    /// Absolute address of its own page.
    pub url: String,
    /// Its asking price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Money>,
    /// Whether it is gone: the new listing is a repost of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub gone: bool,
}

/// How two listings stand to each other before they are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// Offered on two sites.
    OtherSite,
    /// The same site, and the earlier one is gone.
    Repost,
}

/// A known listing that could be the same thing as a new one.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Which listing.
    pub key: ListingKey,
    /// What is compared.
    pub traits: Traits,
    /// Whether it counts as gone.
    pub gone: bool,
    /// The thing that it belongs to, if it was linked before.
    pub thing: Option<String>,
}

impl Candidate {
    /// The name of its thing: listings that were never linked are things of their own.
    pub fn thing_name(&self) -> String {
        self.thing.clone().unwrap_or_else(|| thing_name(&self.key))
    }
}

/// The name of the thing that begins with this listing.
pub fn thing_name(key: &ListingKey) -> String {
    format!("{}/{}", key.site, key.id)
}

/// How a new listing stands to a known one; `None` when they are not compared at all.
pub fn relation(new: &ListingKey, known: &Candidate) -> Option<Relation> {
    match (new.site == known.key.site, known.gone) {
        (false, _) => Some(Relation::OtherSite),
        (true, true) if new.id != known.key.id => Some(Relation::Repost),
        (true, _) => None,
    }
}

/// Whether two listings are the same thing. `false` also means undecided.
pub fn is_same(a: &Traits, b: &Traits, relation: Relation) -> bool {
    contradiction(a, b).is_none() && is_enough(a.form, &evidence(a, b), relation)
}

/// Whether two listings would be taken for one another if they were on two sites. Weaker than [`is_same`] on
/// purpose: it finds twins, and twins forbid a decision.
fn are_alike(a: &Traits, b: &Traits) -> bool {
    contradiction(a, b).is_none() && {
        let evidence = evidence(a, b);
        is_enough(a.form, &evidence, Relation::Repost)
    }
}

/// The one known listing that is the same thing as the new one. None when there is none, when there are several
/// things to choose from, or when the site of either shows twins: then nobody can say which of them is meant.
pub fn only_match<'c>(
    key: &ListingKey,
    traits: &Traits,
    candidates: &'c [Candidate],
) -> Option<&'c Candidate> {
    let matches: Vec<&Candidate> = candidates
        .iter()
        .filter(|one| one.key != *key)
        .filter(|one| relation(key, one).is_some_and(|how| is_same(traits, &one.traits, how)))
        .collect();
    // The living one is the better witness: a thing that was reposted is known by its last listing.
    let best = *matches.iter().min_by_key(|one| (one.gone, one.key.site != key.site))?;
    let thing = best.thing_name();
    let is_twin = |one: &&Candidate| {
        let beside_new = one.key.site == key.site && one.key.id != key.id;
        let beside_match = one.key.site == best.key.site && one.key != best.key;
        !one.gone
            && one.thing_name() != thing
            && ((beside_new && are_alike(traits, &one.traits))
                || (beside_match && are_alike(&best.traits, &one.traits)))
    };
    let is_clear = matches.iter().all(|one| one.thing_name() == thing)
        && !candidates.iter().any(|one| is_twin(&one));
    is_clear.then_some(best)
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
