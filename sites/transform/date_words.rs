//! The words of relative and written dates, in the languages of the sites.
//!
//! All words are lower case, without a closing dot. A word stands in exactly one table.

use std::collections::HashMap;
use std::sync::LazyLock;

/// A unit of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Seconds.
    Second,
    /// Minutes.
    Minute,
    /// Hours.
    Hour,
    /// Days.
    Day,
    /// Weeks.
    Week,
    /// Months.
    Month,
    /// Years.
    Year,
    /// Ten years.
    Decade,
}

/// What a word means in a relative date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// A unit; the number stands before it.
    Unit(Unit),
    /// A number.
    Number(u32),
    /// A day, counted from today.
    Day(i64),
    /// A unit of the future in one word ("haftaya", next week).
    Next(Unit),
    /// Points to the past ("ago").
    Past,
    /// Points to the future ("in", "later").
    Future,
    /// "an": one in English, a year in French behind a number.
    An,
    /// "en": one in Scandinavian languages, "in" in French and Spanish before a number.
    En,
    /// Means nothing for the arithmetic.
    Filler,
}

const UNITS: &[(Unit, &str)] = &[
    (
        Unit::Second,
        "s sec secs second seconds sekunde sekunden sek seconde secondes seconden \
        sekund sekunder sekundę sekundy segundo segundos segs secondo secondi сек секунд секунду \
        секунды секунди vteřin vteřina vteřiny sekundu saniye 秒",
    ),
    (
        Unit::Minute,
        "min mins minute minutes minuten minuut minuter minutt minutter minuta minutę \
        minuty minut minuto minutos minuti мин минут минуту минуты хв хвилин хвилину хвилини minutu \
        dakika dk 分钟 分鐘 分",
    ),
    (
        Unit::Hour,
        "h t hr hrs hour hours stunde stunden std heure heures uur uren timme timmar tim \
        time timer godz godzin godzina godzinę godziny hora horas ora ore ч час часа часов год.\
        година години годину годин hodin hodinu hodina hodiny saat 小时 小時 時間",
    ),
    (
        Unit::Day,
        "d dg day days tag tage tagen jour jours dag dagen dagar dager dzień dni dzien dia \
        dias día días giorno giorni день дня дней день дні днів den dny dnů gün 天 日",
    ),
    (
        Unit::Week,
        "w wk week weeks woche wochen semaine semaines weken vecka veckor uke uker tydzień \
        tygodni tygodnie tydzien semana semanas settimana settimane неделя неделю недели недель \
        тиждень тижні тижнів týden týdny týdnů hafta 周 週 星期",
    ),
    (
        Unit::Month,
        "mo month months monat monate monaten mois maand maanden månad månader måned \
        måneder miesiąc miesiące miesięcy mês mes meses mese mesi месяц месяца месяцев мес місяць \
        місяці місяців měsíc měsíce měsíců ay 月 个月 個月 ヶ月",
    ),
    (
        Unit::Year,
        "y yr yrs year years jahr jahre jahren ans année années anno anni jaar jaren år \
        rok lat lata roky let roků ano anos año años год года лет рік роки років yıl 年",
    ),
    (Unit::Decade, "decade decades jahrzehnt jahrzehnte décennie década dekada десятилетие"),
];

const NUMBERS: &[(u32, &str)] = &[
    (
        1,
        "a one ein eine einer einem einen un une uno una um uma ett et één een jedna jeden jedną \
        один одну одна один bir einige",
    ),
    (2, "two zwei deux twee två to dwa dwie dos dois duas due два две дві iki"),
    (3, "three drei trois drie tre trzy tres três три üç"),
    (4, "four vier quatre fyra fire cztery cuatro quatro quattro четыре чотири dört"),
    (5, "five fünf cinq vijf fem pięć cinco cinque пять beş"),
    (6, "six sechs zes sex seks sześć seis sei шесть altı"),
    (7, "seven sieben sept zeven sju siedem siete sete sette семь yedi"),
    (8, "eight acht huit åtta åtte osiem ocho oito otto восемь sekiz"),
    (9, "nine neun neuf negen nio ni dziewięć nueve nove девять dokuz"),
    (10, "ten zehn dix tien tio ti dziesięć diez dez dieci десять on"),
    (11, "eleven elf"),
    (12, "twelve zwölf douze"),
];

