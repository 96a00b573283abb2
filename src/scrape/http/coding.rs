//! Content codings (RFC 9110 section 8.4.1): gzip, deflate and brotli, also one inside the other, in bounded memory.
//!
//! The client library could do it, but it tells nobody how much came over the wire: a few kilobytes that unfold into
//! gigabytes look like any long page to it. Each stage here has the cap of the whole body, and all together may make
//! at most 200 times what was received.

use std::io::{self, Write};

use brotli_decompressor::DecompressorWriter;
use flate2::write::MultiGzDecoder;
use flate2::{Decompress, FlushDecompress, Status};

/// What we say we can read.
pub(super) const ACCEPTED: &str = "gzip, deflate, br";
/// Codings inside each other that are taken off.
const MOST: usize = 2;
/// Decoded bytes per received byte …
const RATIO: usize = 200;
/// … beyond this many, which any page may have.
const FREE: usize = 1 << 20;
/// Bytes that a decoder works on at once.
const PIECE: usize = 16 * 1024;

/// Why a body cannot be decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum CodingError {
    /// A coding that we do not know, or too many of them.
    Unknown(String),
    /// More than the cap.
    TooBig,
    /// It unfolds without measure.
    Bomb,
    /// It is damaged or ends early.
    Damaged(String),
}

/// Decodes a body piece by piece.
pub(super) struct Decoder {
    stages: Vec<Stage>,
    body: Vec<u8>,
    received: usize,
    cap: usize,
}

impl Decoder {
    /// For a body with this `Content-Encoding` of at most `cap` bytes when decoded.
    pub(super) fn new(declared: &str, cap: usize) -> Result<Self, CodingError> {
        let codings = declared.split(',').map(|name| name.trim().to_ascii_lowercase());
        let mut stages =
            codings.filter_map(|name| Stage::of(&name)).collect::<Result<Vec<_>, _>>()?;
        if stages.len() > MOST {
            return Err(CodingError::Unknown(declared.to_owned()));
        }
        // The last one named was put on last and comes off first.
        stages.reverse();
        Ok(Self { stages, body: Vec::new(), received: 0, cap })
    }

    /// Takes in a piece of the body.
    pub(super) fn push(&mut self, piece: &[u8]) -> Result<(), CodingError> {
        self.received = self.received.saturating_add(piece.len());
        let measure = self.received.saturating_mul(RATIO).max(FREE);
        let allowed = Allowed { cap: self.cap, measure };
        let mut held;
        let mut data = piece;
        for stage in &mut self.stages {
            held = stage.push(data, allowed)?;
            data = &held;
        }
        self.keep(data)
    }

    /// The whole body.
    pub(super) fn end(mut self) -> Result<Vec<u8>, CodingError> {
        let measure = self.received.saturating_mul(RATIO).max(FREE);
        let allowed = Allowed { cap: self.cap, measure };
        let mut data = Vec::new();
        for stage in &mut self.stages {
            let mut made = stage.push(&data, allowed)?;
            made.extend(stage.end(allowed)?);
            data = made;
        }
        self.keep(&data)?;
        Ok(self.body)
    }

    /// What has been decoded so far.
    pub(super) fn so_far(&self) -> &[u8] {
        &self.body
    }

    /// Gives up and answers what has been decoded so far.
    pub(super) fn into_part(self) -> Vec<u8> {
        self.body
    }

    fn keep(&mut self, data: &[u8]) -> Result<(), CodingError> {
        let room = self.cap - self.body.len();
        self.body.extend_from_slice(&data[..data.len().min(room)]);
        if data.len() > room { Err(CodingError::TooBig) } else { Ok(()) }
    }
}

/// How much a stage may make in all.
#[derive(Debug, Clone, Copy)]
struct Allowed {
    cap: usize,
    measure: usize,
}

/// One coding being taken off.
enum Stage {
    Gzip(Box<MultiGzDecoder<Made>>),
    Brotli(Box<DecompressorWriter<Made>>),
    Deflate(Box<Inflate>),
}

impl Stage {
    fn of(name: &str) -> Option<Result<Self, CodingError>> {
        Some(Ok(match name {
            "" | "identity" => return None,
            "gzip" | "x-gzip" => Self::Gzip(Box::new(MultiGzDecoder::new(Made::default()))),
            "br" => Self::Brotli(Box::new(DecompressorWriter::new(Made::default(), PIECE))),
            "deflate" => Self::Deflate(Box::default()),
            other => return Some(Err(CodingError::Unknown(other.to_owned()))),
        }))
    }

