//! Repairs of drift: each does one safe thing, and says what it did.

use std::collections::BTreeMap;

use contract::Problem;
use domain::billing::{MappingKey, Member};
use domain::drift::{DriftKind, Repair, Stored};
use domain::history::HistoryEvent;
use domain::ids::{AgreementId, ConnectionId};
use domain::mapping::{CompanyChoice, CompanyTarget, Exclusion, Mappings, ProductChoice};

use crate::http::App;
use crate::http::mapping::companies::store;
use crate::http::middleware::caller::Caller;
use crate::http::middleware::error::Failure;
use store::ledger::NewAudit;

/// Makes a repair. Answers what was done, in words.
pub(in crate::http) async fn repair(app: &App, caller: &Caller, stored: &Stored, repair: Repair) -> Result<String, Failure> {
    let place = &stored.drift.place;
    let (Some(psa), agreement) = (&place.psa, place.agreement) else { return Err(out_of_date()) };
    match repair {
        Repair::Acknowledge => acknowledge(app, stored, psa),
        Repair::KeepTheirNumber => {
            let (Some(agreement), Some(addition), Some(found)) = (agreement, place.addition, place.found) else {
                return Err(out_of_date());
            };
            let read = app.ledger.additions().all()?;
            let mut known = read.get(psa).and_then(|read| read.get(&agreement)).into_iter().flat_map(|read| &read.additions);
            if !known.any(|known| known.id == addition && known.quantity == found) {
                return Err(out_of_date());
            }
            app.ledger.additions().note_theirs(psa, addition, found, app.now())?;
            Ok(format!("ConnectWise's {found} is taken as known."))
        }
        Repair::ReleaseLine => Ok("The line may be approved in spite of it.".to_owned()),
        Repair::MoveMapping => {
            let Some(to) = place.move_to else { return Err(out_of_date()) };
            let words = format!("Moved to agreement {to}.");
            let moved =
                |target: &CompanyTarget| Some(CompanyChoice::Mapped(CompanyTarget { agreement: to, automatic: false, ..target.clone() }));
            remap(app, caller, stored, psa, agreement, moved).await?;
            Ok(words)
        }
        Repair::MapBack => {
            let (Some(agreement), Some(member)) = (agreement, place.members.first()) else { return Err(out_of_date()) };
            map_back(app, caller, stored, MappingKey { member: member.clone(), psa: psa.clone(), agreement }).await
        }
        Repair::Handled => {
            for member in &place.members {
                let Some(agreement) = agreement else { return Err(out_of_date()) };
                app.ledger.drift_baseline().keep_mapping(&MappingKey { member: member.clone(), psa: psa.clone(), agreement }, None)?;
            }
            Ok("Somebody else looks after it.".to_owned())
        }
        Repair::ExcludeCompanies => exclude(app, caller, stored, psa).await,
        Repair::UnmapProduct => unmap_product(app, caller, stored, psa).await,
    }
}

/// Takes what is there now as known.
fn acknowledge(app: &App, stored: &Stored, psa: &ConnectionId) -> Result<String, Failure> {
    let (drift, place) = (&stored.drift, &stored.drift.place);
    if let (DriftKind::ProductRenamed, Some(product)) = (drift.kind, place.product) {
        app.ledger.drift_baseline().keep_product(psa, product, drift.is.as_deref())?;
    }
    for (key, mut known) in app.ledger.drift_baseline().mappings()? {
        let mine = place.members.contains(&key.member) && key.psa == *psa;
        if !mine {
            continue;
        }
        match drift.kind {
            DriftKind::EsetCompanyRenamed => known.eset_name.clone_from(&drift.is),
            DriftKind::PsaCompanyRenamed => known.company_name.clone_from(&drift.is),
            DriftKind::AgreementRenamed => known.agreement_name.clone_from(&drift.is),
            DriftKind::LicenceGone => {
                known.licences.retain(|id, _| place.licence.as_ref() != Some(id) && !place.licences.contains(id));
            }
            _ => continue,
        }
        app.ledger.drift_baseline().keep_mapping(&key, Some(&known))?;
    }
    Ok("It is known now.".to_owned())
}

