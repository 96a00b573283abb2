//! What staff is told of tickets, and where it stands once it is sent.

use chrono::{DateTime, Utc};

use super::effects::known;
use crate::domain::delivery::{Content, Outcome, Settlement, delivery_id};
use crate::domain::preferences::Telling;
use crate::domain::ticket::{ForStaff, Staff, Ticket, TicketId, Word};
use crate::domain::{ChatId, Class, DeliveryId, NewDelivery};
use crate::store::DbError;
use crate::store::sql::engine::{Conn, ms};
use crate::store::sql::outbox::{self, Intent};
use crate::store::sql::settle::Ended;
use crate::store::sql::statement::query;
use crate::store::sql::{lanes, rows};

/// How the stored form of something for staff begins.
const TO_STAFF: &str = "{\"to_staff\"";

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
