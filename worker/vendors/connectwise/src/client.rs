//! The client of ConnectWise PSA for companies, agreements, additions and the catalog.

use std::rc::Rc;

use chrono::NaiveDate;
use domain::billing::units_on;
use domain::ids::{AdditionId, AgreementId, CatalogId, PsaCompanyId};
use domain::psa::{Addition, Agreement, AgreementStatus, CatalogProduct, PsaCompany};
use engine::{Change, Intent, Observed, Write, WriteAnswer};
use http::Method;
use serde::Deserialize;
use serde_json::Value;
use zeroize::Zeroizing;

use super::advice::advice;
use super::caller::{Caller, Paging, Read, Written};
use super::conditions::{Condition, Is};
use super::discovery::SiteCache;
use super::patch;
use super::security::Permission;
use super::wire::{self, AdditionRow, AgreementRow, CatalogRow, CompanyRow, Count, Row, SecurityRow};
use egress::{Answer, Outbound};
use vendor::VendorError;

/// Rows of a page, the most ConnectWise gives (Developer Guide: pagination).
pub const PAGE_SIZE: usize = 1000;

const AGREEMENT_FIELDS: &str = "id,name,type,company,agreementStatus,cancelledFlag,parentAgreement,billStartDate,nextInvoiceDate,currency,prorateFlag,\
     endDate,noEndingDateFlag,billingCycle,oneTimeFlag,billOneTimeFlag";

/// An API member's keys. It has no `Debug`.
#[derive(Clone)]
pub struct Keys {
    /// The company people type at login.
    pub company_id: String,
    /// Public key.
    pub public_key: String,
    /// Private key.
    pub private_key: Zeroizing<String>,
    /// The integration's client id.
    pub client_id: String,
}

/// Part of a list that is read forward by id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch<T> {
    /// Its rows.
    pub items: Vec<T>,
    /// Rows that cannot be read. They cost themselves and nothing else.
    pub odd: Vec<Odd>,
    /// Pass as `after` to read on; none at the end.
    pub next: Option<i64>,
}

/// A row of a list that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Odd {
    /// Its id, where it has one.
    pub id: Option<i64>,
    /// What is the matter with it.
    pub words: String,
}

/// A client of ConnectWise PSA with one member's keys.
pub struct Connectwise {
    pub(super) caller: Caller,
}

impl Connectwise {
    /// A client for the site at `address`, as people type it (`na.myconnectwise.net`). Nothing is called yet.
    ///
    /// # Errors
    /// When the address may not be called.
    pub fn new(outbound: Outbound, address: &str, keys: Keys, sites: Rc<SiteCache>) -> Result<Self, VendorError> {
        Ok(Self { caller: Caller::new(outbound, address, keys, sites)? })
    }

    /// The version the site names. ConnectWise PSA: /login/companyinfo/{companyId}.
    ///
    /// # Errors
    /// Any [`VendorError`]; [`VendorError::UnknownCompany`] when the site does not know the company.
    pub async fn version(&self) -> Result<String, VendorError> {
        Ok(self.caller.site().await?.version)
    }

    /// Companies with an id above `after`, those in the recycle bin left out. ConnectWise PSA: /company/companies.
    ///
    /// # Errors
    /// Any [`VendorError`].
    pub async fn companies(&self, after: Option<i64>) -> Result<Batch<(PsaCompanyId, PsaCompany)>, VendorError> {
        let kept = Condition::flag("deletedFlag", false);
        self.forward::<CompanyRow>(["company", "companies"], Some(kept), "id,identifier,name,status,deletedFlag", after).await
    }

    /// Agreements with an id above `after`, ended ones too. ConnectWise PSA: /finance/agreements.
    ///
    /// # Errors
    /// Any [`VendorError`].
    pub async fn agreements(&self, after: Option<i64>) -> Result<Batch<(AgreementId, Agreement)>, VendorError> {
        self.forward::<AgreementRow>(["finance", "agreements"], None, AGREEMENT_FIELDS, after).await
    }

    /// Catalog products with an id above `after` that agreements bill: those of the class Agreement and recurring ones,
    /// inactive ones too. ConnectWise PSA: /procurement/catalog.
    ///
    /// # Errors
    /// Any [`VendorError`].
    pub async fn catalog(&self, after: Option<i64>) -> Result<Batch<(CatalogId, CatalogProduct)>, VendorError> {
        let class = Condition::text("productClass", Is::Equal, "Agreement");
        let recurring = class.or(&Condition::flag("recurringFlag", true));
        let fields = "id,identifier,description,inactiveFlag,productClass";
        self.forward::<CatalogRow>(["procurement", "catalog"], Some(recurring), fields, after).await
    }

