//! Sessions in memory: see [`SessionRecord`].

use async_trait::async_trait;

use super::MemoryDb;
use crate::store::{DbError, SessionRecord, StoredSession};

#[async_trait]
impl SessionRecord for MemoryDb {
    async fn session(&self, site: &str, name: &str) -> Result<Option<StoredSession>, DbError> {
        Ok(self.state().sessions.get(&(site.to_owned(), name.to_owned())).cloned())
    }

    async fn sessions(&self) -> Result<Vec<StoredSession>, DbError> {
        Ok(self.state().sessions.values().cloned().collect())
    }

    async fn put_session(&self, session: &StoredSession) -> Result<bool, DbError> {
        let mut state = self.state_at(session.updated_at);
        let key = (session.site.clone(), session.name.clone());
        let present = state.sessions.get(&key).map_or(0, |session| session.revision);
        let fits = present == session.revision - 1;
        if fits {
            state.sessions.insert(key, session.clone());
        }
        Ok(fits)
    }

    async fn drop_session(&self, site: &str, name: &str) -> Result<bool, DbError> {
        Ok(self.state().sessions.remove(&(site.to_owned(), name.to_owned())).is_some())
    }
}