/// Changes the mappings of an event's companies, as long as they still are on `agreement`.
async fn remap(
    app: &App,
    caller: &Caller,
    stored: &Stored,
    psa: &ConnectionId,
    agreement: Option<AgreementId>,
    change: impl Fn(&CompanyTarget) -> Option<CompanyChoice>,
) -> Result<(), Failure> {
    let (mappings, version) = app.mappings().await?;
    let mut changed = Mappings::clone(&mappings);
    let mut audits = Vec::new();
    for Member { connection, company } in &stored.drift.place.members {
        let Some(CompanyChoice::Mapped(target)) = mappings.company(connection, company) else { continue };
        let here = target.psa == *psa && Some(target.agreement) == agreement;
        if let Some(choice) = change(target).filter(|_| here) {
            changed.companies.entry(connection.clone()).or_default().insert(company.clone(), choice);
            audits.push(mapping_changed(caller, stored, Some(target.agreement)));
        }
    }
    if audits.is_empty() {
        return Err(out_of_date());
    }
    store(app, changed, version, audits).await?;
    Ok(())
}

async fn map_back(app: &App, caller: &Caller, stored: &Stored, key: MappingKey) -> Result<String, Failure> {
    let known = app.ledger.drift_baseline().mappings()?.remove(&key).ok_or_else(out_of_date)?;
    let (mappings, version) = app.mappings().await?;
    let catalogues = app.catalogues().await?;
    let agreement = catalogues.get(&key.psa).and_then(|catalogue| catalogue.agreements.get(&key.agreement));
    let same_company = agreement.is_some_and(|agreement| agreement.company == known.target.company);
    if mappings.company(&key.member.connection, &key.member.company).is_some() || !same_company {
        return Err(out_of_date());
    }
    let mut changed = Mappings::clone(&mappings);
    // A mapping that is made anew is watched anew.
    let target = CompanyTarget { automatic: false, ..known.target };
    changed.companies.entry(key.member.connection.clone()).or_default().insert(key.member.company.clone(), CompanyChoice::Mapped(target));
    store(app, changed, version, vec![mapping_changed(caller, stored, None)]).await?;
    Ok("Mapped back to where it was.".to_owned())
}

/// Bills companies that have left no more. One row of the history tells of all of them.
async fn exclude(app: &App, caller: &Caller, stored: &Stored, psa: &ConnectionId) -> Result<String, Failure> {
    let (mappings, version) = app.mappings().await?;
    let mut changed = Mappings::clone(&mappings);
    let reason = Exclusion { reason: stored.drift.subject.clone() + " left ESET", by: caller.name.clone(), at: app.now() };
    let mut count = 0;
    for Member { connection, company } in &stored.drift.place.members {
        let mapped = matches!(mappings.company(connection, company), Some(CompanyChoice::Mapped(target)) if target.psa == *psa);
        if mapped {
            let choice = CompanyChoice::Excluded(reason.clone());
            changed.companies.entry(connection.clone()).or_default().insert(company.clone(), choice);
            count += 1;
        }
    }
    if count == 0 {
        return Err(out_of_date());
    }
    store(app, changed, version, vec![mapping_changed(caller, stored, None)]).await?;
    Ok(format!("{count} companies are excluded: they are billed no more."))
}

async fn unmap_product(app: &App, caller: &Caller, stored: &Stored, psa: &ConnectionId) -> Result<String, Failure> {
    let (mappings, version) = app.mappings().await?;
    let mut changed = Mappings::clone(&mappings);
    let gone = stored.drift.place.product;
    let before = changed.products.get(psa).map_or(0, BTreeMap::len);
    if let Some(choices) = changed.products.get_mut(psa) {
        choices.retain(|_, choice| !matches!(choice, ProductChoice::Mapped { product, .. } if Some(*product) == gone));
    }
    let taken = before - changed.products.get(psa).map_or(0, BTreeMap::len);
    if taken == 0 {
        return Err(out_of_date());
    }
    store(app, changed, version, vec![mapping_changed(caller, stored, None)]).await?;
    Ok(format!("The mapping of {taken} ESET products was taken away."))
}

fn mapping_changed<'a>(caller: &'a Caller, stored: &Stored, from: Option<AgreementId>) -> NewAudit<'a> {
    NewAudit {
        by: &caller.name,
        subject: stored.drift.subject.clone(),
        before: from.map(|agreement| format!("agreement {agreement}")),
        after: stored.drift.place.move_to.or(stored.drift.place.agreement).map(|agreement| format!("agreement {agreement}")),
        detail: Some(stored.drift.words.clone()),
        ..NewAudit::of(HistoryEvent::MappingChanged)
    }
}

fn out_of_date() -> Failure {
    let detail = "Something has changed since it was found.";
    let remedy = "Sync now, then look at the drift centre again.";
    Problem::new(409, "out_of_date", "This repair does not fit any more.", detail, remedy).into()
}
