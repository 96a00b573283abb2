//! `magpie source explain`: what becomes of an address before anybody watches it.

use std::io::Write;

use serde_json::json;

use super::Deps;
use crate::cli::table::{print_json, tame};
use crate::domain::Language;
use crate::domain::paste::{By, Newest, Pasted};
use crate::store::SourceFilter;
use crate::texts::{filter, paste};

/// Prints what an address asks for, and who sees to each part of it.
pub(super) async fn explain(
    deps: &Deps<'_>,
    url: &str,
    as_json: bool,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<()> {
    let pasted = super::pasted(deps.modules, url)?;
    let all = deps.db.sources(&SourceFilter::default()).await?;
    let known = all.iter().any(|source| source.id == pasted.source());
    if as_json {
        print_json(out, &value(&pasted, known))?;
        return Ok(());
    }
    writeln!(
        out,
        "Search {} of site {}: {}",
        pasted.source(),
        pasted.site,
        tame(pasted.url.as_str())
    )?;
    if known {
        writeln!(out, "It is scraped already: equal searches are one.")?;
    }
    report(&pasted, out)?;
    Ok(())
}

/// What becomes of the filters of an address, line by line.
pub fn report(pasted: &Pasted, out: &mut dyn Write) -> std::io::Result<()> {
    for line in paste::report(Language::En, pasted) {
        writeln!(out, "  {}", tame(&line))?;
    }
    if pasted.parts_by(By::Us).next().is_some() {
        let filter = filter::summary(Language::En, &pasted.filter);
        writeln!(out, "  A watch that is made from this address wants: {filter}")?;
    }
    Ok(())
}

fn value(pasted: &Pasted, known: bool) -> serde_json::Value {
    let by = |by: By| match by {
        By::Site => "site",
        By::Us => "us",
        By::Kept => "kept",
        By::Nobody => "ignored",
    };
    let newest = match pasted.newest {
        Newest::Forced => "forced",
        Newest::Always => "always",
        Newest::Never => "never",
    };
    let parts: Vec<_> = pasted
        .parts
        .iter()
        .map(|part| json!({ "name": part.name, "value": part.value, "by": by(part.by) }))
        .collect();
    json!({
        "id": pasted.source(),
        "site": pasted.site,
        "url": pasted.url,
        "newest": newest,
        "parts": parts,
        "filter": pasted.filter,
        "scraped": known,
    })
}
