//! A parser in a cage: its own thread with a roomy stack, a time limit, and panics that stay inside.
//!
//! Not the runtime's blocking pool: a parser that never returns would keep the process from ending, and one
//! that recurses deeply needs more stack than a pool thread has.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sites::infer::Inferred;
use sites::{Page, Parsed, Site, Standing};

/// A page is parsed in milliseconds; this is for modules that hang.
const DEADLINE: Duration = Duration::from_secs(10);
/// Detection compares hundreds of proposals.
const DETECTION: Duration = Duration::from_secs(60);
/// Deeply nested pages are walked by recursion.
const STACK: usize = 8 << 20;

/// So many failures in a row, and the module counts as ill.
pub const ILL_AFTER: u32 = 3;

/// Failures in a row of the modules of this process, by site; those that work are not in it.
static FAILURES: Mutex<BTreeMap<String, u32>> = Mutex::new(BTreeMap::new());

/// Parses a page; an error says how the module failed, and when it has failed too often in a row.
pub async fn parse(site: Arc<Site>, page: impl Into<Arc<Page>>) -> Result<Parsed, String> {
    let (page, id) = (page.into(), site.id.clone());
    let result = contained(move || site.parse(&page), DEADLINE).await;
    counted(&id, result)
}

/// How often in a row the module of a site has panicked or hung; see [`ILL_AFTER`].
pub fn failures_in_a_row(site: &str) -> u32 {
    failures().get(site).copied().unwrap_or(0)
}

fn failures() -> MutexGuard<'static, BTreeMap<String, u32>> {
    FAILURES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Counts a result for its site.
fn counted<T>(site: &str, result: Result<T, String>) -> Result<T, String> {
    let mut failures = failures();
    match result {
        Ok(value) => {
            failures.remove(site);
            Ok(value)
        }
        Err(reason) => {
            let count = failures.entry(site.to_owned()).or_default();
            *count = count.saturating_add(1);
            if *count < ILL_AFTER {
                return Err(reason);
            }
            Err(format!("{reason} ({count} times in a row: the module is ill)"))
        }
    }
}

/// Reads a page that no module knows, by detection; a page may take longer than with a module.
pub async fn detect(page: Page) -> Result<(Page, Inferred), String> {
    let work = move || {
        let inferred = sites::infer::infer(&page);
        (page, inferred)
    };
    contained(work, DETECTION).await
}

/// Other work on what a site sent, in the same cage.
pub(super) async fn contained_work<T, F>(work: F) -> Result<T, String>
where
    T: Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    contained(work, DEADLINE).await
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

    #[test]
    fn a_module_that_fails_three_times_in_a_row_is_ill_until_it_works() {
        let site = "a site of this test";
        let fail = || counted::<u8>(site, Err("it panicked: x".into())).unwrap_err();
        assert_eq!([fail(), fail()], ["it panicked: x", "it panicked: x"]);
        assert!(fail().ends_with("(3 times in a row: the module is ill)"));
        assert_eq!(failures_in_a_row(site), ILL_AFTER);
        assert_eq!(counted(site, Ok(7)), Ok(7));
        assert_eq!((failures_in_a_row(site), fail().as_str()), (0, "it panicked: x"));
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
