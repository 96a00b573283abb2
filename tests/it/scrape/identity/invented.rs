//! Invented listings of every form. Numbers come from a generator that says the same in every run.

use std::collections::BTreeMap;

use sites::{Area, Kind, Listing, Money, Position};

use super::Base;

/// Listings of each form.
const EACH: usize = 60;

/// A linear congruential generator (Knuth's MMIX constants): no test needs better chance.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % end
    }

    fn one<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[self.below(of.len())]
    }

    fn number(&mut self, least: i64, step: i64, steps: usize) -> i64 {
        least + step * i64::try_from(self.below(steps)).unwrap_or(0)
    }
}

const TOWNS: [(&str, f64, f64); 6] = [
    ("40237 Düsseldorf", 51.234, 6.81),
    ("10115 Berlin", 52.532, 13.384),
    ("1090 Wien", 48.225, 16.356),
    ("01001 Київ", 50.45, 30.524),
    ("30-001 Kraków", 50.072, 19.937),
    ("20095 Hamburg", 53.551, 10.0),
];
const STREETS: [&str; 8] = [
    "Lindenallee",
    "Marktplatz",
    "Am Hang",
    "Parkstraße",
    "Бульварна",
    "Dluga",
    "Seeweg",
    "Hofgasse",
];
const QUALITIES: [&str; 10] = [
    "Bright",
    "Quiet",
    "Renovated",
    "Helle",
    "Ruhige",
    "Sunny",
    "Spacious",
    "Charming",
    "Простора",
    "Gepflegte",
];
const ROOMS: [&str; 8] =
    ["flat", "apartment", "Wohnung", "attic flat", "maisonette", "corner flat", "квартира", "loft"];
const EXTRAS: [&str; 12] = [
    "with balcony",
    "near the park",
    "mit Garten",
    "with two baths",
    "at the river",
    "mit Einbauküche",
    "with a view",
    "close to the tram",
    "mit Terrasse",
    "in an old house",
    "біля метро",
    "with cellar",
];
const SENTENCES: [&str; 16] = [
    "The rooms face south and get light until the evening.",
    "Oak floors were laid three years ago and the windows are new.",
    "The kitchen stays, a washing machine has its place in the bath.",
    "A tram stops in front of the door every six minutes.",
    "Heating is by district heat, the last bill was low.",
    "There is a dry cellar and room for two bicycles.",
    "The owner lives abroad and wants a quiet tenant.",
    "From the balcony one sees the towers of the old town.",
    "Schools, a market hall and a library are around the corner.",
    "Pets are welcome after a talk with the neighbours.",
    "It was built in the thirties and never flooded.",
    "The lift was renewed, stairs are wide and clean.",
    "Parking is on the street, a permit costs little.",
    "Free from the first of next month, or sooner if needed.",
    "Please write a few lines about yourself with your request.",
    "All walls were painted white before the last winter.",
];
const MODELS: [&str; 10] = [
    "Skoda Octavia Combi",
    "VW Golf 7 Variant",
    "Volvo V60 D4",
    "Toyota Auris Hybrid",
    "Ford Focus Turnier",
    "Renault Clio IV",
    "BMW 320d Touring",
    "Audi A4 Avant",
    "Kia Ceed SW",
    "Opel Astra K",
];
const TITLES: [&str; 10] = [
    "Backend developer Rust",
    "Truck driver night shift",
    "Accountant part time",
    "Nurse intensive care",
    "Data engineer",
    "Warehouse clerk",
    "Shop assistant bakery",
    "Electrician industry",
    "Project lead civil works",
    "Teacher mathematics",
];
const FIRMS: [&str; 10] = [
    "Nordlicht Systems GmbH",
    "Brot und Söhne KG",
    "Klinik am Wald",
    "Hafenlogistik AG",
    "Stahlbau Meier",
    "ООО Полярная звезда",
    "Blue Harbour Ltd",
    "Volt und Watt",
    "Akademie Süd",
    "Зернотрейд",
];
const PRODUCTS: [&str; 12] = [
    "Samsung Galaxy S21 128 GB grey",
    "Samsung Galaxy S22 128 GB grey",
    "Bosch GSR 18V-55 drill with two batteries",
    "Bosch GSR 12V-35 drill with two batteries",
    "Lego Technic 42115 sports car",
    "Lego Technic 42143 sports car",
    "Garmin Forerunner 255 running watch",
    "Garmin Forerunner 955 running watch",
    "Siemens EQ6 coffee machine s300",
    "Siemens EQ6 coffee machine s500",
    "Ortlieb Back-Roller City bag pair",
    "Logitech MX Keys wireless keyboard",
];
const THINGS: [&str; 10] = [
    "Oak dining table with six chairs",
    "Old wardrobe from a farm house",
    "Ladies bicycle Hercules seven gears",
    "Upright piano walnut tuned last year",
    "Baby pram blue with winter sack",
    "Garden swing for two children",
    "Record player with forty records",
    "Sofa bed grey hardly used",
    "Electric mower with basket",
    "Canvas tent for four people",
];
const PEOPLE: [&str; 8] = [
    "Anna K",
    "Familie Berger",
    "Olena",
    "Jan Nowak",
    "M Fischer",
    "Radhaus Süd",
    "Petra und Uwe",
    "Ihor S",
];

