//! Which ESET products there are: those with licences, and those inside bundles.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use domain::ids::{ConnectionId, EsetCompanyId, ProductCode};
use domain::mapping::{Mappings, ProductChoice};
use domain::seats::Snapshot;

/// A product and what is in use of it.
#[derive(Clone, Default)]
pub(in crate::http) struct InUse<'a> {
    pub(in crate::http) name: &'a str,
    pub(in crate::http) companies: BTreeSet<(&'a ConnectionId, &'a EsetCompanyId)>,
    pub(in crate::http) ordered: u32,
    pub(in crate::http) activated: u32,
    /// The products inside it, with their names.
    pub(in crate::http) parts: BTreeMap<&'a ProductCode, &'a str>,
    /// The bundles it is counted inside of.
    pub(in crate::http) inside: BTreeSet<&'a ProductCode>,
}

impl<'a> InUse<'a> {
    fn add(&mut self, name: &'a str, company: (&'a ConnectionId, &'a EsetCompanyId), ordered: u32, activated: u32) {
        self.name = name;
        self.ordered = self.ordered.saturating_add(ordered);
        self.activated = self.activated.saturating_add(activated);
        if ordered > 0 {
            self.companies.insert(company);
        }
    }
}

/// Every product that ESET bills, and every product inside one.
pub(in crate::http) struct Products<'a> {
    whole: BTreeMap<&'a ProductCode, InUse<'a>>,
    /// By bundle.
    inside: BTreeMap<&'a ProductCode, BTreeMap<&'a ProductCode, InUse<'a>>>,
}

impl<'a> Products<'a> {
    pub(in crate::http) fn of(snapshots: &'a [Rc<Snapshot>]) -> Self {
        let mut whole: BTreeMap<&ProductCode, InUse<'a>> = BTreeMap::new();
        let mut inside: BTreeMap<&ProductCode, BTreeMap<&ProductCode, InUse<'a>>> = BTreeMap::new();
        for snapshot in snapshots {
            for (id, seats) in &snapshot.companies {
                let company = (&snapshot.connection, id);
                for licence in seats.licences.iter().filter(|licence| licence.not_counted().is_none()) {
                    let product = whole.entry(&licence.product).or_default();
                    product.add(&licence.product_name, company, licence.ordered, licence.activated);
                    for part in &licence.parts {
                        product.parts.insert(&part.product, &part.product_name);
                        let bundle = inside.entry(&licence.product).or_default();
                        let (ordered, activated) = (part.ordered.unwrap_or_default(), part.activated.unwrap_or_default());
                        bundle.entry(&part.product).or_default().add(&part.product_name, company, ordered, activated);
                    }
                }
            }
        }
        whole.retain(|_, product| product.ordered > 0);
        inside.retain(|bundle, _| whole.contains_key(bundle));
        Self { whole, inside }
    }

    /// The products there are to decide about in a ConnectWise tenant: those with licences, and those inside bundles that are
    /// counted by their parts there.
    pub(in crate::http) fn in_tenant(&self, mappings: &Mappings, psa: Option<&ConnectionId>) -> BTreeMap<&'a ProductCode, InUse<'a>> {
        let mut products = self.whole.clone();
        let split = |bundle: &ProductCode| psa.and_then(|psa| mappings.product(psa, bundle)) == Some(&ProductChoice::Parts);
        for (bundle, parts) in self.inside.iter().filter(|(bundle, _)| split(bundle)) {
            for (code, part) in parts {
                let known = products.entry(code).or_default();
                if known.name.is_empty() {
                    known.name = part.name;
                }
                known.companies.extend(part.companies.iter().copied());
                known.ordered = known.ordered.saturating_add(part.ordered);
                known.activated = known.activated.saturating_add(part.activated);
                known.inside.insert(bundle);
            }
        }
        products
    }

    /// The name of a product that a company has, by itself or inside a bundle.
    pub(in crate::http) fn name(&self, code: &ProductCode) -> Option<&'a str> {
        let part = || self.inside.values().find_map(|parts| parts.get(code));
        self.whole.get(code).or_else(part).map(|product| product.name)
    }

    /// Whether ESET lists products inside it.
    pub(in crate::http) fn is_bundle(&self, code: &ProductCode) -> bool {
        self.inside.contains_key(code)
    }
}
