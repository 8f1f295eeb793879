//! Look-ups in what ConnectWise holds.

use axum::extract::{Extension, State};
use contract::Page;
use contract::psa::{AgreementView, CatalogView, LookUpPsaCompanies, LookUpPsaProducts, LookupQuery, PsaCompanyView};
use domain::ids::{ConnectionId, PsaCompanyId};
use domain::mapping::normalised;
use domain::psa::{AgreementStatus, PsaCatalogue, PsaCompany};

use crate::http::App;
use crate::http::middleware::answer::Json;
use crate::http::middleware::caller::Caller;
use crate::http::middleware::error::Failure;
use crate::http::middleware::extract::Query;
use crate::http::middleware::page;
use crate::http::routes::Routes;

/// Serves these endpoints.
pub(in crate::http) fn routes(routes: Routes) -> Routes {
    routes.on(LookUpPsaCompanies, companies).on(LookUpPsaProducts, products)
}

#[worker::send]
async fn companies(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Query(query): Query<LookupQuery>,
) -> Result<Json<Page<PsaCompanyView>>, Failure> {
    let sought = Sought::of(&query);
    let (mappings, _) = app.mappings().await?;
    let catalogues = app.catalogues_in(&app.visible(&caller.scope)?, &mappings).await?;
    let mut found = Vec::new();
    for (psa, catalogue) in catalogues.iter().filter(|(psa, _)| sought.tenant(psa)) {
        let wanted = |id: &PsaCompanyId| query.company.is_none_or(|company| company == *id);
        let companies = catalogue.companies.iter().filter(|(id, company)| wanted(id) && sought.text(&[&company.name, &company.identifier]));
        found.extend(companies.map(|(id, company)| company_view(psa, catalogue, *id, company)));
    }
    found.sort_by(|a, b| (&a.name, a.company).cmp(&(&b.name, b.company)));
    Ok(Json(page::cut(found, query.after.as_deref(), query.limit)?))
}

fn company_view(psa: &ConnectionId, catalogue: &PsaCatalogue, id: PsaCompanyId, company: &PsaCompany) -> PsaCompanyView {
    let agreements = catalogue.agreements.iter().filter(|(_, agreement)| agreement.company == id);
    let mut agreements: Vec<AgreementView> = agreements
        .map(|(id, agreement)| AgreementView {
            agreement: *id,
            name: agreement.name.clone(),
            kind: agreement.kind.clone(),
            status: agreement.status,
            parent: agreement.parent,
            next_invoice: agreement.next_invoice.clone(),
        })
        .collect();
    agreements.sort_by_key(|agreement| (agreement.status != AgreementStatus::Active, agreement.name.clone()));
    PsaCompanyView {
        psa: psa.clone(),
        company: id,
        identifier: company.identifier.clone(),
        name: company.name.clone(),
        status: company.status.clone(),
        agreements,
    }
}

#[worker::send]
async fn products(State(app): State<App>, Query(query): Query<LookupQuery>) -> Result<Json<Page<CatalogView>>, Failure> {
    let sought = Sought::of(&query);
    let catalogues = app.catalogues().await?;
    let mut found = Vec::new();
    for (psa, catalogue) in catalogues.iter().filter(|(psa, _)| sought.tenant(psa)) {
        let offered = catalogue.products.iter().filter(|(_, product)| !product.inactive && !product.bundle);
        let products = offered.filter(|(_, product)| sought.text(&[&product.description, &product.identifier]));
        found.extend(products.map(|(id, product)| CatalogView {
            psa: psa.clone(),
            product: *id,
            identifier: product.identifier.clone(),
            description: product.description.clone(),
        }));
    }
    found.sort_by(|a, b| (&a.description, a.product).cmp(&(&b.description, b.product)));
    Ok(Json(page::cut(found, query.after.as_deref(), query.limit)?))
}

/// What a look-up asks for.
struct Sought<'a> {
    psa: Option<&'a ConnectionId>,
    text: String,
}

impl<'a> Sought<'a> {
    fn of(query: &'a LookupQuery) -> Self {
        Self { psa: query.psa.as_ref(), text: plain(query.q.as_deref().unwrap_or_default()) }
    }

    fn tenant(&self, psa: &ConnectionId) -> bool {
        self.psa.is_none_or(|wanted| wanted == psa)
    }

    fn text(&self, texts: &[&String]) -> bool {
        self.text.is_empty() || texts.iter().any(|text| plain(text).contains(&self.text))
    }
}

/// A text as it is searched: case and accents do not count.
pub(in crate::http) fn plain(text: &str) -> String {
    let whole = normalised(text);
    if whole.is_empty() { text.trim().to_lowercase() } else { whole }
}
