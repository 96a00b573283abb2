//! Where copies stand: from a place of staff to the ticket, and from a ticket to the place of its next copy.

use chrono::{DateTime, TimeDelta, Utc};

use super::telling::tell;
use super::{one, open_of};
use crate::domain::ticket::{ForStaff, StaffPlace, Ticket, TicketId, Topic};
use crate::domain::{ChatId, UserId};
use crate::store::DbError;
use crate::store::sql::engine::{Conn, ms};
use crate::store::sql::rows;
use crate::store::sql::statement::query;

/// How long a group is taken to have no topics.
const PLAIN_FOR: TimeDelta = TimeDelta::hours(1);

/// The ticket that a place is about, and the message of the person whose copy is answered there.
pub(super) async fn find(
    conn: &mut Conn,
    chat: ChatId,
    thread: Option<i64>,
    answers: Option<i64>,
) -> Result<Option<(TicketId, Option<i64>)>, DbError> {
    if let Some(answers) = answers {
        let row =
            query("SELECT ticket, about FROM ticket_copies WHERE chat = $1 AND message_id = $2")
                .bind(chat.0)
                .bind(answers)
                .fetch_optional(&mut *conn)
                .await?;
        if let Some(row) = row {
            let found = TicketId(rows::text(&row, "ticket")?);
            return current(conn, found, rows::maybe_number(&row, "about")?).await.map(Some);
        }
    }
    let Some(thread) = thread else { return Ok(None) };
    let row = query(
        "SELECT t.id FROM ticket_topics p JOIN tickets t ON t.user_id = p.user_id \
         WHERE p.chat = $1 AND p.thread = $2 \
         ORDER BY CASE WHEN t.state = 'open' THEN 0 ELSE 1 END, t.created_at DESC, t.id LIMIT 1",
    )
    .bind(chat.0)
    .bind(thread)
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| rows::text(&row, "id")).transpose()?.map(|id| (TicketId(id), None)))
}

/// An answer to a copy of an earlier ticket belongs to the open one, if there is one.
async fn current(
    conn: &mut Conn,
    found: TicketId,
    about: Option<i64>,
) -> Result<(TicketId, Option<i64>), DbError> {
    let Some(ticket) = one(conn, &found).await?.filter(|ticket| !ticket.open) else {
        return Ok((found, about));
    };
    let open = open_of(conn, ticket.user).await?;
    Ok((open.map_or(found, |open| open.id), about))
}

/// See [`crate::store::TicketRecord::ticket_place`].
pub(super) async fn place(
    conn: &mut Conn,
    id: &TicketId,
    chat: ChatId,
    about: Option<i64>,
    now: DateTime<Utc>,
) -> Result<StaffPlace, DbError> {
    let Some(ticket) = one(conn, id).await? else { return Ok(StaffPlace::default()) };
    let answers = match about {
        Some(about) => copy_of(conn, id, chat, about).await?,
        None => None,
    };
    Ok(StaffPlace {
        topic: topic(conn, ticket.user, chat, now).await?,
        title: title(conn, &ticket).await?,
        answers,
        header: header(conn, id, chat).await?,
    })
}

async fn topic(
    conn: &mut Conn,
    user: UserId,
    chat: ChatId,
    now: DateTime<Utc>,
) -> Result<Topic, DbError> {
    let row = query("SELECT thread, at FROM ticket_topics WHERE user_id = $1 AND chat = $2")
        .bind(user.0)
        .bind(chat.0)
        .fetch_optional(conn)
        .await?;
    let Some(row) = row else { return Ok(Topic::Unknown) };
    match rows::maybe_number(&row, "thread")? {
        Some(thread) => Ok(Topic::Thread(thread)),
        None if rows::number(&row, "at")? > ms(now - PLAIN_FOR) => Ok(Topic::Plain),
        None => Ok(Topic::Unknown),
    }
}

