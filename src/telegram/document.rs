//! A file of ours as a call (api "sendDocument"). Pure.

use sha2::{Digest, Sha256};

use super::calls::Call;
use super::messenger::SendError;
use crate::domain::message::Attachment;

/// Longest caption, characters (api "sendDocument").
const CAPTION: usize = 1_024;

/// The call that uploads `file` with `caption`.
pub fn upload(
    chat: i64,
    thread: Option<i32>,
    caption: &str,
    file: &Attachment,
) -> Result<Call, SendError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if file.content.is_empty() || file.name.is_empty() || !file.name.chars().all(plain) {
        return Err(SendError::BadRequest("an empty file, or one without a plain name".to_owned()));
    }
    // No text holds its own digest.
    let boundary = hex::encode(&Sha256::digest(file.content.as_bytes())[..16]);
    let caption: String = caption.chars().take(CAPTION).collect();
    let mut fields = vec![("chat_id", chat.to_string()), ("caption", caption)];
    fields.extend(thread.map(|thread| ("message_thread_id", thread.to_string())));
    let mut body = String::with_capacity(file.content.len() + 1_024);
    for (name, value) in fields {
        body.push_str(&format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        ));
    }
    body.push_str(&format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"document\"; filename=\"{}\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n{}\r\n--{boundary}--\r\n",
        file.name, file.content
    ));
    let content_type = format!("multipart/form-data; boundary={boundary}");
    Ok(Call { method: "sendDocument", content_type, body: body.into_bytes() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_goes_with_its_caption_into_its_topic() {
        let file = Attachment { name: "watches.csv".into(), content: "name,urls\n".into() };
        let call = upload(-7, Some(5), "two", &file).expect("a call");
        let text = String::from_utf8(call.body).expect("text");
        assert_eq!(call.method, "sendDocument");
        assert!(text.contains("name=\"chat_id\"\r\n\r\n-7\r\n"), "{text}");
        assert!(text.contains("name=\"message_thread_id\"\r\n\r\n5\r\n"), "{text}");
        assert!(text.contains("filename=\"watches.csv\""), "{text}");
        assert!(text.contains("\r\n\r\nname,urls\n\r\n--"), "{text}");
        let foreign = Attachment { name: "a\"b".into(), ..file };
        assert!(upload(1, None, "", &foreign).is_err());
    }
}
