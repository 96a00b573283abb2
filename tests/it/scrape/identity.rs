//! How often identity is right: precision and recall on labelled pairs.
//!
//! Same: a listing and an edited copy of it, as another site or a repost would print it (retitled, repriced by 5 %,
//! translated, other pictures, other order and rounding). Different: all pairs of the set within a form, and hard
//! ones made on purpose (another flat of the house, another car of the model, another variant of the thing). The
//! invented set is always measured; the set of saved real pages where the folder of pages is beside the project.

mod edits;
mod hard;
mod invented;
mod saved;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use magpie::domain::identity::{Form, Relation, Traits, evidence, is_same};
use sites::{Kind, Listing};

/// A listing and the kind of its site.
#[derive(Debug, Clone)]
pub struct Base {
    pub kind: Kind,
    pub listing: Listing,
}

impl Base {
    fn traits(&self) -> Traits {
        Traits::of(Some(self.kind), &self.listing)
    }
}

/// A labelled pair.
struct Pair {
    what: &'static str,
    a: Traits,
    b: Traits,
    same: bool,
    relation: Relation,
    titles: (String, String),
}

/// Counts of one form.
#[derive(Debug, Default, Clone, Copy)]
struct Counts {
    right: u32,
    wrong: u32,
    missed: u32,
    refused: u32,
    /// Same pairs whose buckets do not meet.
    unmet: u32,
}

impl Counts {
    fn precision(self) -> f64 {
        share(self.right, self.right + self.wrong)
    }

    fn recall(self) -> f64 {
        share(self.right, self.right + self.missed)
    }
}

fn share(part: u32, whole: u32) -> f64 {
    if whole == 0 { 1.0 } else { f64::from(part) / f64::from(whole) }
}

/// The pairs of a set: edited copies, hard neighbours, and everything against everything.
fn pairs(bases: &[Base]) -> Vec<Pair> {
    let pair = |what, a: &Base, b: &Base, same, relation| Pair {
        what,
        a: a.traits(),
        b: b.traits(),
        same,
        relation,
        titles: (a.listing.title.clone(), b.listing.title.clone()),
    };
    let mut all = Vec::new();
    for base in bases {
        for (what, copy, relation) in edits::copies(base) {
            all.push(pair(what, base, &copy, true, relation));
        }
        for (what, other) in hard::neighbours(base) {
            all.push(pair(what, base, &other, false, Relation::OtherSite));
        }
    }
    let traits: Vec<Traits> = bases.iter().map(Base::traits).collect();
    for (at, a) in traits.iter().enumerate() {
        for (other, b) in traits.iter().enumerate().skip(at + 1) {
            if a.form == b.form && !saved::may_be_the_same(&bases[at], &bases[other]) {
                all.push(Pair {
                    what: "of the set",
                    a: a.clone(),
                    b: b.clone(),
                    same: false,
                    relation: Relation::OtherSite,
                    titles: (bases[at].listing.title.clone(), bases[other].listing.title.clone()),
                });
            }
        }
    }
    all
}

fn measure(pairs: &[Pair]) -> (BTreeMap<&'static str, Counts>, String) {
    let mut forms: BTreeMap<&'static str, Counts> = BTreeMap::new();
    let mut kinds: BTreeMap<(&'static str, &'static str), (u32, u32)> = BTreeMap::new();
    let mut mistakes = String::new();
    for pair in pairs {
        let found = is_same(&pair.a, &pair.b, pair.relation);
        assert_eq!(
            found,
            is_same(&pair.b, &pair.a, pair.relation),
            "not symmetric: {:?}",
            pair.titles
        );
        let counts = forms.entry(word(pair.a.form)).or_default();
        let meet = pair.b.neighbours().iter().any(|name| pair.a.buckets().contains(name));
        match (pair.same, found) {
            (true, true) if meet => counts.right += 1,
            (true, true) => (counts.unmet, counts.missed) = (counts.unmet + 1, counts.missed + 1),
            (true, false) => counts.missed += 1,
            (false, true) => {
                counts.wrong += 1;
                let found = evidence(&pair.a, &pair.b);
                let _ = writeln!(mistakes, "  {}: {:?} {found:?}", pair.what, pair.titles);
            }
            (false, false) => counts.refused += 1,
        }
        let kind = kinds.entry((word(pair.a.form), pair.what)).or_default();
        kind.0 += u32::from(found && (meet || !pair.same));
        kind.1 += 1;
    }
    let mut text = String::new();
    for (form, counts) in &forms {
        let _ = writeln!(
            text,
            "{form:7} precision {:.4} recall {:.3} (right {}, wrong {}, missed {} of which in no common bucket {}, \
             refused {})",
            counts.precision(),
            counts.recall(),
            counts.right,
            counts.wrong,
            counts.missed,
            counts.unmet,
            counts.refused
        );
        for ((_, what), (found, of)) in kinds.iter().filter(|((of, _), _)| of == form) {
            let _ = writeln!(text, "    {what}: {found} of {of} taken for the same");
        }
    }
    (forms, text + &mistakes)
}

fn word(form: Form) -> &'static str {
    match form {
        Form::Home => "homes",
        Form::Car => "cars",
        Form::Job => "jobs",
        Form::Goods => "goods",
        Form::Advert => "adverts",
    }
}

/// Holds the floors: precision for each form, and a recall below which the whole would not be worth its work.
fn hold(name: &str, bases: &[Base], recall: &[(&str, f64)]) {
    let (forms, text) = measure(&pairs(bases));
    println!("{name}: {} listings\n{text}", bases.len());
    for (form, counts) in &forms {
        assert!(counts.precision() >= 0.99, "{name}, {form}: a wrong merge too many\n{text}");
    }
    for (form, floor) in recall {
        let found = forms.get(form).copied().unwrap_or_default().recall();
        assert!(found >= *floor, "{name}, {form}: recall {found:.3} is below {floor}\n{text}");
    }
}

#[test]
fn invented_listings_are_merged_rightly() {
    let recall = [("homes", 0.9), ("cars", 0.95), ("jobs", 0.5), ("goods", 0.7), ("adverts", 0.5)];
    hold("invented", &invented::bases(), &recall);
}

#[test]
fn listings_of_saved_pages_are_merged_rightly() {
    let Some(bases) = saved::bases() else {
        println!("SKIPPED: there is no folder of saved pages beside the project");
        return;
    };
    let recall = [("homes", 0.6), ("cars", 0.6), ("jobs", 0.2), ("goods", 0.35), ("adverts", 0.33)];
    hold("saved pages", &bases, &recall);
}
