//! What changes tickets, and what staff is told of it in the same transaction.

use chrono::{DateTime, Utc};

use super::one;
use super::telling::tell;
use crate::domain::delivery::{Content, delivery_id};
use crate::domain::preferences::Telling;
use crate::domain::ticket::{ForStaff, Side, Ticket, TicketId, Word};
use crate::domain::{Class, DeliveryId, NewDelivery, Outgoing};
use crate::store::sql::engine::{Conn, ms};
use crate::store::sql::lanes;
use crate::store::sql::outbox::{self, Intent};
use crate::store::sql::statement::query;
use crate::store::{Answered, DbError, TicketEffect, Written};

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

pub(super) async fn known(conn: &mut Conn, id: &TicketId) -> Result<Ticket, DbError> {
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
