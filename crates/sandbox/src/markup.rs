//! Keyboards under messages: what is allowed in `reply_markup`.

use std::borrow::Cow;
use std::io;

use serde_json::{Map, Value, json};

use crate::answer::Refusal;
use crate::webapp;

/// The longest `callback_data`, in bytes.
const CALLBACK_LIMIT: usize = 64;
/// The whole markup as JSON may not be longer than this, in bytes.
const MARKUP_LIMIT: usize = 10_000;

/// A checked `reply_markup`.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Markup {
    /// No keyboard was given.
    #[default]
    None,
    /// Buttons under the message; part of the message.
    Inline(Value),
    /// Buttons in place of the keyboard; part of the chat.
    Reply(Value),
    /// Takes the reply keyboard away.
    Remove,
    /// Opens the reply field.
    Force(Value),
}

impl Markup {
    /// Checks the `reply_markup` of a call.
    pub fn parse(
        value: Option<Result<Cow<'_, Value>, serde_json::Error>>,
        private: bool,
    ) -> Result<Self, Refusal> {
        let Some(value) = value else { return Ok(Self::None) };
        let value =
            value.map_err(|_| Refusal::bad("can't parse reply keyboard markup JSON object"))?;
        let Value::Object(object) = &*value else {
            return Err(Refusal::bad("object expected as reply markup"));
        };
        if length(&value) > MARKUP_LIMIT {
            return Err(Refusal::bad("reply markup is too long"));
        }
        if let Some(rows) = object.get("inline_keyboard") {
            let rows = inline_rows(rows, private)?;
            let empty = rows.is_empty();
            return Ok(if empty {
                Self::None
            } else {
                let rows = ("inline_keyboard".to_owned(), Value::Array(rows));
                Self::Inline(Value::Object(Map::from_iter([rows])))
            });
        }
        if let Some(rows) = object.get("keyboard") {
            return reply_keyboard(object, rows, private);
        }
        if object.get("remove_keyboard").and_then(Value::as_bool) == Some(true) {
            return Ok(Self::Remove);
        }
        if object.get("force_reply").and_then(Value::as_bool) == Some(true) {
            return Ok(Self::Force(value.into_owned()));
        }
        Ok(Self::None)
    }

    /// The inline keyboard, which is the only markup that shows in a message.
    pub fn inline(&self) -> Option<Value> {
        match self {
            Self::Inline(value) => Some(value.clone()),
            _ => None,
        }
    }
}

/// Bytes of a value as JSON.
fn length(value: &Value) -> usize {
    let mut count = Count(0);
    // Counting does not fail.
    let _counted = serde_json::to_writer(&mut count, value);
    count.0
}

/// Counts what is written to it.
struct Count(usize);

impl io::Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn array_of_arrays<'a>(
    rows: &'a Value,
    of: &str,
    field: &str,
) -> Result<Vec<&'a [Value]>, Refusal> {
    let refused =
        || Refusal::bad(format!("field \"{field}\" of the {of} must be an Array of Arrays"));
    let rows = rows.as_array().ok_or_else(refused)?;
    rows.iter().map(|row| row.as_array().map(Vec::as_slice).ok_or_else(refused)).collect()
}

/// Rows of checked inline buttons; empty rows vanish.
fn inline_rows(rows: &Value, private: bool) -> Result<Vec<Value>, Refusal> {
    let mut checked = Vec::new();
    for row in array_of_arrays(rows, "InlineKeyboardMarkup", "inline_keyboard")? {
        let buttons: Vec<Value> =
            row.iter().map(|button| inline_button(button, private)).collect::<Result<_, _>>()?;
        if !buttons.is_empty() {
            checked.push(Value::Array(buttons));
        }
    }
    Ok(checked)
}

