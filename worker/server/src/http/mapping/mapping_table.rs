//! Company mappings as a table, out and in again.

use axum::extract::{Extension, State};
use axum::response::Response;
use contract::companies::CompanyChange;
use contract::mapping_table::{COLUMNS, ExportCompanyMappings, ImportCompanyMappings, ImportTable, Imported, RowProblem, read_table};
use domain::csv::Csv;
use domain::mapping::{CompanyChoice, Mappings};

use crate::http::App;
use crate::http::mapping::companies::{Known, apply, store};
use crate::http::middleware::answer::Json;
use crate::http::middleware::caller::Caller;
use crate::http::middleware::download::csv;
use crate::http::middleware::error::Failure;
use crate::http::middleware::extract::Body;
use crate::http::routes::Routes;

/// Serves these endpoints.
pub(in crate::http) fn routes(routes: Routes) -> Routes {
    routes.on(ExportCompanyMappings, export).on(ImportCompanyMappings, import)
}

/// Every ESET company with what was decided for it.
#[worker::send]
async fn export(State(app): State<App>, Extension(caller): Extension<Caller>) -> Result<Response, Failure> {
    let visible = app.visible(&caller.scope)?;
    let (mappings, _) = app.mappings().await?;
    let snapshots = app.snapshots_in(&visible).await?;
    let catalogues = app.catalogues_in(&visible, &mappings).await?;
    let mut table = Csv::new(&COLUMNS);
    for snapshot in &snapshots {
        for (id, seats) in &snapshot.companies {
            let ordered = seats.licences.iter().fold(0, |sum: u32, licence| sum.saturating_add(licence.counted()));
            let mut row: [String; 10] = Default::default();
            let [connection, company, name, counted, decision, psa, agreement, agreement_name, automatic, reason] = &mut row;
            (*connection, *company) = (snapshot.connection.to_string(), id.to_string());
            name.clone_from(&seats.name);
            *counted = ordered.to_string();
            match mappings.company(&snapshot.connection, id) {
                None => {}
                Some(CompanyChoice::Excluded(exclusion)) => {
                    "exclude".clone_into(decision);
                    reason.clone_from(&exclusion.reason);
                }
                Some(CompanyChoice::Mapped(target)) => {
                    let known = catalogues.get(&target.psa).and_then(|catalogue| catalogue.agreements.get(&target.agreement));
                    "map".clone_into(decision);
                    (*psa, *agreement) = (target.psa.to_string(), target.agreement.to_string());
                    *agreement_name = known.map(|known| known.name.clone()).unwrap_or_default();
                    if target.automatic { "yes" } else { "no" }.clone_into(automatic);
                }
            }
            table.row(&row);
        }
    }
    Ok(csv("company-mappings", table))
}

/// Takes an export back, changed: all of its decisions, or none.
#[worker::send]
async fn import(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Body(request): Body<ImportTable>,
) -> Result<Json<Imported>, Failure> {
    let (mappings, version) = app.mappings().await?;
    let visible = app.visible(&caller.scope)?;
    let (snapshots, groups) = (app.snapshots_in(&visible).await?, app.groups_in(&visible).await?);
    let catalogues = app.catalogues_in(&visible, &mappings).await?;
    let known = Known { visible: &visible, snapshots: &snapshots, catalogues: &catalogues, groups: &groups };
    let read = read_table(&request.csv);
    let mut problems = read.problems;
    let mut changed = Mappings::clone(&mappings);
    let mut audits = Vec::new();
    for (row, change) in &read.changes {
        match apply(&app, &caller, change, 0, &mut changed, &known) {
            Ok(audit) => audits.extend(audit),
            Err(failure) => problems.push(of_row(*row, change, &failure)),
        }
    }
    problems.sort_by_key(|problem| problem.row);
    let changes = u32::try_from(audits.len()).unwrap_or(u32::MAX);
    let takes = problems.is_empty() && !request.dry_run;
    if takes {
        store(&app, changed, version, audits).await?;
    }
    Ok(Json(Imported { rows: read.rows, changed: changes, problems, stored: takes }))
}

/// The problem of a request's field, as the problem of a table's cell.
fn of_row(row: u32, change: &CompanyChange, failure: &Failure) -> RowProblem {
    let field = failure.0.field.as_deref().and_then(|field| field.rsplit('.').next()).unwrap_or("company");
    RowProblem::new(row, field, format!("{} {} ({})", failure.0.title, failure.0.remedy, change.company))
}
