//! Reminders that a plan ends: occurrences of jobs named `ending/<user>/<plan>/<until>/<which>`, so that each moment
//! of each end is told once. What is overtaken passes in silence.

use chrono::{DateTime, Utc};

use super::engine::{Conn, moment, ms};
use super::outbox::{self, Intent};
use super::rows::text;
use super::statement::query;
use super::{account_ledger, account_plans, lanes, preferences_chapter};
use crate::domain::account::{AccountWord, Reminder, reminders};
use crate::domain::delivery::{Content, delivery_id};
use crate::domain::ledger::{Period, end_of};
use crate::domain::preferences::Telling;
use crate::domain::{ChatId, Class, Language, NewDelivery, PlanId, UserId};
use crate::store::{AccountWords, DbError};

/// Reminders that one step tells.
const CHUNK: i64 = 200;

/// Notes when the person is to be reminded of the ends that lie ahead.
pub(crate) async fn note(
    conn: &mut Conn,
    user: UserId,
    periods: &[Period],
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let place = (ChatId(user.0), None);
    let zone = preferences_chapter::in_force(conn, place).await?.tz();
    let mut plans: Vec<&PlanId> = periods.iter().map(|period| &period.plan).collect();
    plans.dedup();
    for plan in plans {
        let Some(until) = end_of(periods, plan, now) else { continue };
        for (which, at) in reminders(until, now, zone) {
            query(
                "INSERT INTO occurrences (job, scheduled_at, state) VALUES ($1, $2, 'waiting') \
                 ON CONFLICT (job, scheduled_at) DO NOTHING",
            )
            .bind(job(user, plan, until, which))
            .bind(ms(at))
            .execute(&mut *conn)
            .await?;
        }
    }
    Ok(())
}

fn job(user: UserId, plan: &PlanId, until: DateTime<Utc>, which: Reminder) -> String {
    format!("ending/{user}/{plan}/{}/{}", ms(until), which.as_str())
}

fn parts(job: &str) -> Option<(UserId, PlanId, DateTime<Utc>, Reminder)> {
    let mut parts = job.strip_prefix("ending/")?.split('/');
    let user = UserId(parts.next()?.parse().ok()?);
    let plan = PlanId(parts.next()?.to_owned());
    let until = moment(parts.next()?.parse().ok()?);
    Some((user, plan, until, Reminder::from_word(parts.next()?)?))
}

/// See [`crate::store::AccountRecord::remind_endings`].
pub(crate) async fn remind(
    conn: &mut Conn,
    words: AccountWords,
    now: DateTime<Utc>,
) -> Result<u64, DbError> {
    let due = query(
        "UPDATE occurrences SET state = 'done', done_at = $1, epoch = epoch + 1 \
         WHERE state = 'waiting' AND (job, scheduled_at) IN (SELECT job, scheduled_at FROM occurrences \
         WHERE state = 'waiting' AND scheduled_at <= $1 AND job LIKE 'ending/%' \
         ORDER BY scheduled_at, job LIMIT $2) RETURNING job",
    )
    .bind(ms(now))
    .bind(CHUNK)
    .fetch_all(&mut *conn)
    .await?;
    let mut told = 0;
    for row in &due {
        let job = text(row, "job")?;
        let Some(ending) = parts(&job) else { continue };
        told += u64::from(tell_ending(conn, &job, ending, words, now).await?);
    }
    Ok(told)
}

/// Tells one end, unless it was overtaken.
async fn tell_ending(
    conn: &mut Conn,
    job: &str,
    (user, plan, until, reminder): (UserId, PlanId, DateTime<Utc>, Reminder),
    words: AccountWords,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    let periods = account_ledger::periods(conn, user).await?;
    let ends_then = periods.iter().any(|period| period.plan == plan && period.until == until);
    let later = periods.iter().any(|period| period.until > until);
    // A reminder that comes after the end (nobody was there to tell it) would be wrong.
    let is_late = reminder != Reminder::Over && until <= now;
    let Some(plan) = account_plans::one(conn, &plan).await? else { return Ok(false) };
    if !ends_then || later || is_late {
        return Ok(false);
    }
    let zone = preferences_chapter::in_force(conn, (ChatId(user.0), None)).await?.zone;
    let word = AccountWord::Ending { plan: Box::new(plan), until, reminder, zone };
    tell(conn, user, job, &word, words, now).await
}

/// Writes a message to a person about their account, once by its subject; false when they are unknown, barred, or
/// cannot be written to.
pub(crate) async fn tell(
    conn: &mut Conn,
    user: UserId,
    subject: &str,
    word: &AccountWord,
    words: AccountWords,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    let person = query(
        "SELECT u.language FROM users u JOIN chats c ON c.id = u.id \
         WHERE u.id = $1 AND u.banned = 0 AND c.active = 1",
    )
    .bind(user.0)
    .fetch_optional(&mut *conn)
    .await?;
    let Some(person) = person else { return Ok(false) };
    let language = Language::from_tag(&text(&person, "language")?);
    // The private chat of a person has the person's id.
    let (class, chat) = (Class::Payment, ChatId(user.0));
    let delivery = NewDelivery {
        id: delivery_id(class, chat, None, subject),
        class,
        chat,
        thread: None,
        language,
        content: Content::Message(words(word, language)),
        not_before: now,
        fate: Telling::Send,
    };
    let written = outbox::insert(conn, &delivery, Intent::Wait, now).await?.is_some();
    lanes::refresh(conn, chat, now).await?;
    Ok(written)
}
