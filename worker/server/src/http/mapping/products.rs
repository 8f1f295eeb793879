//! ESET products and their mappings.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use axum::extract::{Extension, State};
use contract::companies::MappingsStored;
use contract::products::{
    ListProducts, MapProducts, PartView, ProductChange, ProductChanges, ProductDecision, ProductMappingView, ProductView,
};
use domain::history::HistoryEvent;
use domain::ids::{ConnectionId, ProductCode};
use domain::mapping::{Mappings, ProductChoice, ProductRule, suggest_products};
use domain::psa::PsaCatalogue;

use crate::http::App;
use crate::http::mapping::companies::{check_count, exclusion, store};
use crate::http::mapping::in_use::{InUse, Products};
use crate::http::mapping::rules::{check_rule, with_rule};
use crate::http::middleware::answer::Json;
use crate::http::middleware::caller::Caller;
use crate::http::middleware::error::{Failure, invalid};
use crate::http::middleware::extract::Body;
use crate::http::routes::Routes;
use crate::tenant::Tenant;
use crate::visible::VisibleCompanies;
use store::ledger::NewAudit;

/// Serves these endpoints.
pub(in crate::http) fn routes(routes: Routes) -> Routes {
    routes.on(ListProducts, list).on(MapProducts, decide)
}

#[worker::send]
async fn list(State(app): State<App>, Extension(caller): Extension<Caller>) -> Result<Json<Vec<ProductView>>, Failure> {
    let (mappings, _) = app.mappings().await?;
    let snapshots = app.snapshots_in(&app.visible(&caller.scope)?).await?;
    let catalogues = app.catalogues().await?;
    let all = Products::of(&snapshots);
    let mut views = Vec::new();
    for (psa, catalogue) in &catalogues {
        let products = all.in_tenant(&mappings, Some(psa));
        let open = products.iter().filter(|(code, _)| mappings.product(psa, code).is_none());
        let mut suggestions = suggest_products(open.map(|(code, product)| (*code, product.name)), catalogue);
        for (code, product) in &products {
            let mut view = view(code, product);
            view.psa = Some(psa.clone());
            view.mapping = mapping_view(mappings.product(psa, code), catalogue);
            view.suggestions = suggestions.remove(*code).unwrap_or_default();
            views.push(view);
        }
    }
    if catalogues.is_empty() {
        views.extend(all.in_tenant(&mappings, None).iter().map(|(code, product)| view(code, product)));
    }
    views.sort_by(|a, b| (&a.name, &a.code, &a.psa).cmp(&(&b.name, &b.code, &b.psa)));
    Ok(Json(views))
}

fn view(code: &ProductCode, product: &InUse<'_>) -> ProductView {
    ProductView {
        psa: None,
        code: code.clone(),
        name: product.name.to_owned(),
        companies: u32::try_from(product.companies.len()).unwrap_or(u32::MAX),
        ordered: product.ordered,
        activated: product.activated,
        parts: product.parts.iter().map(|(code, name)| PartView { code: (*code).clone(), name: (*name).to_owned() }).collect(),
        inside: product.inside.iter().copied().cloned().collect(),
        mapping: ProductMappingView::Unmapped,
        suggestions: Vec::new(),
    }
}

fn mapping_view(choice: Option<&ProductChoice>, catalogue: &PsaCatalogue) -> ProductMappingView {
    match choice {
        None => ProductMappingView::Unmapped,
        Some(ProductChoice::Excluded(exclusion)) => ProductMappingView::Excluded { exclusion: exclusion.clone() },
        Some(ProductChoice::Parts) => ProductMappingView::Parts,
        Some(ProductChoice::Mapped { product, rule }) => {
            let known = catalogue.products.get(product);
            ProductMappingView::Mapped {
                product: *product,
                identifier: known.map(|product| product.identifier.clone()),
                description: known.map(|product| product.description.clone()),
                rule: rule.clone(),
            }
        }
    }
}

/// How many products of the companies that are seen nobody has decided about, in any ConnectWise tenant.
pub(in crate::http) async fn unmapped(app: &Tenant, visible: &VisibleCompanies) -> Result<u32, Failure> {
    let (mappings, _) = app.mappings().await?;
    let snapshots = app.snapshots_in(visible).await?;
    let tenants: Vec<ConnectionId> = app.catalogues().await?.into_keys().collect();
    let all = Products::of(&snapshots);
    let mut open: BTreeSet<&ProductCode> = BTreeSet::new();
    if tenants.is_empty() {
        open.extend(all.in_tenant(&mappings, None).into_keys());
    }
    for psa in &tenants {
        open.extend(all.in_tenant(&mappings, Some(psa)).into_keys().filter(|code| mappings.product(psa, code).is_none()));
    }
    Ok(u32::try_from(open.len()).unwrap_or(u32::MAX))
}

