//! Comparing what is there with what was known.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::Serialize;

use super::known::{Knowledge, Known, is_mapped, targets};
use super::marks::{LineMark, LineMarks};
use super::{Drift, DriftKind, Place, Repair, additions, products};
use crate::billing::{MappingKey, Member, Psa};
use crate::hash::fingerprint;
use crate::ids::{AdditionId, AgreementId, CatalogId, ConnectionId, DriftId, ProductCode};
use crate::mapping::{CompanyTarget, Mappings, ProductChoice};
use crate::psa::{Agreement, AgreementStatus, PsaCatalogue, on_day};
use crate::seats::{CompanySeats, Snapshot};

/// Everything drift is found from.
#[derive(Debug)]
pub struct DriftInput<'a> {
    /// Today, in UTC.
    pub today: NaiveDate,
    /// The latest snapshot of each ESET connection.
    pub snapshots: &'a [&'a Snapshot],
    /// The mappings.
    pub mappings: &'a Mappings,
    /// What each ConnectWise tenant holds, by connection.
    pub psa: &'a BTreeMap<ConnectionId, Psa<'a>>,
    /// What the lines say that were planned from the same things.
    pub lines: &'a LineMarks,
    /// Additions that bear a mark of Seatbridge which this install's ledger does not know.
    pub of_others: &'a BTreeSet<(ConnectionId, AdditionId)>,
}

impl DriftInput<'_> {
    pub(super) fn line(&self, psa: &ConnectionId, agreement: AgreementId, product: CatalogId) -> Option<&LineMark> {
        self.lines.of(psa, agreement).iter().find(|line| line.product == product)
    }

    pub(super) fn line_of_product(&self, key: &MappingKey, code: &ProductCode) -> Option<&LineMark> {
        match self.mappings.product(&key.psa, code)? {
            ProductChoice::Mapped { product, .. } => self.line(&key.psa, key.agreement, *product),
            ProductChoice::Parts | ProductChoice::Excluded(_) => None,
        }
    }

    pub(super) fn is_mapped(&self, psa: &ConnectionId, product: CatalogId) -> bool {
        let choices = self.mappings.products.get(psa).into_iter().flat_map(BTreeMap::values);
        choices.into_iter().any(|choice| matches!(choice, ProductChoice::Mapped { product: mapped, .. } if *mapped == product))
    }

    fn snapshot(&self, connection: &ConnectionId) -> Option<&Snapshot> {
        self.snapshots.iter().copied().filter(|snapshot| snapshot.connection == *connection).max_by_key(|snapshot| snapshot.taken_at)
    }

    pub(super) fn seats(&self, member: &Member) -> Option<&CompanySeats> {
        self.snapshot(&member.connection)?.companies.get(&member.company)
    }
}

/// Everything that changed under a mapping, by id.
pub fn detect(input: &DriftInput<'_>, knowledge: &Knowledge) -> Vec<Drift> {
    let mut found = FoundDrift::default();
    for (key, target) in targets(input) {
        let lines = input.lines.of(&target.psa, target.agreement);
        let Some(known) = knowledge.mappings.get(&key) else { continue };
        let mapping = Mapping { input, key: &key, target, known, lines };
        mapping.eset_side(&mut found);
        mapping.psa_side(&mut found);
        additions::missing(input, &key, known, &mut found);
    }
    additions::of_lines(input, &mut found);
    additions::of_others(input, &mut found);
    for (key, known) in knowledge.mappings.iter().filter(|(key, _)| !is_mapped(input.mappings, key)) {
        additions::taken_away(input, key, known, &mut found);
    }
    products::changed(input, &knowledge.products, &mut found);
    found.0.into_values().collect()
}

/// What was found so far. The same thing found from two companies is one event.
#[derive(Default)]
pub(super) struct FoundDrift(BTreeMap<DriftId, Drift>);

