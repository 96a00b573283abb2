//! What changes tickets, and what staff is told of it in the same transaction.

use chrono::{DateTime, Utc};

use super::one;
use crate::domain::delivery::{Content, Outcome, Settlement, delivery_id};
use crate::domain::preferences::Telling;
use crate::domain::ticket::{ForStaff, Side, Staff, Ticket, TicketId, Word};
use crate::domain::{ChatId, Class, DeliveryId, NewDelivery, Outgoing};
use crate::store::sql::engine::{Conn, ms};
use crate::store::sql::outbox::{self, Intent};
use crate::store::sql::settle::Ended;
use crate::store::sql::statement::query;
use crate::store::sql::{lanes, rows};
use crate::store::{Answered, DbError, TicketEffect, Written};

/// How the stored form of something for staff begins.
const TO_STAFF: &str = "{\"to_staff\"";

/// Applies a change that an update causes. [`DbError::Stale`] when what it was decided on has changed.
pub(in crate::store::sql) async fn apply(
    conn: &mut Conn,
    effect: &TicketEffect,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    match effect {
        TicketEffect::Write(written) => write(conn, written, now).await,
        TicketEffect::Edit { ticket, message_id, text } => {
            edit(conn, ticket, *message_id, text, now).await
        }
        TicketEffect::Answer(answered) => answer(conn, answered, now).await,
        TicketEffect::Note(answered) => {
            let ticket = known(conn, &answered.ticket).await?;
            note(conn, &ticket, answered, Side::Note, None, now).await.map(drop)
        }
        TicketEffect::Close { ticket, by, tell } => {
            close(conn, ticket, by, tell.as_deref(), now).await
        }
        TicketEffect::Reopen { ticket, by } => reopen(conn, ticket, by, now).await,
        TicketEffect::Helped { ticket } => helped(conn, ticket, now).await,
    }
}

async fn known(conn: &mut Conn, id: &TicketId) -> Result<Ticket, DbError> {
    one(conn, id).await?.ok_or(DbError::Stale)
}

async fn write(conn: &mut Conn, written: &Written, now: DateTime<Utc>) -> Result<(), DbError> {
    let staff = serde_json::to_string(&written.staff)?;
    let done =
        match &written.opens {
            Some(header) => {
                query(
                    "INSERT INTO tickets (id, user_id, chat, state, created_at, updated_at, \
                 waiting_since, staff, header) VALUES ($1, $2, $3, 'open', $4, $4, $4, $5, $6) \
                 ON CONFLICT DO NOTHING",
                )
                .bind(written.ticket.as_str())
                .bind(written.user.0)
                .bind(written.chat.0)
                .bind(ms(now))
                .bind(staff)
                .bind(serde_json::to_string(header)?)
                .execute(&mut *conn)
                .await?
            }
            None => query(
                "UPDATE tickets SET updated_at = $3, waiting_since = COALESCE(waiting_since, $3), \
                 staff = $4, unreachable = 0 WHERE id = $1 AND user_id = $2 AND state = 'open'",
            )
            .bind(written.ticket.as_str())
            .bind(written.user.0)
            .bind(ms(now))
            .bind(staff)
            .execute(&mut *conn)
            .await?,
        };
    if done.rows_affected() == 0 {
        return Err(DbError::Stale);
    }
    let ticket = known(conn, &written.ticket).await?;
    let id = &ticket.id;
    let new = query(
        "INSERT INTO ticket_messages (chat, message_id, ticket, from_user, text, at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (chat, message_id) DO NOTHING",
    )
    .bind(written.chat.0)
    .bind(written.message_id)
    .bind(id.as_str())
    .bind(written.user.0)
    .bind(written.text.as_str())
    .bind(ms(now))
    .execute(&mut *conn)
    .await?;
    if new.rows_affected() == 0 {
        return Ok(());
    }
    if let Some(header) = &written.opens {
        if has_topic(conn, &ticket).await? {
            let open = ForStaff::Topic { open: true };
            tell(conn, &ticket, None, &open, &format!("open/{id}"), now).await?;
        }
        let header = ForStaff::Header(header.clone());
        tell(conn, &ticket, None, &header, &format!("header/{id}"), now).await?;
    }
    let (from, message_id) = (written.chat, written.message_id);
    let copy = ForStaff::Copy {
        from,
        message_id,
        text: written.text.clone(),
        buttons: written.buttons.clone(),
    };
    let subject = format!("copy/{id}/{message_id}");
    tell(conn, &ticket, written.answers, &copy, &subject, now).await?;
    Ok(())
}

