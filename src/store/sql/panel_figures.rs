//! The figures of the service, counted when an operator asks. What would take long is noted day by day, see
//! [`super::daily`]; the rest is read from indexes.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::engine::{Conn, ms};
use super::statement::{Row, query};
use super::{daily, rows};
use crate::domain::figures::{
    Board, Cohort, Compared, DAY_MS, Figures, Measure, SHOWN, Series, Sites, Spans, Standing,
    day_of,
};
use crate::store::DbError;

/// Days that a comparison of two months looks back on, today with them.
const BACK: i64 = 60;

/// What no money from outside stands behind: gifts, trials, and the balance, whose money came in before.
const INSIDE: &str = "('operator', 'trial', 'promo', 'referral', 'balance')";

/// See [`crate::store::PanelAsk::Figures`].
pub(super) async fn figures(conn: &mut Conn, now: DateTime<Utc>) -> Result<Figures, DbError> {
    let today = day_of(now);
    let new = new_by_day(conn, today).await?;
    let of = |days: &BTreeMap<i64, i64>, day: i64| days.get(&day).copied().unwrap_or(0);
    let ended = daily::deliveries(conn, (today - BACK + 1, today)).await?;
    let spans =
        |state: usize| Spans::of(today, |day| ended.get(&day).map_or(0, |counts| counts[state]));
    let (sent, dead, unknown) = (spans(0), spans(1), spans(2));
    let (active_today, active_week) = active(conn, today).await?;
    let revenue = revenue(conn, today).await?;
    let (paying, trying) = paying(conn, now).await?;
    Ok(Figures {
        people: count(conn, "SELECT COUNT(*) AS many FROM users").await?,
        new: Spans::of(today, |day| of(&new, day)),
        active_today,
        active_week,
        watches: count(conn, "SELECT COUNT(*) AS many FROM watches").await?,
        running: count(conn, "SELECT COUNT(*) AS many FROM watches WHERE paused_by = ''").await?,
        paying,
        trying,
        revenue: revenue
            .iter()
            .map(|(currency, days)| (currency.clone(), Spans::of(today, |day| of(days, day))))
            .collect(),
        cohort: cohort(conn, today - 29, today).await?,
        cohort_before: cohort(conn, today - 59, today - 30).await?,
        sent,
        dead,
        unknown,
        standing: standing(conn).await?,
        sites: sites(conn).await?,
    })
}

/// See [`crate::store::PanelAsk::Board`].
pub(super) async fn board(conn: &mut Conn, now: DateTime<Utc>) -> Result<Board, DbError> {
    let today = day_of(now);
    let shown = i64::try_from(SHOWN).unwrap_or(30);
    let series = |measure, currency: Option<String>, of: &dyn Fn(i64) -> i64| Series {
        measure,
        currency,
        values: (0..shown).rev().map(|back| of(today - back)).collect(),
        before: Some((shown..2 * shown).map(|back| of(today - back)).sum()),
    };
    let of = |days: &BTreeMap<i64, i64>, day: i64| days.get(&day).copied().unwrap_or(0);
    let new = new_by_day(conn, today).await?;
    let noted = daily::noted(conn, (today - BACK, today)).await?;
    let seen = |day: i64| noted.get(&(day, "active".to_owned())).map_or(0, |(value, _)| *value);
    let ended = daily::deliveries(conn, (today - BACK + 1, today)).await?;
    let sent = |day: i64| ended.get(&day).map_or(0, |counts| counts[0]);
    let mut all = vec![
        series(Measure::New, None, &|day| of(&new, day)),
        Series { before: None, ..series(Measure::Active, None, &seen) },
        series(Measure::Sent, None, &sent),
    ];
    // One currency is drawn: the one with the most payments.
    let revenue = revenue(conn, today).await?;
    let most = revenue.iter().max_by_key(|(_, days)| days.len());
    let none = BTreeMap::new();
    let (currency, days) =
        most.map_or(("EUR".to_owned(), &none), |(currency, days)| (currency.clone(), days));
    all.push(series(Measure::Revenue, Some(currency), &|day| of(days, day)));
    Ok(Board { day: today, dark: false, series: all })
}

async fn count(conn: &mut Conn, text: &'static str) -> Result<i64, DbError> {
    rows::number(&query(text).fetch_one(conn).await?, "many")
}

fn by_day(found: &[Row], value: &str) -> Result<BTreeMap<i64, i64>, DbError> {
    found.iter().map(|row| Ok((rows::number(row, "day")?, rows::number(row, value)?))).collect()
}

/// People who came, by day.
async fn new_by_day(conn: &mut Conn, today: i64) -> Result<BTreeMap<i64, i64>, DbError> {
    let found = query(
        "SELECT created_at / 86400000 AS day, COUNT(*) AS many FROM users \
         WHERE created_at >= $1 GROUP BY created_at / 86400000",
    )
    .bind((today - BACK + 1) * DAY_MS)
    .fetch_all(conn)
    .await?;
    by_day(&found, "many")
}

