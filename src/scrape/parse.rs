//! A parser in a cage: its own thread with a roomy stack, a time limit, and panics that stay inside.
//!
//! Not the runtime's blocking pool: a parser that never returns would keep the process from ending, and one
//! that recurses deeply needs more stack than a pool thread has.

use std::sync::Arc;
use std::time::Duration;

use sites::{Page, Parsed, Site, Standing};

/// A page is parsed in milliseconds; this is for modules that hang.
const DEADLINE: Duration = Duration::from_secs(10);
/// Deeply nested pages are walked by recursion.
const STACK: usize = 8 << 20;

/// Parses a page; an error says how the module failed.
pub async fn parse(site: Arc<Site>, page: impl Into<Arc<Page>>) -> Result<Parsed, String> {
    let page = page.into();
    contained(move || site.parse(&page), DEADLINE).await
}

/// What a page that was read as `parsed` says about the offer `id`; an error says how the module failed.
pub async fn standing(
    site: Arc<Site>,
    page: Arc<Page>,
    parsed: Parsed,
    id: String,
) -> Result<Standing, String> {
    contained(move || site.standing(&page, &parsed, &id), DEADLINE).await
}

pub(super) async fn contained<T, F>(work: F, deadline: Duration) -> Result<T, String>
where
    T: Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    let (tell, told) = tokio::sync::oneshot::channel();
    let thread = std::thread::Builder::new().name("parser".into()).stack_size(STACK);
    let job = move || {
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
        // Nobody listens any more after the deadline.
        let _ = tell.send(result.map_err(|panic| words_of(&*panic)));
    };
    thread.spawn(job).map_err(|error| format!("no thread for the parser: {error}"))?;
    match tokio::time::timeout(deadline, told).await {
        Ok(Ok(Ok(value))) => Ok(value),
        Ok(Ok(Err(words))) => Err(format!("it panicked: {words}")),
        Ok(Err(_)) => Err("it ended without a result".into()),
        Err(_) => Err(format!("it did not end within {} s", deadline.as_secs())),
    }
}

/// What a panic said.
pub(super) fn words_of(panic: &(dyn std::any::Any + Send)) -> String {
    let words = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned());
    words.unwrap_or_else(|| "no words".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_stays_inside_and_is_named() {
        let result = contained(|| -> u8 { panic!("field price") }, DEADLINE).await;
        assert_eq!(result, Err("it panicked: field price".into()));
        assert_eq!(contained(|| 7, DEADLINE).await, Ok(7));
    }

    #[tokio::test]
    async fn a_module_that_hangs_is_left_behind() {
        let (stop, wait) = std::sync::mpsc::channel::<()>();
        let result = contained(move || wait.recv().is_ok(), Duration::from_millis(20)).await;
        assert!(result.is_err_and(|text| text.contains("did not end")));
        drop(stop);
    }

    #[tokio::test]
    async fn deep_recursion_fits_the_stack() {
        fn depth(n: usize) -> usize {
            let frame = std::hint::black_box([n; 64]);
            if n == 0 { 0 } else { depth(n - 1) + frame[0] - n + 1 }
        }
        assert_eq!(contained(|| depth(3_000), DEADLINE).await, Ok(3_000));
    }
}
