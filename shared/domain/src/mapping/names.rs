//! Names as people mean them: without accents, case, punctuation and the legal form at the end.

use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use icu_properties::CodePointMapData;
use icu_properties::props::{GeneralCategory, GeneralCategoryGroup};

/// Legal forms dropped from the end of a name, already normalised.
const LEGAL_FORMS: &[&str] = &[
    "ab",
    "ag",
    "as",
    "bv",
    "co",
    "company",
    "corp",
    "corporation",
    "doo",
    "gmbh",
    "inc",
    "incorporated",
    "kft",
    "kg",
    "limited",
    "llc",
    "llp",
    "ltd",
    "nv",
    "oy",
    "plc",
    "pty",
    "sa",
    "sarl",
    "sas",
    "se",
    "sl",
    "spa",
    "spol",
    "sro",
    "srl",
    "zrt",
];

/// `name` in lower case, accents and punctuation gone, `&` read as "and", German umlauts as people type them, and legal forms
/// taken off the end. Two names that are equal after this are the same to a person.
pub fn normalised(name: &str) -> String {
    let mut plain = String::with_capacity(name.len());
    for letter in ComposingNormalizerBorrowed::new_nfc().normalize_iter(name.chars()).flat_map(char::to_lowercase) {
        match letter {
            'ä' => plain.push_str("ae"),
            'ö' => plain.push_str("oe"),
            'ü' => plain.push_str("ue"),
            'ß' => plain.push_str("ss"),
            '&' | '+' => plain.push_str(" and "),
            '.' | '\'' | '’' => {}
            _ => plain.push(letter),
        }
    }
    let letters: String = DecomposingNormalizerBorrowed::new_nfd()
        .normalize_iter(plain.chars())
        .filter(|letter| !is_mark(*letter))
        .map(|letter| match letter {
            'ø' => 'o',
            'ł' => 'l',
            letter if letter.is_alphanumeric() => letter,
            _ => ' ',
        })
        .collect();
    let mut words: Vec<&str> = letters.split_whitespace().collect();
    while words.len() > 1 && words.last().is_some_and(|word| LEGAL_FORMS.contains(word)) {
        words.pop();
        if words.len() > 1 && words.last() == Some(&"and") {
            words.pop();
        }
    }
    words.join(" ")
}

fn is_mark(letter: char) -> bool {
    GeneralCategoryGroup::Mark.contains(CodePointMapData::<GeneralCategory>::new().get(letter))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_that_mean_one_company_become_equal() {
        let table = [
            ("Acme, Inc.", "ACME Inc"),
            ("Acme", "acme  incorporated"),
            ("Müller GmbH", "Mueller"),
            ("Café Olé S.A.R.L.", "Cafe Ole"),
            ("Smith & Sons Ltd.", "Smith and Sons Limited"),
            ("Miller & Co. KG", "Miller"),
            ("O'Brien Legal LLP", "OBrien Legal"),
            ("Mu\u{308}ller", "Mueller"),
            ("Ǿrsted", "Orsted"),
        ];
        for (left, right) in table {
            assert_eq!(normalised(left), normalised(right), "{left} / {right}");
        }
    }

    #[test]
    fn names_that_mean_two_companies_stay_apart() {
        for (left, right) in [("Acme North", "Acme South"), ("Acme 1", "Acme 2"), ("Inc", "Ltd"), ("Company", "Limited")] {
            assert_ne!(normalised(left), normalised(right), "{left} / {right}");
        }
    }

    proptest! {
        #[test]
        fn normalising_twice_changes_nothing(name in "\\PC{0,40}") {
            let once = normalised(&name);
            prop_assert_eq!(normalised(&once), once);
        }
    }
}
