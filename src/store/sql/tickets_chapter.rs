//! See [`crate::store::TicketRecord`]: what is seen of tickets; [`effects`] changes them, [`places`] knows where
//! their copies stand.

mod effects;
mod facts;
mod places;
mod telling;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::engine::{Conn, moment};
use super::statement::{Row, query};
use super::{SqlDb, rows};
use crate::domain::ticket::{SHORT_TRIES, Side, Staff, StaffPlace, Ticket, TicketId};
use crate::domain::{ChatId, Language, UserId};
use crate::store::{
    Canned, DbError, TicketAsk, TicketEffect, TicketMessage, TicketRecord, TicketView, Waiting,
};

use facts::facts;

pub(super) use effects::apply;
pub(super) use telling::{lost, settled};

/// A name is found long before so many tries.
const TRIES: u32 = SHORT_TRIES + 8;

/// Columns of a ticket as [`ticket`] reads it.
const TICKETS: &str = "SELECT t.*, COALESCE(u.name, '') AS name, COALESCE(u.language, 'en') AS language \
     FROM tickets t LEFT JOIN users u ON u.id = t.user_id";

/// What a decision for this person looks at.
pub(super) async fn view(
    conn: &mut Conn,
    ask: &TicketAsk,
    user: Option<UserId>,
) -> Result<TicketView, DbError> {
    match ask {
        TicketAsk::Own { update, message } => match user {
            Some(user) => own(conn, user, *update, *message).await,
            None => Ok(TicketView::default()),
        },
        TicketAsk::Place { chat, thread, answers } => {
            let found = places::find(conn, *chat, *thread, *answers).await?;
            let (id, answered) = found.map_or((None, None), |(id, about)| (Some(id), about));
            let about = match &id {
                Some(id) => one(conn, id).await?,
                None => None,
            };
            Ok(TicketView { answered, ..of_staff(conn, about).await? })
        }
        TicketAsk::Named(id) => {
            let about = one(conn, id).await?;
            of_staff(conn, about).await
        }
    }
}

async fn own(
    conn: &mut Conn,
    user: UserId,
    update: i64,
    message: Option<i64>,
) -> Result<TicketView, DbError> {
    let own = open_of(conn, user).await?;
    let Some(ticket) = &own else {
        let free = Some(free_name(conn, user, update).await?);
        return Ok(TicketView { free, facts: facts(conn, user).await?, ..TicketView::default() });
    };
    let has_message = match message {
        Some(message) => {
            let found = query(
                "SELECT ticket FROM ticket_messages WHERE chat = $1 AND message_id = $2 \
                 AND ticket = $3",
            )
            .bind(ticket.chat.0)
            .bind(message)
            .bind(ticket.id.as_str())
            .fetch_optional(conn)
            .await?;
            found.is_some()
        }
        None => false,
    };
    Ok(TicketView { own, has_message, ..TicketView::default() })
}

async fn of_staff(conn: &mut Conn, about: Option<Ticket>) -> Result<TicketView, DbError> {
    let Some(ticket) = &about else { return Ok(TicketView::default()) };
    let (facts, own) = (facts(conn, ticket.user).await?, open_of(conn, ticket.user).await?);
    Ok(TicketView { own, canned: canned(conn).await?, facts, about, ..TicketView::default() })
}

async fn open_of(conn: &mut Conn, user: UserId) -> Result<Option<Ticket>, DbError> {
    let row = query(format!("{TICKETS} WHERE t.user_id = $1 AND t.state = 'open'"))
        .bind(user.0)
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(ticket).transpose()
}

async fn one(conn: &mut Conn, id: &TicketId) -> Result<Option<Ticket>, DbError> {
    let row =
        query(format!("{TICKETS} WHERE t.id = $1")).bind(id.as_str()).fetch_optional(conn).await?;
    row.as_ref().map(ticket).transpose()
}

fn ticket(row: &Row) -> Result<Ticket, DbError> {
    Ok(Ticket {
        id: TicketId(rows::text(row, "id")?),
        user: UserId(rows::number(row, "user_id")?),
        chat: ChatId(rows::number(row, "chat")?),
        open: rows::text(row, "state")? == "open",
        created_at: moment(rows::number(row, "created_at")?),
        updated_at: moment(rows::number(row, "updated_at")?),
        waiting_since: rows::maybe_number(row, "waiting_since")?.map(moment),
        unreachable: rows::number(row, "unreachable")? == 1,
        staff: serde_json::from_str(&rows::text(row, "staff")?)?,
        name: rows::text(row, "name")?,
        language: Language::from_tag(&rows::text(row, "language")?),
    })
}

async fn free_name(conn: &mut Conn, user: UserId, update: i64) -> Result<TicketId, DbError> {
    for nth in 0..TRIES {
        let id = TicketId::candidate(user, update, nth);
        let taken = query("SELECT id FROM tickets WHERE id = $1")
            .bind(id.as_str())
            .fetch_optional(&mut *conn)
            .await?;
        if taken.is_none() {
            return Ok(id);
        }
    }
    Err(DbError::Broken("no name for a new ticket is free".into()))
}

async fn canned(conn: &mut Conn) -> Result<Vec<Canned>, DbError> {
    let found = query("SELECT name, language, text FROM ticket_canned ORDER BY name, language")
        .fetch_all(conn)
        .await?;
    let canned = |row: &Row| {
        let language = Language::from_tag(&rows::text(row, "language")?);
        Ok(Canned { name: rows::text(row, "name")?, language, text: rows::text(row, "text")? })
    };
    found.iter().map(canned).collect()
}

