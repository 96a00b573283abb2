//! A broadcast as it is written on the command line.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use chrono::{DateTime, Utc};
use clap::Args;

use crate::domain::campaign::{Audience, CampaignId, CampaignOptions, NewCampaign, Wording};
use crate::domain::message::Action;
use crate::domain::{Button, ChatId, ChatKind, Language, Outgoing};
use crate::texts::builder::web_address;

/// What it says and whom it is for.
#[derive(Debug, Args)]
pub struct Draft {
    /// By which operators find it
    #[arg(long)]
    pub title: String,
    /// The words in a language, such as `en=Hello`, or from a file: `uk=@news.txt`. May be given for each language
    #[arg(long = "text", value_name = "LANGUAGE=WORDS")]
    pub texts: Vec<String>,
    /// Whole messages by language as JSON, with formatting and buttons, instead of words
    #[arg(long, value_name = "FILE", conflicts_with_all = ["texts", "photo", "buttons"])]
    pub content: Option<PathBuf>,
    /// Address of a picture above the words
    #[arg(long)]
    pub photo: Option<String>,
    /// A button with a link, such as `Open=https://example.com`. May be given several times
    #[arg(long = "button", value_name = "NAME=URL")]
    pub buttons: Vec<String>,
    /// Only readers of this language. May be given several times
    #[arg(long = "language", value_parser = language)]
    pub languages: Vec<Language>,
    /// Only those who have this plan now. May be given several times
    #[arg(long = "plan")]
    pub plans: Vec<String>,
    /// Only those who have any plan
    #[arg(long)]
    pub with_plan: bool,
    /// Only those who have no plan now
    #[arg(long)]
    pub without_plan: bool,
    /// Only those who have said nothing for so many days
    #[arg(long, value_name = "DAYS")]
    pub inactive: Option<u32>,
    /// Only those who have said something within so many days
    #[arg(long, value_name = "DAYS")]
    pub active: Option<u32>,
    /// Only those who watch something
    #[arg(long, conflicts_with = "not_watching")]
    pub watching: bool,
    /// Only those who watch nothing
    #[arg(long)]
    pub not_watching: bool,
    /// Groups and channels too
    #[arg(long)]
    pub groups: bool,
    /// Only this chat. May be given several times
    #[arg(long = "chat", allow_negative_numbers = true)]
    pub chats: Vec<i64>,
    /// Send it against Stars, faster than the free limits (needs `deliver.paid_per_second`)
    #[arg(long)]
    pub paid: bool,
    /// Without sound
    #[arg(long)]
    pub silent: bool,
}

impl Draft {
    /// The broadcast, with a name of its own.
    pub fn read(&self, now: DateTime<Utc>) -> anyhow::Result<NewCampaign> {
        let millis = u64::try_from(now.timestamp_millis()).unwrap_or_default();
        let seconds = uuid::Timestamp::from_unix(
            uuid::NoContext,
            millis / 1_000,
            u32::try_from(millis % 1_000 * 1_000_000).unwrap_or_default(),
        );
        Ok(NewCampaign {
            id: CampaignId(uuid::Uuid::new_v7(seconds).simple().to_string()),
            title: self.title.clone(),
            wording: self.wording()?,
            audience: self.audience(),
            options: CampaignOptions { paid: self.paid, silent: self.silent },
            created_by: "command line".to_owned(),
        })
    }

    fn audience(&self) -> Audience {
        let kinds = if self.groups {
            vec![ChatKind::Private, ChatKind::Group, ChatKind::Channel]
        } else if self.chats.iter().any(|chat| *chat < 0) {
            // Who names a group means it.
            vec![ChatKind::Private, ChatKind::Group, ChatKind::Channel]
        } else {
            vec![]
        };
        Audience {
            languages: self.languages.clone(),
            plans: self.plans.clone(),
            with_plan: self.with_plan,
            without_plan: self.without_plan,
            inactive_days: self.inactive,
            active_days: self.active,
            watching: (self.watching || self.not_watching).then_some(self.watching),
            kinds,
            chats: self.chats.iter().copied().map(ChatId).collect(),
        }
    }

