//! Words, prices and places of a few countries.

/// A country: top-level domain, language, how a price of so many cents is printed, words.
pub struct Country {
    pub end: &'static str,
    pub language: &'static str,
    pub price: fn(u64) -> String,
    pub things: [&'static str; 8],
    pub kinds: [&'static str; 6],
    pub places: [&'static str; 6],
    pub similar: &'static str,
    pub filters: [&'static str; 4],
}

fn grouped(cents: u64, thousands: &str, decimal: &str) -> String {
    let (whole, part) = (cents / 100, cents % 100);
    let digits = whole.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            out.push_str(thousands);
        }
        out.push(digit);
    }
    if part > 0 { format!("{out}{decimal}{part:02}") } else { out }
}

/// The countries the pages are made for.
pub const COUNTRIES: [Country; 5] = [
    Country {
        end: "de",
        language: "de",
        price: |cents| format!("{} €", grouped(cents, ".", ",")),
        things: [
            "Fahrrad",
            "Schreibtisch",
            "Altbauwohnung",
            "Kühlschrank",
            "Lampe",
            "Gartenhaus",
            "Kleinwagen",
            "Sofa",
        ],
        kinds: [
            "gut erhalten",
            "neuwertig mit Rechnung",
            "aus Nussbaum",
            "für Bastler",
            "in ruhiger Lage",
            "fast geschenkt",
        ],
        places: ["Köln", "Bad Tölz", "Leipzig", "Gießen", "Emden", "Ulm"],
        similar: "Ähnliche Angebote",
        filters: ["Preis", "Zustand", "Farbe", "Umkreis"],
    },
    Country {
        end: "co.uk",
        language: "en-GB",
        price: |cents| format!("£{}", grouped(cents, ",", ".")),
        things: [
            "Bicycle",
            "Writing desk",
            "Terraced house",
            "Fridge",
            "Floor lamp",
            "Shed",
            "Hatchback",
            "Sofa",
        ],
        kinds: [
            "in good order",
            "nearly new",
            "solid walnut",
            "for spares",
            "with a garden",
            "must go this week",
        ],
        places: ["Leeds", "Bath", "Perth", "Hull", "York", "Dover"],
        similar: "You may also like",
        filters: ["Price", "Condition", "Colour", "Distance"],
    },
    Country {
        end: "pl",
        language: "pl",
        price: |cents| format!("{} zł", grouped(cents, " ", ",")),
        things: [
            "Rower",
            "Biurko",
            "Mieszkanie",
            "Lodówka",
            "Lampa",
            "Domek",
            "Samochód",
            "Kanapa",
        ],
        kinds: [
            "w dobrym stanie",
            "jak nowy z gwarancją",
            "z orzecha",
            "na części",
            "w cichej okolicy",
            "pilnie sprzedam",
        ],
        places: ["Gdynia", "Łódź", "Kielce", "Opole", "Toruń", "Zabrze"],
        similar: "Podobne oferty",
        filters: ["Cena", "Stan", "Kolor", "Odległość"],
    },
    Country {
        end: "com.br",
        language: "pt-BR",
        price: |cents| format!("R$ {}", grouped(cents, ".", ",")),
        things: [
            "Bicicleta",
            "Escrivaninha",
            "Apartamento",
            "Geladeira",
            "Luminária",
            "Chalé",
            "Carro",
            "Sofá",
        ],
        kinds: [
            "em bom estado",
            "quase novo com nota",
            "de nogueira",
            "para peças",
            "em rua tranquila",
            "preço de ocasião",
        ],
        places: ["Santos", "Olinda", "Niterói", "Recife", "Belém", "Natal"],
        similar: "Anúncios similares",
        filters: ["Preço", "Estado", "Cor", "Distância"],
    },
    Country {
        end: "se",
        language: "sv",
        price: |cents| format!("{} kr", grouped(cents, " ", ",")),
        things: [
            "Cykel",
            "Skrivbord",
            "Lägenhet",
            "Kylskåp",
            "Golvlampa",
            "Friggebod",
            "Småbil",
            "Soffa",
        ],
        kinds: [
            "i gott skick",
            "nästan ny med kvitto",
            "av valnöt",
            "för reservdelar",
            "i lugnt läge",
            "måste bort",
        ],
        places: ["Malmö", "Umeå", "Visby", "Kalmar", "Lund", "Borås"],
        similar: "Liknande annonser",
        filters: ["Pris", "Skick", "Färg", "Avstånd"],
    },
];
