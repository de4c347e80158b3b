//! Summarizes the results as Markdown.

use std::collections::BTreeMap;

use crate::{
    Mutant,
    compile::{Built, UNVIABLE},
    instrument::CHAIN,
    run::{Fate, Results},
};

pub fn summary(mutants: &[Mutant], built: &Built, results: &Results) -> String {
    let mut rows = BTreeMap::<String, [usize; 7]>::new();
    let (mut reasons, mut survivors) = (BTreeMap::<(&str, &str), usize>::new(), Vec::new());
    for (number, mutant) in mutants.iter().enumerate() {
        let left = built.left.get(&number).map(String::as_str);
        let column = match (left, results.fates.get(&number)) {
            (Some(UNVIABLE | CHAIN), _) => 1,
            (Some(reason), _) => {
                *reasons.entry((&mutant.genre, reason)).or_default() += 1;
                2
            }
            (None, None) => 3,
            (None, Some(Fate::Caught { .. })) => 4,
            (None, Some(Fate::Late { .. })) => 5,
            (None, Some(Fate::Survived { tests })) => {
                survivors.push(format!("- {} ({tests} tests passed)", mutant.name));
                6
            }
        };
        for folder in [mutant.file.split('/').take(2).collect::<Vec<_>>().join("/"), "total".to_owned()] {
            let row = rows.entry(folder).or_default();
            row[0] += 1;
            row[column] += 1;
        }
    }
    let mut lines = vec![
        "| mutants of | listed | unviable | not instrumentable | not tried | caught | timed out | survived | caught of viable |".to_owned(),
        "|---|---|---|---|---|---|---|---|---|".to_owned(),
    ];
    for (folder, row) in rows {
        let (caught, tried) = (row[4] + row[5], row[4] + row[5] + row[6]);
        let figures = row.map(|figure| figure.to_string()).join(" | ");
        lines.push(format!("| {folder} | {figures} | {:.1} % |", 100.0 * caught as f64 / tried.max(1) as f64));
    }
    let failing = results.tests.iter().filter(|test| !test.passes).count();
    lines.push(format!(
        "\n{} tests, {failing} of them excluded because they fail without a mutant. {} of {} control runs without a mutant passed.\n",
        results.tests.len(),
        results.controls.iter().filter(|fate| matches!(fate, Fate::Survived { .. })).count(),
        results.controls.len()
    ));
    lines.extend(
        reasons.into_iter().map(|((genre, reason), count)| format!("- not instrumentable: {count} {genre}: {reason}")),
    );
    lines.push("\nSurvivors:\n".to_owned());
    lines.extend(survivors);
    lines.join("\n")
}