/// The invented set.
pub fn bases() -> Vec<Base> {
    let mut chance = Chance(20_261_121);
    let make: [fn(&mut Chance, &str) -> Base; 5] = [home, car, job, product, advert];
    let mut all: Vec<Base> = Vec::new();
    for (form, make) in make.into_iter().enumerate() {
        for number in 0..EACH {
            let base = make(&mut chance, &format!("{form}-{number}"));
            // A product is the same thing wherever it is sold: each is in the set once.
            let is_known = |known: &Base| {
                known.kind == Kind::Goods && known.listing.title == base.listing.title
            };
            if !all.iter().any(is_known) {
                all.push(base);
            }
        }
    }
    all
}

fn listing(id: &str, title: String, euros: i64) -> Listing {
    Listing {
        price: Some(Money { minor: euros * 100, currency: "EUR".into() }),
        ..Listing::new(id, format!("https://invented.example/{id}"), title)
    }
}

fn text(chance: &mut Chance) -> Option<String> {
    if chance.below(3) == 0 {
        return None;
    }
    let sentences: Vec<&str> = (0..4).map(|_| chance.one(&SENTENCES)).collect();
    Some(sentences.join(" "))
}

#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn home(chance: &mut Chance, id: &str) -> Base {
    let (town, lat, lon) = TOWNS[chance.below(TOWNS.len())];
    let rooms = chance.number(1, 1, 5);
    let area = (rooms * 22) as f64 + chance.below(240) as f64 / 10.0;
    let title =
        format!("{} {} {}", chance.one(&QUALITIES), chance.one(&ROOMS), chance.one(&EXTRAS));
    let mut one = listing(id, title, chance.number(420, 5, 300));
    one.area = Some(Area(area));
    one.rooms = Some(rooms as f64);
    let number = chance.number(1, 1, 60);
    one.location = Some(match chance.below(3) {
        0 => town.to_owned(),
        _ => format!("{town}, {} {number}", chance.one(&STREETS)),
    });
    if chance.below(3) == 0 {
        let shift = |chance: &mut Chance| chance.below(200) as f64 / 4_000.0;
        one.position = Some(Position { lat: lat + shift(chance), lon: lon + shift(chance) });
    }
    one.description = text(chance);
    Base { kind: Kind::Home, listing: one }
}

fn car(chance: &mut Chance, id: &str) -> Base {
    let year = chance.number(2008, 1, 16);
    let mileage = chance.number(9_000, 137, 1_500);
    let title = format!("{} {year}", chance.one(&MODELS));
    let mut one = listing(id, title, chance.number(3_200, 50, 400));
    one.attributes = BTreeMap::from([
        ("mileage".into(), format!("{mileage} km")),
        ("year".into(), year.to_string()),
    ]);
    one.location = Some(TOWNS[chance.below(TOWNS.len())].0.to_owned());
    one.description = text(chance);
    Base { kind: Kind::Car, listing: one }
}

fn job(chance: &mut Chance, id: &str) -> Base {
    let mut one = listing(id, chance.one(&TITLES).to_owned(), chance.number(1_900, 50, 90));
    if chance.below(3) == 0 {
        one.price = None;
    }
    one.seller = Some(chance.one(&FIRMS).to_owned());
    one.location = Some(TOWNS[chance.below(TOWNS.len())].0.to_owned());
    one.description = text(chance);
    Base { kind: Kind::Job, listing: one }
}

fn product(chance: &mut Chance, id: &str) -> Base {
    let one = listing(id, chance.one(&PRODUCTS).to_owned(), chance.number(30, 7, 120));
    Base { kind: Kind::Goods, listing: one }
}

fn advert(chance: &mut Chance, id: &str) -> Base {
    let mut one = listing(id, chance.one(&THINGS).to_owned(), chance.number(20, 5, 80));
    one.location = Some(TOWNS[chance.below(TOWNS.len())].0.to_owned());
    one.seller = (chance.below(2) == 0).then(|| chance.one(&PEOPLE).to_owned());
    one.description = text(chance);
    Base { kind: Kind::Classified, listing: one }
}
