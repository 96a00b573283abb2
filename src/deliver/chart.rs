//! The prices of a listing, and the figures of the service, as a picture: drawn when it is sent, never kept.
//!
//! ```text
//! claimed chart ─► caption (now, and since when) ─► no price known ─► the caption alone
//!               └► drawn on a thread of its own ─► sent as a photo ──picture refused──► the caption alone
//! ```
//!
//! One picture is drawn at a time in a process: it takes 9 MB and a core for some 50 ms, and a hundred people who
//! press the button at once must not take the machine.

use chrono::{DateTime, Utc};
use tokio::sync::Semaphore;

use crate::chart::{Chart, FiguresChart};
use crate::domain::delivery::{Claimed, Content};
use crate::domain::figures::Board;
use crate::domain::{Language, Outgoing};
use crate::telegram::{Accepted, Messenger, SendError, Target};
use crate::texts::figures;
use crate::texts::things::chart_caption;

/// Pictures that are drawn at the same time.
static DRAWING: Semaphore = Semaphore::const_new(1);

/// Name of the file as Telegram sees it.
const FILE: &str = "prices.png";

/// Name of the picture of the figures.
const FIGURES_FILE: &str = "figures.png";

/// The words of a chart.
fn caption(claimed: &Claimed) -> Outgoing {
    if let Content::Figures(board) = &claimed.delivery.new.content {
        return figures::caption(board, claimed.delivery.new.language);
    }
    let standing = &claimed.standing;
    let language = claimed.delivery.new.language;
    chart_caption(standing.latest.as_ref(), &standing.prices, language)
}

/// The picture of a claimed chart; `None` when no price is known or it could not be drawn.
async fn picture(claimed: &Claimed, now: DateTime<Utc>) -> Option<Vec<u8>> {
    let (key, dark) = match &claimed.delivery.new.content {
        Content::Chart { key, dark } => (key, dark),
        Content::Figures(board) => {
            return figures_picture(board, claimed.delivery.new.language).await;
        }
        _ => return None,
    };
    let standing = &claimed.standing;
    let chart = Chart {
        points: standing.prices.clone(),
        gone: standing.latest.as_ref().is_some_and(|latest| latest.gone),
        now,
        language: claimed.delivery.new.language,
        dark: *dark,
    };
    let _one = DRAWING.acquire().await.ok()?;
    let drawn = tokio::task::spawn_blocking(move || chart.png()).await;
    match drawn {
        Ok(Ok(png)) => png,
        Ok(Err(error)) => {
            tracing::warn!(site = %key.site, listing = %key.id, %error, "sending prices in words");
            None
        }
        Err(error) => {
            tracing::error!(site = %key.site, listing = %key.id, %error, "drawing prices broke; please report this");
            None
        }
    }
}

/// The picture of the figures; `None` when it could not be drawn.
async fn figures_picture(board: &Board, language: Language) -> Option<Vec<u8>> {
    let chart = FiguresChart { board: board.clone(), language };
    let _one = DRAWING.acquire().await.ok()?;
    match tokio::task::spawn_blocking(move || chart.png()).await {
        Ok(Ok(png)) => Some(png),
        Ok(Err(error)) => {
            tracing::warn!(%error, "sending figures in words");
            None
        }
        Err(error) => {
            tracing::error!(%error, "drawing figures broke; please report this");
            None
        }
    }
}

/// Sends a claimed chart: the picture with its caption, or the caption alone; without the topic when that is gone.
pub(super) async fn send(
    messenger: &dyn Messenger,
    claimed: &Claimed,
    now: DateTime<Utc>,
) -> Result<Accepted, SendError> {
    let new = &claimed.delivery.new;
    let message = caption(claimed);
    let mut png = picture(claimed, now).await;
    let file = if matches!(new.content, Content::Figures(_)) { FIGURES_FILE } else { FILE };
    let mut target = Target { chat: new.chat, thread: new.thread };
    // Each refusal takes something away, so this ends.
    loop {
        let sent = match &png {
            Some(png) => messenger.send_photo_bytes(target, &message, file, png.clone()).await,
            None => messenger.send(target, &message).await,
        };
        match sent {
            Err(SendError::BadThread(_)) if target.thread.is_some() => target.thread = None,
            Err(SendError::BadMedia(_)) if png.is_some() => png = None,
            sent => return sent,
        }
    }
}
