//! Invitations: who came by whose link, and what both are credited for it, once.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use rand::Rng as _;

use super::engine::{Conn, ms};
use super::rows::{number, text};
use super::statement::query;
use super::{account_endings, account_ledger};
use crate::domain::account::{AccountWord, Growth, Invited, ReferralAfter};
use crate::domain::ledger::{EntryKey, Kind};
use crate::domain::{Entry, UserId};
use crate::store::{AccountWords, DbError, Posted};

/// The provider of what invitations give.
const PROVIDER: &str = "referral";
/// Characters of a code: none that is taken for another.
const ALPHABET: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
/// Length of a code: about 50 bits.
const LENGTH: usize = 10;
/// How long a watch is kept before it counts.
const KEPT: TimeDelta = TimeDelta::days(1);
/// The time for which the cap is meant.
const CAP_SPAN: TimeDelta = TimeDelta::days(30);
/// Invitations that one step settles.
const CHUNK: i64 = 100;

/// A code that nobody has, as good as certainly.
pub(crate) fn fresh() -> String {
    let mut random = rand::rng();
    (0..LENGTH).map(|_| char::from(ALPHABET[random.random_range(0..ALPHABET.len())])).collect()
}

/// Code of a person's invitations.
pub(crate) async fn code_of(conn: &mut Conn, user: UserId) -> Result<Option<String>, DbError> {
    let row = query("SELECT code FROM invite_codes WHERE user_id = $1").bind(user.0);
    row.fetch_optional(conn).await?.map(|row| text(&row, "code")).transpose()
}

/// Gives a person a code. [`DbError::Stale`] when they have another one, or somebody else has it.
pub(crate) async fn set_code(
    conn: &mut Conn,
    user: UserId,
    code: &str,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    if code_of(conn, user).await?.as_deref() == Some(code) {
        return Ok(());
    }
    let done = query(
        "INSERT INTO invite_codes (code, user_id, created_at) VALUES ($1, $2, $3) \
         ON CONFLICT DO NOTHING",
    )
    .bind(code)
    .bind(user.0)
    .bind(ms(now))
    .execute(conn)
    .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(DbError::Stale) }
}

/// Binds a person who is met at `now`, and not a moment earlier, to who invited them.
pub(crate) async fn bind(
    conn: &mut Conn,
    user: UserId,
    code: &str,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    query(
        "INSERT INTO referrals (invited, inviter, came_at) \
         SELECT u.id, c.user_id, u.created_at FROM users u JOIN invite_codes c ON c.code = $2 \
         WHERE u.id = $1 AND u.created_at = $3 AND c.user_id <> u.id \
         AND NOT EXISTS (SELECT 1 FROM ledger l WHERE l.user_id = u.id) \
         ON CONFLICT (invited) DO NOTHING",
    )
    .bind(user.0)
    .bind(code)
    .bind(ms(now))
    .execute(conn)
    .await?;
    Ok(())
}

/// What a person's invitations achieved.
pub(crate) async fn achieved(conn: &mut Conn, user: UserId) -> Result<Invited, DbError> {
    let row = query(
        "SELECT COUNT(*) AS came, COALESCE(SUM(rewarded), 0) AS rewarded FROM referrals \
         WHERE inviter = $1",
    )
    .bind(user.0)
    .fetch_one(&mut *conn)
    .await?;
    let count = |column| Ok::<_, DbError>(u64::try_from(number(&row, column)?).unwrap_or(0));
    let sums = query(
        "SELECT currency, SUM(balance) AS sum FROM ledger WHERE user_id = $1 AND kind = 'referral' \
         AND payment_id LIKE '%/inviter' GROUP BY currency",
    )
    .bind(user.0)
    .fetch_all(conn)
    .await?;
    let earned: Result<BTreeMap<_, _>, DbError> =
        sums.iter().map(|row| Ok((text(row, "currency")?, number(row, "sum")?))).collect();
    Ok(Invited { came: count("came")?, rewarded: count("rewarded")?, earned: earned? })
}

/// See [`crate::store::AccountRecord::reward_invitations`].
pub(crate) async fn reward(
    conn: &mut Conn,
    growth: &Growth,
    words: AccountWords,
    now: DateTime<Utc>,
) -> Result<u64, DbError> {
    let done = match growth.after {
        ReferralAfter::Watch => {
            "EXISTS (SELECT 1 FROM watches w WHERE w.user_id = r.invited AND w.created_at <= $1)"
        }
        ReferralAfter::Payment => {
            "EXISTS (SELECT 1 FROM ledger l WHERE l.user_id = r.invited AND l.minor > 0 \
             AND l.provider <> 'balance' AND l.at <= $1)"
        }
    };
    let waited = match growth.after {
        ReferralAfter::Watch => now - KEPT,
        ReferralAfter::Payment => now,
    };
    let due = query(format!(
        "SELECT r.invited, r.inviter FROM referrals r JOIN users a ON a.id = r.invited \
         JOIN users b ON b.id = r.inviter WHERE r.settled_at IS NULL AND a.banned = 0 \
         AND b.banned = 0 AND {done} ORDER BY r.came_at, r.invited LIMIT $2"
    ))
    .bind(ms(waited))
    .bind(CHUNK)
    .fetch_all(&mut *conn)
    .await?;
    let mut credited = 0;
    for row in &due {
        let (invited, inviter) = (UserId(number(row, "invited")?), UserId(number(row, "inviter")?));
        credited += u64::from(settle(conn, (invited, inviter), growth, words, now).await?);
    }
    Ok(credited)
}

/// Settles one invitation; false when nothing was credited.
async fn settle(
    conn: &mut Conn,
    (invited, inviter): (UserId, UserId),
    growth: &Growth,
    words: AccountWords,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    let below = rewarded_lately(conn, inviter, now).await? < growth.monthly_cap;
    let taken = query(
        "UPDATE referrals SET settled_at = $2, rewarded = $3 WHERE invited = $1 AND settled_at IS NULL",
    )
    .bind(invited.0)
    .bind(ms(now))
    .bind(i64::from(below))
    .execute(&mut *conn)
    .await?;
    if taken.rows_affected() == 0 || !below {
        return Ok(false);
    }
    let parts =
        [(inviter, growth.inviter_bonus, "inviter"), (invited, growth.invited_bonus, "invited")];
    for (user, bonus, part) in parts.into_iter().filter(|(_, bonus, _)| *bonus > 0) {
        let key = EntryKey::new(PROVIDER, &format!("{invited}/{part}"), Kind::Referral);
        let (currency, balance) = (growth.currency.clone(), bonus);
        let entry = Entry { currency, balance, ..Entry::new(key, user, now) };
        if account_ledger::post(conn, &entry, now).await? == Posted::Done {
            let money = growth.money(bonus);
            let word = match part {
                "inviter" => AccountWord::Rewarded(money),
                _ => AccountWord::Welcomed(money),
            };
            let subject = format!("referral/{invited}/{part}");
            account_endings::tell(conn, user, &subject, &word, words, now).await?;
        }
    }
    Ok(true)
}

/// Invitations of a person that were credited in the time of the cap.
async fn rewarded_lately(
    conn: &mut Conn,
    inviter: UserId,
    now: DateTime<Utc>,
) -> Result<u64, DbError> {
    let row = query(
        "SELECT COUNT(*) AS count FROM referrals WHERE inviter = $1 AND settled_at > $2 \
         AND rewarded = 1",
    )
    .bind(inviter.0)
    .bind(ms(now - CAP_SPAN))
    .fetch_one(conn)
    .await?;
    Ok(u64::try_from(number(&row, "count")?).unwrap_or(0))
}
