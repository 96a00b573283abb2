//! Conversations with support, word for word, in both chats.
//!
//! What the chats show: `to anna>` a message in anna's private chat, `in “Anna”>` one in a topic of the group,
//! `to the group>` one outside of topics; `… edits>` a changed one; `note>` and `alert>` the answer to a press.
//!
//! | happens | meaning |
//! |---|---|
//! | `people anna en, olga en` | names with the language of their app |
//! | `staff is a group with topics` | or `a group without topics`, or `olga` (an operator, no group) |
//! | `canned refund uk: text` | an answer is kept ready |
//! | `anna> text`, `anna sends a photo: text` | in private |
//! | `anna changes to: text` | her last message |
//! | `anna answers “words”> text` | answers the newest message of her private chat with these words |
//! | `anna presses [label]` | the newest such button of her private chat |
//! | `anna blocks the bot`, `anna unblocks the bot` | |
//! | `olga in “Anna”> text`, `olga in “Anna” sends a photo: text` | in a topic |
//! | `olga in the group> text` | outside of topics |
//! | `olga in the group answers “words”> text` | answers the newest message with these words |
//! | `olga in the group presses [label]` | the newest such button of the group |
//! | `the topic “Anna” is deleted` | |
//! | `11 minutes pass` | time; the alarm looks |

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::support_world::{GROUP, Support};

const SAYS: &[&str] = &["to ", "in “", "note> ", "alert> ", "   |", "     "];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/bot/support")
}

async fn play(script: &str) -> String {
    let mut world = None;
    let mut lines = Vec::new();
    for line in script.lines().filter(|line| !SAYS.iter().any(|says| line.starts_with(says))) {
        lines.push(line.to_owned());
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(staff) = line.strip_prefix("staff is ") {
            world = Some(found(staff).await);
            continue;
        }
        let world = world.as_mut().expect("who staff is comes first");
        lines.extend(happen(world, line).await);
    }
    lines.join("\n") + "\n"
}

async fn found(staff: &str) -> Support {
    match staff {
        "a group with topics" => Support::new(Some(true), &[]).await,
        "a group without topics" => Support::new(Some(false), &[]).await,
        // The first people of a transcript are numbered from 11.
        "the second person" => Support::new(None, &[12]).await,
        other => panic!("nobody knows such staff: {other}"),
    }
}

async fn happen(world: &mut Support, line: &str) -> Vec<String> {
    if let Some(people) = line.strip_prefix("people ") {
        for one in people.split(", ") {
            let (name, language) = one.split_once(' ').expect("a name and a language");
            world.person(name, language);
        }
        return vec![];
    }
    if let Some(canned) = line.strip_prefix("canned ") {
        let (name, text) = canned.split_once(": ").expect("a name and a text");
        let (name, language) = name.split_once(' ').expect("a name and a language");
        world.keep_ready(name, language, text).await;
        return vec![];
    }
    if let Some(minutes) = line.strip_suffix(" minutes pass") {
        return world.pass(minutes.parse().expect("a number")).await;
    }
    if let Some(topic) =
        line.strip_prefix("the topic “").and_then(|l| l.strip_suffix("” is deleted"))
    {
        let gone = json!({ "chat_id": GROUP, "message_thread_id": world.topic(topic) });
        assert_eq!(world.bot("deleteForumTopic", gone).await["ok"], true);
        return vec![];
    }
    act(world, line).await
}

async fn act(world: &mut Support, line: &str) -> Vec<String> {
    let (name, act) = match line.split_once([' ', '>']) {
        Some((name, _)) => (name.to_owned(), line[name.len()..].to_owned()),
        None => panic!("nobody knows what this means: {line}"),
    };
    let user = world.person(&name, "en");
    let (mut said, act) = place(world, &act);
    let chat = said["chat"].as_i64().unwrap_or(user);
    let mut act = act;
    if let Some(rest) = act.strip_prefix(" answers “") {
        let (words, rest) = rest.split_once('”').expect("words");
        let holds = |message: &Value| {
            let text = message["text"].as_str().or(message["caption"].as_str());
            text.is_some_and(|text| text.contains(words))
        };
        said["reply_to"] = json!(world.newest(chat, holds).await);
        act = rest.to_owned();
    }
    if let Some(text) = act.strip_prefix("> ") {
        said["text"] = json!(text);
    } else if let Some(caption) = act.strip_prefix(" sends a photo: ") {
        said["photo"] = json!("g-1001");
        said["text"] = json!(caption);
    } else if let Some(text) = act.strip_prefix(" changes to: ") {
        let own = world.newest(chat, |message| message["from"]["id"] == user).await;
        said["edit"] = json!({ "message_id": own, "text": text });
    } else if let Some(label) = act.strip_prefix(" presses [") {
        let label = label.trim_end_matches(']');
        let button = |message: &Value| {
            message["reply_markup"].to_string().contains(&json!(label).to_string())
        };
        let message = world.newest(chat, button).await;
        said["press"] = json!({ "message_id": message, "button": label });
        said["wait_ms"] = json!(5_000);
    } else if act == " blocks the bot" || act == " unblocks the bot" {
        said["block"] = json!(act == " blocks the bot");
    } else {
        panic!("nobody knows what this means: {line}");
    }
    world.act(&name, said).await
}

/// Where somebody acts, and the rest of the line.
fn place(world: &Support, act: &str) -> (Value, String) {
    if let Some(rest) = act.strip_prefix(" in “") {
        let (topic, rest) = rest.split_once('”').expect("a topic");
        return (json!({ "chat": GROUP, "thread": world.topic(topic) }), rest.to_owned());
    }
    match act.strip_prefix(" in the group") {
        Some(rest) => (json!({ "chat": GROUP }), rest.to_owned()),
        None => (json!({}), act.to_owned()),
    }
}

#[tokio::test]
async fn support_goes_as_the_transcripts_say_in_both_chats() {
    let entries = std::fs::read_dir(folder()).expect("the transcripts are there");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    assert!(files.len() >= 6, "transcripts are missing");
    let mut wrong = Vec::new();
    for file in files {
        let script = std::fs::read_to_string(&file).expect("readable");
        let played = play(&script).await;
        if played != script {
            let name = file.file_name().expect("a name");
            let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("transcripts");
            std::fs::create_dir_all(&folder).expect("a folder for what really happened");
            std::fs::write(folder.join(name), &played).expect("written");
            let first = script.lines().zip(played.lines()).find(|(a, b)| a != b);
            wrong.push(format!("{}: {first:?}, all of it in {}", name.display(), folder.display()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
