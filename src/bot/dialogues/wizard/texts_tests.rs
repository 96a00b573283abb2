//! The sentences of the wizard and of sharing: plural forms, and what fits a note.

use crate::domain::Language;
use crate::texts::{Value, say};

#[test]
fn what_a_week_brought_takes_the_right_plural_form() {
    let week = |language, key, count| say(language, key, &[("count", Value::Count(count))]);
    for (language, count, part) in [
        (Language::En, 0, "nothing would have"),
        (Language::En, 1, "1 listing would"),
        (Language::En, 2, "2 listings would"),
        (Language::Ru, 0, "ни одно объявление"),
        (Language::Ru, 1, "1 объявление."),
        (Language::Ru, 3, "3 объявления."),
        (Language::Ru, 5, "5 объявлений."),
        (Language::Ru, 21, "21 объявление."),
        (Language::Uk, 0, "жодне оголошення"),
        (Language::Uk, 2, "2 оголошення."),
        (Language::Uk, 11, "11 оголошень."),
    ] {
        let said = week(language, "wizard-week", count);
        assert!(said.contains(part), "{said}");
    }
    let least = week(Language::Ru, "wizard-week-at-least", 2_000);
    assert!(least.contains("не меньше 2000 объявлений"), "{least}");
}

#[test]
fn notes_fit_what_telegram_allows() {
    for language in Language::ALL {
        for key in ["wizard-out-of-date", "wizard-saved-already", "share-stopped"] {
            assert!(say(language, key, &[]).encode_utf16().count() <= 200, "{key}");
        }
    }
}
