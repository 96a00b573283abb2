//! The zone that a person means: a name of the IANA list, a city of it, a large city by its own name, or an offset.

use chrono_tz::{TZ_VARIANTS, Tz};

/// Zones to choose from, by region; the rest is typed.
pub const REGIONS: [(&str, &[Tz]); 4] = [
    (
        "europe",
        &[
            Tz::Europe__London,
            Tz::Europe__Lisbon,
            Tz::Europe__Madrid,
            Tz::Europe__Paris,
            Tz::Europe__Berlin,
            Tz::Europe__Rome,
            Tz::Europe__Prague,
            Tz::Europe__Warsaw,
            Tz::Europe__Vilnius,
            Tz::Europe__Riga,
            Tz::Europe__Bucharest,
            Tz::Europe__Chisinau,
            Tz::Europe__Kyiv,
            Tz::Europe__Athens,
            Tz::Europe__Istanbul,
            Tz::Europe__Minsk,
            Tz::Europe__Moscow,
            Tz::Europe__Samara,
        ],
    ),
    (
        "asia",
        &[
            Tz::Asia__Jerusalem,
            Tz::Asia__Tbilisi,
            Tz::Asia__Yerevan,
            Tz::Asia__Baku,
            Tz::Asia__Dubai,
            Tz::Asia__Almaty,
            Tz::Asia__Tashkent,
            Tz::Asia__Yekaterinburg,
            Tz::Asia__Novosibirsk,
            Tz::Asia__Vladivostok,
            Tz::Asia__Kolkata,
            Tz::Asia__Bangkok,
            Tz::Asia__Shanghai,
            Tz::Asia__Tokyo,
        ],
    ),
    (
        "america",
        &[
            Tz::America__New_York,
            Tz::America__Chicago,
            Tz::America__Denver,
            Tz::America__Los_Angeles,
            Tz::America__Toronto,
            Tz::America__Mexico_City,
            Tz::America__Bogota,
            Tz::America__Sao_Paulo,
            Tz::America__Argentina__Buenos_Aires,
        ],
    ),
    (
        "other",
        &[
            Tz::UTC,
            Tz::Africa__Cairo,
            Tz::Africa__Lagos,
            Tz::Africa__Nairobi,
            Tz::Africa__Johannesburg,
            Tz::Australia__Perth,
            Tz::Australia__Sydney,
            Tz::Pacific__Auckland,
        ],
    ),
];

/// Offsets of half and quarter hours, in minutes, and a zone that keeps each all year.
const ODD_OFFSETS: [(i32, Tz); 7] = [
    (210, Tz::Asia__Tehran),
    (270, Tz::Asia__Kabul),
    (330, Tz::Asia__Kolkata),
    (345, Tz::Asia__Kathmandu),
    (390, Tz::Asia__Yangon),
    (570, Tz::Australia__Darwin),
    (-570, Tz::Pacific__Marquesas),
];

/// Names of cities that the list does not have, or not in this language; lower case.
const CITIES: [(&[&str], Tz); 19] = [
    (
        &[
            "киев",
            "київ",
            "kiev",
            "львов",
            "львів",
            "lviv",
            "одесса",
            "одеса",
            "odesa",
            "odessa",
            "харьков",
            "харків",
            "kharkiv",
            "днепр",
            "дніпро",
            "dnipro",
        ],
        Tz::Europe__Kyiv,
    ),
    (&["москва", "питер", "санкт-петербург", "saint petersburg"], Tz::Europe__Moscow),
    (&["минск", "мінськ"], Tz::Europe__Minsk),
    (&["варшава", "краков", "краків", "krakow", "kraków", "вроцлав"], Tz::Europe__Warsaw),
    (
        &["берлин", "берлін", "мюнхен", "гамбург", "munich", "münchen", "hamburg", "frankfurt"],
        Tz::Europe__Berlin,
    ),
    (&["прага", "praha"], Tz::Europe__Prague),
    (&["вена", "відень", "wien"], Tz::Europe__Vienna),
    (&["рим", "милан", "мілан", "milan", "milano", "roma"], Tz::Europe__Rome),
    (&["париж"], Tz::Europe__Paris),
    (&["лондон"], Tz::Europe__London),
    (&["мадрид", "барселона", "barcelona", "валенсия"], Tz::Europe__Madrid),
    (&["рига"], Tz::Europe__Riga),
    (&["вильнюс", "вільнюс"], Tz::Europe__Vilnius),
    (&["таллин", "таллінн"], Tz::Europe__Tallinn),
    (&["кишинев", "кишинёв", "кишинів"], Tz::Europe__Chisinau),
    (&["стамбул", "анталья", "antalya"], Tz::Europe__Istanbul),
    (&["тбилиси", "тбілісі", "батуми", "батумі"], Tz::Asia__Tbilisi),
    (&["ереван", "єреван"], Tz::Asia__Yerevan),
    (&["алматы", "алма-ата", "астана", "алмати"], Tz::Asia__Almaty),
];

/// The zone of an IANA name, letter by letter.
pub fn of_name(name: &str) -> Option<Tz> {
    if name.is_empty() { None } else { name.parse().ok() }
}

