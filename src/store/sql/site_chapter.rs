//! See [`SiteRecord`]: the methods; the statements are in [`super::site_health`] and [`super::failures`].

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sites::Listing;

use super::{SqlDb, failures, site_health};
use crate::domain::SourceId;
use crate::domain::health::{Alarm, FailurePage, SiteHealth};
use crate::store::{DbError, HealthWrite, LifeView, Recipient, RunBrief, SiteRecord};

#[async_trait]
impl SiteRecord for SqlDb {
    async fn life_of(&self, source: &SourceId, site: &str) -> Result<LifeView, DbError> {
        let (source, site) = (source.clone(), site.to_owned());
        self.readers
            .run(move |conn| Box::pin(async move { site_health::view(conn, &source, &site).await }))
            .await
    }

    async fn site_healths(&self) -> Result<Vec<SiteHealth>, DbError> {
        self.readers.run(|conn| Box::pin(site_health::all(conn))).await
    }

    async fn record_health(
        &self,
        write: &HealthWrite,
        now: DateTime<Utc>,
    ) -> Result<bool, DbError> {
        let write = write.clone();
        self.writer
            .run(move |conn| Box::pin(async move { site_health::record(conn, &write, now).await }))
            .await
    }

    async fn alarms(&self) -> Result<Vec<Alarm>, DbError> {
        self.readers.run(|conn| Box::pin(site_health::alarms(conn))).await
    }

    async fn site_audience(&self, site: &str) -> Result<Vec<Recipient>, DbError> {
        let site = site.to_owned();
        self.readers
            .run(move |conn| Box::pin(async move { site_health::audience(conn, &site).await }))
            .await
    }

    async fn latest_listings(
        &self,
        source: &SourceId,
        limit: u32,
    ) -> Result<Vec<Listing>, DbError> {
        let source = source.clone();
        self.readers
            .run(move |conn| {
                Box::pin(async move { site_health::latest(conn, &source, limit).await })
            })
            .await
    }

    async fn wake_sources(&self, site: &str, due: DateTime<Utc>) -> Result<u64, DbError> {
        let site = site.to_owned();
        self.writer
            .run(move |conn| Box::pin(async move { site_health::wake(conn, &site, due).await }))
            .await
    }

    async fn count_failure(
        &self,
        site: &str,
        group: &str,
        picture: Option<&str>,
        at: DateTime<Utc>,
    ) -> Result<bool, DbError> {
        let (site, group) = (site.to_owned(), group.to_owned());
        let picture = picture.map(str::to_owned);
        self.writer
            .run(move |conn| {
                Box::pin(async move {
                    failures::count(conn, &site, &group, picture.as_deref(), at).await
                })
            })
            .await
    }

    async fn keep_failure(&self, page: &FailurePage) -> Result<(), DbError> {
        let page = page.clone();
        self.writer
            .run(move |conn| Box::pin(async move { failures::keep(conn, &page).await }))
            .await
    }

    async fn failures(&self, site: Option<&str>) -> Result<Vec<FailurePage>, DbError> {
        let site = site.map(str::to_owned);
        self.readers
            .run(move |conn| Box::pin(async move { failures::list(conn, site.as_deref()).await }))
            .await
    }

    async fn forget_failures(&self, site: &str, groups: &[String]) -> Result<(), DbError> {
        let (site, groups) = (site.to_owned(), groups.to_vec());
        self.writer
            .run(move |conn| Box::pin(async move { failures::forget(conn, &site, &groups).await }))
            .await
    }

    async fn site_runs(
        &self,
        site: &str,
        since: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<RunBrief>, DbError> {
        let site = site.to_owned();
        self.readers
            .run(move |conn| {
                Box::pin(async move { site_health::runs(conn, &site, since, limit).await })
            })
            .await
    }
}
