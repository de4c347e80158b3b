//! Suggestions for misspelled names.

/// Maximum length of a name that gets a suggestion; longer ones are not worth comparing.
const LONGEST: usize = 64;

/// Minimum similarity of a suggestion, from 0 to 1.
const SIMILAR: f64 = 0.8;

/// Maximum number of known names listed when none is similar.
const LISTED: usize = 12;

/// The known name most similar to `given`, if any is similar enough. Ignores case and punctuation.
pub(crate) fn closest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if given.len() > LONGEST {
        return None;
    }
    let given = letters(given);
    let (mut best, mut near) = ((SIMILAR, None), (slips(&given) + 1, None));
    for name in known {
        let letters = letters(name);
        let similarity = strsim::jaro_winkler(&given, &letters);
        if similarity > best.0 {
            best = (similarity, Some(name));
        }
        if letters.len().abs_diff(given.len()) < near.0 {
            let distance = strsim::osa_distance(&given, &letters);
            if distance < near.0 {
                near = (distance, Some(name));
            }
        }
    }
    best.1.or(near.1)
}

/// Maximum number of letters that are missing, added, wrong, or swapped. Similarity misses slips in short names.
fn slips(given: &str) -> usize {
    match given.len() {
        ..3 => 0,
        3..6 => 1,
        _ => 2,
    }
}

/// The error message for an unknown name, with a suggestion or the list of known names.
pub(crate) fn unknown<'a>(what: &str, given: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> String {
    let given = given.char_indices().nth(LONGEST).map_or(given.to_owned(), |(end, _)| format!("{}…", &given[..end]));
    let all: Vec<_> = known.clone().into_iter().take(LISTED + 1).collect();
    match closest(&given, known) {
        Some(name) => format!("unknown {what} `{given}`; did you mean `{name}`?"),
        None if (1..=LISTED).contains(&all.len()) => {
            format!("unknown {what} `{given}`; expected one of `{}`", all.join("`, `"))
        }
        None => format!("unknown {what} `{given}`"),
    }
}

/// The letters and digits of a name, in lowercase.
pub(crate) fn letters(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 5] = ["get_lead", "list_leads", "create_lead", "lead.create", "operation"];

    #[test]
    fn the_closest_name_is_suggested() {
        for (given, name) in [
            ("get_leed", Some("get_lead")),
            ("list_leeds", Some("list_leads")),
            ("creat_lead", Some("create_lead")),
            ("createLead", Some("create_lead")),
            ("lead.created", Some("lead.create")),
            ("operatoin", Some("operation")),
            ("zzz", None),
            ("zz", None),
            ("", None),
            (&"get_lead".repeat(20), None),
        ] {
            assert_eq!(closest(given, NAMES), name, "{given}");
        }
    }

    #[test]
    fn slips_in_short_names_are_recognized() {
        for (given, name) in
            [("mno", Some("mon")), ("ot", None), ("Tow", Some("Two")), ("own", None), ("wto", Some("Two"))]
        {
            assert_eq!(closest(given, ["mon", "Two", "Sunday"]), name, "{given}");
        }
    }

    #[test]
    fn a_short_list_of_known_names_is_shown_if_none_is_close() {
        assert_eq!(unknown("field", "zzz", ["a", "b"]), "unknown field `zzz`; expected one of `a`, `b`");
        assert_eq!(unknown("field", "zzz", []), "unknown field `zzz`");
        let many: Vec<_> = (0..20).map(|number| number.to_string()).collect();
        assert_eq!(unknown("field", "zzz", many.iter().map(String::as_str)), "unknown field `zzz`");
        let told = unknown("field", &"é".repeat(5_000), ["a"]);
        assert!(told.len() < 300, "long names are truncated: {told}");
    }
}
