//! Sessions are sealed before they are stored: whoever reads the database alone cannot use them.
//!
//! ChaCha20-Poly1305 with a random nonce in front (RFC 8439). Site and name are authenticated with it, so that a
//! session cannot be moved to another place. The key comes from the configuration, or from a file that is made at
//! the first need, readable for its owner only.

use std::fs::OpenOptions;
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// Format of what is written: the first byte.
const VERSION: u8 = 1;

/// Why something sealed cannot be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Written by a newer program, or not by us at all.
    #[error("a stored session has a form that this version does not know")]
    Form,
    /// Another key, another place, or damaged.
    #[error("a stored session cannot be opened with the present key (scrape.session_key)")]
    Key,
    /// The system gives no random numbers.
    #[error("the system gives no random numbers")]
    Random,
}

/// Seals and opens.
pub struct Seal {
    key: LessSafeKey,
    random: SystemRandom,
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal")
    }
}

impl Seal {
    /// A seal whose key is derived from a text of any length; the same text makes the same key.
    pub fn of_text(text: &SecretString) -> Self {
        let mut digest = Sha256::new();
        digest.update(b"magpie sessions 1\n");
        digest.update(text.expose_secret().as_bytes());
        Self::new(digest.finalize().into())
    }

    /// The seal whose key lies in `path`; the file is made if it is not there. Two processes that make it at once
    /// end with the same one.
    pub fn of_file(path: &Path) -> io::Result<Self> {
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        let mut key = [0; 32];
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
            Ok(mut file) => {
                let none = |_| io::Error::other("the system gives no random numbers");
                SystemRandom::new().fill(&mut key).map_err(none)?;
                file.write_all(&key)?;
                file.sync_all()?;
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                std::fs::File::open(path)?.read_exact(&mut key).map_err(|error| {
                    let name = path.display();
                    io::Error::new(
                        error.kind(),
                        format!("{name} holds no key of 32 bytes; remove it, and all sites are logged in anew"),
                    )
                })?;
            }
            Err(error) => return Err(error),
        }
        Ok(Self::new(key))
    }

    fn new(key: [u8; 32]) -> Self {
        let key = UnboundKey::new(&CHACHA20_POLY1305, &key)
            .unwrap_or_else(|_| unreachable!("the key has the length of the algorithm"));
        Self { key: LessSafeKey::new(key), random: SystemRandom::new() }
    }

    /// Seals `plain` for a session of a site.
    pub fn seal(&self, site: &str, name: &str, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let mut nonce = [0; NONCE_LEN];
        self.random.fill(&mut nonce).map_err(|_| SealError::Random)?;
        let mut sealed = plain.to_vec();
        let nonce_of = Nonce::assume_unique_for_key(nonce);
        self.key
            .seal_in_place_append_tag(nonce_of, Aad::from(place(site, name)), &mut sealed)
            .map_err(|_| SealError::Form)?;
        Ok([&[VERSION], nonce.as_slice(), &sealed].concat())
    }

    /// Opens what was sealed for the same session.
    pub fn open(&self, site: &str, name: &str, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let (version, rest) = sealed.split_first().ok_or(SealError::Form)?;
        if *version != VERSION || rest.len() < NONCE_LEN {
            return Err(SealError::Form);
        }
        let (nonce, body) = rest.split_at(NONCE_LEN);
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError::Form)?;
        let mut body = body.to_vec();
        self.key
            .open_in_place(nonce, Aad::from(place(site, name)), &mut body)
            .map(|plain| plain.to_vec())
            .map_err(|_| SealError::Key)
    }
}

/// Site and name in one text that no other pair has: module ids contain no `/`.
fn place(site: &str, name: &str) -> String {
    format!("{site}/{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal(text: &str) -> Seal {
        Seal::of_text(&SecretString::from(text.to_owned()))
    }

    #[test]
    fn what_was_sealed_opens_only_with_its_key_and_at_its_place() {
        let sealed = seal("a").seal("site", "main", b"cookie=canary").expect("sealed");
        assert!(!sealed.windows(6).any(|part| part == b"canary"));
        assert_eq!(seal("a").open("site", "main", &sealed).expect("open"), b"cookie=canary");
        assert_eq!(seal("b").open("site", "main", &sealed), Err(SealError::Key));
        assert_eq!(seal("a").open("other", "main", &sealed), Err(SealError::Key));
        let again = seal("a").seal("site", "main", b"cookie=canary").expect("sealed");
        assert_ne!(sealed, again, "a nonce is never used twice");
    }

    #[test]
    fn damage_is_an_error_and_never_a_panic() {
        let seal = seal("a");
        let good = seal.seal("s", "m", b"x").expect("sealed");
        for length in 0..good.len() {
            assert!(seal.open("s", "m", &good[..length]).is_err());
        }
        for place in 0..good.len() {
            let mut bad = good.clone();
            bad[place] ^= 1;
            assert!(seal.open("s", "m", &bad).is_err(), "{place}");
        }
    }

    #[test]
    fn the_key_file_is_made_once_and_for_its_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("keys/session.key");
        let first = Seal::of_file(&path).expect("made");
        let mode = std::fs::metadata(&path).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let sealed = first.seal("s", "m", b"x").expect("sealed");
        let second = Seal::of_file(&path).expect("read");
        assert_eq!(second.open("s", "m", &sealed).expect("open"), b"x");
        std::fs::write(&path, b"short").expect("damaged");
        assert!(Seal::of_file(&path).expect_err("damaged").to_string().contains("session.key"));
    }
}
