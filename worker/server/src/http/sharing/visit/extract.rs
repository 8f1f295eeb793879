//! The extract of a link's company: what its page shows out of snapshots and device groups. It is taken once from each version of them and
//! kept, so that a visitor's request reads neither.

use chrono::Days;
use contract::share::{SharedGroup, SharedMonth};
use domain::Timestamp;
use domain::billing::Period;
use domain::hash::fingerprint;
use domain::json::strict;
use domain::seats::{CompanySeats, Snapshot};
use serde::{Deserialize, Serialize};

use super::shown::{groups_of, trend_of};
use crate::http::App;
use crate::http::middleware::error::{Failure, internal};
use crate::tenant::snapshot_of;
use store::ledger::{OpenLink, SaidOwners};
use store::ports::StoreError;

/// Months of the trend, with the one of now.
const TREND: usize = 6;
/// Rises when an extract is to be taken anew although nothing it was taken from has changed.
const FORM: u32 = 1;

/// What is shown of a company out of documents that hold every company.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Extract {
    /// What it has now; none when the latest snapshot does not know it.
    pub(super) seats: Option<CompanySeats>,
    /// When that was read.
    pub(super) as_of: Option<Timestamp>,
    pub(super) trend: Vec<SharedMonth>,
    pub(super) groups: Vec<SharedGroup>,
}

/// The extract for a link, as kept or taken anew.
pub(super) async fn extract(app: &App, link: &OpenLink) -> Result<Extract, Failure> {
    let basis = basis(app, link)?;
    if let Some(kept) = app.ledger.share_extracts().find(link, &basis)? {
        match strict::read(kept.as_bytes()) {
            Ok(extract) => return Ok(extract),
            Err(error) => log::warn!("the extract of {} is taken anew: {error}", link.name),
        }
    }
    let (extract, is_whole) = taken(app, link).await?;
    // A month that KV does not show just now is looked for again.
    if is_whole {
        let body = serde_json::to_string(&extract).map_err(|error| internal(&error.to_string()))?;
        app.ledger.share_extracts().keep(link, &basis, &body)?;
    }
    Ok(extract)
}

/// What an extract is taken from: it is good for as long as this is the same. The snapshots of months that are over are noted before the
/// latest one changes.
fn basis(app: &App, link: &OpenLink) -> Result<String, StoreError> {
    let sources = app.ledger.share_extracts().sources(&snapshot_of(&link.connection), link.devices)?;
    let said = if link.devices { app.ledger.group_owners().all()? } else { SaidOwners::new() };
    let said: Vec<_> = said.into_iter().map(|(group, said)| (group, said.owner)).collect();
    Ok(fingerprint(&(FORM, Period::of(app.now()), sources, said)))
}

/// Takes an extract. Returns it, and whether every document was read that it is taken from.
async fn taken(app: &App, link: &OpenLink) -> Result<(Extract, bool), Failure> {
    let snapshots = app.snapshots().await?;
    let now = snapshots.iter().find(|snapshot| snapshot.connection == link.connection);
    let seats = now.and_then(|snapshot| snapshot.companies.get(&link.company)).cloned();
    let (mut trend, is_whole) = past(app, link).await?;
    if let Some(snapshot) = now {
        trend.extend(trend_of(snapshot, link));
    }
    let groups = if link.devices { groups_of(&app.groups().await?, &app.readings().owners().await?, link) } else { Vec::new() };
    let as_of = now.filter(|_| seats.is_some()).map(|snapshot| snapshot.taken_at);
    Ok((Extract { seats, as_of, trend, groups }, is_whole))
}

/// What the company had at the end of each of the months before, and whether all of them could be read. One that cannot is left out.
async fn past(app: &App, link: &OpenLink) -> Result<(Vec<SharedMonth>, bool), Failure> {
    let months = std::iter::successors(Some(Period::of(app.now())), |month| Some(month.previous()));
    let mut months: Vec<Period> = months.skip(1).take(TREND - 1).collect();
    months.reverse();
    let (mut trend, mut is_whole) = (Vec::new(), true);
    for month in months {
        let days = (Some(month.first_day()), Some(month.end().date_naive() - Days::new(1)));
        let (found, _) = app.ledger.snapshots().page(Some(&link.connection), days, None, 1)?;
        let Some(row) = found.first() else { continue };
        let body = app.documents.body("snapshot", &row.key, &row.hash).await.map_err(|error| error.to_string());
        let read = body.and_then(|body| strict::read::<Snapshot>(body.as_bytes()).map_err(|error| error.to_string()));
        match read {
            Ok(snapshot) => trend.extend(trend_of(&snapshot, link)),
            Err(error) => {
                is_whole = false;
                log::warn!("the snapshot of {month} is not in a trend: {error}");
            }
        }
    }
    Ok((trend, is_whole))
}
