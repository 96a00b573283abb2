//! Pages of bad runs, one per group of equal failures, compressed, below the data folder.
//!
//! A file is written beside its place and renamed into it, then its row is written; when the row goes, the file
//! goes after it. What a crash leaves without a row is swept up by the housekeeping. Only the page itself is
//! kept: no headers, no cookies, nothing of our own.

use std::collections::HashSet;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Utc};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use super::evidence::Exhibit;
use crate::domain::health::FailureCaps;
use crate::domain::health::failure::{FailurePage, excess, group_key};
use crate::domain::health::outline::outline;
use crate::domain::source::Source;
use crate::scrape::run::Scraper;
use crate::store::{Db, DbError};

/// Largest picture that is kept, bytes.
const PICTURE: usize = 500 << 10;
/// Largest page that is read back, bytes.
const PAGE: u64 = 64 << 20;
/// A file without a row is left alone for so long: its row may be on its way.
const ORPHAN: Duration = Duration::from_secs(3_600);

/// Why a page is not kept.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// The disk.
    #[error("{path} cannot be written: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The record.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// The folder of failures.
#[derive(Debug, Clone)]
pub struct Folder(pub PathBuf);

impl Folder {
    /// The text of a kept page.
    pub fn page(&self, page: &FailurePage) -> io::Result<String> {
        let mut text = Vec::new();
        let file = std::fs::File::open(self.0.join(&page.path))?;
        GzDecoder::new(file).take(PAGE).read_to_end(&mut text)?;
        String::from_utf8(text).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
    }

    /// Writes a file in one step, readable by us alone.
    fn write(&self, path: &str, bytes: &[u8]) -> Result<(), KeepError> {
        let path = self.0.join(path);
        let failed = |source| KeepError::File { path: path.clone(), source };
        let folder = path.parent().unwrap_or(&self.0);
        std::fs::create_dir_all(folder).map_err(failed)?;
        let beside = folder.join(format!(".{}", uuid::Uuid::now_v7().simple()));
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&beside).map_err(failed)?;
        let written = file.write_all(bytes).and_then(|()| file.sync_all());
        let placed = written.and_then(|()| std::fs::rename(&beside, &path));
        if placed.is_err() {
            let _ = std::fs::remove_file(&beside);
        }
        placed.map_err(failed)?;
        Ok(())
    }

    fn remove(&self, pages: &[&FailurePage]) {
        for page in pages {
            for path in [Some(&page.path), page.picture.as_ref()].into_iter().flatten() {
                // What is left is swept up later.
                let _ = std::fs::remove_file(self.0.join(path));
            }
        }
    }
}

/// Keeps the page of a bad run, or counts it.
pub(super) async fn keep(
    scraper: &Scraper,
    folder: &Folder,
    source: &Source,
    exhibit: Exhibit,
    now: DateTime<Utc>,
) -> Result<(), KeepError> {
    let site = source.spec.site.as_str();
    let group = group_key(exhibit.class, &exhibit.reason, &outline(&exhibit.page.body));
    let place = format!("{}/{group}", file_name(site));
    let picture = exhibit.picture.filter(|picture| picture.len() <= PICTURE);
    let picture = picture.map(|bytes| (format!("{place}.{}", kind(&bytes)), bytes));
    if let Some((path, bytes)) = &picture
        && !folder.0.join(path).exists()
    {
        folder.write(path, bytes)?;
    }
    let picture_path = picture.as_ref().map(|(path, _)| path.as_str());
    if scraper.db.count_failure(site, &group, picture_path, now).await? {
        return Ok(());
    }
    let path = format!("{place}.{}.gz", extension(&exhibit.page.body));
    let page = exhibit.page.clone();
    let bytes = tokio::task::spawn_blocking(move || packed(&page.body)).await;
    let bytes = bytes.unwrap_or_default();
    folder.write(&path, &bytes)?;
    let size = bytes.len() + picture.as_ref().map_or(0, |(_, bytes)| bytes.len());
    let row = FailurePage {
        site: site.to_owned(),
        group,
        class: exhibit.class.to_owned(),
        source: source.id.clone(),
        url: exhibit.page.url.to_string(),
        path,
        picture: picture.map(|(path, _)| path),
        reason: exhibit.reason,
        bytes: i64::try_from(size).unwrap_or(i64::MAX),
        times: 1,
        first_at: now,
        last_at: now,
    };
    scraper.db.keep_failure(&row).await?;
    tracing::info!(site, group = row.group, class = row.class, "the page of a bad run is kept");
    cut_back(scraper.db.as_ref(), folder, site, scraper.life.caps, now).await?;
    Ok(())
}

/// Removes what is over the caps of a site.
async fn cut_back(
    db: &dyn Db,
    folder: &Folder,
    site: &str,
    caps: FailureCaps,
    now: DateTime<Utc>,
) -> Result<usize, DbError> {
    let pages = db.failures(Some(site)).await?;
    let gone = excess(&pages, caps, now);
    if !gone.is_empty() {
        let groups: Vec<String> = gone.iter().map(|page| page.group.clone()).collect();
        db.forget_failures(site, &groups).await?;
        folder.remove(&gone);
    }
    Ok(gone.len())
}

/// Housekeeping: removes what has outlived its time, and files without a row. Answers how many of both went.
pub async fn sweep(
    db: &dyn Db,
    folder: &Folder,
    caps: FailureCaps,
    now: DateTime<Utc>,
) -> Result<usize, DbError> {
    let sites: HashSet<String> = db.failures(None).await?.into_iter().map(|p| p.site).collect();
    let mut gone = 0;
    for site in sites {
        gone += cut_back(db, folder, &site, caps, now).await?;
    }
    let known: HashSet<PathBuf> = db
        .failures(None)
        .await?
        .into_iter()
        .flat_map(|page| [Some(page.path), page.picture].into_iter().flatten())
        .map(|path| folder.0.join(path))
        .collect();
    for path in files(&folder.0).into_iter().filter(|path| !known.contains(path)) {
        if is_old(&path) && std::fs::remove_file(&path).is_ok() {
            gone += 1;
        }
    }
    Ok(gone)
}

/// Files two levels down.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = |path: &Path| -> Vec<PathBuf> {
        let listed = std::fs::read_dir(path).into_iter().flatten();
        listed.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect()
    };
    let inner = entries(folder).into_iter().filter(|path| path.is_dir());
    inner.flat_map(|path| entries(&path)).filter(|path| path.is_file()).collect()
}

fn is_old(path: &Path) -> bool {
    let modified = std::fs::metadata(path).and_then(|meta| meta.modified());
    modified.is_ok_and(|at| at.elapsed().is_ok_and(|age| age >= ORPHAN))
}

fn packed(body: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    // Memory takes everything.
    let _ = encoder.write_all(body.as_bytes());
    encoder.finish().unwrap_or_default()
}

/// How a case names a page of this form.
pub(crate) fn extension(body: &str) -> &'static str {
    match body.trim_start() {
        text if text.starts_with(['{', '[']) => "json",
        text if text.starts_with("<?xml") || text.starts_with("<rss") => "xml",
        _ => "html",
    }
}

fn kind(picture: &[u8]) -> &'static str {
    if picture.starts_with(b"\x89PNG") { "png" } else { "jpg" }
}

/// A site's id as the name of a folder.
fn file_name(site: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    site.chars().map(plain).collect()
}
