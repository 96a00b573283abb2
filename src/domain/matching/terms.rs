//! What conditions speak of, as numbers: words, names of places, fields, sites, and conditions that only the evaluator
//! understands.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use hashbrown::HashTable;

use super::vocabulary::Vocabulary;
use crate::domain::change::ChangeKind;
use crate::domain::filter::condition::Field as Known;
use crate::domain::filter::{Condition, Facts, Filter, Prepared};

/// Prepared conditions that are kept; compiled expressions are large.
const PREPARED: usize = 512;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Terms {
    /// Folded words of titles and descriptions.
    pub words: Vocabulary,
    /// Folded names of places, as `fold::words` has them.
    pub names: Vocabulary,
    /// Fields with a number. Never forgotten: there are few.
    pub fields: Symbols<Field>,
    /// Ids of site modules. Never forgotten.
    pub sites: Symbols<String>,
    /// Conditions that are judged by the evaluator.
    pub parts: Parts,
}

impl Terms {
    /// Memory, bytes.
    pub fn bytes(&self) -> usize {
        let field =
            |field: &Field| field.name.len() + field.currency.as_ref().map_or(0, String::len) + 32;
        self.words.bytes()
            + self.names.bytes()
            + self.fields.bytes(field)
            + self.sites.bytes(|site| site.len() + 16)
            + self.parts.bytes()
    }
}

/// A number of a listing; of amounts of money in this currency (capital letters), if one is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Field {
    pub name: String,
    pub currency: Option<String>,
}

/// Values with numbers in order of their coming.
#[derive(Debug)]
pub(super) struct Symbols<T> {
    all: Vec<T>,
    numbers: HashMap<T, u32>,
}

impl<T> Default for Symbols<T> {
    fn default() -> Self {
        Self { all: Vec::new(), numbers: HashMap::new() }
    }
}

impl<T: Clone + Eq + std::hash::Hash> Symbols<T> {
    /// The number of a value.
    pub fn take(&mut self, value: T) -> u32 {
        if let Some(number) = self.numbers.get(&value) {
            return *number;
        }
        let number = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        self.all.push(value.clone());
        self.numbers.insert(value, number);
        number
    }

    /// The number of a value that was taken.
    pub fn find<Q: std::hash::Hash + Eq + ?Sized>(&self, value: &Q) -> Option<u32>
    where
        T: std::borrow::Borrow<Q>,
    {
        self.numbers.get(value).copied()
    }

    pub fn get(&self, number: u32) -> &T {
        &self.all[number as usize]
    }

    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Memory, bytes; `size` tells what a value has on the heap.
    pub fn bytes(&self, size: impl Fn(&T) -> usize) -> usize {
        let texts: usize = self.all.iter().map(|value| 2 * size(value)).sum();
        texts + (self.all.capacity() + self.numbers.capacity() * 8 / 7) * (size_of::<T>() + 5)
    }
}

/// Conditions for the evaluator, equal ones once.
#[derive(Debug, Default)]
pub(super) struct Parts {
    all: Vec<Option<Part>>,
    free: Vec<u32>,
    numbers: HashTable<u32>,
    hash: RandomState,
    prepared: AtomicUsize,
}

#[derive(Debug)]
struct Part {
    condition: Box<Condition>,
    uses: u32,
    prepared: OnceLock<Box<Prepared>>,
}

impl Parts {
    fn hash_of(&self, condition: &Condition) -> u64 {
        // Floats have no hash, but one spelling each.
        self.hash.hash_one(format!("{condition:?}"))
    }

    /// The number of a condition, which is used once more from now on.
    pub fn take(&mut self, condition: &Condition) -> u32 {
        let hash = self.hash_of(condition);
        let of = |all: &[Option<Part>], number: u32| {
            all[number as usize].as_ref().map(|p| p.condition.clone())
        };
        let same = |number: &u32| {
            self.all[*number as usize].as_ref().is_some_and(|part| *part.condition == *condition)
        };
        if let Some(&number) = self.numbers.find(hash, same) {
            if let Some(part) = &mut self.all[number as usize] {
                part.uses += 1;
            }
            return number;
        }
        let part =
            Part { condition: Box::new(condition.clone()), uses: 1, prepared: OnceLock::new() };
        let number = self.free.pop().unwrap_or_else(|| {
            self.all.push(None);
            u32::try_from(self.all.len() - 1).unwrap_or(u32::MAX)
        });
        self.all[number as usize] = Some(part);
        let (all, state) = (&self.all, &self.hash);
        self.numbers.insert_unique(hash, number, |number| {
            state.hash_one(of(all, *number).map_or_else(String::new, |c| format!("{c:?}")))
        });
        number
    }

