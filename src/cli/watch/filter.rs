//! Conditions on the command line.

use anyhow::{Context as _, bail};

use crate::domain::change::ChangeKind;
use crate::domain::filter::{Filter, SellerKind};
use crate::domain::import::amount;

/// What a watch wants.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct FilterArgs {
    /// Lowest price, such as 300 or 300.50
    #[arg(long, allow_negative_numbers = true)]
    pub min_price: Option<String>,
    /// Highest price
    #[arg(long, allow_negative_numbers = true)]
    pub max_price: Option<String>,
    /// Currency of both (default: that of the site)
    #[arg(long)]
    pub currency: Option<String>,
    /// At least one of these words (separated by commas) is in title or description
    #[arg(long, value_delimiter = ',', value_name = "WORDS")]
    pub words: Vec<String>,
    /// All of these words are there
    #[arg(long, value_delimiter = ',', value_name = "WORDS")]
    pub all_words: Vec<String>,
    /// None of these words is there
    #[arg(long, value_delimiter = ',', value_name = "WORDS")]
    pub none_words: Vec<String>,
    /// A city, district or postcode that the printed place contains; may be given several times
    #[arg(long = "place", value_name = "NAME")]
    pub places: Vec<String>,
    /// Only offers of: private, dealer
    #[arg(long, value_parser = seller)]
    pub seller: Option<SellerKind>,
    /// Only with a picture
    #[arg(long)]
    pub photo: bool,
    /// Only these kinds of change, such as new,price_down
    #[arg(long, value_delimiter = ',', value_parser = change, value_name = "KINDS")]
    pub changes: Vec<ChangeKind>,
    /// Conditions as JSON; the other options are added to them
    #[arg(long = "filter", value_name = "JSON")]
    pub json: Option<String>,
    /// A boolean expression for experts
    #[arg(long)]
    pub expert: Option<String>,
}

fn seller(word: &str) -> Result<SellerKind, String> {
    match word {
        "private" => Ok(SellerKind::Private),
        "dealer" => Ok(SellerKind::Dealer),
        _ => Err("write private or dealer".to_owned()),
    }
}

fn change(word: &str) -> Result<ChangeKind, String> {
    serde_json::from_value(word.into()).map_err(|error| error.to_string())
}

impl FilterArgs {
    /// Whether nothing is asked.
    pub fn is_empty(&self) -> bool {
        let Self { min_price, max_price, currency, words, all_words, none_words, .. } = self;
        min_price.is_none()
            && max_price.is_none()
            && currency.is_none()
            && words.is_empty()
            && all_words.is_empty()
            && none_words.is_empty()
            && self.places.is_empty()
            && self.seller.is_none()
            && !self.photo
            && self.changes.is_empty()
            && self.json.is_none()
            && self.expert.is_none()
    }

    /// The conditions over `base`; prices without a currency are meant in `site_currency`.
    pub fn over(&self, base: &Filter, site_currency: Option<&str>) -> anyhow::Result<Filter> {
        let mut filter = match &self.json {
            Some(json) => serde_json::from_str(json)
                .context("--filter is no filter; see docs/ARCHITECTURE.md, \"Filters\"")?,
            None => base.clone(),
        };
        if let Some(code) = &self.currency {
            let code = amount::currency(code);
            filter.currency =
                Some(code.context("--currency is a code of three letters, such as EUR")?);
        }
        if self.min_price.is_some() || self.max_price.is_some() {
            let code = filter.currency.as_deref().or(site_currency);
            let code = code.context("name the --currency of the prices")?.to_owned();
            let read = |option: &str, text: &Option<String>| match text {
                Some(text) => amount::minor(text, &code).map(Some).with_context(|| {
                    format!("{option} {text:?} is no amount in {code}; write 900 or 900.50")
                }),
                None => Ok(None),
            };
            filter.min_price = read("--min-price", &self.min_price)?.or(filter.min_price);
            filter.max_price = read("--max-price", &self.max_price)?.or(filter.max_price);
            filter.currency = Some(code);
        }
        if let (Some(low), Some(high)) = (filter.min_price, filter.max_price)
            && low > high
        {
            bail!("the lowest price is above the highest");
        }
        replace(&mut filter.any_words, &self.words);
        replace(&mut filter.all_words, &self.all_words);
        replace(&mut filter.none_words, &self.none_words);
        replace(&mut filter.place.names, &self.places);
        if !self.changes.is_empty() {
            filter.changes.clone_from(&self.changes);
        }
        filter.seller = self.seller.or(filter.seller);
        filter.with_photo |= self.photo;
        filter.expert = self.expert.clone().or(filter.expert);
        Ok(filter)
    }
}

fn replace(words: &mut Vec<String>, given: &[String]) {
    let given: Vec<String> =
        given.iter().map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect();
    if !given.is_empty() {
        *words = given;
    }
}
