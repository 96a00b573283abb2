//! Amounts of money as people type them.

use sites::transform::currency::exponent;

/// `900`, `900.5` or `900,50` in minor units of `currency`; `None` for anything else.
pub fn minor(text: &str, currency: &str) -> Option<i64> {
    let digits = exponent(currency);
    let text = text.trim();
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let (whole, part) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let fits = part.len() <= usize::try_from(digits).ok()?;
    if whole.is_empty() || !is_number(whole) || !is_number(part) || !fits {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    let missing = digits.checked_sub(u32::try_from(part.len()).ok()?)?;
    let part: i64 = if part.is_empty() { 0 } else { part.parse().ok()? };
    let part = part.checked_mul(10_i64.checked_pow(missing)?)?;
    whole.checked_mul(10_i64.checked_pow(digits)?)?.checked_add(part)?.checked_mul(sign)
}

/// An amount as [`minor`] reads it.
pub fn major(minor: i64, currency: &str) -> String {
    let digits = exponent(currency);
    let unit = 10_u64.pow(digits);
    let sign = if minor < 0 { "-" } else { "" };
    let (whole, part) = (minor.unsigned_abs() / unit, minor.unsigned_abs() % unit);
    let width = usize::try_from(digits).unwrap_or_default();
    if part == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part:0width$}") }
}

/// A currency code, in capitals; `None` when it can be none.
pub fn currency(text: &str) -> Option<String> {
    let text = text.trim();
    let is_code = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_code.then(|| text.to_ascii_uppercase())
}
