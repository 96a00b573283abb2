//! The rung itself: hops, validators, deadline.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use reqwest::header;
use sites::{Page, Site};
use url::Url;

use super::answer::{self, Meaning};
use super::charset::decode;
use super::client::{Client, Validators, content_type, plain};
use crate::clock::Clock;
use crate::scrape::fetcher::{FetchError, FetchFailure, FetchJob, Fetched, Fetcher, Rung};

/// Redirects that are followed at most.
const MOST_HOPS: usize = 10;

/// Gets pages by HTTP.
pub struct HttpFetcher {
    client: Client,
    identities: HashMap<String, Client>,
    clock: Arc<dyn Clock>,
}

impl HttpFetcher {
    /// A rung that uses `client`; `clock` dates the pages.
    pub fn new(client: Client, clock: Arc<dyn Clock>) -> Self {
        Self { client, identities: HashMap::new(), clock }
    }

    /// With a client for each proxy of the operator's own, by name.
    #[must_use]
    pub fn with_identities(self, identities: HashMap<String, Client>) -> Self {
        Self { identities, ..self }
    }

    async fn follow(&self, job: &FetchJob) -> Result<Fetched, FetchError> {
        let begun = Instant::now();
        let mut validators = Validators {
            etag: job.etag.clone(),
            last_modified: job.last_modified.clone(),
            cookie: None,
        };
        let client = self.client_of(job)?;
        let mut url = job.url.clone();
        for hop in 0..=MOST_HOPS {
            // Each hop gets the cookies that belong there, and no others.
            let session = job.session.as_ref();
            validators.cookie = session.and_then(|ready| ready.cookies_for(&url, self.clock.now()));
            let response = match client.send(&url, &validators).await {
                // A site that leads us to forbidden places is the fault, not our rules.
                Err(error) if hop > 0 && error.class == FetchFailure::Egress => {
                    let text = format!("redirected to a place we do not go: {}", error.text);
                    return Err(plain(FetchFailure::Redirect, text));
                }
                other => other?,
            };
            let status = response.status().as_u16();
            let meaning =
                answer::meaning(status, response.headers(), validators.any(), self.clock.now())?;
            let etag = answer::text(response.headers(), header::ETAG);
            let last_modified = answer::text(response.headers(), header::LAST_MODIFIED);
            let page = match meaning {
                Meaning::Elsewhere(location) => {
                    url = next_hop(&job.site, &url, &location)?;
                    continue;
                }
                Meaning::Unchanged => None,
                Meaning::Page => Some(self.page(&url, response).await?),
            };
            let unchanged = page.is_none();
            let keep = |new: Option<String>, old: &Option<String>| {
                if unchanged { new.or_else(|| old.clone()) } else { new }
            };
            return Ok(Fetched {
                bytes: page.as_ref().map_or(0, |(_, bytes)| *bytes),
                page: page.map(|(page, _)| page),
                rung: Rung::Http,
                elapsed: begun.elapsed(),
                etag: keep(etag, &job.etag),
                last_modified: keep(last_modified, &job.last_modified),
            });
        }
        Err(plain(FetchFailure::Redirect, format!("more than {MOST_HOPS} redirects")))
    }

    /// The client of the proxy that the job names.
    fn client_of(&self, job: &FetchJob) -> Result<&Client, FetchError> {
        let session = job.session.as_ref().and_then(|ready| ready.identity.as_ref());
        match session.or(job.identity.as_ref()) {
            None => Ok(&self.client),
            Some(name) => self.identities.get(name).ok_or_else(|| {
                plain(FetchFailure::Connect, format!("there is no proxy called {name}"))
            }),
        }
    }

    async fn page(
        &self,
        url: &Url,
        response: reqwest::Response,
    ) -> Result<(Page, usize), FetchError> {
        let status = response.status().as_u16();
        let content_type = content_type(response.headers());
        let bytes = self.client.body(response).await?;
        let body = decode(&bytes, content_type.as_deref()).map_err(|encoding| {
            plain(FetchFailure::Encoding, format!("the text is not in {encoding}, as declared"))
        })?;
        let page = Page {
            url: url.clone(),
            status: Some(status),
            content_type,
            body,
            script: None,
            fetched_at: self.clock.now(),
        };
        Ok((page, bytes.len()))
    }
}

#[async_trait]
impl Fetcher for HttpFetcher {
    async fn fetch(&self, job: &FetchJob) -> Result<Fetched, FetchError> {
        tokio::time::timeout(job.deadline, self.follow(job)).await.unwrap_or_else(|_| {
            let seconds = job.deadline.as_secs_f64();
            Err(plain(FetchFailure::Timeout, format!("the page took longer than {seconds} s")))
        })
    }

    async fn close(&self) {}
}

/// The address behind a `Location`: http or https, without credentials, and still on the site.
fn next_hop(site: &Site, from: &Url, location: &str) -> Result<Url, FetchError> {
    let refuse = |text: String| Err(plain(FetchFailure::Redirect, text));
    let Ok(mut next) = from.join(location) else {
        return refuse("redirected to something that is no address".into());
    };
    next.set_fragment(None);
    if !matches!(next.scheme(), "http" | "https") {
        return refuse(format!("redirected to a {}: address", next.scheme()));
    }
    if next.host() != from.host() && names_private_address(&next) {
        return refuse("redirected to an address that is not public".into());
    }
    if !next.username().is_empty() || next.password().is_some() {
        return refuse("redirected to an address with a user name".into());
    }
    stays(site, from, &next)?;
    Ok(next)
}

/// Whether an address is written as a number that no site of the internet has. The same host as before is judged
/// by the way out alone.
fn names_private_address(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(v4)) => !egress::is_global(v4.into()),
        Some(url::Host::Ipv6(v6)) => !egress::is_global(v6.into()),
        _ => false,
    }
}

/// Refuses a page that came from a host which is neither the asked one nor one of the site.
pub(in crate::scrape) fn stays(site: &Site, from: &Url, to: &Url) -> Result<(), FetchError> {
    let same = to.host_str() == from.host_str()
        && to.port_or_known_default() == from.port_or_known_default();
    if same || site.hosts.iter().any(|host| host.fits(to).is_some()) {
        return Ok(());
    }
    let host = to.host_str().unwrap_or_default();
    Err(plain(
        FetchFailure::Moved,
        format!("the search moved to {host}, which is not a host of site {}", site.id),
    ))
}