async fn list(conn: &mut Conn, all: bool, limit: u32) -> Result<Vec<Ticket>, DbError> {
    let which = if all { "" } else { " WHERE t.state = 'open'" };
    let order = "CASE WHEN t.waiting_since IS NULL THEN 1 ELSE 0 END, t.waiting_since, \
                 t.updated_at DESC, t.id";
    let found = query(format!("{TICKETS}{which} ORDER BY {order} LIMIT $1"))
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await?;
    found.iter().map(ticket).collect()
}

async fn story(
    conn: &mut Conn,
    id: &TicketId,
) -> Result<Option<(Ticket, Vec<TicketMessage>)>, DbError> {
    let Some(ticket) = one(conn, id).await? else { return Ok(None) };
    let found = query(
        "SELECT side, author, text, at FROM ticket_messages WHERE ticket = $1 \
         ORDER BY at, message_id",
    )
    .bind(id.as_str())
    .fetch_all(conn)
    .await?;
    let message = |row: &Row| {
        Ok(TicketMessage {
            side: rows::word(row, "side", Side::from_word)?,
            author: rows::text(row, "author")?,
            text: rows::text(row, "text")?,
            at: moment(rows::number(row, "at")?),
        })
    };
    let messages = found.iter().map(message).collect::<Result<_, DbError>>()?;
    Ok(Some((ticket, messages)))
}

async fn waiting(conn: &mut Conn) -> Result<Waiting, DbError> {
    let row = query(
        "SELECT COUNT(*) AS many, MIN(waiting_since) AS oldest FROM tickets \
         WHERE waiting_since IS NOT NULL AND state = 'open'",
    )
    .fetch_one(conn)
    .await?;
    let oldest = rows::maybe_number(&row, "oldest")?.map(moment);
    Ok(Waiting { count: rows::number(&row, "many")?, oldest })
}

#[async_trait]
impl TicketRecord for SqlDb {
    async fn ticket_place(
        &self,
        ticket: &TicketId,
        chat: ChatId,
        about: Option<i64>,
        now: DateTime<Utc>,
    ) -> Result<StaffPlace, DbError> {
        let ticket = ticket.clone();
        self.readers
            .run(move |conn| {
                Box::pin(async move { places::place(conn, &ticket, chat, about, now).await })
            })
            .await
    }

    async fn set_ticket_topic(
        &self,
        ticket: &TicketId,
        chat: ChatId,
        thread: Option<i64>,
        now: DateTime<Utc>,
    ) -> Result<(), DbError> {
        let ticket = ticket.clone();
        self.writer
            .run(move |conn| {
                Box::pin(async move { places::set_topic(conn, &ticket, chat, thread, now).await })
            })
            .await
    }

    async fn tickets(&self, all: bool, limit: u32) -> Result<Vec<Ticket>, DbError> {
        self.readers.run(move |conn| Box::pin(list(conn, all, limit))).await
    }

    async fn ticket(
        &self,
        ticket: &TicketId,
    ) -> Result<Option<(Ticket, Vec<TicketMessage>)>, DbError> {
        let ticket = ticket.clone();
        self.readers.run(move |conn| Box::pin(async move { story(conn, &ticket).await })).await
    }

    async fn order_ticket(
        &self,
        effect: &TicketEffect,
        now: DateTime<Utc>,
    ) -> Result<bool, DbError> {
        let effect = effect.clone();
        let done = self
            .writer
            .run(move |conn| Box::pin(async move { apply(conn, &effect, now).await }))
            .await;
        match done {
            Err(DbError::Stale) => Ok(false),
            done => done.map(|()| true),
        }
    }

    async fn tickets_waiting(&self) -> Result<Waiting, DbError> {
        self.readers.glance(|conn| Box::pin(waiting(conn))).await
    }

    async fn tell_late_tickets(
        &self,
        before: DateTime<Utc>,
        staff: &Staff,
        now: DateTime<Utc>,
    ) -> Result<u64, DbError> {
        let staff = staff.clone();
        self.writer
            .run(move |conn| {
                Box::pin(async move { telling::tell_late(conn, before, &staff, now).await })
            })
            .await
    }

    async fn canned(&self) -> Result<Vec<Canned>, DbError> {
        self.readers.run(|conn| Box::pin(canned(conn))).await
    }

    async fn put_canned(&self, canned: &Canned) -> Result<(), DbError> {
        let canned = canned.clone();
        self.writer
            .run(move |conn| {
                Box::pin(async move {
                    query(
                        "INSERT INTO ticket_canned (name, language, text) VALUES ($1, $2, $3) \
                         ON CONFLICT (name, language) DO UPDATE SET text = excluded.text",
                    )
                    .bind(canned.name.as_str())
                    .bind(canned.language.code())
                    .bind(canned.text.as_str())
                    .execute(conn)
                    .await?;
                    Ok(())
                })
            })
            .await
    }

    async fn drop_canned(&self, name: &str) -> Result<u64, DbError> {
        let name = name.to_owned();
        self.writer
            .run(move |conn| {
                Box::pin(async move {
                    let gone = query("DELETE FROM ticket_canned WHERE name = $1")
                        .bind(name.as_str())
                        .execute(conn)
                        .await?;
                    Ok(gone.rows_affected())
                })
            })
            .await
    }
}