/// Who did something today and in the last seven days. The past is known as far as it was noted.
async fn active(conn: &mut Conn, today: i64) -> Result<(Compared, Compared), DbError> {
    let row = query(
        "SELECT COUNT(*) AS week, COALESCE(SUM(CASE WHEN seen_on >= $1 THEN 1 ELSE 0 END), 0) \
         AS today FROM users WHERE seen_on > $1 - 7",
    )
    .bind(today)
    .fetch_one(&mut *conn)
    .await?;
    let noted = daily::noted(conn, (today - 7, today - 1)).await?;
    let before = |day: i64, name: &str| noted.get(&(day, name.to_owned())).map(|(value, _)| *value);
    Ok((
        Compared { now: rows::number(&row, "today")?, before: before(today - 1, "active") },
        Compared { now: rows::number(&row, "week")?, before: before(today - 7, "week") },
    ))
}

/// Money from outside less what was given back, by currency and day.
async fn revenue(
    conn: &mut Conn,
    today: i64,
) -> Result<BTreeMap<String, BTreeMap<i64, i64>>, DbError> {
    let found = query(format!(
        "SELECT currency, at / 86400000 AS day, \
         CAST(SUM(minor) AS BIGINT) AS minor FROM ledger WHERE at >= $1 AND minor <> 0 \
         AND provider NOT IN {INSIDE} GROUP BY currency, at / 86400000"
    ))
    .bind((today - BACK + 1) * DAY_MS)
    .fetch_all(conn)
    .await?;
    let mut all: BTreeMap<String, BTreeMap<i64, i64>> = BTreeMap::new();
    for row in &found {
        let days = all.entry(rows::text(row, "currency")?).or_default();
        days.insert(rows::number(row, "day")?, rows::number(row, "minor")?);
    }
    Ok(all)
}

/// People whose plan holds: those who paid, and the others.
async fn paying(conn: &mut Conn, now: DateTime<Utc>) -> Result<(i64, i64), DbError> {
    let row = query(format!(
        "SELECT COUNT(*) AS many, COALESCE(SUM(p.paid), 0) AS paying FROM (SELECT CASE WHEN \
         EXISTS (SELECT 1 FROM ledger l WHERE l.user_id = e.user_id AND l.minor > 0 \
         AND l.provider NOT IN {INSIDE}) THEN 1 ELSE 0 END AS paid \
         FROM (SELECT DISTINCT user_id FROM entitlements WHERE since <= $1 AND until > $1) e) p"
    ))
    .bind(ms(now))
    .fetch_one(conn)
    .await?;
    let (all, paying) = (rows::number(&row, "many")?, rows::number(&row, "paying")?);
    Ok((paying, all - paying))
}

/// What became of those who came in these days.
async fn cohort(conn: &mut Conn, first: i64, last: i64) -> Result<Cohort, DbError> {
    let row = query(format!(
        "SELECT COUNT(*) AS met, COALESCE(SUM(watching), 0) AS watching, \
         COALESCE(SUM(tried), 0) AS tried, COALESCE(SUM(paid), 0) AS paid FROM (SELECT \
         CASE WHEN EXISTS (SELECT 1 FROM watches w WHERE w.user_id = u.id) \
         THEN 1 ELSE 0 END AS watching, \
         CASE WHEN EXISTS (SELECT 1 FROM ledger l WHERE l.user_id = u.id AND l.days > 0) \
         THEN 1 ELSE 0 END AS tried, \
         CASE WHEN EXISTS (SELECT 1 FROM ledger l WHERE l.user_id = u.id AND l.minor > 0 \
         AND l.provider NOT IN {INSIDE}) THEN 1 ELSE 0 END AS paid \
         FROM users u WHERE u.created_at >= $1 AND u.created_at < $2) c"
    ))
    .bind(first * DAY_MS)
    .bind((last + 1) * DAY_MS)
    .fetch_one(conn)
    .await?;
    let number = |column: &str| rows::number(&row, column);
    Ok(Cohort {
        met: number("met")?,
        watching: number("watching")?,
        tried: number("tried")?,
        paid: number("paid")?,
    })
}

async fn standing(conn: &mut Conn) -> Result<Standing, DbError> {
    let row = query(
        "SELECT (SELECT COUNT(*) FROM deliveries WHERE state IN ('pending', 'collected')) \
         AS waiting, (SELECT COUNT(*) FROM deliveries WHERE state = 'dead') AS dead, \
         (SELECT COUNT(*) FROM deliveries WHERE state = 'unknown') AS unknown",
    )
    .fetch_one(conn)
    .await?;
    let number = |column: &str| rows::number(&row, column);
    Ok(Standing { waiting: number("waiting")?, dead: number("dead")?, unknown: number("unknown")? })
}

/// Sites that are looked at, by what is known of their health.
async fn sites(conn: &mut Conn) -> Result<Sites, DbError> {
    let row = query(
        "SELECT COUNT(*) AS many, \
         COALESCE(SUM(CASE WHEN h.state = 'quarantined' THEN 1 ELSE 0 END), 0) AS quarantined, \
         COALESCE(SUM(CASE WHEN h.state IN ('watching', 'recovering') THEN 1 ELSE 0 END), 0) \
         AS ill FROM (SELECT DISTINCT site FROM sources) s LEFT JOIN site_health h \
         ON h.site = s.site",
    )
    .fetch_one(conn)
    .await?;
    let number = |column: &str| rows::number(&row, column);
    let (all, ill, quarantined) = (number("many")?, number("ill")?, number("quarantined")?);
    Ok(Sites { good: all - ill - quarantined, ill, quarantined })
}