/// What a topic of the person is called: `Anna (@anna)`.
async fn title(conn: &mut Conn, ticket: &Ticket) -> Result<String, DbError> {
    let row = query("SELECT username FROM users WHERE id = $1")
        .bind(ticket.user.0)
        .fetch_optional(conn)
        .await?;
    let username = row.map(|row| rows::maybe_text(&row, "username")).transpose()?.flatten();
    let name: String = ticket.name.chars().filter(|c| !c.is_control()).take(80).collect();
    let name = match name.trim() {
        "" => format!("User {}", ticket.user),
        name => name.to_owned(),
    };
    Ok(match username {
        Some(username) => format!("{name} (@{username})"),
        None => name,
    })
}

/// The message of staff's chat that a message of the person's chat is a copy of, or that is a copy of it.
async fn copy_of(
    conn: &mut Conn,
    id: &TicketId,
    chat: ChatId,
    about: i64,
) -> Result<Option<i64>, DbError> {
    let row = query(
        "SELECT message_id FROM ticket_copies WHERE ticket = $1 AND chat = $2 AND about = $3 \
         ORDER BY message_id LIMIT 1",
    )
    .bind(id.as_str())
    .bind(chat.0)
    .bind(about)
    .fetch_optional(&mut *conn)
    .await?;
    let row =
        match row {
            Some(row) => Some(row),
            None => query(
                "SELECT m.message_id FROM ticket_messages m JOIN deliveries d ON d.id = m.delivery \
                 WHERE m.ticket = $1 AND m.chat = $2 AND d.message_id = $3",
            )
            .bind(id.as_str())
            .bind(chat.0)
            .bind(about)
            .fetch_optional(conn)
            .await?,
        };
    row.map(|row| rows::number(&row, "message_id")).transpose()
}

async fn header(conn: &mut Conn, id: &TicketId, chat: ChatId) -> Result<Option<i64>, DbError> {
    let row = query(
        "SELECT message_id FROM ticket_copies WHERE ticket = $1 AND chat = $2 AND header = 1 \
         ORDER BY message_id DESC LIMIT 1",
    )
    .bind(id.as_str())
    .bind(chat.0)
    .fetch_optional(conn)
    .await?;
    row.map(|row| rows::number(&row, "message_id")).transpose()
}

/// See [`crate::store::TicketRecord::set_ticket_topic`].
pub(super) async fn set_topic(
    conn: &mut Conn,
    id: &TicketId,
    chat: ChatId,
    thread: Option<i64>,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let Some(ticket) = one(conn, id).await? else { return Ok(()) };
    let before = query("SELECT thread FROM ticket_topics WHERE user_id = $1 AND chat = $2")
        .bind(ticket.user.0)
        .bind(chat.0)
        .fetch_optional(&mut *conn)
        .await?;
    query(
        "INSERT INTO ticket_topics (user_id, chat, thread, at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (user_id, chat) DO UPDATE SET thread = excluded.thread, at = excluded.at",
    )
    .bind(ticket.user.0)
    .bind(chat.0)
    .bind(thread)
    .bind(ms(now))
    .execute(&mut *conn)
    .await?;
    let before = before.map(|row| rows::maybe_number(&row, "thread")).transpose()?.flatten();
    match (before, thread) {
        (Some(before), Some(thread)) if before != thread => {
            tell_header_again(conn, &ticket, chat, thread, now).await
        }
        _ => Ok(()),
    }
}

async fn tell_header_again(
    conn: &mut Conn,
    ticket: &Ticket,
    chat: ChatId,
    thread: i64,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let row = query("SELECT header FROM tickets WHERE id = $1")
        .bind(ticket.id.as_str())
        .fetch_one(&mut *conn)
        .await?;
    let Some(header) = rows::maybe_text(&row, "header")? else { return Ok(()) };
    let header = ForStaff::Header(serde_json::from_str(&header)?);
    let mut here = ticket.clone();
    here.staff.chats = vec![chat];
    tell(conn, &here, None, &header, &format!("header/{}/{thread}", ticket.id), now).await?;
    Ok(())
}
