//! A served API with one offered search, and short words for calls.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use magpie::api::{self, MapTiles};
use magpie::clock::ManualClock;
use magpie::domain::ids::SourceId;
use magpie::domain::source::SourceSpec;
use magpie::domain::{ChatId, ChatKind, Effect, Language, UserId};
use magpie::modules::Modules;
use magpie::store::{Db, SqlDb, SqlOptions, UpdateCommit};
use serde_json::{Value, json};
