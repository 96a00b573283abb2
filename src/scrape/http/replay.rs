//! The learned endpoint by plain HTTP: one request, no cookies, no credentials, no redirects. Whoever is known at
//! the site is not known to this request.

use std::time::Instant;

use reqwest::{Method, header};
use sites::Page;

use super::answer::{self, Meaning};
use super::charset::decode;
use super::client::{content_type, plain};
use super::fetcher::HttpFetcher;
use crate::scrape::fetcher::{FetchError, FetchFailure, FetchJob, Fetched, Rung};
use crate::scrape::road::Endpoint;

impl HttpFetcher {
    /// Repeats the request; the answer stands for the page.
    pub(super) async fn replay(
        &self,
        job: &FetchJob,
        endpoint: &Endpoint,
    ) -> Result<Fetched, FetchError> {
        let begun = Instant::now();
        let ask = &endpoint.ask;
        let url = ask.address(self.clock.now());
        let method = if ask.method == "POST" { Method::POST } else { Method::GET };
        let client = self.client_of(job)?;
        let mut request = client.request(method, &url);
        for (name, value) in &ask.headers {
            request = request.header(name, value);
        }
        if !ask.headers.iter().any(|(name, _)| name == "accept") {
            request = request.header(header::ACCEPT, "application/json, */*;q=0.1");
        }
        if let Some(etag) = &job.etag {
            request = request.header(header::IF_NONE_MATCH, etag);
        }
        if let Some(date) = &job.last_modified {
            request = request.header(header::IF_MODIFIED_SINCE, date);
        }
        if let Some(body) = &ask.body {
            request = request.body(body.clone());
        }
        let response = client.perform(&url, request).await?;
        let conditional = job.etag.is_some() || job.last_modified.is_some();
        let status = response.status().as_u16();
        let etag = answer::text(response.headers(), header::ETAG);
        let last_modified = answer::text(response.headers(), header::LAST_MODIFIED);
        let now = self.clock.now();
        let body = match answer::meaning(status, response.headers(), conditional, now)? {
            Meaning::Unchanged => None,
            Meaning::Elsewhere(_) => {
                let text = "the learned endpoint has moved".to_owned();
                return Err(plain(FetchFailure::Redirect, text));
            }
            Meaning::Page => {
                let declared = content_type(response.headers());
                let bytes = client.body(response).await?;
                let unreadable = |encoding| {
                    let text = format!("the text is not in {encoding}, as declared");
                    plain(FetchFailure::ContentType, text)
                };
                Some(decode(&bytes, declared.as_deref()).map_err(unreadable)?)
            }
        };
        let unchanged = body.is_none();
        let page = body.map(|body| Page {
            url: endpoint.page.clone(),
            status: Some(status),
            content_type: Some("application/json".into()),
            body,
            script: None,
            fetched_at: now,
        });
        Ok(Fetched {
            picture: None,
            bytes: page.as_ref().map_or(0, |page| page.body.len()),
            page,
            rung: Rung::Endpoint,
            elapsed: begun.elapsed(),
            etag: etag.or_else(|| job.etag.clone().filter(|_| unchanged)),
            last_modified: last_modified
                .or_else(|| job.last_modified.clone().filter(|_| unchanged)),
            recorded: Vec::new(),
        })
    }
}