const DAYS: &[(i64, &str)] = &[
    (
        0,
        "today heute aujourd'hui vandaag idag dzisiaj dziś dzis hoje hoy oggi сегодня сьогодні dnes \
        bugün tilldate 今天 今日 justnow",
    ),
    (
        -1,
        "yesterday gestern hier gisteren igår wczoraj ontem ayer ieri вчера вчора včera dün 昨天 \
        昨日",
    ),
    (
        -2,
        "daybeforeyesterday vorgestern avant-hier eergisteren förrgår iförrgår forgårs przedwczoraj \
        anteontem anteayer antier позавчера позавчора předevčírem 前天",
    ),
    (
        1,
        "tomorrow morgen demain imorgon imorgen jutro amanhã mañana domani завтра zítra yarın 明天",
    ),
    (2, "übermorgen après-demain overmorgen pojutrze послезавтра післязавтра pozítří 后天"),
];

const PAST: &str = "ago vor sedan siden geleden temu назад тому atrás atras hace há fa önce przed před \
    before last 前 il-ya";
const FUTURE: &str = "in im dans later after from hence za за через om dentro em daqui içinde \
    içerisinde sonra gelecek next 后 後";
const FILLER: &str = "about around approximately over more than less and und et y e och og i oraz и та і \
    ve etwa ca circa ungefähr environ moins de du il ya à at um kl uhr uhr le la les el los o às \
    as alle hs около приблизно prawie około przibl přibližně now time's time' online seit posted \
    published added veröffentlicht eingestellt publicado publié geplaatst lagt ut dodano \
    опубликовано в во о об на för";

/// Phrases that are folded into one word before the text is cut into words.
pub const PHRASES: &[(&str, &str)] = &[
    ("day before yesterday", "daybeforeyesterday"),
    ("till date", "tilldate"),
    ("just now", "justnow"),
    ("gerade eben", "justnow"),
    ("только что", "justnow"),
    ("i dag", "idag"),
    ("i går", "igår"),
    ("i morgon", "imorgon"),
    ("i morgen", "imorgen"),
    ("i förrgår", "iförrgår"),
    ("il y a", "il-ya"),
    ("il ya", "il-ya"),
];

/// All words with their meaning; where tables overlap, the first one below wins.
static WORDS: LazyLock<HashMap<&'static str, Word>> = LazyLock::new(|| {
    let mut words = HashMap::new();
    let mut add = |list: &'static str, word: Word| {
        for name in list.split_ascii_whitespace() {
            words.entry(name).or_insert(word);
        }
    };
    add("haftaya", Word::Next(Unit::Week));
    add("an", Word::An);
    add("en", Word::En);
    for (offset, list) in DAYS {
        add(list, Word::Day(*offset));
    }
    add(PAST, Word::Past);
    add(FUTURE, Word::Future);
    for (unit, list) in UNITS {
        add(list, Word::Unit(*unit));
    }
    for (value, list) in NUMBERS {
        add(list, Word::Number(*value));
    }
    add(FILLER, Word::Filler);
    words
});

/// The meaning of a word, if it is one of a relative date.
pub fn lookup(word: &str) -> Option<Word> {
    WORDS.get(word.trim_end_matches('.')).copied()
}

const MONTHS: [&str; 12] = [
    "jan january januar januari janvier janv enero ene janeiro gennaio gen stycznia styczeń sty января \
        янв січня січ ledna leden jän jänner",
    "feb february februar februari février févr fév febrero fevereiro fev febbraio lutego luty lut \
        февраля фев лютого лют února únor",
    "mar march märz mär mrz maart mrt mars marzo março marca marzec марта мар березня бер března \
        březen",
    "apr april avril avr abril abr aprile kwietnia kwiecień kwi апреля апр квітня квіт dubna duben",
    "may mai mei maj mayo maio maggio mag maja мая май травня трав května květen",
    "jun june juni juin junio junho giugno giu czerwca czerwiec cze июня июн червня черв června \
        červen",
    "jul july juli juillet juil julio julho luglio lug lipca lipiec lip июля июл липня лип července \
        červenec",
    "aug august augustus augusti août aoû agosto ago sierpnia sierpień sie августа авг серпня серп \
        srpna srpen",
    "sep sept september septembre septiembre setembro set settembre września wrzesień wrz сентября \
        сен сент вересня вер září",
    "oct october oktober okt octobre octubre outubro out ottobre ott października październik paź \
        октября окт жовтня жовт října říjen",
    "nov november novembre noviembre novembro listopada listopad lis ноября ноя нояб листопада лист",
    "dec december dezember dez desember des décembre déc diciembre dic dezembro dicembre grudnia \
        grudzień gru декабря дек грудня груд prosince prosinec",
];

static MONTH_WORDS: LazyLock<HashMap<&'static str, u32>> = LazyLock::new(|| {
    let named = |(month, list): (u32, &'static str)| {
        list.split_ascii_whitespace().map(move |word| (word, month))
    };
    (1..).zip(MONTHS).flat_map(named).collect()
});

/// The month (1 to 12) a word names.
pub fn month(word: &str) -> Option<u32> {
    MONTH_WORDS.get(word.to_lowercase().trim_end_matches('.')).copied()
}
