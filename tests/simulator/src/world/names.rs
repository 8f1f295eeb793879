//! Names of customers, and how two systems spell the same one differently.

use fastrand::Rng;

const FIRST: [&str; 72] = [
    "Alder",
    "Amber",
    "Anchor",
    "Ashford",
    "Atlas",
    "Aurora",
    "Beacon",
    "Birch",
    "Blackwood",
    "Bluewater",
    "Bramble",
    "Bridgeway",
    "Brook",
    "Cardinal",
    "Castle",
    "Cedar",
    "Charter",
    "Cobalt",
    "Copper",
    "Coral",
    "Crescent",
    "Crown",
    "Dover",
    "Eagle",
    "Eastgate",
    "Elmwood",
    "Ember",
    "Evergreen",
    "Fairview",
    "Falcon",
    "Fernhill",
    "Foxglove",
    "Garnet",
    "Glacier",
    "Granite",
    "Greenfield",
    "Harbor",
    "Hawthorn",
    "Hazel",
    "Heron",
    "Highland",
    "Hollow",
    "Horizon",
    "Iron",
    "Ivory",
    "Juniper",
    "Keystone",
    "Kingfisher",
    "Lakeside",
    "Larch",
    "Laurel",
    "Lighthouse",
    "Linden",
    "Maple",
    "Meridian",
    "Millstone",
    "Northgate",
    "Oakridge",
    "Orchard",
    "Osprey",
    "Pinnacle",
    "Prairie",
    "Quarry",
    "Redwood",
    "Riverside",
    "Rowan",
    "Sable",
    "Silver",
    "Stonebridge",
    "Summit",
    "Thistle",
    "Westbrook",
];

const TRADE: [&str; 48] = [
    "Accounting",
    "Analytics",
    "Architects",
    "Bakery",
    "Bank",
    "Brewing",
    "Builders",
    "Capital",
    "Care",
    "Clinic",
    "Consulting",
    "Dental",
    "Design",
    "Distribution",
    "Electric",
    "Energy",
    "Engineering",
    "Estates",
    "Farms",
    "Films",
    "Finance",
    "Foods",
    "Freight",
    "Furniture",
    "Garage",
    "Glass",
    "Health",
    "Hotels",
    "Insurance",
    "Interiors",
    "Labs",
    "Legal",
    "Logistics",
    "Media",
    "Metals",
    "Optics",
    "Packaging",
    "Partners",
    "Pharmacy",
    "Plumbing",
    "Press",
    "Printing",
    "Realty",
    "Schools",
    "Solar",
    "Textiles",
    "Travel",
    "Veterinary",
];

const LEGAL: [&str; 6] = ["Inc.", "LLC", "Ltd", "GmbH", "Group", "Co."];

/// Names that a byte-wise comparison gets wrong, each with the spelling the other system uses.
const AWKWARD: [(&str, &str); 8] = [
    ("Müller GmbH", "Mueller GmbH"),
    ("Café Ångström", "Cafe Angstrom"),
    ("Smith & Sons Ltd", "Smith and Sons Limited"),
    ("Acme, Inc.", "Acme Inc"),
    ("Žluťoučký Kůň s.r.o.", "Zlutoucky Kun sro"),
    ("O'Brien Legal \"North\"", "OBrien Legal North"),
    ("The Willow Trust", "Willow Trust, The"),
    ("DATAWORKS 24/7", "Dataworks 24x7"),
];

/// One name as ESET and ConnectWise have it.
#[derive(Clone)]
pub(super) struct NamePair {
    pub(super) eset: String,
    pub(super) psa: String,
}

/// The name of the `index`-th customer, unique among all.
pub(super) fn customer(index: usize, rng: &mut Rng) -> NamePair {
    // The awkward ones come early, so that also a small world has them, but never first: the first stays plain.
    if index % 5 == 4 && index / 5 < AWKWARD.len() {
        let (eset, psa) = AWKWARD[index / 5];
        return NamePair { eset: eset.to_owned(), psa: psa.to_owned() };
    }
    // 25 and 48 have no common divisor, so a pair repeats only after all of them.
    let first = FIRST[index % FIRST.len()];
    let trade = TRADE[(index / FIRST.len() + index) % TRADE.len()];
    let round = index / (FIRST.len() * TRADE.len());
    let branch = if round == 0 { String::new() } else { format!(" {}", round + 1) };
    let legal = LEGAL[rng.usize(..LEGAL.len())];
    let eset = format!("{first} {trade}{branch} {legal}");
    let psa = match rng.u32(..10) {
        0 => format!("{first} {trade}{branch}"),
        1 => format!("{first} {trade}{branch}, {legal}"),
        2 => eset.to_uppercase(),
        3 => format!("{first}  {trade}{branch} {}", legal.trim_end_matches('.')),
        _ => eset.clone(),
    };
    NamePair { eset, psa }
}

/// A ConnectWise identifier made of a name: letters and digits, at most 25.
pub(super) fn identifier(name: &str, id: i32) -> String {
    let letters: String = name.chars().filter(char::is_ascii_alphanumeric).take(20).collect();
    format!("{letters}{id}")
}

/// Places customers are in.
pub(super) const CITIES: [&str; 8] = ["Tampa", "Boston", "Denver", "Leeds", "Bratislava", "Graz", "Utrecht", "San Diego"];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ten_thousand_customers_have_ten_thousand_names() {
        let mut rng = Rng::with_seed(1);
        let names: BTreeSet<_> = (0..10_000)
            .map(|index| customer(index, &mut rng).eset)
            .map(|name| LEGAL.iter().fold(name, |name, legal| name.trim_end_matches(legal).to_owned()))
            .collect();
        assert_eq!(names.len(), 10_000);
    }
}