    /// The condition is used once less.
    pub fn release(&mut self, number: u32) {
        let Some(part) = &mut self.all[number as usize] else { return };
        part.uses -= 1;
        if part.uses > 0 {
            return;
        }
        if part.prepared.get().is_some() {
            self.prepared.fetch_sub(1, Ordering::Relaxed);
        }
        let condition = part.condition.clone();
        let hash = self.hash_of(&condition);
        if let Ok(entry) = self.numbers.find_entry(hash, |known| *known == number) {
            entry.remove();
        }
        self.all[number as usize] = None;
        self.free.push(number);
    }

    /// What the evaluator says.
    pub fn holds(&self, number: u32, kind: ChangeKind, facts: &Facts<'_>) -> bool {
        let Some(part) = &self.all[number as usize] else { return false };
        if let Some(prepared) = part.prepared.get() {
            return prepared.wants(kind, facts);
        }
        let prepared = Prepared::new(&alone(&part.condition));
        let wants = prepared.wants(kind, facts);
        if self.prepared.load(Ordering::Relaxed) < PREPARED
            && part.prepared.set(Box::new(prepared)).is_ok()
        {
            self.prepared.fetch_add(1, Ordering::Relaxed);
        }
        wants
    }

    /// Memory, bytes, without compiled expressions.
    pub fn bytes(&self) -> usize {
        let one = |part: &Part| size_of::<Condition>() + 16 + heap(&part.condition);
        let all: usize = self.all.iter().flatten().map(one).sum();
        all + self.all.capacity() * size_of::<Option<Part>>()
            + self.free.capacity() * size_of::<u32>()
            + self.numbers.allocation_size()
    }
}

fn heap(condition: &Condition) -> usize {
    match condition {
        Condition::Matches(text) | Condition::Expert { text, .. } => text.len() + 16,
        Condition::Place(place) | Condition::Known(Known::Place(place)) => {
            let corners: usize = place.inside.iter().map(|corners| corners.len() * 16 + 40).sum();
            let names: usize = place.names.iter().map(|name| name.len() + 40).sum();
            corners + names + place.near.len() * 24
        }
        Condition::AllWords(words) | Condition::AnyWords(words) | Condition::NoneWords(words) => {
            words.iter().map(|word| word.len() + 40).sum()
        }
        _ => 0,
    }
}

/// The filter that asks for nothing but this.
fn alone(condition: &Condition) -> Filter {
    let nothing = Filter::default();
    match condition.clone() {
        Condition::Changes(changes) => Filter { changes, ..nothing },
        Condition::Sites(sites) => Filter { sites, ..nothing },
        Condition::Price { min, max, currency } => {
            Filter { min_price: min, max_price: max, currency, ..nothing }
        }
        Condition::Number { field, range, currency } => {
            Filter { ranges: [(field, range)].into(), currency, ..nothing }
        }
        Condition::Seller(kind) => Filter { seller: Some(kind), ..nothing },
        Condition::Photo => Filter { with_photo: true, ..nothing },
        Condition::Place(place) => Filter { place, ..nothing },
        Condition::AllWords(all_words) => Filter { all_words, ..nothing },
        Condition::AnyWords(any_words) => Filter { any_words, ..nothing },
        Condition::NoneWords(none_words) => Filter { none_words, ..nothing },
        Condition::Matches(regex) => Filter { regex: Some(regex), ..nothing },
        Condition::Expert { text, currency } => Filter { expert: Some(text), currency, ..nothing },
        Condition::Known(Known::Number(name, currency)) => {
            Filter { must_know: vec![name], currency, ..nothing }
        }
        // Whoever must know the place asks for the same place.
        Condition::Known(Known::Place(place)) => {
            Filter { must_know: vec!["place".into()], place, ..nothing }
        }
        Condition::Known(Known::Seller) => Filter { must_know: vec!["seller".into()], ..nothing },
    }
}