impl FoundDrift {
    #[expect(clippy::too_many_arguments, reason = "an event is made of so many parts, and each is named where it is made")]
    pub(super) fn add<'l>(
        &mut self,
        kind: DriftKind,
        what: &impl Serialize,
        subject: String,
        was: Option<String>,
        is: Option<String>,
        words: String,
        remedy: &str,
        place: Place,
        lines: impl IntoIterator<Item = &'l LineMark>,
    ) -> &mut Drift {
        let id = DriftId(fingerprint(&(kind, what)));
        let members = place.members.clone();
        let drift = self.0.entry(id.clone()).or_insert_with(|| Drift {
            id,
            kind,
            subject,
            was,
            is,
            words,
            remedy: remedy.to_owned(),
            lines: Vec::new(),
            repairs: Vec::new(),
            place,
        });
        drift.place.members.extend(members);
        drift.place.members.sort();
        drift.place.members.dedup();
        drift.lines.extend(lines.into_iter().map(|line| line.id.clone()));
        drift.lines.sort();
        drift.lines.dedup();
        drift
    }
}

/// One mapping and what is known of it.
struct Mapping<'a> {
    input: &'a DriftInput<'a>,
    key: &'a MappingKey,
    target: &'a CompanyTarget,
    known: &'a Known,
    /// Lines on its agreement.
    lines: &'a [LineMark],
}

