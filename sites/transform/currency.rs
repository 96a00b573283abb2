//! Currencies: ISO 4217 codes, their exponents, and how pages spell them.
//!
//! Source for the exponents: ISO 4217, list one. A spelling that several countries share (`$`, `kr`,
//! `£`, `Rs`) is a family: the site's own currency decides when it belongs to the family, otherwise
//! its first member.

/// How many decimal digits the smallest unit of a currency has.
pub fn exponent(code: &str) -> u32 {
    match code {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX"
        | "UYI" | "VND" | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        "BTC" => 8,
        _ => 2,
    }
}

/// Codes that may stand in a price as they are. `RUR` and `BTC` are customary, not ISO.
const CODES: &str = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB \
    BRL BSD BTC BTN BWP BYN BYR BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN \
    ESP ETB EUR FJD FKP FRF GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR \
    ISK ITL JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD \
    MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PTE \
    PYG QAR RON RSD RUB RUR RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS \
    TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW \
    ZWL DEM BEF NLG ATS";

/// How strongly a spelling says "this is a price".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// A letter or two that means money only beside a number (`P`, `L`, `K`).
    Weak,
    /// A sign or word of money (`€`, `руб.`, `kr`).
    Sign,
    /// An ISO code.
    Code,
}

/// Signs that name one currency, longest first where one contains another.
#[rustfmt::skip]
const SIGNS: &[(&str, &str)] = &[
    ("MOP$", "MOP"), ("AU$", "AUD"), ("US$", "USD"), ("HK$", "HKD"), ("NZ$", "NZD"),
    ("NT$", "TWD"), ("CA$", "CAD"), ("R$", "BRL"), ("A$", "AUD"), ("C$", "CAD"), ("S$", "SGD"),
    ("J$", "JMD"), ("T$", "TOP"), ("Z$", "ZWL"), ("G$", "GYD"), ("$U", "UYU"), ("R₣", "RWF"),
    ("€", "EUR"), ("₤", "GBP"), ("₽", "RUB"), ("₴", "UAH"), ("₸", "KZT"), ("₪", "ILS"),
    ("₹", "INR"), ("₩", "KRW"), ("원", "KRW"), ("₫", "VND"), ("₺", "TRY"), ("₼", "AZN"),
    ("֏", "AMD"), ("؋", "AFN"), ("៛", "KHR"), ("₣", "CHF"), ("₱", "PHP"), ("﷼", "IRR"),
    ("₭", "LAK"), ("₮", "MNT"), ("₦", "NGN"), ("₵", "GHS"), ("₾", "GEL"), ("฿", "THB"),
    ("円", "JPY"), ("圆", "CNY"), ("元", "CNY"), ("ლარი", "GEL"), ("ლ", "GEL"), ("ரூ", "LKR"),
    ("ብር", "ETB"), ("تومان", "IRR"), ("ريال", "SAR"), ("جنيه", "EGP"), ("دينار كويتي", "KWD"),
    ("دينار", "IQD"), ("نافكا", "ERN"), ("ر.س", "SAR"), ("ج.م", "EGP"), (".د.ب", "BHD"),
    ("د.ك", "KWD"), ("د.إ", "AED"), ("د.ت", "TND"), ("د.أ", "JOD"), ("د.ج", "DZD"),
    ("ر.ق", "QAR"), ("ل.س", "SYP"), ("د.", "MAD"), ("ש״ח", "ILS"), ("S/.", "PEN"), ("S/", "PEN"),
];