    /// How many companies there are, those in the recycle bin left out. ConnectWise PSA: /company/companies/count.
    ///
    /// # Errors
    /// Any [`VendorError`].
    pub async fn count_companies(&self) -> Result<u32, VendorError> {
        let query = [("conditions", Condition::flag("deletedFlag", false).to_string())];
        let path = ["company", "companies", "count"];
        let read = Read { label: "count companies", path: &path, query: &query, paging: Paging::Numbered };
        let answer = self.caller.get(&read).await?;
        let value = self.caller.list(&answer, "Companies > Company Maintenance").await?;
        Ok(wire::read::<Count>(value, "company count")?.count)
    }

    /// All additions of an agreement, cancelled ones too. ConnectWise PSA: /finance/agreements/{parentId}/additions.
    ///
    /// # Errors
    /// Any [`VendorError`]; [`VendorError::NotFound`] when the agreement is gone.
    pub async fn additions(&self, agreement: AgreementId) -> Result<Vec<Addition>, VendorError> {
        let id = agreement.to_string();
        let path = ["finance", "agreements", &id, "additions"];
        let (mut additions, mut page) = (Vec::new(), 1_u32);
        loop {
            let query = [("page", page.to_string()), ("pageSize", PAGE_SIZE.to_string())];
            let read = Read { label: "additions", path: &path, query: &query, paging: Paging::Numbered };
            let answer = self.caller.get(&read).await?;
            if answer.status == 404 {
                self.keys_still_work(agreement).await?;
            }
            let value = self.caller.read_value(&answer, &format!("agreement {agreement}")).await?;
            let rows: Vec<AdditionRow> = wire::read(value, "additions")?;
            let more = goes_on(&answer, rows.len(), PAGE_SIZE);
            for row in rows {
                additions.extend(row.parsed()?);
            }
            if !more {
                return Ok(additions);
            }
            page += 1;
        }
    }

    /// What `intent` works on, as it is now: its addition, or the one that carries its mark.
    ///
    /// # Errors
    /// Any [`VendorError`].
    pub async fn observe(&self, intent: &Intent) -> Result<Observed, VendorError> {
        match (&intent.effect, intent.addition) {
            (Change::Create { product, beside, .. }, made) => {
                // What is known by its id is asked for by its id: lists may lag behind.
                if let Some(addition) = made
                    && let Observed::Addition { quantity, version, cancelled, agreement, .. } =
                        self.observe_addition(intent.agreement, addition).await?
                {
                    let ongoing = cancelled.is_none();
                    return Ok(Observed::Marked { addition, quantity, version, ongoing, agreement, also: Vec::new() });
                }
                self.look_for(intent.agreement, *product, &intent.marker(), beside.map(|beside| beside.day)).await
            }
            (_, Some(addition)) => self.observe_addition(intent.agreement, addition).await,
            (_, None) => Ok(Observed::Gone),
        }
    }

    /// The addition that carries `marker`, among all of the agreement's, ended ones too; or how many others of the product
    /// are ongoing, and what they come to on the day `beside`. ConnectWise PSA: /finance/agreements/{parentId}/additions.
    ///
    /// # Errors
    /// Any [`VendorError`].
    pub async fn look_for(
        &self,
        agreement: AgreementId,
        product: CatalogId,
        marker: &str,
        beside: Option<NaiveDate>,
    ) -> Result<Observed, VendorError> {
        let Some(status) = self.agreement_status(agreement).await? else { return Ok(Observed::Gone) };
        let additions = self.additions(agreement).await?;
        if let Some(found) = marked(&additions, marker, status) {
            return Ok(found);
        }
        let today = self.caller.outbound.now().date_naive();
        let others = || additions.iter().filter(|addition| addition.product == product);
        let ongoing = others().filter(|addition| addition.goes_on(today)).count();
        let units = beside.map(|day| units_on(others(), day)).unwrap_or_default();
        Ok(Observed::Unmarked { others: u32::try_from(ongoing).unwrap_or(u32::MAX), units, agreement: status })
    }

