//! The keys of a search that say when it runs: `cron`, `zone`, `windows`, `jitter`, `adaptive`.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Page;
use crate::domain::rhythm::{Rhythm, Unreadable, Window, zone_of};

impl Page<'_> {
    /// The rhythm of a search, as far as it can be read.
    pub(super) fn rhythm(&mut self, table: &DeTable<'_>) -> Rhythm {
        let before = self.problems.len();
        let cron = self.parsed(table, "cron", str::parse);
        let zone = self.parsed(table, "zone", zone_of);
        let windows = self.windows(table);
        let jitter = self.span_of(table, "jitter");
        let exact = self.flag(table, "adaptive") == Some(false);
        let rhythm = Rhythm { cron, windows, zone, jitter, exact };
        if let (Some(key), Some(_)) = (table.get("cron"), table.get("every")) {
            self.complain(
                key.span().start,
                Some("cron"),
                "stands beside every".into(),
                "keep the one that you mean",
            );
        }
        if let Some(key) = table.get("zone").filter(|_| {
            rhythm.cron.is_none() && rhythm.windows.is_empty() && self.problems.len() == before
        }) {
            self.complain(
                key.span().start,
                Some("zone"),
                "has nothing to be the zone of".into(),
                "add cron or windows, or leave it out",
            );
        }
        if let (Err(error), Some(key)) = (rhythm.check(), table.get("cron")) {
            self.complain(key.span().start, Some("cron"), error.what, error.remedy);
        }
        rhythm
    }

    fn parsed<T>(
        &mut self,
        table: &DeTable<'_>,
        key: &str,
        parse: impl Fn(&str) -> Result<T, Unreadable>,
    ) -> Option<T> {
        let (text, at) = self.text_of(table, key, 0, false)?;
        self.kept(key, at, parse(&text))
    }

    fn kept<T>(&mut self, key: &str, at: usize, result: Result<T, Unreadable>) -> Option<T> {
        result.map_err(|error| self.complain(at, Some(key), error.what, error.remedy)).ok()
    }

    /// One window as a text, or several as a list of texts.
    fn windows(&mut self, table: &DeTable<'_>) -> Vec<Window> {
        let Some(value) = table.get("windows") else { return Vec::new() };
        let items: Vec<&Spanned<DeValue<'_>>> = match value.get_ref() {
            DeValue::Array(items) => items.iter().collect(),
            _ => vec![value],
        };
        let mut windows = Vec::new();
        for item in items {
            let at = item.span().start;
            match item.get_ref().as_str() {
                Some(text) => windows.extend(self.kept("windows", at, text.parse::<Window>())),
                None => self.complain(
                    at,
                    Some("windows"),
                    "is not a list of texts".into(),
                    "write windows = [\"mon-fri 07:00-22:00\"]",
                ),
            }
        }
        windows
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chrono_tz::Tz;

    use super::super::searches;

    #[test]
    fn when_a_search_runs_is_read() {
        let text = "\
[[source]]
url = \"https://example.com/a\"
title = \"A\"
cron = \"0 9 * * mon-fri\"
zone = \"Europe/Berlin\"
jitter = \"5m\"

[[source]]
url = \"https://example.com/b\"
title = \"B\"
every = \"6m\"
windows = [\"mon-fri 07:00-22:00 Europe/Berlin\", \"sun 10:00-12:00\"]
adaptive = false

[[source]]
url = \"https://example.com/c\"
title = \"C\"
windows = \"22:00-06:00\"
";
        let found = searches("s.toml", text).unwrap();
        let [a, b, c] = &found[..] else { panic!("{found:?}") };
        assert_eq!(a.rhythm.cron.as_ref().map(ToString::to_string).unwrap(), "0 9 * * mon-fri");
        assert_eq!(a.rhythm.zone, Some(Tz::Europe__Berlin));
        assert_eq!(a.rhythm.jitter, Some(Duration::from_secs(300)));
        assert_eq!((b.rhythm.windows.len(), b.rhythm.exact), (2, true));
        assert_eq!((c.rhythm.windows.len(), c.rhythm.exact), (1, false));
        assert!(a.every.is_none() && b.every.is_some());
    }

    #[test]
    fn every_problem_of_a_rhythm_is_told_with_line_text_and_remedy() {
        let text = "\
[[source]]
url = \"https://example.com/a\"
title = \"A\"
cron = \"at night\"
zone = \"Europe/Berlinn\"
windows = [
    \"mo-fr 07:00-22:00\",
    7,
]
jitter = \"some\"
adaptive = \"no\"

[[source]]
url = \"https://example.com/b\"
title = \"B\"
every = \"5m\"
cron = \"0 3 * * *\"
windows = \"07:00-22:00\"

[[source]]
url = \"https://example.com/c\"
title = \"C\"
zone = \"Europe/Berlin\"
";
        let problems = searches("s.toml", text).unwrap_err();
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        for begin in [
            "s.toml:4: cron: \"at night\" is no cron expression: it has five fields",
            "s.toml:5: zone: \"Europe/Berlinn\" is no time zone; write a name",
            "s.toml:7: windows: \"mo-fr 07:00-22:00\" is no window: the days are mon",
            "s.toml:8: windows: is not a list of texts; write windows = [",
            "s.toml:10: jitter: \"some\" is not a duration",
            "s.toml:11: adaptive: is not true or false",
            "s.toml:17: cron: stands beside every; keep",
            "s.toml:17: cron: \"0 3 * * *\" never falls into a window; make",
            "s.toml:23: zone: has nothing to be the zone of",
        ] {
            assert!(lines.iter().any(|line| line.starts_with(begin)), "{begin}: {lines:#?}");
        }
        assert_eq!(lines.len(), 9, "{lines:#?}");
    }
}
