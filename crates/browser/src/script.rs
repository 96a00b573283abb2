//! Our JavaScript: reading the document and running a site's script.
//!
//! Everything runs in a world of its own, so a page cannot replace what we call. Sizes are
//! judged inside the page: a giant never crosses into our process. One call waits for the
//! selector and reads the document in the same turn, so nothing changes in between.

use serde::Deserialize;

/// What [`read_document`] returns.
#[derive(Debug, Deserialize)]
pub(crate) struct Read {
    pub(crate) html: Option<String>,
    pub(crate) url: String,
    pub(crate) size: u64,
}

/// What [`run`] returns; `json` is absent when the value is too long or no value.
#[derive(Debug, Deserialize)]
pub(crate) struct Ran {
    pub(crate) json: Option<String>,
    pub(crate) size: u64,
}

/// Waits for the selector, if any, then reads the document unless it is longer than `limit`.
pub(crate) fn read_document(selector: Option<&str>, limit: usize) -> String {
    let selector = serde_json::Value::from(selector);
    format!(r"(({READ_DOCUMENT}))({selector}, {limit})")
}

const READ_DOCUMENT: &str = r"(selector, limit) => new Promise((resolve) => {
  const read = () => {
    const kind = document.doctype ? new XMLSerializer().serializeToString(document.doctype) : '';
    const html = kind + (document.documentElement ? document.documentElement.outerHTML : '');
    const answer = {url: location.href, size: html.length};
    if (html.length <= limit) answer.html = html;
    resolve(answer);
  };
  if (selector === null || document.querySelector(selector)) return read();
  const observer = new MutationObserver(() => {
    if (!document.querySelector(selector)) return;
    observer.disconnect();
    read();
  });
  observer.observe(document, {childList: true, subtree: true, attributes: true});
})";

/// Evaluates an expression, awaits it and returns it as JSON unless that is longer than `limit`.
pub(crate) fn run(expression: &str, limit: usize) -> String {
    let expression = expression.trim().trim_end_matches(';');
    format!(
        "(async () => {{ const value = await (\n{expression}\n); \
         const json = JSON.stringify(value); \
         const size = json === undefined ? 0 : json.length; \
         return size <= {limit} ? {{json, size}} : {{size}}; }})()"
    )
}

/// Asks for something from inside the page; `ask` is what it needs, as JSON.
pub(crate) fn fetch(ask: &serde_json::Value) -> String {
    format!("({FETCH})({ask})")
}

/// The address is changed without loading anything, so that the referrer is the page's.
const FETCH: &str = r"async (ask) => {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), ask.milliseconds);
  try {
    if (location.href !== ask.page) history.replaceState(null, '', ask.page);
    const options = {method: ask.method, headers: ask.headers, cache: 'no-cache', signal: stop.signal};
    if (ask.body !== null) options.body = ask.body;
    const response = await fetch(ask.url, options);
    const told = (name) => response.headers.get(name) ?? undefined;
    const answer = {status: response.status, url: response.url, kind: told('content-type'),
      wait: told('retry-after'), refused: told('x-egress-refused'), size: 0};
    const decoder = new TextDecoder();
    let body = '';
    const reader = response.body ? response.body.getReader() : null;
    while (reader) {
      const {done, value} = await reader.read();
      if (done) break;
      answer.size += value.byteLength;
      if (answer.size > ask.limit) { stop.abort(); return answer; }
      body += decoder.decode(value, {stream: true});
    }
    answer.body = body + decoder.decode();
    return answer;
  } catch (error) {
    return {failed: String(error)};
  } finally {
    clearTimeout(timer);
  }
}";