    /// An addition and its agreement's status as they are now. ConnectWise PSA:
    /// /finance/agreements/{parentId}/additions/{id}.
    ///
    /// # Errors
    /// Any [`VendorError`]. That the addition is gone is no error, but is only believed while the keys still work.
    pub async fn observe_addition(&self, agreement: AgreementId, addition: AdditionId) -> Result<Observed, VendorError> {
        let (parent, id) = (agreement.to_string(), addition.to_string());
        let path = ["finance", "agreements", &parent, "additions", &id];
        let read = Read { label: "read addition", path: &path, query: &[], paging: Paging::Numbered };
        let answer = self.caller.get(&read).await?;
        if answer.status == 404 {
            self.keys_still_work(agreement).await?;
            return Ok(Observed::Gone);
        }
        let value = self.caller.read_value(&answer, &format!("addition {addition}")).await?;
        let row: AdditionRow = wire::read(value, "addition")?;
        let (told, description) = (row.agreement_status(), row.description());
        let Some(read) = row.parsed()? else { return Ok(Observed::Gone) };
        if read.id != addition {
            return Err(VendorError::unexpected(format!("addition {} where {addition} was asked for", read.id)));
        }
        let status = match told {
            Some(status) => Some(status),
            None => self.agreement_status(agreement).await?,
        };
        let Some(status) = status else { return Ok(Observed::Gone) };
        let ongoing = read.goes_on(self.caller.outbound.now().date_naive());
        let Addition { quantity, version, cancelled, .. } = read;
        Ok(Observed::Addition { quantity, version, description, cancelled, ongoing, agreement: status })
    }

    /// Makes one write, once, and says what is known of the effect. ConnectWise PSA: PATCH
    /// /finance/agreements/{parentId}/additions/{id}, or POST /finance/agreements/{parentId}/additions.
    ///
    /// A 2xx is no proof; read it back. What was made is known by its id. A 404 is followed to a new code base, since it wrote nothing.
    /// A description that ConnectWise does not take is left out: the quantity is not to fail for it.
    pub async fn write(&self, agreement: AgreementId, addition: Option<AdditionId>, write: &Write) -> WriteAnswer {
        let sent = match (self.send(agreement, addition, patch::body(write, true)).await, write) {
            (Ok((WriteAnswer::Refused { .. }, Some(field))), Write::Quantity { .. } | Write::Create { .. })
                if field.trim_start_matches('/') == "description" =>
            {
                self.send(agreement, addition, patch::body(write, false)).await
            }
            (sent, _) => sent,
        };
        match sent {
            Ok((answer, _)) => answer,
            Err(error) => patch::not_sent(&error, self.caller.outbound.now()).map(|()| None),
        }
    }

    /// What is known of the effect, and the field a refusal names.
    ///
    /// # Errors
    /// Only with what failed before anything was written.
    async fn send(
        &self,
        agreement: AgreementId,
        addition: Option<AdditionId>,
        body: Vec<u8>,
    ) -> Result<(WriteAnswer, Option<String>), VendorError> {
        let (parent, id) = (agreement.to_string(), addition.map(|addition| addition.to_string()));
        let mut path = vec!["finance", "agreements", &parent, "additions"];
        path.extend(id.as_deref());
        let method = if id.is_some() { Method::PATCH } else { Method::POST };
        let sent = self.caller.write(&Written { label: "write addition", method, path: &path, body }).await?;
        let now = self.caller.outbound.now();
        let what = id.map_or_else(|| format!("agreement {agreement}"), |id| format!("addition {id} of agreement {agreement}"));
        Ok(match sent {
            Ok(answer) => {
                let refusal = self.caller.refusal(&answer, &what);
                let made = || wire::read::<Made>(self.caller.value(&answer, &what).ok()?, &what).ok().map(|made| AdditionId(made.id));
                let meaning = patch::answered(answer.status, answer.retry_after(now), &refusal, advice(&refusal));
                (meaning.map(|()| addition.or_else(made)), refusal.field().map(str::to_owned))
            }
            Err(error) => (patch::unanswered(&error, now).map(|()| None), None),
        })
    }

    /// What the keys' member may do, module by module. ConnectWise PSA: /system/mySecurity.
    ///
    /// # Errors
    /// Any [`VendorError`].
    pub async fn security(&self) -> Result<Vec<Permission>, VendorError> {
        let (mut permissions, mut page) = (Vec::new(), 1_u32);
        loop {
            let query = [("page", page.to_string()), ("pageSize", PAGE_SIZE.to_string())];
            let path = ["system", "mySecurity"];
            let read = Read { label: "permissions", path: &path, query: &query, paging: Paging::Numbered };
            let answer = self.caller.get(&read).await?;
            let rows: Vec<SecurityRow> = wire::read(self.caller.read_value(&answer, "System > My Security").await?, "mySecurity")?;
            let more = goes_on(&answer, rows.len(), PAGE_SIZE);
            permissions.extend(rows.into_iter().map(SecurityRow::permission));
            if !more {
                return Ok(permissions);
            }
            page += 1;
        }
    }

