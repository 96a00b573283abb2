//! Pixels to PNG (W3C, "Portable Network Graphics", third edition): truecolour, 8 bits, rows filtered by "up",
//! which suits large flat areas.

use std::io::{self, Write};

use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};

const SIGNATURE: [u8; 8] = [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a];

/// Packs rows of red, green and blue bytes.
pub(super) fn pack(width: u32, height: u32, pixels: &[u8]) -> io::Result<Vec<u8>> {
    let row = width as usize * 3;
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::default());
    let mut above = vec![0u8; row];
    let mut filtered = vec![0u8; row];
    for line in pixels.chunks_exact(row).take(height as usize) {
        for (out, (now, up)) in filtered.iter_mut().zip(line.iter().zip(&above)) {
            *out = now.wrapping_sub(*up);
        }
        packed.write_all(&[2])?;
        packed.write_all(&filtered)?;
        above.copy_from_slice(line);
    }
    let mut head = Vec::with_capacity(13);
    head.extend(width.to_be_bytes());
    head.extend(height.to_be_bytes());
    head.extend([8, 2, 0, 0, 0]);
    let mut png = SIGNATURE.to_vec();
    chunk(&mut png, *b"IHDR", &head)?;
    chunk(&mut png, *b"IDAT", &packed.finish()?)?;
    chunk(&mut png, *b"IEND", &[])?;
    Ok(png)
}

fn chunk(png: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) -> io::Result<()> {
    let length = u32::try_from(data.len()).map_err(io::Error::other)?;
    let mut crc = Crc::new();
    crc.update(&kind);
    crc.update(data);
    png.extend(length.to_be_bytes());
    png.extend(kind);
    png.extend(data);
    png.extend(crc.sum().to_be_bytes());
    Ok(())
}
