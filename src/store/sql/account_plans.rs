//! Plans in the record: from the file, and as operators change them.

use chrono::{DateTime, Utc};

use super::engine::{Conn, ms};
use super::rows::{number, text, word};
use super::statement::{Row, query};
use crate::domain::offer::{Category, FREE};
use crate::domain::plan::Terms;
use crate::domain::{Plan, PlanId};
use crate::store::{DbError, Seeded};

/// All plans, in their order.
pub(crate) async fn all(conn: &mut Conn) -> Result<Vec<Plan>, DbError> {
    let found = query("SELECT * FROM plans ORDER BY position, id").fetch_all(conn).await?;
    found.iter().map(plan).collect()
}

/// One plan.
pub(crate) async fn one(conn: &mut Conn, id: &PlanId) -> Result<Option<Plan>, DbError> {
    let row = query("SELECT * FROM plans WHERE id = $1").bind(id.as_str());
    row.fetch_optional(conn).await?.as_ref().map(plan).transpose()
}

/// A plan from all columns of its table.
fn plan(row: &Row) -> Result<Plan, DbError> {
    let mut plan = Plan {
        id: PlanId(text(row, "id")?),
        category: word(row, "category", Category::from_word)?,
        names: serde_json::from_str(&text(row, "names")?)?,
        descriptions: serde_json::from_str(&text(row, "descriptions")?)?,
        prices: serde_json::from_str(&text(row, "prices")?)?,
        days: number(row, "days")?,
        terms: serde_json::from_str(&text(row, "terms")?)?,
        active: number(row, "active")? == 1,
        position: number(row, "position")?,
        revision: number(row, "revision")?,
    };
    if plan.names.is_empty() {
        plan.names.insert(crate::domain::Language::En, text(row, "title")?);
    }
    Ok(plan)
}

/// Terms of people without a plan: what the plan of that name states, over what the configuration says.
pub(crate) async fn free_terms(conn: &mut Conn, base: &Terms) -> Result<Terms, DbError> {
    let row = query("SELECT terms FROM plans WHERE id = $1 AND active = 1")
        .bind(FREE)
        .fetch_optional(conn)
        .await?;
    let Some(row) = row else { return Ok(base.clone()) };
    let stated: Terms = serde_json::from_str(&text(&row, "terms")?)?;
    Ok(stated.over(base))
}

/// See [`crate::store::AccountRecord::set_plan`].
pub(crate) async fn set(conn: &mut Conn, plan: &Plan, now: DateTime<Utc>) -> Result<bool, DbError> {
    let written = match plan.revision {
        0 => insert(conn, plan, 0, now).await?,
        _ => update(conn, plan, None, now).await?,
    };
    Ok(written)
}

/// Writes a plan that is not there yet; `seeded` is 1 when it follows the file.
async fn insert(
    conn: &mut Conn,
    plan: &Plan,
    seeded: i64,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    let done = query(
        "INSERT INTO plans (id, title, category, names, descriptions, prices, days, terms, active, \
         position, revision, seeded, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11, $12) ON CONFLICT (id) DO NOTHING",
    )
    .bind(plan.id.as_str())
    .bind(plan.name(crate::domain::Language::En))
    .bind(plan.category.as_str())
    .bind(serde_json::to_string(&plan.names)?)
    .bind(serde_json::to_string(&plan.descriptions)?)
    .bind(serde_json::to_string(&plan.prices)?)
    .bind(plan.days)
    .bind(serde_json::to_string(&plan.terms)?)
    .bind(i64::from(plan.active))
    .bind(plan.position)
    .bind(seeded)
    .bind(ms(now))
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Changes a plan whose revision is the one that was read. With `seeded` it follows the file from now on.
async fn update(
    conn: &mut Conn,
    plan: &Plan,
    seeded: Option<i64>,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    let done = query(
        "UPDATE plans SET title = $3, category = $4, names = $5, descriptions = $6, prices = $7, \
         days = $8, terms = $9, active = $10, position = $11, revision = revision + 1, \
         seeded = COALESCE($12, seeded), updated_at = $13 WHERE id = $1 AND revision = $2",
    )
    .bind(plan.id.as_str())
    .bind(plan.revision)
    .bind(plan.name(crate::domain::Language::En))
    .bind(plan.category.as_str())
    .bind(serde_json::to_string(&plan.names)?)
    .bind(serde_json::to_string(&plan.descriptions)?)
    .bind(serde_json::to_string(&plan.prices)?)
    .bind(plan.days)
    .bind(serde_json::to_string(&plan.terms)?)
    .bind(i64::from(plan.active))
    .bind(plan.position)
    .bind(seeded)
    .bind(ms(now))
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// See [`crate::store::AccountRecord::seed_plans`].
pub(crate) async fn seed(
    conn: &mut Conn,
    plans: &[Plan],
    now: DateTime<Utc>,
) -> Result<Seeded, DbError> {
    let mut done = Seeded::default();
    let mut present = Vec::new();
    for row in query("SELECT * FROM plans ORDER BY position, id").fetch_all(&mut *conn).await? {
        let known = plan(&row)?;
        let follows = number(&row, "seeded")? == known.revision;
        present.push((known, follows));
    }
    for wanted in plans {
        let Some((known, follows)) = present.iter().find(|(known, _)| known.id == wanted.id) else {
            insert(conn, wanted, 1, now).await?;
            done.added.push(wanted.id.clone());
            continue;
        };
        let wanted = Plan { revision: known.revision, ..wanted.clone() };
        if wanted == *known {
            continue;
        }
        if *follows {
            update(conn, &wanted, Some(known.revision + 1), now).await?;
            done.updated.push(wanted.id);
        } else {
            done.kept.push(wanted.id);
        }
    }
    let gone = |known: &Plan| !plans.iter().any(|wanted| wanted.id == known.id);
    for (known, _) in
        present.iter().filter(|(known, follows)| *follows && known.active && gone(known))
    {
        let rests = Plan { active: false, ..known.clone() };
        update(conn, &rests, Some(known.revision + 1), now).await?;
        done.updated.push(known.id.clone());
    }
    Ok(done)
}