async fn has_topic(conn: &mut Conn, ticket: &Ticket) -> Result<bool, DbError> {
    let found = query("SELECT thread FROM ticket_topics WHERE user_id = $1 AND thread IS NOT NULL")
        .bind(ticket.user.0)
        .fetch_optional(conn)
        .await?;
    Ok(found.is_some())
}

async fn edit(
    conn: &mut Conn,
    id: &TicketId,
    message_id: i64,
    text: &str,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let ticket = known(conn, id).await?;
    query("UPDATE ticket_messages SET text = $3 WHERE chat = $1 AND message_id = $2")
        .bind(ticket.chat.0)
        .bind(message_id)
        .bind(text)
        .execute(&mut *conn)
        .await?;
    let word = ForStaff::Word(Word::Edited { text: text.to_owned() });
    let subject = format!("edit/{id}/{message_id}/{}", ms(now));
    tell(conn, &ticket, Some(message_id), &word, &subject, now).await?;
    Ok(())
}

async fn answer(conn: &mut Conn, answered: &Answered, now: DateTime<Utc>) -> Result<(), DbError> {
    let ticket = known(conn, &answered.ticket).await?;
    let subject = format!("answer/{}/{}", answered.chat, answered.message_id);
    let delivery = to_person(&ticket, answered.content.clone(), &subject, now);
    if !note(conn, &ticket, answered, Side::Staff, Some(&delivery.id), now).await? {
        return Ok(());
    }
    outbox::insert(conn, &delivery, Intent::Wait, now).await?;
    lanes::refresh(conn, ticket.chat, now).await?;
    query("UPDATE tickets SET waiting_since = NULL, updated_at = $2 WHERE id = $1")
        .bind(ticket.id.as_str())
        .bind(ms(now))
        .execute(&mut *conn)
        .await?;
    // Whoever else hears of the ticket does not see what was written there.
    let mut others = ticket.clone();
    others.staff.chats.retain(|chat| *chat != answered.chat);
    let (by, text) = (answered.author.clone(), answered.text.clone());
    let word = ForStaff::Word(Word::Answered { by, text });
    tell(conn, &others, None, &word, &format!("told/{subject}"), now).await?;
    Ok(())
}

