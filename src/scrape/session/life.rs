//! The life of a session, decided by plain functions: the moment is an argument.
//!
//! ```text
//!                 log in                       `early` before the end: log in again
//!   none ────────────────────► open ──────────────────────────────────────────► open
//!                │               │ login wall, failed check
//!                │ failed        ▼
//!                │            closed ──► log in again in the same run, once
//!                ▼
//!             failed ── 5 min, 30 min, 3 h ──► stuck: a person looks (`magpie site login ID`)
//! ```
//!
//! Three failures in a row and no more: sites lock accounts of those who try wrong passwords again and again.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sites::Login;

use crate::store::{SessionState, StoredSession};

/// Failures in a row after which nobody tries any more by himself.
pub const PATIENCE: i64 = 3;

/// Pauses after the first, second … failure.
const PAUSES: [Duration; 3] =
    [Duration::from_secs(300), Duration::from_secs(1_800), Duration::from_secs(10_800)];

/// How long a session that was checked is not checked again.
const CHECKED_FOR: TimeDelta = TimeDelta::minutes(30);

/// What is to be done before a page of the site is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Use the session as it is.
    Use,
    /// See that it still holds, then use it.
    Check,
    /// Log in first.
    LogIn,
    /// Nothing before this moment.
    Wait(DateTime<Utc>),
    /// Nothing until a person has logged in.
    Stuck,
}

/// What to do with the session of a site whose rules are `login`; `checked_at` is when somebody in this process
/// last saw that it holds.
pub fn next(
    login: &Login,
    stored: Option<&StoredSession>,
    checked_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Next {
    let Some(session) = stored else { return Next::LogIn };
    match session.state {
        SessionState::Stuck => Next::Stuck,
        SessionState::Closed => Next::LogIn,
        SessionState::Failed => {
            let until = session.updated_at + span(pause(session.failures));
            if now < until { Next::Wait(until) } else { Next::LogIn }
        }
        SessionState::Open => {
            let ends = session.expires_at.is_some_and(|at| now + span(login.early) >= at);
            // A session that was just written is as good as checked.
            let seen = checked_at.unwrap_or(session.updated_at).max(session.updated_at);
            match () {
                () if ends => Next::LogIn,
                () if login.check.is_some() && now - seen > CHECKED_FOR => Next::Check,
                () => Next::Use,
            }
        }
    }
}

/// The pause after so many failures in a row.
pub fn pause(failures: i64) -> Duration {
    let index = usize::try_from(failures.max(1) - 1).unwrap_or(0).min(PAUSES.len() - 1);
    PAUSES[index]
}

/// The state after another failure.
pub fn after_failure(failures: i64) -> SessionState {
    if failures >= PATIENCE { SessionState::Stuck } else { SessionState::Failed }
}

/// When a session that was opened at `now` ends: what the module says, or when the first of the cookies that
/// were set for a time ends. Cookies that end within a minute are about other things.
pub fn expiry(
    login: &Login,
    cookies: impl IntoIterator<Item = DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let rule = login.lasts.map(|lasts| now + span(lasts));
    rule.or_else(|| cookies.into_iter().filter(|at| *at > now + span(login.early)).min())
}

fn span(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::days(365))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + minutes * 60, 0).expect("a moment")
    }

    fn login(check: bool) -> Login {
        let url: url::Url = "https://example.com/me".parse().expect("an address");
        Login {
            steps: vec![],
            check: check.then(|| sites::SessionCheck { url, shows: "a".into() }),
            lasts: None,
            early: Duration::from_secs(600),
        }
    }

    fn session(state: SessionState, failures: i64, ends: Option<i64>) -> StoredSession {
        StoredSession {
            site: "s".into(),
            name: "main".into(),
            sealed: vec![],
            state,
            expires_at: ends.map(at),
            updated_at: at(0),
            identity: String::new(),
            revision: 1,
            failures,
            last_error: None,
        }
    }

    #[test]
    fn a_session_is_used_checked_renewed_and_left_alone_at_its_time() {
        use SessionState::{Closed, Failed, Open, Stuck};
        let table = [
            (None, false, None, 1, Next::LogIn),
            (Some(session(Open, 0, None)), false, None, 9_999, Next::Use),
            (Some(session(Open, 0, None)), true, None, 29, Next::Use),
            (Some(session(Open, 0, None)), true, None, 31, Next::Check),
            (Some(session(Open, 0, None)), true, Some(20), 49, Next::Use),
            (Some(session(Open, 0, Some(100))), true, Some(80), 89, Next::Use),
            (Some(session(Open, 0, Some(100))), true, Some(80), 90, Next::LogIn),
            (Some(session(Closed, 0, None)), true, None, 1, Next::LogIn),
            (Some(session(Failed, 1, None)), true, None, 4, Next::Wait(at(5))),
            (Some(session(Failed, 1, None)), true, None, 5, Next::LogIn),
            (Some(session(Failed, 2, None)), true, None, 29, Next::Wait(at(30))),
            (Some(session(Stuck, 3, None)), true, None, 99_999, Next::Stuck),
        ];
        for (stored, check, checked, minute, expected) in table {
            let next = next(&login(check), stored.as_ref(), checked.map(at), at(minute));
            assert_eq!(next, expected, "{stored:?} at {minute}");
        }
    }

    #[test]
    fn the_third_failure_in_a_row_is_the_last() {
        assert_eq!(after_failure(1), SessionState::Failed);
        assert_eq!(after_failure(2), SessionState::Failed);
        assert_eq!(after_failure(3), SessionState::Stuck);
        assert_eq!(pause(1).as_secs(), 300);
        assert_eq!(pause(i64::MAX).as_secs(), 10_800);
        assert_eq!(pause(-7).as_secs(), 300);
    }

    #[test]
    fn it_ends_when_the_module_says_or_its_first_lasting_cookie_does() {
        let cookies = [at(5), at(500), at(300)];
        assert_eq!(expiry(&login(false), cookies, at(0)), Some(at(300)));
        assert_eq!(expiry(&login(false), [], at(0)), None);
        let twelve_hours = Login { lasts: Some(Duration::from_secs(43_200)), ..login(false) };
        assert_eq!(expiry(&twelve_hours, cookies, at(0)), Some(at(720)));
    }
}
