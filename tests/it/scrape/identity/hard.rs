//! Neighbours of a listing that look like it and are other things.

use magpie::domain::identity::Form;
use sites::{Area, Money};

use super::Base;

/// The neighbours with their names. None is the same thing.
pub fn neighbours(base: &Base) -> Vec<(&'static str, Base)> {
    match Form::of(Some(base.kind), &base.listing) {
        Form::Home => homes(base),
        Form::Car => cars(base),
        Form::Job => jobs(base),
        Form::Goods => goods(base),
        Form::Advert => adverts(base),
    }
}

fn with(base: &Base, change: impl FnOnce(&mut sites::Listing)) -> Base {
    let mut other = base.clone();
    other.listing.id = format!("y{}", base.listing.id);
    change(&mut other.listing);
    other
}

fn priced(price: &Option<Money>, percent: i64) -> Option<Money> {
    price.as_ref().map(|price| Money { minor: price.minor * percent / 100, ..price.clone() })
}

fn homes(base: &Base) -> Vec<(&'static str, Base)> {
    let mut all = vec![
        ("other: the house's next storey", with(base, |one| one.title.push_str(", 7. OG"))),
        ("other: rent far from it", with(base, |one| one.price = priced(&one.price, 115))),
    ];
    all[0].1.listing.price = priced(&base.listing.price, 102);
    if let Some(area) = base.listing.area {
        all.push((
            "other: a larger flat of the house",
            with(base, |one| {
                one.area = Some(Area(area.0 * 1.04 + 0.6));
                one.price = priced(&one.price, 104);
            }),
        ));
        // The same plan one storey up, advertised with the same words: only the price tells.
        all.push((
            "other: the same plan, dearer",
            with(base, |one| {
                one.price = priced(&one.price, 103);
                one.description = None;
                one.seller = None;
            }),
        ));
    }
    if let Some(rooms) = base.listing.rooms {
        all.push(("other: one more room", with(base, |one| one.rooms = Some(rooms + 1.0))));
    }
    if base.listing.location.is_some() {
        all.push((
            "other: another town",
            with(base, |one| {
                one.location = Some("99998 Körner, Am Anger 4".into());
                one.position = None;
            }),
        ));
    }
    all
}

fn cars(base: &Base) -> Vec<(&'static str, Base)> {
    let text = |one: &sites::Listing| {
        let mut all = one.title.clone();
        for (name, value) in &one.attributes {
            all.push_str(&format!(" {name} {value}"));
        }
        all
    };
    let mileage = super::Base::traits(base).mileage;
    let year = super::Base::traits(base).year;
    let mut all = vec![];
    if let Some(mileage) = mileage {
        let other = mileage + mileage / 20 + 2_000;
        let printed = text(&base.listing);
        all.push((
            "other: the same model, other mileage",
            with(base, |one| {
                one.title = format!("{} {other} km", one.title.replace("km", ""));
                one.attributes.clear();
                one.attributes.insert("mileage".into(), format!("{other} km"));
                one.attributes.insert("year".into(), format!("{}", year.unwrap_or(2015)));
                one.description = Some(printed);
            }),
        ));
        if let Some(year) = year {
            all.push((
                "other: the same model, other year",
                with(base, |one| {
                    one.attributes.insert("mileage".into(), format!("{mileage} km"));
                    one.attributes.insert("a year".into(), format!("{}", year - 1));
                    one.title = one.title.replace(&year.to_string(), "");
                }),
            ));
        }
    }
    if let Some(mileage) = mileage {
        all.push((
            "other: another engine, nearly as far",
            with(base, |one| {
                one.title = format!("{} 2.9 Diesel", one.title);
                one.price = priced(&one.price, 93);
                one.attributes.insert("a mileage".into(), format!("{} km", mileage / 66 * 67));
                one.description = None;
            }),
        ));
    }
    all
}

fn jobs(base: &Base) -> Vec<(&'static str, Base)> {
    vec![
        (
            "other: the same title, another company",
            with(base, |one| {
                one.seller = Some("Quite Another Works Ltd".into());
            }),
        ),
        (
            "other: the same title, another town",
            with(base, |one| {
                one.location = Some("Тьмутаракань".into());
            }),
        ),
        (
            "other: a senior of the same company",
            with(base, |one| {
                one.title = format!("Senior {}", one.title);
            }),
        ),
        (
            "other: another job of the same company",
            with(base, |one| {
                one.title = "Night watch at the gate".into();
            }),
        ),
    ]
}

fn goods(base: &Base) -> Vec<(&'static str, Base)> {
    vec![
        ("other: the larger pack", with(base, |one| one.title.push_str(" 750 g"))),
        ("other: the Pro", with(base, |one| one.title.push_str(" Pro"))),
        ("other: half the price", with(base, |one| one.price = priced(&one.price, 50))),
        (
            "other: another product",
            with(base, |one| {
                one.title = format!("{} refill box case", one.title);
            }),
        ),
    ]
}

fn adverts(base: &Base) -> Vec<(&'static str, Base)> {
    let mut all = vec![
        // The same thing of another person: same words, own text.
        (
            "other: another person's",
            with(base, |one| {
                one.seller = Some("Somebody Else".into());
                one.description = Some(
                "Bought two years ago, hardly used since, a few scratches at the side, comes from a home without \
                 animals, to be fetched in the evening"
                    .into(),
            );
                one.price = priced(&one.price, 98);
            }),
        ),
        ("other: another size", with(base, |one| one.title.push_str(" 46"))),
        (
            "other: another town",
            with(base, |one| {
                one.location = Some("Hintertupfing".into());
                one.position = None;
            }),
        ),
    ];
    if base.listing.location.is_none() {
        all.pop();
    }
    all
}