/// Keeps words of staff; false when they are kept already.
async fn note(
    conn: &mut Conn,
    ticket: &Ticket,
    answered: &Answered,
    side: Side,
    delivery: Option<&DeliveryId>,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    let done = query(
        "INSERT INTO ticket_messages (chat, message_id, ticket, from_user, text, at, side, author, \
         delivery) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
         ON CONFLICT (chat, message_id) DO NOTHING",
    )
    .bind(answered.chat.0)
    .bind(answered.message_id)
    .bind(ticket.id.as_str())
    .bind(answered.by.0)
    .bind(answered.text.as_str())
    .bind(ms(now))
    .bind(side.as_str())
    .bind(answered.author.as_str())
    .bind(delivery.map(DeliveryId::as_str))
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

async fn close(
    conn: &mut Conn,
    id: &TicketId,
    by: &str,
    message: Option<&Outgoing>,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let done = query(
        "UPDATE tickets SET state = 'closed', waiting_since = NULL, updated_at = $2 \
         WHERE id = $1 AND state = 'open'",
    )
    .bind(id.as_str())
    .bind(ms(now))
    .execute(&mut *conn)
    .await?;
    if done.rows_affected() == 0 {
        return Err(DbError::Stale);
    }
    let ticket = known(conn, id).await?;
    let subject = format!("closed/{id}/{}", ms(now));
    let word = ForStaff::Word(Word::Closed { by: by.to_owned() });
    tell(conn, &ticket, None, &word, &subject, now).await?;
    let shut = ForStaff::Topic { open: false };
    tell(conn, &ticket, None, &shut, &format!("shut/{subject}"), now).await?;
    if let Some(message) = message {
        let delivery = to_person(&ticket, Content::Message(message.clone()), &subject, now);
        outbox::insert(conn, &delivery, Intent::Wait, now).await?;
        lanes::refresh(conn, ticket.chat, now).await?;
    }
    Ok(())
}

async fn reopen(
    conn: &mut Conn,
    id: &TicketId,
    by: &str,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let waits = by.is_empty().then(|| ms(now));
    let done = query(
        "UPDATE tickets SET state = 'open', waiting_since = $3, updated_at = $2 WHERE id = $1 \
         AND state = 'closed' AND NOT EXISTS (SELECT 1 FROM tickets o \
         WHERE o.user_id = tickets.user_id AND o.state = 'open')",
    )
    .bind(id.as_str())
    .bind(ms(now))
    .bind(waits)
    .execute(&mut *conn)
    .await?;
    if done.rows_affected() == 0 {
        return Err(DbError::Stale);
    }
    let ticket = known(conn, id).await?;
    let subject = format!("reopened/{id}/{}", ms(now));
    let open = ForStaff::Topic { open: true };
    tell(conn, &ticket, None, &open, &format!("open/{subject}"), now).await?;
    let word = ForStaff::Word(Word::Reopened { by: by.to_owned() });
    tell(conn, &ticket, None, &word, &subject, now).await?;
    Ok(())
}

async fn helped(conn: &mut Conn, id: &TicketId, now: DateTime<Utc>) -> Result<(), DbError> {
    let done = query("UPDATE tickets SET helped = 1 WHERE id = $1 AND helped = 0")
        .bind(id.as_str())
        .execute(&mut *conn)
        .await?;
    if done.rows_affected() == 1 {
        let ticket = known(conn, id).await?;
        let word = ForStaff::Word(Word::Helped);
        tell(conn, &ticket, None, &word, &format!("helped/{id}"), now).await?;
    }
    Ok(())
}

fn to_person(ticket: &Ticket, content: Content, subject: &str, now: DateTime<Utc>) -> NewDelivery {
    NewDelivery {
        id: delivery_id(Class::Support, ticket.chat, None, subject),
        class: Class::Support,
        chat: ticket.chat,
        thread: None,
        language: ticket.language,
        content,
        not_before: now,
        fate: Telling::Send,
    }
}

/// Tells everybody who hears of a ticket, once by the name `subject`; answers how many chats are told.
pub(super) async fn tell(
    conn: &mut Conn,
    ticket: &Ticket,
    about: Option<i64>,
    what: &ForStaff,
    subject: &str,
    now: DateTime<Utc>,
) -> Result<u64, DbError> {
    let mut told = 0;
    for chat in &ticket.staff.chats {
        let is_group = chat.0 < 0;
        let what = match what {
            ForStaff::Topic { .. } if !is_group => continue,
            ForStaff::Copy { from, message_id, text, .. } if is_group => ForStaff::Copy {
                from: *from,
                message_id: *message_id,
                text: text.clone(),
                buttons: vec![],
            },
            what => what.clone(),
        };
        let content =
            Content::ToStaff { ticket: ticket.id.clone(), user: ticket.user, about, what };
        let new = NewDelivery {
            id: delivery_id(Class::Support, *chat, None, subject),
            class: Class::Support,
            chat: *chat,
            thread: None,
            language: ticket.staff.language,
            content,
            not_before: now,
            fate: Telling::Send,
        };
        told += u64::from(outbox::insert(conn, &new, Intent::Wait, now).await?.is_some());
        lanes::refresh(conn, *chat, now).await?;
    }
    Ok(told)
}

/// Keeps the place of what staff was shown, so that an answer to it finds its ticket; says when an answer of staff
/// did not arrive. In the transaction that settles the delivery.
pub(in crate::store::sql) async fn settled(
    conn: &mut Conn,
    settlement: &Settlement,
    ended: &Ended,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    match &settlement.outcome {
        Outcome::Sent { message_id, .. }
            if *message_id > 0 && ended.content.starts_with(TO_STAFF) =>
        {
            stands(conn, ended, *message_id).await
        }
        Outcome::ChatGone { reason } | Outcome::Dropped { reason } | Outcome::Dead { reason } => {
            let gone = matches!(settlement.outcome, Outcome::ChatGone { .. });
            undelivered(conn, &settlement.id, reason, gone, now).await
        }
        _ => Ok(()),
    }
}

async fn stands(conn: &mut Conn, ended: &Ended, message_id: i64) -> Result<(), DbError> {
    let Content::ToStaff { ticket, about, what, .. } = serde_json::from_str(&ended.content)? else {
        return Ok(());
    };
    let about = match &what {
        ForStaff::Copy { message_id, .. } => Some(*message_id),
        _ => about,
    };
    query(
        "INSERT INTO ticket_copies (chat, message_id, ticket, about, header) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (chat, message_id) DO NOTHING",
    )
    .bind(ended.chat.0)
    .bind(message_id)
    .bind(ticket.as_str())
    .bind(about)
    .bind(i64::from(matches!(what, ForStaff::Header(_))))
    .execute(conn)
    .await?;
    Ok(())
}

/// When the chat is gone, [`lost`] tells so the first time.
async fn undelivered(
    conn: &mut Conn,
    id: &DeliveryId,
    reason: &str,
    gone: bool,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let row = query("SELECT ticket FROM ticket_messages WHERE delivery = $1")
        .bind(id.as_str())
        .fetch_optional(&mut *conn)
        .await?;
    let Some(row) = row else { return Ok(()) };
    let ticket = known(conn, &TicketId(rows::text(&row, "ticket")?)).await?;
    if gone && ticket.open && !ticket.unreachable {
        return Ok(());
    }
    let word = ForStaff::Word(Word::Undelivered { reason: reason.to_owned() });
    tell(conn, &ticket, None, &word, &format!("undelivered/{id}/{}", ms(now)), now).await?;
    Ok(())
}

/// A chat cannot be written to any more: who hears of its open ticket is told once, until the person writes again.
pub(in crate::store::sql) async fn lost(
    conn: &mut Conn,
    chat: ChatId,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let row = query(
        "UPDATE tickets SET unreachable = 1 WHERE user_id = $1 AND chat = $1 AND state = 'open' \
         AND unreachable = 0 RETURNING id",
    )
    .bind(chat.0)
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = row else { return Ok(()) };
    let ticket = known(conn, &TicketId(rows::text(&row, "id")?)).await?;
    let word = ForStaff::Word(Word::Unreachable);
    let subject = format!("unreachable/{}/{}", ticket.id, ms(now));
    tell(conn, &ticket, None, &word, &subject, now).await?;
    Ok(())
}

/// See [`crate::store::TicketRecord::tell_late_tickets`].
pub(super) async fn tell_late(
    conn: &mut Conn,
    before: DateTime<Utc>,
    staff: &Staff,
    now: DateTime<Utc>,
) -> Result<u64, DbError> {
    let late = query(
        "SELECT id FROM tickets WHERE waiting_since IS NOT NULL AND waiting_since <= $1 \
         AND state = 'open' ORDER BY waiting_since, id LIMIT 100",
    )
    .bind(ms(before))
    .fetch_all(&mut *conn)
    .await?;
    let mut told = 0;
    for row in &late {
        let mut ticket = known(conn, &TicketId(rows::text(row, "id")?)).await?;
        let Some(since) = ticket.waiting_since else { continue };
        ticket.staff = staff.clone();
        let (hours, day) = ((now - since).num_hours(), (before - since).num_days());
        let subject = format!("late/{}/{}/{day}", ticket.id, ms(since));
        let word = ForStaff::Word(Word::Late { hours });
        told += u64::from(tell(conn, &ticket, None, &word, &subject, now).await? > 0);
    }
    Ok(told)
}
