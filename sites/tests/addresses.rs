//! What people paste, and what becomes of it: the module that reads it, the canonical address, the filters that are
//! understood, and what is not.

use std::collections::BTreeMap;
use std::error::Error;

use sites::Registry;
use url::Url;

/// Module, pasted address, path and query of the canonical one, filters as `name=value`, what is not understood.
type Row = (&'static str, &'static str, &'static str, &'static str, &'static [&'static str]);

const ROWS: &[Row] = &[
    (
        "craigslist",
        "https://newyork.craigslist.org/search/apa?min_price=1000&max_price=2500&query=balcony&utm_source=x#search=1~gallery~0",
        "/search/apa?max_price=2500&min_price=1000&query=balcony&sort=date",
        "category=apa keywords=balcony price_max=2500 price_min=1000",
        &[],
    ),
    (
        "daft",
        "https://www.daft.ie/property-for-rent/dublin-city?rentalPrice_to=2000&numBeds_from=2&sort=priceAsc&from=20",
        "/property-for-rent/dublin-city?numBeds_from=2&rentalPrice_to=2000&sort=publishDateDesc",
        "offer=property-for-rent place=dublin-city price_max=2000 rooms_min=2",
        &[],
    ),
    (
        "finn",
        "https://www.finn.no/realestate/homes/search.html?location=0.20061&price_to=5000000&page=3&sort=RELEVANCE",
        "/realestate/homes/search.html?location=0.20061&price_to=5000000&sort=PUBLISHED_DESC",
        "place=0.20061 price_max=5000000 vertical=realestate",
        &[],
    ),
    (
        "flatfox",
        "https://flatfox.ch/en/search/?east=8.6&north=47.4&south=47.3&west=8.4&max_price=2500&lit=on",
        "/en/search/?east=8.6&lit=on&max_price=2500&north=47.4&ordering=date&south=47.3&west=8.4",
        "map_east=8.6 map_north=47.4 map_south=47.3 map_west=8.4 price_max=2500",
        &["lit"],
    ),
    (
        "hh_ru",
        "https://hh.ru/search/vacancy?text=rust&area=1&salary=200000&page=2&hhtmFrom=main",
        "/search/vacancy?area=1&order_by=publication_time&salary=200000&text=rust",
        "keywords=rust region=1 salary_min=200000",
        &[],
    ),
    (
        "immoscout24",
        "https://www.immobilienscout24.de/Suche/de/berlin/berlin/wohnung-mieten?price=-1500.0&numberofrooms=2.0-&pagenumber=2",
        "/Suche/de/berlin/berlin/wohnung-mieten?numberofrooms=2.0-&price=-1500.0&sorting=-firstactivation",
        "price=-1500.0 rooms=2.0-",
        &[],
    ),
    (
        "kleinanzeigen",
        "https://www.kleinanzeigen.de/s-fahrraeder/berlin/preis:100:500/rennrad/k0c217l3331?utm_medium=x",
        "/s-fahrraeder/berlin/preis:100:500/rennrad/k0c217l3331",
        "category=217 keywords=rennrad place=3331 price=100:500",
        &[],
    ),
    (
        "marktplaats",
        "https://www.marktplaats.nl/l/fietsen-en-brommers/q/racefiets/?sortBy=PRICE#PriceCentsTo:50000",
        "/l/fietsen-en-brommers/q/racefiets/?sortBy=SORT_INDEX&sortOrder=DECREASING",
        "category=fietsen-en-brommers keywords=racefiets",
        &["#PriceCentsTo:50000"],
    ),
    (
        "olx_br",
        "https://www.olx.com.br/imoveis/aluguel/estado-sp?pe=2500&ps=500&o=3",
        "/imoveis/aluguel/estado-sp?pe=2500&ps=500&sf=1",
        "price_max=2500 price_min=500 state=sp",
        &[],
    ),
    (
        "otodom",
        "https://www.otodom.pl/pl/wyniki/wynajem/mieszkanie/mazowieckie/warszawa?priceMax=4000&roomsNumber=%5BTWO%5D&page=2&by=PRICE",
        "/pl/wyniki/wynajem/mieszkanie/mazowieckie/warszawa?by=LATEST&direction=DESC&priceMax=4000&roomsNumber=%5BTWO%5D",
        "category=mieszkanie offer=wynajem place=mazowieckie/warszawa price_max=4000 rooms=[TWO]",
        &[],
    ),
    (
        "sparkasse",
        "https://immobilien.sparkasse.de/immobilien/treffer?marketingType=buy&maxPrice=400000&perimeter=20&pageNumber=2",
        "/immobilien/treffer?marketingType=buy&maxPrice=400000&perimeter=20&sortBy=date_desc",
        "offer=buy price_max=400000 radius_km=20",
        &[],
    ),
    (
        "wg_gesucht",
        "https://www.wg-gesucht.de/wg-zimmer-in-Berlin.8.0.1.0.html?rMax=600&offer_filter=1",
        "/wg-zimmer-in-Berlin.8.0.1.0.html?rMax=600&sort_column=0&sort_order=0",
        "category=wg-zimmer place=Berlin price_max=600",
        &[],
    ),
    (
        "willhaben",
        "https://www.willhaben.at/iad/immobilien/mietwohnungen/wien?PRICE_TO=1200&NO_OF_ROOMS_BUCKET=3X3&page=2&sfId=abc",
        "/iad/immobilien/mietwohnungen/wien?NO_OF_ROOMS_BUCKET=3X3&PRICE_TO=1200&sort=1",
        "category=mietwohnungen price_max=1200 rooms=3X3 vertical=immobilien",
        &[],
    ),
    (
        "books_toscrape",
        "https://books.toscrape.com/catalogue/category/books/mystery_3/index.html?utm_campaign=x",
        "/catalogue/category/books/mystery_3/index.html",
        "category=mystery",
        &[],
    ),
];

#[test]
fn every_real_site_recognises_cleans_and_explains_what_people_paste() -> Result<(), Box<dyn Error>>
{
    let registry = Registry::builtin()?;
    for (id, pasted, canonical, filters, unknown) in ROWS {
        let url: Url = pasted.parse()?;
        let site = registry.recognise(&url).ok_or(*pasted)?;
        assert_eq!(site.id, *id, "{pasted}");
        assert!(site.matches(&url), "{pasted}");
        let cleaned = site.clean(&url);
        assert_eq!(&cleaned.url[url::Position::BeforePath..], *canonical, "{id}");
        let understood: Vec<String> =
            cleaned.filters.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(understood.join(" "), *filters, "{id}");
        assert_eq!(cleaned.unknown, *unknown, "{id}");
        // Newest first wherever the site can do it; the shelf of books has no dates.
        assert_eq!(cleaned.newest, *id != "books_toscrape", "{id}");
        let again = site.clean(&cleaned.url);
        assert_eq!(again.url, cleaned.url, "{id}: what is canonical stays as it is");
    }
    Ok(())
}

#[test]
fn every_real_site_stands_in_the_table() -> Result<(), Box<dyn Error>> {
    let registry = Registry::builtin()?;
    let rows: BTreeMap<&str, usize> = ROWS.iter().map(|row| (row.0, 1)).collect();
    let missing: Vec<&str> = registry
        .iter()
        .filter(|site| site.owner != "demo" && !rows.contains_key(site.id.as_str()))
        .map(|site| site.id.as_str())
        .collect();
    assert_eq!(missing, Vec::<&str>::new());
    Ok(())
}
