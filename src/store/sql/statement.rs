//! Statements with their values, and rows.
//!
//! The functions are `async` because an engine behind a network would wait; SQLite answers before they return.
//! A statement is prepared once for each connection and kept by its text.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::types::{ToSqlOutput, Value, ValueRef};

use super::engine::Conn;
use crate::store::DbError;

/// Names of columns by the text of the statement.
pub(crate) type Columns = HashMap<Cow<'static, str>, Arc<[String]>>;

/// A statement of ours; values take the places `$1`, `$2`, … and never become part of the text.
pub(crate) fn query<'q>(text: impl Into<Cow<'static, str>>) -> Query<'q> {
    Query { text: text.into(), values: Vec::with_capacity(8) }
}

/// Runs statements that have no values and whose answers nobody wants.
pub(crate) async fn script(conn: &mut Conn, text: &'static str) -> Result<(), DbError> {
    Ok(conn.inner.execute_batch(text)?)
}

/// A statement and the values for its places.
#[derive(Debug)]
pub(crate) struct Query<'q> {
    text: Cow<'static, str>,
    values: Vec<Bound<'q>>,
}

/// What a statement did.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Done(u64);

impl Done {
    /// Rows written or deleted.
    pub fn rows_affected(self) -> u64 {
        self.0
    }
}

impl<'q> Query<'q> {
    /// The value of the next place.
    pub fn bind(mut self, value: impl Into<Bound<'q>>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Runs it for what it changes.
    pub async fn execute(self, conn: &mut Conn) -> Result<Done, DbError> {
        let mut statement = conn.inner.prepare_cached(&self.text)?;
        self.fill(&mut statement)?;
        Ok(Done(u64::try_from(statement.raw_execute()?).unwrap_or(0)))
    }

    /// All rows.
    pub async fn fetch_all(self, conn: &mut Conn) -> Result<Vec<Row>, DbError> {
        let mut statement = conn.inner.prepare_cached(&self.text)?;
        self.fill(&mut statement)?;
        let count = statement.column_count();
        let known = conn.columns.get(&self.text).filter(|names| names.len() == count);
        let columns = match known {
            Some(names) => Arc::clone(names),
            None => {
                let names = statement.column_names().into_iter().map(str::to_owned).collect();
                conn.columns.insert(self.text, Arc::clone(&names));
                names
            }
        };
        let mut rows = statement.raw_query();
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            let values =
                (0..count).map(|place| stored(row.get_ref(place)?)).collect::<Result<_, _>>()?;
            all.push(Row { columns: Arc::clone(&columns), values });
        }
        Ok(all)
    }

    /// The first row, if there is one.
    pub async fn fetch_optional(self, conn: &mut Conn) -> Result<Option<Row>, DbError> {
        Ok(self.fetch_all(conn).await?.into_iter().next())
    }

    /// The first row, which must be there.
    pub async fn fetch_one(self, conn: &mut Conn) -> Result<Row, DbError> {
        let row = self.fetch_optional(conn).await?;
        row.ok_or_else(|| DbError::Broken("a row that must be there is missing".into()))
    }

    /// SQLite numbers places such as `$3` by their first appearance, so each is found by its name.
    fn fill(&self, statement: &mut rusqlite::Statement<'_>) -> Result<(), DbError> {
        for place in 1..=statement.parameter_count() {
            let name = statement.parameter_name(place).and_then(|name| name.strip_prefix('$'));
            let number = name.and_then(|name| name.parse::<usize>().ok());
            let value = number.and_then(|number| self.values.get(number.checked_sub(1)?));
            let value = value.ok_or_else(|| {
                DbError::Broken(format!("place {place} of a statement has no value"))
            })?;
            statement.raw_bind_parameter(place, value)?;
        }
        Ok(())
    }
}

/// A value on its way into the database.
#[derive(Debug)]
pub(crate) enum Bound<'q> {
    Null,
    Number(i64),
    Text(Cow<'q, str>),
    Bytes(Vec<u8>),
}

impl rusqlite::ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Number(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

impl From<i64> for Bound<'_> {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl<'q> From<&'q str> for Bound<'q> {
    fn from(text: &'q str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Bound<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl From<Vec<u8>> for Bound<'_> {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl<'q, T: Into<Bound<'q>>> From<Option<T>> for Bound<'q> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A row of an answer.
#[derive(Debug)]
pub(crate) struct Row {
    columns: Arc<[String]>,
    values: Vec<Value>,
}

impl Row {
    /// The value of a column.
    pub fn try_get<T: Stored>(&self, column: &str) -> Result<T, DbError> {
        let place = self.columns.iter().position(|name| name == column);
        let value = place.and_then(|place| self.values.get(place));
        let value = value.ok_or_else(|| DbError::Broken(format!("there is no column {column}")))?;
        T::read(value)
            .ok_or_else(|| DbError::Broken(format!("column {column} holds {}", value.data_type())))
    }
}

/// A type that a column can hold.
pub(crate) trait Stored: Sized {
    /// The value, unless the column holds another type.
    fn read(value: &Value) -> Option<Self>;
}

impl Stored for i64 {
    fn read(value: &Value) -> Option<Self> {
        match value {
            Value::Integer(number) => Some(*number),
            _ => None,
        }
    }
}

impl Stored for String {
    fn read(value: &Value) -> Option<Self> {
        match value {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        }
    }
}

impl Stored for Vec<u8> {
    fn read(value: &Value) -> Option<Self> {
        match value {
            Value::Blob(bytes) => Some(bytes.clone()),
            _ => None,
        }
    }
}

impl<T: Stored> Stored for Option<T> {
    fn read(value: &Value) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            value => T::read(value).map(Some),
        }
    }
}

/// A value that outlives its row.
fn stored(value: ValueRef<'_>) -> Result<Value, DbError> {
    Ok(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Integer(number),
        ValueRef::Real(number) => Value::Real(number),
        ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
        ValueRef::Text(bytes) => {
            let text = std::str::from_utf8(bytes);
            let text = text.map_err(|_| DbError::Broken("a stored text is not UTF-8".into()))?;
            Value::Text(text.to_owned())
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sql::engine::Place;

    #[tokio::test]
    async fn places_take_their_values_by_number_in_whatever_order_they_stand() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("s.db").display());
        let place = Place::parse(&url, std::time::Duration::from_secs(1)).unwrap();
        let mut conn = place.writer().await.unwrap();
        let row = query("SELECT $2 AS second, $1 AS first, $2 AS again, $3 AS none")
            .bind(1)
            .bind("two")
            .bind(None::<i64>)
            .fetch_one(&mut conn)
            .await
            .unwrap();
        assert_eq!(row.try_get::<i64>("first").unwrap(), 1);
        assert_eq!(row.try_get::<String>("second").unwrap(), "two");
        assert_eq!(row.try_get::<String>("again").unwrap(), "two");
        assert_eq!(row.try_get::<Option<i64>>("none").unwrap(), None);
        assert!(row.try_get::<String>("first").is_err());
        assert!(row.try_get::<i64>("third").is_err());
        let missing = query("SELECT $1 AS a, $2 AS b").bind(1).fetch_one(&mut conn).await;
        assert!(matches!(missing, Err(DbError::Broken(_))));
    }
}
