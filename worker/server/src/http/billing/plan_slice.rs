//! A part of what the plan is made from, for a browser to plan with.

use std::collections::BTreeSet;

use axum::extract::{Extension, State};
use contract::month::Segment;
use contract::plan_slice::{ShowPlanSlice, SliceQuery};
use domain::billing::{MOST_AGREEMENTS, PlanInput, PlanSlice, Wanted, subset};

use crate::http::App;
use crate::http::middleware::answer::Json;
use crate::http::middleware::caller::Caller;
use crate::http::middleware::error::{Failure, invalid};
use crate::http::middleware::extract::Query;
use crate::http::routes::Routes;

/// Serves these endpoints.
pub(in crate::http) fn routes(routes: Routes) -> Routes {
    routes.on(ShowPlanSlice, show)
}

#[worker::send]
async fn show(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Query(query): Query<SliceQuery>,
) -> Result<Json<PlanSlice>, Failure> {
    let wanted = |input: &PlanInput<'_>| {
        let mut wanted = match (&query.psa, &query.product, &query.connection, &query.company) {
            (Some(psa), Some(product), None, None) => Wanted::product(input, psa, product, query.catalog),
            (_, None, Some(connection), Some(company)) => Wanted::company(input, connection, company),
            _ => {
                let remedy = "Ask for a product with psa and product, or for a company with connection and company.";
                return Err(Err(invalid("product", "It is not clear what is wanted.", remedy)));
            }
        };
        if let Some(agreement) = query.agreement {
            let psa = query.psa.clone().ok_or_else(|| {
                Err(invalid("psa", "It is not said which ConnectWise the agreement is in.", "Name its connection as psa."))
            })?;
            wanted.agreements.insert((psa, agreement));
        }
        Ok(wanted)
    };
    let (visible, mut lines) = (app.visible(&caller.scope)?, BTreeSet::new());
    if !caller.scope.is_everything() {
        app.ledger.lines().each(&caller.scope, Segment::All, "", |row| {
            lines.insert(row.line.id);
        })?;
    }
    let cut = |input: &PlanInput<'_>| visible.of_input(input, wanted, &lines, |input, wanted| Ok(subset(input, wanted, MOST_AGREEMENTS)));
    let (slice, _) = app.with_plan_input(app.now(), query.company.is_some(), cut).await?;
    slice.map(Json)
}