    /// A list read forward by id.
    async fn forward<R: Row>(
        &self,
        path: [&str; 2],
        conditions: Option<Condition>,
        fields: &str,
        after: Option<i64>,
    ) -> Result<Batch<R::Parsed>, VendorError> {
        let mut query = vec![("pageSize", PAGE_SIZE.to_string()), ("fields", fields.to_owned())];
        query.extend(conditions.map(|conditions| ("conditions", conditions.to_string())));
        query.extend(after.map(|id| ("pageId", id.to_string())));
        let read = Read { label: "list", path: &path, query: &query, paging: Paging::Forward };
        let answer = self.caller.get(&read).await?;
        let what = path.join("/");
        let rows: Vec<Value> = wire::read(self.caller.list(&answer, &what).await?, &what)?;
        let id = |row: &Value| row.get("id").and_then(Value::as_i64);
        let last = rows.iter().filter_map(id).max().filter(|_| goes_on(&answer, rows.len(), PAGE_SIZE));
        if last.is_some_and(|last| after.is_some_and(|after| last <= after)) {
            return Err(VendorError::unexpected(format!("{what}: a page that does not lead on")));
        }
        let (mut items, mut odd, all) = (Vec::with_capacity(rows.len()), Vec::new(), rows.len());
        for row in rows {
            let id = id(&row);
            match wire::read::<R>(row, &what).and_then(R::parsed) {
                Ok(read) => items.extend(read),
                // Where no row can be read it is not the rows that are odd. A last page may have one row.
                Err(error) if odd.len() + 1 == all && (all > 1 || after.is_none()) => return Err(error),
                Err(error) => odd.push(Odd { id, words: error.message() }),
            }
        }
        Ok(Batch { items, odd, next: last })
    }

    /// The agreement's status; none when there is no such agreement. Asked as a list, which keys that are not known cannot
    /// read: a record that is not there and keys that are not known are the same 404.
    async fn agreement_status(&self, agreement: AgreementId) -> Result<Option<AgreementStatus>, VendorError> {
        let only = Condition::number("id", Is::Equal, agreement.0);
        let query = [("conditions", only.to_string()), ("fields", AGREEMENT_FIELDS.to_owned())];
        let path = ["finance", "agreements"];
        let read = Read { label: "read agreement", path: &path, query: &query, paging: Paging::Numbered };
        let answer = self.caller.get(&read).await?;
        let rows: Vec<AgreementRow> = wire::read(self.caller.list(&answer, "Finance > Agreements").await?, "agreements")?;
        Ok(rows.iter().find(|row| row.id() == agreement.0).map(AgreementRow::status))
    }

    /// # Errors
    /// When they do not, or that could not be found out.
    async fn keys_still_work(&self, agreement: AgreementId) -> Result<(), VendorError> {
        self.agreement_status(agreement).await.map(|_| ())
    }
}

/// What is read of the answer to a POST.
#[derive(Deserialize)]
struct Made {
    id: i64,
}

/// The addition among these that carries `marker`, the first that was made where there are several.
pub fn marked(additions: &[Addition], marker: &str, agreement: AgreementStatus) -> Option<Observed> {
    let bears = |addition: &&Addition| addition.serial.as_deref().is_some_and(|serial| serial.eq_ignore_ascii_case(marker));
    let found = additions.iter().filter(bears).min_by_key(|addition| (addition.cancelled.is_some(), addition.id))?;
    let again = additions.iter().filter(bears).filter(|addition| addition.id != found.id && addition.cancelled.is_none());
    let also = again.map(|addition| addition.id).collect();
    let Addition { id, quantity, version, cancelled, .. } = found.clone();
    Some(Observed::Marked { addition: id, quantity, version, ongoing: cancelled.is_none(), agreement, also })
}

/// Whether a list may have more: its page is full, or names a next one. Servers cap pages silently, and a page past the end
/// is empty, so neither sign alone is trusted to say no.
pub(super) fn goes_on(answer: &Answer, rows: usize, size: usize) -> bool {
    let next = answer.header("link").is_some_and(|link| link.contains("rel=\"next\"") || link.contains("rel=next"));
    rows > 0 && (rows >= size || next)
}