/// The zone that a person means by `text`: `Europe/Kyiv`, `kyiv`, `Київ`, `UTC+2`, `+5:30`.
pub fn find(text: &str) -> Option<Tz> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > 64 {
        return None;
    }
    let wanted = text.to_lowercase();
    of_offset(&wanted)
        .or_else(|| of_name(text))
        .or_else(|| {
            CITIES.iter().find(|(names, _)| names.contains(&&*wanted)).map(|(_, zone)| *zone)
        })
        .or_else(|| of_city(&wanted.replace([' ', '-'], "_")))
}

/// The first zone whose name, or the last part of it, is `wanted`; those of the menus before all others.
fn of_city(wanted: &str) -> Option<Tz> {
    let offered = REGIONS.iter().flat_map(|(_, zones)| zones.iter());
    let named = |zone: &&Tz| {
        let name = zone.name().to_lowercase();
        name == wanted || (name.contains('/') && name.rsplit('/').next() == Some(wanted))
    };
    // `Etc/GMT+3` and the like read the other way round than people mean them.
    let is_place = |zone: &&Tz| !zone.name().starts_with("Etc/");
    offered.chain(TZ_VARIANTS.iter()).filter(is_place).find(named).copied()
}

/// `utc+2`, `gmt-3`, `+5:30`, `−4`, `utc`.
fn of_offset(text: &str) -> Option<Tz> {
    let rest = ["utc", "gmt"].iter().find_map(|head| text.strip_prefix(head));
    if rest == Some("") {
        return Some(Tz::UTC);
    }
    let rest = rest.unwrap_or(text).trim();
    let (sign, digits) = match rest.chars().next()? {
        '+' => (1, &rest[1..]),
        '-' => (-1, &rest[1..]),
        '−' => (-1, &rest['−'.len_utf8()..]),
        _ => return None,
    };
    let (hours, minutes) = digits.split_once(':').unwrap_or((digits, "0"));
    let number = |text: &str| {
        let is_number = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        if is_number { text.parse::<i32>().ok() } else { None }
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    if minutes != 0 {
        let offset = sign * (hours * 60 + minutes);
        return ODD_OFFSETS.iter().find(|(known, _)| *known == offset).map(|(_, zone)| *zone);
    }
    match sign * hours {
        0 => Some(Tz::UTC),
        // Etc/GMT counts westward: UTC+2 is Etc/GMT-2 (IANA, file etcetera).
        east @ 1..=14 => format!("Etc/GMT-{east}").parse().ok(),
        west @ -12..=-1 => format!("Etc/GMT+{}", -west).parse().ok(),
        _ => None,
    }
}

/// How a zone is shown to people: its name, an offset as such.
pub fn shown(zone: Tz) -> String {
    match zone.name().strip_prefix("Etc/GMT") {
        Some(offset) if offset.starts_with('-') => format!("UTC+{}", &offset[1..]),
        Some(offset) if offset.starts_with('+') => format!("UTC−{}", &offset[1..]),
        _ => zone.name().replace('_', " "),
    }
}

#[cfg(test)]
mod tests {
    use chrono::{Offset, TimeZone, Utc};

    use super::*;

    #[test]
    fn people_write_zones_in_many_ways() {
        let cases = [
            ("Europe/Kyiv", Tz::Europe__Kyiv),
            ("kyiv", Tz::Europe__Kyiv),
            (" Київ ", Tz::Europe__Kyiv),
            ("new york", Tz::America__New_York),
            ("europe/berlin", Tz::Europe__Berlin),
            ("Buenos Aires", Tz::America__Argentina__Buenos_Aires),
            ("utc", Tz::UTC),
            ("GMT+0", Tz::UTC),
            ("UTC+2", Tz::Etc__GMTMinus2),
            ("utc -3", Tz::Etc__GMTPlus3),
            ("−4", Tz::Etc__GMTPlus4),
            ("+5:30", Tz::Asia__Kolkata),
        ];
        for (text, zone) in cases {
            assert_eq!(find(text), Some(zone), "{text}");
        }
        for text in
            ["", "nowhere", "UTC+15", "UTC-13", "+5:31", "5", "+", "+1x", "x".repeat(99).as_str()]
        {
            assert_eq!(find(text), None, "{text}");
        }
    }

    #[test]
    fn an_offset_is_what_it_says_all_year() {
        for month in [1, 7] {
            let day = Utc.with_ymd_and_hms(2026, month, 1, 0, 0, 0).unwrap().naive_utc();
            let of = |zone: Tz| zone.offset_from_utc_datetime(&day).fix().local_minus_utc() / 60;
            for hours in -12..=14 {
                assert_eq!(of(find(&format!("UTC{hours:+}")).unwrap()), hours * 60, "{hours}");
            }
            for (minutes, zone) in ODD_OFFSETS {
                assert_eq!(of(zone), minutes, "{zone}");
            }
        }
        assert_eq!(shown(Tz::Etc__GMTMinus2), "UTC+2");
        assert_eq!(shown(Tz::America__New_York), "America/New York");
    }

    #[test]
    fn a_shown_zone_can_be_typed() {
        for (_, zones) in REGIONS {
            for zone in zones {
                assert_eq!(find(&shown(*zone)), Some(*zone), "{zone}");
            }
        }
    }
}
