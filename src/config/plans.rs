//! The file of plans (`paths.plans`, else `config/plans.toml` as it was compiled in): `[[plan]]` tables. All problems
//! at once; a plan that cannot be read as one is named once.

use crate::domain::Plan;
use crate::domain::offer;

/// The plans that come with the program.
pub const PLANS: &str = include_str!("../../config/plans.toml");

/// The plans of a file's text, or every problem of it, a line each. `name` is the file's name as people know it.
pub fn plans(name: &str, text: &str) -> Result<Vec<Plan>, Vec<String>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let document: toml::Table = match text.parse() {
        Ok(document) => document,
        Err(error) => {
            let what = error.to_string().trim().replace('\n', " ");
            return Err(vec![format!("{name}: this is not TOML: {what}")]);
        }
    };
    let mut problems = Vec::new();
    let mut found: Vec<Plan> = Vec::new();
    for (key, value) in document {
        let toml::Value::Array(items) = value else {
            problems.push(format!("{key}: there is no such key; begin each plan with [[plan]]"));
            continue;
        };
        if key != "plan" {
            problems.push(format!("{key}: there is no such key; begin each plan with [[plan]]"));
            continue;
        }
        for (at, item) in items.into_iter().enumerate() {
            let id = item.get("id").and_then(toml::Value::as_str).map(str::to_owned);
            match item.try_into() {
                Ok(plan) => found.push(plan),
                Err(error) => {
                    let id = id.unwrap_or_else(|| format!("plan {}", at + 1));
                    let what: toml::de::Error = error;
                    problems.push(format!("{id}: {}", what.message()));
                }
            }
        }
    }
    problems.extend(offer::problems_together(&found));
    if problems.is_empty() {
        return Ok(found);
    }
    Err(problems.into_iter().map(|problem| format!("{name}: {problem}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Language;

    #[test]
    fn the_plans_of_the_program_are_good_and_named_in_every_language() {
        let plans = plans("plans.toml", PLANS).expect("they are good");
        let ids: Vec<&str> = plans.iter().map(|plan| plan.id.as_str()).collect();
        assert_eq!(ids, ["free", "trial", "plus", "pro"]);
        for plan in plans.iter().filter(|plan| plan.is_sold()) {
            for language in Language::ALL {
                assert!(plan.descriptions.contains_key(&language), "{}", plan.id);
            }
        }
    }

    #[test]
    fn every_problem_of_a_file_is_named_at_once() {
        let text = "[[plan]]\nid = \"plus\"\ncategory = \"paid\"\nnames = { en = \"Plus\" }\n\
                    [[plan]]\nid = \"pro\"\ncategory = \"gold\"\n[[plan]]\nid = \"x\"\ncolour = 3\n\
                    [plans]\n";
        let found = plans("my.toml", text).expect_err("it is bad").join("\n");
        for part in [
            "my.toml: plus: names.ru: is missing",
            "my.toml: plus: prices:",
            "my.toml: plus: days:",
            "my.toml: pro: ",
            "my.toml: x: ",
            "my.toml: plans: there is no such key",
        ] {
            assert!(found.contains(part), "{part}\n{found}");
        }
        assert!(plans("my.toml", "[[plan").expect_err("no TOML")[0].contains("not TOML"));
    }
}