#[worker::send]
async fn decide(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Body(request): Body<ProductChanges>,
) -> Result<Json<MappingsStored>, Failure> {
    check_count(request.changes.len())?;
    let (mappings, version) = app.mappings().await?;
    let snapshots = app.snapshots().await?;
    let catalogues = app.catalogues().await?;
    let products = Products::of(&snapshots);
    let mut changed = Mappings::clone(&mappings);
    let mut audits = Vec::new();
    for (index, change) in request.changes.iter().enumerate() {
        audits.extend(apply(&app, &caller, change, index, &products, &mut changed, &catalogues)?);
    }
    let changes = u32::try_from(audits.len()).unwrap_or(u32::MAX);
    let version = store(&app, changed, version, audits).await?;
    Ok(Json(MappingsStored { version, changed: changes }))
}

/// Makes one decision. Answers its row of history, or none when it is what was decided already.
fn apply<'a>(
    app: &App,
    caller: &'a Caller,
    change: &ProductChange,
    index: usize,
    products: &Products<'_>,
    mappings: &mut Mappings,
    catalogues: &BTreeMap<ConnectionId, Rc<PsaCatalogue>>,
) -> Result<Option<NewAudit<'a>>, Failure> {
    let before = mappings.product(&change.psa, &change.code).cloned();
    let name = products.name(&change.code);
    if name.is_none() && before.is_none() {
        return Err(invalid(&format!("changes[{index}].code"), "No company has this product.", "Sync now, then choose it from the list."));
    }
    let catalogue = catalogues.get(&change.psa).ok_or_else(|| {
        invalid(&format!("changes[{index}].psa"), "There is no such ConnectWise connection.", "Choose one that has been read.")
    })?;
    let after = match &change.decision {
        ProductDecision::Clear => None,
        ProductDecision::Exclude { reason } => Some(ProductChoice::Excluded(exclusion(app, caller, reason, index)?)),
        ProductDecision::Parts if products.is_bundle(&change.code) || before == Some(ProductChoice::Parts) => Some(ProductChoice::Parts),
        ProductDecision::Parts => {
            let remedy = "Sync now if it is a new bundle; otherwise choose a catalog product for it.";
            return Err(invalid(&format!("changes[{index}].decision.decision"), "ESET lists no products inside this one.", remedy));
        }
        ProductDecision::Map { product, rule } => {
            let field = format!("changes[{index}].decision.product");
            let found = catalogue
                .products
                .get(product)
                .ok_or_else(|| invalid(&field, "ConnectWise has no such catalog product.", "Sync now, then choose it from the list."))?;
            if found.bundle {
                return Err(invalid(&field, "A bundle cannot be an addition.", "Choose a product that is not of class Bundle."));
            }
            if let Some(rule) = rule {
                check_rule(rule, &format!("changes[{index}].decision.rule"))?;
            }
            let kept = match &before {
                Some(ProductChoice::Mapped { rule, .. }) => rule.clone(),
                _ => ProductRule::default(),
            };
            Some(ProductChoice::Mapped { product: *product, rule: rule.clone().unwrap_or(kept) })
        }
    };
    let same = match (&before, &after) {
        (Some(ProductChoice::Excluded(old)), Some(ProductChoice::Excluded(new))) => old.reason == new.reason,
        (old, new) => old == new,
    };
    if same {
        return Ok(None);
    }
    let audit = NewAudit {
        by: &caller.name,
        subject: name.map_or_else(|| format!("product {}", change.code), str::to_owned),
        before: before.as_ref().map(|choice| describe(choice, catalogue)),
        after: after.as_ref().map(|choice| describe(choice, catalogue)),
        connection: Some(change.psa.clone()),
        ..NewAudit::of(HistoryEvent::MappingChanged)
    };
    let products = mappings.products.entry(change.psa.clone()).or_default();
    match after {
        Some(choice) => products.insert(change.code.clone(), choice),
        None => products.remove(&change.code),
    };
    Ok(Some(audit))
}

fn describe(choice: &ProductChoice, catalogue: &PsaCatalogue) -> String {
    match choice {
        ProductChoice::Excluded(exclusion) => format!("excluded: {}", exclusion.reason),
        ProductChoice::Parts => "the products inside it".to_owned(),
        ProductChoice::Mapped { product, rule } => {
            let known = catalogue.products.get(product);
            with_rule(&known.map_or_else(|| format!("catalog product {product}"), |known| known.identifier.clone()), rule)
        }
    }
}