    fn push(&mut self, data: &[u8], allowed: Allowed) -> Result<Vec<u8>, CodingError> {
        match self {
            Self::Gzip(decoder) => {
                decoder.get_mut().allowed = Some(allowed);
                let done = decoder.write_all(data);
                decoder.get_mut().taken(done)
            }
            Self::Brotli(decoder) => {
                decoder.get_mut().allowed = Some(allowed);
                let done = decoder.write_all(data);
                decoder.get_mut().taken(done)
            }
            Self::Deflate(inflate) => inflate.push(data, allowed),
        }
    }

    fn end(&mut self, allowed: Allowed) -> Result<Vec<u8>, CodingError> {
        match self {
            Self::Gzip(decoder) => {
                decoder.get_mut().allowed = Some(allowed);
                let done = decoder.try_finish();
                decoder.get_mut().taken(done)
            }
            Self::Brotli(decoder) => {
                decoder.get_mut().allowed = Some(allowed);
                let done = decoder.close();
                decoder.get_mut().taken(done)
            }
            Self::Deflate(inflate) if inflate.ended => Ok(Vec::new()),
            Self::Deflate(_) => Err(CodingError::Damaged("it ends early".into())),
        }
    }
}

/// Where a stage writes what it made, until the next one takes it.
#[derive(Default)]
struct Made {
    bytes: Vec<u8>,
    total: usize,
    allowed: Option<Allowed>,
    stopped: Option<CodingError>,
}

impl Made {
    fn check(&self, more: usize) -> Result<(), CodingError> {
        let total = self.total.saturating_add(more);
        match self.allowed {
            Some(allowed) if total > allowed.measure => Err(CodingError::Bomb),
            Some(allowed) if total > allowed.cap => Err(CodingError::TooBig),
            _ => Ok(()),
        }
    }

    fn taken(&mut self, done: io::Result<()>) -> Result<Vec<u8>, CodingError> {
        match (self.stopped.take(), done) {
            (Some(stopped), _) => Err(stopped),
            (None, Err(error)) => Err(CodingError::Damaged(error.to_string())),
            (None, Ok(())) => Ok(std::mem::take(&mut self.bytes)),
        }
    }
}

