//! Yes, no, and "nobody knows": what a condition says of a listing.
//!
//! Kleene's strong logic. Whatever is unknown may still turn out either way, so `and` is the least and `or` the
//! greatest of its parts in the order *no < unknown < yes*, and `not` turns the order round. It follows that
//! learning a value never turns a yes into a no or a no into a yes: it only settles what was unknown.

/// What a condition says of a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Truth {
    /// It does not hold.
    No,
    /// A value that it asks for is not known.
    Unknown,
    /// It holds.
    Yes,
}

impl Truth {
    /// A condition about a value that may be unknown.
    pub fn of<T>(value: Option<T>, holds: impl FnOnce(T) -> bool) -> Self {
        value.map_or(Self::Unknown, |value| holds(value).into())
    }

    /// Both.
    pub fn and(self, other: Self) -> Self {
        self.min(other)
    }

    /// Either.
    pub fn or(self, other: Self) -> Self {
        self.max(other)
    }

    /// All of them; yes for none. Stops at the first no.
    pub fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut all = Self::Yes;
        for part in parts {
            all = all.and(part);
            if all == Self::No {
                break;
            }
        }
        all
    }

    /// Any of them; no for none. Stops at the first yes.
    pub fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut any = Self::No;
        for part in parts {
            any = any.or(part);
            if any == Self::Yes {
                break;
            }
        }
        any
    }
}

impl std::ops::Not for Truth {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Unknown => Self::Unknown,
            Self::Yes => Self::No,
        }
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Truth; 3] = [Truth::No, Truth::Unknown, Truth::Yes];

    /// What may come of a truth once everything is known.
    fn outcomes(truth: Truth) -> Vec<bool> {
        match truth {
            Truth::No => vec![false],
            Truth::Unknown => vec![false, true],
            Truth::Yes => vec![true],
        }
    }

    fn of_outcomes(outcomes: &[bool]) -> Truth {
        match (outcomes.contains(&false), outcomes.contains(&true)) {
            (true, true) => Truth::Unknown,
            (_, yes) => yes.into(),
        }
    }

    #[test]
    fn each_operation_is_what_may_come_of_its_parts() {
        for a in ALL {
            let turned: Vec<bool> = outcomes(a).into_iter().map(|a| !a).collect();
            assert_eq!(!a, of_outcomes(&turned));
            for b in ALL {
                let both = |f: fn(bool, bool) -> bool| -> Vec<bool> {
                    let pairs = outcomes(a).into_iter();
                    pairs.flat_map(|a| outcomes(b).into_iter().map(move |b| f(a, b))).collect()
                };
                assert_eq!(a.and(b), of_outcomes(&both(|a, b| a && b)), "{a:?} and {b:?}");
                assert_eq!(a.or(b), of_outcomes(&both(|a, b| a || b)), "{a:?} or {b:?}");
                assert_eq!(Truth::all([a, b]), a.and(b));
                assert_eq!(Truth::any([a, b]), a.or(b));
            }
        }
        assert_eq!((Truth::all([]), Truth::any([])), (Truth::Yes, Truth::No));
    }
}
