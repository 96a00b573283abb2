//! Files that people sent: `getFile`, then the bytes from the file address (api "getFile": at most 20 MB, the
//! address holds for an hour at least).

use reqwest::StatusCode;
use secrecy::ExposeSecret;
use serde_json::{Map, Value};

use super::{SendError, TelegramClient, error_chain};
use crate::telegram::calls::Call;
use crate::telegram::envelope;

impl TelegramClient {
    /// The first `most` bytes of a file.
    pub(super) async fn fetch(&self, id: &str, most: usize) -> Result<Vec<u8>, SendError> {
        let fields = Map::from_iter([("file_id".to_owned(), Value::from(id))]);
        let body = Value::Object(fields).to_string().into_bytes();
        let call = Call { method: "getFile", content_type: "application/json".into(), body };
        let file = self.call(call, self.timeout).await?;
        let path = file.get("file_path").and_then(Value::as_str).filter(|path| is_path(path));
        let path = path.ok_or_else(|| {
            SendError::BadRequest("getFile: there is no usable path of the file".to_owned())
        })?;
        self.download(path, most).await
    }

    async fn download(&self, path: &str, most: usize) -> Result<Vec<u8>, SendError> {
        let address = format!("{}{path}", self.files.expose_secret());
        let asked = self.http.get(address).timeout(self.timeout).send().await;
        let mut answer = asked.map_err(|error| self.not_had(error))?;
        if answer.status() != StatusCode::OK {
            let status = answer.status().as_u16();
            return Err(SendError::BadRequest(format!("the file is not to be had: HTTP {status}")));
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| self.not_had(error))? {
            let room = most.saturating_sub(bytes.len());
            bytes.extend_from_slice(&chunk[..chunk.len().min(room)]);
            if bytes.len() == most {
                break;
            }
        }
        Ok(bytes)
    }

    /// Getting a file changes nothing, so it may always be asked for again.
    fn not_had(&self, error: reqwest::Error) -> SendError {
        let text = self.without_token(error_chain(&error.without_url()).into_bytes());
        let text = envelope::one_line(&String::from_utf8_lossy(&text));
        SendError::Unreached(format!("the file: {text}"))
    }
}

/// A path that leads nowhere else: letters, digits, `_`, `-`, dots and slashes, no step upwards.
fn is_path(path: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./".contains(&byte);
    let is_step = |part: &str| part.is_empty() || part.bytes().all(|byte| byte == b'.');
    path.len() <= 256 && path.bytes().all(plain) && !path.split('/').any(is_step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_nowhere_else() {
        assert!(is_path("documents/file_12.csv"));
        let bad =
            ["", "/etc", "a/../b", "a//b", "a?b", "a b", "a#b", "..", "a/.", "ä", "a\\b", "%2e"];
        for path in bad {
            assert!(!is_path(path), "{path:?}");
        }
    }
}