/// Words and letters that name one currency. Matched without regard to case, whole words only.
#[rustfmt::skip]
const WORDS: &[(&str, &str)] = &[
    ("euro", "EUR"), ("euros", "EUR"), ("eur", "EUR"), ("zł", "PLN"), ("zl", "PLN"),
    ("kč", "CZK"), ("kc", "CZK"), ("ft", "HUF"), ("lei", "RON"), ("leu", "RON"), ("лв.", "BGN"),
    ("лв", "BGN"), ("kn", "HRK"), ("din", "RSD"), ("руб.", "RUB"), ("руб", "RUB"),
    ("рублей", "RUB"), ("р.", "RUB"), ("р", "RUB"), ("rub.", "RUB"), ("грн.", "UAH"),
    ("грн", "UAH"), ("гривень", "UAH"), ("hrn", "UAH"), ("тг.", "KZT"), ("тг", "KZT"),
    ("тенге", "KZT"), ("сум", "UZS"), ("som", "KGS"), ("сом", "KGS"), ("ден", "MKD"),
    ("lari", "GEL"), ("tl", "TRY"), ("sfr", "CHF"), ("sfr.", "CHF"), ("fr.", "CHF"),
    ("francs", "CHF"), ("pound", "GBP"), ("pounds", "GBP"), ("dollars", "USD"),
    ("yen", "JPY"), ("yuan", "CNY"), ("rmb", "CNY"), ("kd", "KWD"), ("dt", "TND"), ("dh", "MAD"),
    ("dhs", "AED"), ("rm", "MYR"), ("rp", "IDR"), ("rp.", "IDR"), ("re", "INR"), ("br", "BYN"),
    ("fbu", "BIF"), ("fcfa", "XOF"), ("cfa", "XOF"), ("fdj", "DJF"), ("fg", "GNF"),
    ("nfk", "ERN"), ("nu.", "BTN"), ("nu", "BTN"), ("um", "MRU"), ("db", "STN"), ("ush", "UGX"),
    ("ksh", "KES"), ("bs", "BOB"), ("bs.", "BOB"), ("esc", "CVE"), ("ks", "MMK"), ("vnđ", "VND"),
    ("đ", "VND"), ("spl", "SPL"), ("км", "BAM"), ("km", "BAM"), ("baht", "THB"), ("kr.", "kr"),
    ("kr", "kr"), ("rs.", "rs"), ("rs", "rs"),
];

/// Single letters that mean money only directly beside a number.
#[rustfmt::skip]
const LETTERS: &[(&str, &str)] = &[
    ("P", "PHP"), ("R", "ZAR"), ("L", "HNL"), ("K", "PGK"), ("Q", "GTQ"), ("q", "GTQ"),
    ("G", "HTG"), ("S'", "PEN"),
];

/// Currencies that share a spelling; the first is meant when the site does not tell.
const FAMILIES: &[(&str, &[&str])] = &[
    ("$", &["USD", "CAD", "AUD", "NZD", "HKD", "SGD", "MXN", "ARS", "CLP", "COP", "TWD", "UYU"]),
    ("kr", &["SEK", "NOK", "DKK", "ISK"]),
    ("£", &["GBP", "EGP", "LBP", "GIP", "FKP"]),
    ("¥", &["JPY", "CNY"]),
    ("rs", &["INR", "PKR", "LKR", "NPR", "MUR"]),
];

/// A spelling of a currency found in a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Spelling {
    /// First byte in the text.
    pub start: usize,
    /// First byte behind it.
    pub end: usize,
    /// ISO code.
    pub code: String,
    /// How far it can be trusted.
    pub strength: Strength,
}

fn family(sign: &str, own: Option<&str>) -> Option<String> {
    let (_, members) = FAMILIES.iter().find(|(name, _)| *name == sign)?;
    let member = own.filter(|c| members.contains(c)).unwrap_or(members[0]);
    Some(member.to_owned())
}

/// The code meant by a spelling of its own (`€`, `руб.`, `usd`, `R$`), if it is known.
/// `own` is the currency of the site.
pub fn resolve(spelling: &str, own: Option<&str>) -> Option<String> {
    let spelling = spelling.trim();
    find(spelling, own)
        .into_iter()
        .filter(|s| s.start == 0 && s.end >= spelling.trim_end_matches('.').len())
        .max_by_key(|s| s.strength)
        .map(|s| s.code)
}

