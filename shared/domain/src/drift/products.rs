//! Drift of catalog products.

use super::detect::{DriftInput, FoundDrift};
use super::known::KnownProducts;
use super::{DriftKind, Place, Repair};

/// Catalog products that ESET products are mapped to.
pub(super) fn changed(input: &DriftInput<'_>, known: &KnownProducts, found: &mut FoundDrift) {
    for ((psa, id), was) in known {
        let Some(catalogue) = input.psa.get(psa).map(|psa| psa.catalogue).filter(|catalogue| !catalogue.products.is_empty()) else {
            continue;
        };
        if !input.is_mapped(psa, *id) {
            continue;
        }
        let place = Place { psa: Some(psa.clone()), product: Some(*id), ..Place::default() };
        let lines = || {
            let here = input.lines.all().filter(|(on, _, line)| *on == psa && line.product == *id);
            here.map(|(_, _, line)| line)
        };
        let what = &(psa, id);
        let was = was.clone();
        let event = match catalogue.products.get(id) {
            None => {
                let words = format!("{was} is gone from ConnectWise's catalog.");
                let remedy = "Map the ESET product to another catalog product, or take the mapping away.";
                found.add(DriftKind::ProductGone, what, was.clone(), Some(was), None, words, remedy, place, lines())
            }
            Some(product) if product.inactive => {
                let words = format!("{was} is inactive in ConnectWise's catalog: it is not offered for new additions.");
                let remedy = "Make it active again in ConnectWise, or map the ESET product to another catalog product.";
                found.add(DriftKind::ProductInactive, what, was, None, Some("inactive".to_owned()), words, remedy, place, lines())
            }
            Some(product) if product.identifier != was => {
                let words = format!("ConnectWise calls the product {} now. It stays mapped and is billed as before.", product.identifier);
                let remedy = "Check that it still is the same product, then acknowledge the name.";
                let is = Some(product.identifier.clone());
                found.add(DriftKind::ProductRenamed, what, was.clone(), Some(was), is, words, remedy, place, [])
            }
            Some(_) => continue,
        };
        event.repairs = match event.kind {
            DriftKind::ProductRenamed => vec![Repair::Acknowledge],
            DriftKind::ProductGone => vec![Repair::UnmapProduct],
            _ => Vec::new(),
        };
    }
}