impl Write for Made {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        if let Err(stopped) = self.check(data.len()) {
            self.stopped = Some(stopped);
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.total += data.len();
        self.bytes.extend_from_slice(data);
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// `deflate`: the zlib form, or the bare one that some servers send under this name.
#[derive(Default)]
struct Inflate {
    inner: Option<Decompress>,
    made: Made,
    ended: bool,
}

impl Inflate {
    fn push(&mut self, mut data: &[u8], allowed: Allowed) -> Result<Vec<u8>, CodingError> {
        let Some(first) = data.first() else { return Ok(Vec::new()) };
        // The zlib form begins with method 8 and a window of at most 32 kB (RFC 1950 section 2.2).
        let zlib = first & 0x0f == 8 && first >> 4 <= 7;
        let inner = self.inner.get_or_insert_with(|| Decompress::new(zlib));
        self.made.allowed = Some(allowed);
        let mut piece = vec![0; PIECE];
        while !self.ended {
            let (in_before, out_before) = (inner.total_in(), inner.total_out());
            let status = inner
                .decompress(data, &mut piece, FlushDecompress::None)
                .map_err(|error| CodingError::Damaged(error.to_string()))?;
            let step = |now: u64, before: u64| usize::try_from(now - before).unwrap_or(usize::MAX);
            let read = step(inner.total_in(), in_before);
            let made = step(inner.total_out(), out_before);
            let kept = self.made.write_all(&piece[..made]);
            if kept.is_err() {
                return self.made.taken(kept);
            }
            data = &data[read..];
            self.ended = status == Status::StreamEnd;
            // A piece with room left means that everything that came has been made use of.
            if (data.is_empty() && made < PIECE) || (read == 0 && made == 0) {
                break;
            }
        }
        self.made.taken(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use proptest::prelude::*;

    const CAP: usize = 4 << 20;

    fn gzip(data: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    fn decode(declared: &str, bytes: &[u8], piece: usize) -> Result<Vec<u8>, CodingError> {
        let mut decoder = Decoder::new(declared, CAP)?;
        for piece in bytes.chunks(piece) {
            decoder.push(piece)?;
        }
        decoder.end()
    }

    /// Text that does not compress to nothing.
    fn text(length: usize) -> Vec<u8> {
        (0..length).map(|n| (n * n / 7 % 251).to_le_bytes()[0]).collect()
    }

    #[test]
    fn every_coding_is_taken_off_in_pieces_of_any_size() {
        let text = text(70_000);
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
        zlib.write_all(&text).unwrap();
        let mut bare = DeflateEncoder::new(Vec::new(), Compression::default());
        bare.write_all(&text).unwrap();
        let table = [
            ("", text.clone()),
            ("identity", text.clone()),
            ("GZIP", gzip(&text)),
            ("x-gzip", gzip(&text)),
            ("gzip, gzip", gzip(&gzip(&text))),
            ("gzip", [gzip(&text[..100]), gzip(&text[100..])].concat()),
            ("deflate", zlib.finish().unwrap()),
            ("deflate", bare.finish().unwrap()),
        ];
        for (declared, bytes) in table {
            for piece in [1, 7, 1_000, 1 << 20] {
                assert!(
                    decode(declared, &bytes, piece).as_ref() == Ok(&text),
                    "{declared} {piece}"
                );
            }
        }
    }

    #[test]
    fn brotli_is_taken_off() {
        // "magpie " ten times, by a reference encoder.
        let bytes = [
            27, 69, 0, 248, 141, 148, 110, 222, 180, 14, 75, 107, 131, 147, 32, 101, 103, 113, 79,
            36, 48, 227, 13,
        ];
        assert_eq!(decode("br", &bytes, 3), Ok("magpie ".repeat(10).into_bytes()));
        assert!(matches!(decode("br", &bytes[..9], 3), Err(CodingError::Damaged(_))));
    }

    #[test]
    fn a_body_that_is_cut_is_damaged_and_not_short() {
        let bytes = gzip(&text(9_000));
        for end in [0, 1, 12, bytes.len() / 2, bytes.len() - 1] {
            let result = decode("gzip", &bytes[..end], 500);
            assert!(matches!(result, Err(CodingError::Damaged(_))), "{end}: {result:?}");
        }
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
        zlib.write_all(&text(9_000)).unwrap();
        let bytes = zlib.finish().unwrap();
        assert!(matches!(decode("deflate", &bytes[..400], 50), Err(CodingError::Damaged(_))));
    }

    #[test]
    fn what_unfolds_without_measure_is_stopped() {
        let zeros = vec![0_u8; 64 << 20];
        let bomb = gzip(&zeros);
        assert_eq!(decode("gzip", &bomb, 4_096), Err(CodingError::Bomb));
        assert_eq!(decode("gzip, gzip", &gzip(&bomb), 4_096), Err(CodingError::Bomb));
        // Within measure, but over the cap.
        assert_eq!(decode("gzip", &gzip(&text(CAP + 1)), 4_096), Err(CodingError::TooBig));
        assert_eq!(decode("", &text(CAP + 1), 4_096), Err(CodingError::TooBig));
        assert_eq!(decode("", &text(CAP), 4_096).map(|body| body.len()), Ok(CAP));
        // The stages hold no more than was allowed.
        let mut decoder = Decoder::new("gzip", CAP).unwrap();
        assert!(decoder.push(&bomb).is_err());
        assert!(decoder.so_far().len() <= CAP);
    }

    #[test]
    fn a_coding_that_nobody_asked_for_is_named() {
        assert_eq!(decode("zstd", b"x", 1), Err(CodingError::Unknown("zstd".into())));
        assert!(matches!(decode("gzip, br, gzip", b"x", 1), Err(CodingError::Unknown(_))));
    }

    proptest! {
        #[test]
        fn any_bytes_under_any_name_end_without_panic(
            bytes in proptest::collection::vec(any::<u8>(), 0..300), piece in 1_usize..50
        ) {
            for declared in ["gzip", "br", "deflate", "br, gzip"] {
                let _ = decode(declared, &bytes, piece);
            }
        }
    }
}
