//! Where the seats of one ESET product at one company go.

use crate::ids::{AgreementId, CatalogId, ProductCode};
use crate::mapping::{CompanyTarget, Mappings, ProductChoice, ProductRule};

static PLAIN: ProductRule = ProductRule::PLAIN;

/// Where the seats of a product go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::billing) enum Route<'a> {
    /// Billed.
    Billed { agreement: AgreementId, product: CatalogId, rule: &'a ProductRule },
    /// A bundle that is not billed as one: its parts are.
    Split,
    /// Left out on purpose.
    LeftOut,
    /// Nobody has decided.
    Unmapped,
}

/// Where `product` of a company goes, by itself or as a part of `bundle`. What the company does differently comes first; a part
/// follows its bundle to another agreement unless it has one of its own. No company can split a bundle by itself, and a part is
/// not split further: ESET does not say what is inside it.
pub(in crate::billing) fn route<'a>(
    mappings: &'a Mappings,
    target: &'a CompanyTarget,
    bundle: Option<&ProductCode>,
    product: &ProductCode,
) -> Route<'a> {
    let choice = mappings.product(&target.psa, product);
    let (general, rule) = match choice {
        Some(ProductChoice::Mapped { product, rule }) => (Some(*product), rule),
        _ => (None, &PLAIN),
    };
    let own = target.products.get(product);
    let Some(catalog) = own.and_then(|own| own.product).or(general) else {
        return match choice {
            Some(ProductChoice::Excluded(_)) => Route::LeftOut,
            Some(ProductChoice::Parts) if bundle.is_none() => Route::Split,
            _ => Route::Unmapped,
        };
    };
    let bundles = || bundle.and_then(|bundle| target.products.get(bundle)?.agreement);
    Route::Billed {
        agreement: own.and_then(|own| own.agreement).or_else(bundles).unwrap_or(target.agreement),
        product: catalog,
        rule: own.and_then(|own| own.rule.as_ref()).unwrap_or(rule),
    }
}