fn inline_button(button: &Value, private: bool) -> Result<Value, Refusal> {
    let refused = |why: &str| Refusal::bad(format!("can't parse inline keyboard button: {why}"));
    let object =
        button.as_object().ok_or_else(|| refused("InlineKeyboardButton must be an Object"))?;
    let text = object.get("text").and_then(Value::as_str);
    let text = text.ok_or_else(|| refused("Can't find field \"text\""))?;
    if text.trim().is_empty() {
        return Err(Refusal::bad("inline keyboard button text must be non-empty"));
    }
    let mut kept = Map::new();
    kept.insert("text".to_owned(), text.into());
    for (key, value) in object.iter().filter(|(_, value)| !value.is_null()) {
        match key.as_str() {
            "callback_data" => check_callback(value)?,
            "url" => check_url(value)?,
            "copy_text" => check_copy_text(value)?,
            "web_app" if !private => return Err(Refusal::bad("BUTTON_TYPE_INVALID")),
            "web_app" => webapp::check("inline keyboard button", value)?,
            "login_url"
            | "switch_inline_query"
            | "switch_inline_query_current_chat"
            | "switch_inline_query_chosen_chat"
            | "pay"
            | "callback_game"
            | "style"
            | "icon_custom_emoji_id"
            | "disabled" => {}
            _ => continue,
        }
        kept.insert(key.clone(), value.clone());
    }
    let looks = ["text", "style", "icon_custom_emoji_id", "disabled"];
    if kept.keys().all(|key| looks.contains(&key.as_str())) {
        return Err(refused("Text buttons are unallowed in the inline keyboard"));
    }
    Ok(Value::Object(kept))
}

fn check_callback(value: &Value) -> Result<(), Refusal> {
    let fits = value.as_str().is_some_and(|data| (1..=CALLBACK_LIMIT).contains(&data.len()));
    if fits { Ok(()) } else { Err(Refusal::bad("BUTTON_DATA_INVALID")) }
}

fn check_url(value: &Value) -> Result<(), Refusal> {
    let valid = value.as_str().is_some_and(crate::entities::is_link);
    if valid { Ok(()) } else { Err(Refusal::bad("BUTTON_URL_INVALID")) }
}

fn check_copy_text(value: &Value) -> Result<(), Refusal> {
    let text = value.get("text").and_then(Value::as_str).unwrap_or_default();
    let fits = (1..=256).contains(&text.chars().count());
    if fits { Ok(()) } else { Err(Refusal::bad("BUTTON_COPY_TEXT_INVALID")) }
}

fn reply_keyboard(
    object: &Map<String, Value>,
    rows: &Value,
    private: bool,
) -> Result<Markup, Refusal> {
    let mut checked = Vec::new();
    for row in array_of_arrays(rows, "ReplyKeyboardMarkup", "keyboard")? {
        let buttons: Vec<Value> =
            row.iter().map(|button| reply_button(button, private)).collect::<Result<_, _>>()?;
        if !buttons.is_empty() {
            checked.push(Value::Array(buttons));
        }
    }
    if checked.is_empty() {
        return Ok(Markup::None);
    }
    let placeholder = object.get("input_field_placeholder").and_then(Value::as_str);
    if placeholder.is_some_and(|text| text.chars().count() > 64) {
        return Err(Refusal::bad("input field placeholder is too long"));
    }
    let mut kept = object.clone();
    kept.insert("keyboard".to_owned(), Value::Array(checked));
    Ok(Markup::Reply(Value::Object(kept)))
}

fn reply_button(button: &Value, private: bool) -> Result<Value, Refusal> {
    if let Some(text) = button.as_str() {
        return Ok(json!({"text": text}));
    }
    let refused = |why: &str| Refusal::bad(format!("can't parse keyboard button: {why}"));
    let object = button.as_object().ok_or_else(|| refused("KeyboardButton must be an Object"))?;
    if object.get("text").and_then(Value::as_str).is_none() {
        return Err(refused("Can't find field \"text\""));
    }
    if object.contains_key("web_app") && !private {
        return Err(Refusal::bad("web App buttons can be used in private chats only"));
    }
    if let Some(app) = object.get("web_app") {
        webapp::check("keyboard button", app)?;
    }
    Ok(button.clone())
}