impl Mapping<'_> {
    fn place(&self) -> Place {
        Place {
            psa: Some(self.key.psa.clone()),
            agreement: Some(self.key.agreement),
            members: vec![self.key.member.clone()],
            ..Place::default()
        }
    }

    fn eset_side(&self, found: &mut FoundDrift) {
        let member = &self.key.member;
        let Some(snapshot) = self.input.snapshot(&member.connection) else { return };
        let was = self.known.eset_name.clone().unwrap_or_else(|| member.company.to_string());
        let Some(seats) = snapshot.companies.get(&member.company) else {
            if snapshot.complete {
                let words = format!("{was} is no longer in the ESET account: how many seats it has is not known.");
                let remedy = "Check the API user's access in ESET MSP Administrator. If the customer has left, exclude the company.";
                let was = Some(was);
                found.add(
                    DriftKind::EsetCompanyGone,
                    member,
                    was.clone().unwrap_or_default(),
                    was,
                    None,
                    words,
                    remedy,
                    self.place(),
                    self.lines,
                );
            }
            return;
        };
        if seats.name != was {
            let words = format!("ESET calls it {} now. It stays mapped and is billed as before.", seats.name);
            let remedy = "Check that it still is the same customer, then acknowledge the name.";
            let event = found.add(
                DriftKind::EsetCompanyRenamed,
                member,
                was.clone(),
                Some(was),
                Some(seats.name.clone()),
                words,
                remedy,
                self.place(),
                [],
            );
            event.repairs = vec![Repair::Acknowledge];
        }
        if !seats.complete {
            return;
        }
        for (id, code) in &self.known.licences {
            let there = seats.licences.iter().any(|licence| licence.id == *id);
            let Some(line) = self.input.line_of_product(self.key, code).filter(|line| !there && line.missed) else { continue };
            let words = format!("Licence {id} of {} is gone from ESET; its seats are not counted any more.", seats.name);
            let remedy = "Check in ESET MSP Administrator that it was removed on purpose, then acknowledge it and approve the line.";
            let place = Place { licence: Some(id.clone()), ..self.place() };
            let event = found.add(
                DriftKind::LicenceGone,
                &(member, id),
                format!("{} · {id}", seats.name),
                Some(id.to_string()),
                None,
                words,
                remedy,
                place,
                [line],
            );
            event.repairs = vec![Repair::Acknowledge];
        }
    }

    fn psa_side(&self, found: &mut FoundDrift) {
        let Some(catalogue) = self.input.psa.get(&self.key.psa).map(|psa| psa.catalogue) else { return };
        self.company(catalogue, found);
        let was = self.known.agreement_name.clone().unwrap_or_else(|| format!("agreement {}", self.key.agreement));
        let what = &(&self.key.psa, self.key.agreement);
        let company = self.known.company_name.as_deref().unwrap_or_default();
        let subject = format!("{company} · {was}");
        let all = || self.lines;
        let Some(agreement) = catalogue.agreements.get(&self.key.agreement) else {
            if !catalogue.agreements.is_empty() {
                let words = "The agreement is gone from ConnectWise: its seats are billed to nobody.".to_owned();
                found.add(
                    DriftKind::AgreementGone,
                    what,
                    subject,
                    Some(was),
                    None,
                    words,
                    "Map its companies to another agreement.",
                    self.place(),
                    all(),
                );
            }
            return;
        };
        if agreement.name != was {
            let words = format!("ConnectWise calls the agreement {} now. It stays mapped and is billed as before.", agreement.name);
            let remedy = "Check that it still is the agreement that is meant, then acknowledge the name.";
            let (was, is) = (Some(was), Some(agreement.name.clone()));
            let event = found.add(DriftKind::AgreementRenamed, what, subject.clone(), was, is, words, remedy, self.place(), []);
            event.repairs = vec![Repair::Acknowledge];
        }
        if agreement.company != self.target.company {
            let name = |id| catalogue.companies.get(&id).map_or_else(|| format!("company {id}"), |company| company.name.clone());
            let (was, is) = (name(self.target.company), name(agreement.company));
            let words = format!("The agreement is with {is} now, not with {was}: it would bill somebody else.");
            let remedy = "Map the company to an agreement of its own, or move the agreement back in ConnectWise.";
            found.add(
                DriftKind::AgreementMoved,
                &(what, self.target.company),
                subject.clone(),
                Some(was),
                Some(is),
                words,
                remedy,
                self.place(),
                all(),
            );
        }
        if agreement.status != AgreementStatus::Active {
            self.ended(agreement, catalogue, subject, found);
        }
    }

    fn company(&self, catalogue: &PsaCatalogue, found: &mut FoundDrift) {
        let what = &(&self.key.psa, self.target.company);
        let was = self.known.company_name.clone();
        let Some(company) = catalogue.companies.get(&self.target.company) else {
            if !catalogue.companies.is_empty() {
                let name = was.clone().unwrap_or_else(|| format!("company {}", self.target.company));
                let words = format!("{name} is gone from ConnectWise: in the recycle bin, or out of the API member's sight.");
                let remedy = "Restore it in ConnectWise or merge it there, then map the ESET company to the company that is left.";
                found.add(DriftKind::PsaCompanyGone, what, name, was, None, words, remedy, self.place(), self.lines);
            }
            return;
        };
        let Some(was) = was.filter(|was| company.name != *was) else { return };
        let words = format!("ConnectWise calls the company {} now. It stays mapped and is billed as before.", company.name);
        let remedy = "Check that it still is the same customer, then acknowledge the name.";
        let event = found.add(
            DriftKind::PsaCompanyRenamed,
            what,
            was.clone(),
            Some(was),
            Some(company.name.clone()),
            words,
            remedy,
            self.place(),
            [],
        );
        event.repairs = vec![Repair::Acknowledge];
    }

    /// An agreement that does not bill any more; it can be left for the company's only other one that bills the same products.
    fn ended(&self, agreement: &Agreement, catalogue: &PsaCatalogue, subject: String, found: &mut FoundDrift) {
        let others: Vec<AgreementId> = catalogue
            .agreements
            .iter()
            .filter(|(id, other)| {
                **id != self.key.agreement && other.company == agreement.company && other.status == AgreementStatus::Active
            })
            .map(|(id, _)| *id)
            .collect();
        let products: Vec<CatalogId> = self.lines.iter().map(|line| line.product).collect();
        let bills_the_same = |id: &AgreementId| {
            let read = self.input.psa.get(&self.key.psa).and_then(|psa| psa.additions.get(id));
            let one = |product: &CatalogId| {
                let of_product = read.into_iter().flat_map(|read| &read.additions).filter(|addition| addition.product == *product);
                on_day(of_product, self.input.today).now.len() == 1
            };
            !products.is_empty() && products.iter().all(one)
        };
        let move_to = match others.as_slice() {
            [only] if agreement.company == self.target.company && bills_the_same(only) => Some(*only),
            _ => None,
        };
        let words = format!("The agreement is {}: nothing on it reaches an invoice.", agreement.status.label());
        let place = Place { move_to, watch: others, ..self.place() };
        let what = &(&self.key.psa, self.key.agreement);
        let is = Some(agreement.status.label().to_owned());
        let remedy = match move_to.and_then(|id| catalogue.agreements.get(&id)) {
            Some(other) => {
                format!("Move the mapping to {}, which bills the same products, or make the agreement active again.", other.name)
            }
            None => "Map its companies to an active agreement, or make it active again in ConnectWise.".to_owned(),
        };
        let event = found.add(DriftKind::AgreementEnded, what, subject, Some("active".to_owned()), is, words, &remedy, place, self.lines);
        event.repairs = move_to.map(|_| Repair::MoveMapping).into_iter().collect();
    }
}