    fn wording(&self) -> anyhow::Result<Wording> {
        if let Some(path) = &self.content {
            let name = path.display();
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("the messages in {name} cannot be read"))?;
            return serde_json::from_str(&text).with_context(|| {
                format!("{name} is no list of messages by language, such as {{\"en\": {{\"text\": \"Hello\"}}}}")
            });
        }
        let mut wording = Wording::default();
        let buttons = self.buttons()?;
        for text in &self.texts {
            let Some((code, words)) = text.split_once('=') else {
                bail!("\"{text}\" names no language; write it as en=Hello");
            };
            let language = language(code).map_err(anyhow::Error::msg)?;
            let words = match words.strip_prefix('@') {
                Some(path) => std::fs::read_to_string(path)
                    .with_context(|| format!("the words in {path} cannot be read"))?,
                None => words.to_owned(),
            };
            let message = Outgoing {
                photo: self.photo()?,
                buttons: buttons.iter().map(|button| vec![button.clone()]).collect(),
                ..Outgoing::text(words.trim())
            };
            if wording.0.insert(language, message).is_some() {
                bail!("there are two messages in {}", language.code());
            }
        }
        Ok(wording)
    }

    fn photo(&self) -> anyhow::Result<Option<String>> {
        let Some(photo) = &self.photo else { return Ok(None) };
        match web_address(photo) {
            Some(address) => Ok(Some(address.to_string())),
            None => bail!("\"{photo}\" is no http or https address of a picture"),
        }
    }

    fn buttons(&self) -> anyhow::Result<Vec<Button>> {
        let read = |button: &String| {
            let named = button.split_once('=').filter(|(name, _)| !name.trim().is_empty());
            let link = named.and_then(|(name, url)| Some((name.trim(), web_address(url)?)));
            match link {
                Some((name, url)) => {
                    Ok(Button { text: name.to_owned(), action: Action::Url(url.to_string()) })
                }
                None => bail!("\"{button}\" is no button; write it as Open=https://example.com"),
            }
        };
        self.buttons.iter().map(read).collect()
    }
}

/// A language by its code.
pub fn language(code: &str) -> Result<Language, String> {
    let known = Language::ALL.into_iter().find(|language| language.code() == code.trim());
    known.ok_or_else(|| format!("\"{code}\" is no language of the bot; write en, ru or uk"))
}

/// Numbers of chats by language in words.
pub fn counted(counts: &[(Language, i64)]) -> String {
    let total: i64 = counts.iter().map(|(_, many)| many).sum();
    let each: Vec<String> =
        counts.iter().map(|(language, many)| format!("{} {many}", language.code())).collect();
    match total {
        0 => "nobody".to_owned(),
        1 => format!("one chat ({})", each.join(", ")),
        _ => format!("{total} chats ({})", each.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        draft: Draft,
    }

    fn draft(words: &[&str]) -> Draft {
        let line = ["broadcast", "--title", "News"].into_iter().chain(words.iter().copied());
        Line::try_parse_from(line).expect("a command line").draft
    }

    #[test]
    fn words_buttons_and_a_picture_become_a_message_for_each_language() {
        let draft = draft(&[
            "--text=en=Hello = you",
            "--text=uk=Вітаю",
            "--button=Open=https://example.com/?a=b",
            "--photo=https://example.com/p.jpg",
        ]);
        let new = draft.read(DateTime::UNIX_EPOCH).expect("a broadcast");
        assert_eq!(new.problems(), Vec::<String>::new());
        let english = new.wording.of(Language::En).expect("a message");
        assert_eq!(english.text, "Hello = you");
        assert_eq!(english.photo.as_deref(), Some("https://example.com/p.jpg"));
        let url = Action::Url("https://example.com/?a=b".into());
        assert_eq!(english.buttons, [[Button { text: "Open".into(), action: url }]]);
        assert_eq!(new.wording.of(Language::Uk).expect("a message").text, "Вітаю");
    }

    #[test]
    fn nonsense_is_refused_with_a_remedy() {
        for (words, said) in [
            (["--text=Hello", "--text=en=x"], "names no language"),
            (["--text=de=Hallo", "--text=en=x"], "no language of the bot"),
            (["--text=en=Hello", "--text=en=Hi"], "two messages in en"),
            (["--text=en=Hello", "--button=Open=javascript:alert(1)"], "no button"),
            (["--text=en=Hello", "--photo=file:///etc/passwd"], "no http"),
            (["--text=en=@/nowhere/at.all", "--silent"], "cannot be read"),
        ] {
            let error = draft(&words).read(DateTime::UNIX_EPOCH).expect_err("nonsense");
            assert!(format!("{error:#}").contains(said), "{words:?}: {error:#}");
        }
    }

    #[test]
    fn who_names_a_group_means_groups_too() {
        assert_eq!(draft(&["--chat=-5"]).audience().kinds.len(), 3);
        assert_eq!(draft(&["--chat=5"]).audience().kinds(), [ChatKind::Private]);
        assert_eq!(draft(&["--not-watching"]).audience().watching, Some(false));
        assert_eq!(draft(&["--watching"]).audience().watching, Some(true));
        assert_eq!(draft(&[]).audience(), Audience::default());
    }

    #[test]
    fn numbers_are_said_in_words() {
        assert_eq!(counted(&[]), "nobody");
        assert_eq!(counted(&[(Language::En, 1)]), "one chat (en 1)");
        assert_eq!(counted(&[(Language::En, 2), (Language::Uk, 3)]), "5 chats (en 2, uk 3)");
    }
}