/// The code under which a currency is stored today: `RUR` was replaced by `RUB` at the same name.
pub fn canonical(code: &str) -> String {
    let code = code.trim().to_ascii_uppercase();
    if code == "RUR" { "RUB".to_owned() } else { code }
}

/// Finds all spellings of currencies in a text, from left to right, not overlapping.
pub fn find(text: &str, own: Option<&str>) -> Vec<Spelling> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        if !text.is_char_boundary(at) {
            at += 1;
            continue;
        }
        match at_position(text, at, own) {
            Some(spelling) => {
                at = spelling.end;
                found.push(spelling);
            }
            None => at += text[at..].chars().next().map_or(1, char::len_utf8),
        }
    }
    found
}

fn at_position(text: &str, at: usize, own: Option<&str>) -> Option<Spelling> {
    let rest = &text[at..];
    let before = text[..at].chars().next_back();
    let make = |len: usize, code: String, strength| Spelling {
        start: at,
        end: at + len,
        code: canonical(&code),
        strength,
    };
    if let Some((sign, code)) = SIGNS.iter().find(|(sign, _)| rest.starts_with(sign)) {
        let lettered = sign.starts_with(|c: char| c.is_ascii_alphabetic());
        if !(lettered && before.is_some_and(char::is_alphabetic)) {
            return Some(make(sign.len(), (*code).to_owned(), Strength::Sign));
        }
    }
    for sign in ["$", "£", "¥", "￥"] {
        if rest.starts_with(sign) {
            let name = if sign == "￥" { "¥" } else { sign };
            return Some(make(sign.len(), family(name, own)?, Strength::Sign));
        }
    }
    if before.is_some_and(char::is_alphabetic) {
        return None;
    }
    let word_len = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
    let word = rest.get(..word_len).filter(|w| !w.is_empty())?;
    let dotted = rest[word_len..].starts_with('.');
    whole_word(word, dotted, own)
        .map(|(code, strength, with_dot)| make(word_len + usize::from(with_dot), code, strength))
}

/// Looks a whole word up: code, word list, single letters. Says whether a dot behind it belongs to it.
fn whole_word(word: &str, dotted: bool, own: Option<&str>) -> Option<(String, Strength, bool)> {
    if word.len() == 3 && word.is_ascii() {
        let upper = word.to_ascii_uppercase();
        if CODES.split_ascii_whitespace().any(|c| c == upper) {
            let strength = if upper == word { Strength::Code } else { Strength::Sign };
            return Some((upper, strength, false));
        }
    }
    let lower = word.to_lowercase();
    let with_dot = format!("{lower}.");
    let hit = |key: &str| WORDS.iter().find(|(w, _)| *w == key).map(|(_, code)| *code);
    let (code, dot) = match hit(&with_dot).filter(|_| dotted) {
        Some(code) => (code, true),
        None => match hit(&lower) {
            Some(code) => (code, false),
            None => {
                let (_, code) = LETTERS.iter().find(|(l, _)| *l == word)?;
                return Some(((*code).to_owned(), Strength::Weak, false));
            }
        },
    };
    let code = family(code, own).unwrap_or_else(|| code.to_owned());
    Some((code, Strength::Sign, dot))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_sign_means_the_currency_of_the_site() {
        assert_eq!(resolve("$", Some("CAD")).as_deref(), Some("CAD"));
        assert_eq!(resolve("$", Some("EUR")).as_deref(), Some("USD"));
        assert_eq!(resolve("kr", Some("NOK")).as_deref(), Some("NOK"));
        assert_eq!(resolve("Р", None).as_deref(), Some("RUB"));
        assert_eq!(resolve("nothing", None), None);
    }

    #[test]
    fn words_inside_words_are_not_money() {
        assert!(find("REIfen Eurobox Krone", None).is_empty());
        assert_eq!(find("12.50руб.", None)[0].code, "RUB");
    }
}
