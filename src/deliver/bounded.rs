//! A map that holds at most so many values: the oldest goes first.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

/// Values by key, in order of their writing.
#[derive(Debug)]
pub(super) struct Bounded<K, V> {
    values: HashMap<K, V>,
    order: VecDeque<K>,
    most: usize,
}

impl<K: Clone + Eq + Hash, V> Bounded<K, V> {
    /// An empty map for at most `most` values.
    pub fn new(most: usize) -> Self {
        Self { values: HashMap::new(), order: VecDeque::new(), most }
    }

    /// The value of a key.
    pub fn get(&self, key: &K) -> Option<&V> {
        self.values.get(key)
    }

    /// Writes a value; a new one may push the oldest out.
    pub fn put(&mut self, key: K, value: V) {
        if self.values.insert(key.clone(), value).is_some() {
            return;
        }
        self.order.push_back(key);
        while self.order.len() > self.most {
            if let Some(oldest) = self.order.pop_front() {
                self.values.remove(&oldest);
            }
        }
    }

    /// Forgets a key.
    pub fn remove(&mut self, key: &K) {
        if self.values.remove(key).is_some() {
            self.order.retain(|known| known != key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_never_holds_more_than_its_most_and_forgets_the_oldest_first() {
        let mut bounded = Bounded::new(2);
        for key in [1, 2, 2, 3] {
            bounded.put(key, key * 10);
        }
        assert_eq!(
            (bounded.get(&1), bounded.get(&2), bounded.get(&3)),
            (None, Some(&20), Some(&30))
        );
        bounded.remove(&2);
        bounded.put(4, 40);
        assert_eq!((bounded.get(&3), bounded.get(&4)), (Some(&30), Some(&40)));
        assert_eq!((bounded.values.len(), bounded.order.len()), (2, 2));
    }
}
