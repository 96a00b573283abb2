//! Names of things. A newtype each, so that a chat is never taken for a user.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

macro_rules! number_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

number_id!(
    /// A Telegram user (up to 52 significant bits).
    UserId
);
number_id!(
    /// A Telegram chat: a user's private chat, a group or a channel.
    ChatId
);
text_id!(
    /// A source: digest of its site and canonical address, so that equal searches are one source.
    SourceId
);
text_id!(
    /// A watch.
    WatchId
);
text_id!(
    /// A change of a listing: digest of site, id, kind and version.
    EventId
);
text_id!(
    /// A delivery: digest of class, chat and what is told, so that repetition is harmless.
    DeliveryId
);
text_id!(
    /// One running process: claims carry it, and its file lock says whether it lives.
    OwnerId
);

text_id!(
    /// A plan: a short word in lower case, part of links and buttons.
    PlanId
);
text_id!(
    /// An order: the payload of its invoice.
    OrderId
);

impl SourceId {
    /// The source of a canonical search address.
    pub fn of(site: &str, canonical_url: &str) -> Self {
        Self(digest(&[site, canonical_url]))
    }
}

/// First 16 bytes of SHA-256 over the parts, each preceded by its length so that no two lists of parts
/// collide; lower-case hex.
pub(crate) fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    hex::encode(&hash.finalize()[..16])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(digest(&["ab", "c"]), digest(&["a", "bc"]));
        assert_eq!(digest(&["ab", "c"]).len(), 32);
    }
}
