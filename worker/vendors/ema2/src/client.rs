//! The client of ESET MSP Administrator 2.

use std::rc::Rc;

use chrono::NaiveDate;
use domain::connections::ConnectionKind;
use domain::ids::{EsetCompanyId, LicenceId, ProductCode};
use domain::retry::Effect;
use domain::seats::{EntityKind, Licence};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method};
use serde_json::{Value, json};
use url::Url;
use zeroize::Zeroizing;

use super::Page;
use super::loose;
use super::wire::{AvailableProducts, CompanyList, CompanySummary, CurrentUser, ErrorBody, FoundCompany, SearchResult};
use super::wire::{FoundLicence, LicenceDetail, TokenAnswer, UsageReport};
use egress::{Answer, Call, Fingerprint, Outbound, guard};
use vendor::VendorError;
use vendor::json::{self, Secrets};
use vendor::token::{TokenCache, Tokens};

/// Entries of a page; EMA 2 gives no more (EMA 2 API: Paging).
pub const TAKE: u32 = 100;

/// Who is signed in (EMA 2 API: User/Current).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The user's address.
    pub user: String,
    /// The user's company.
    pub company: EsetCompanyId,
    /// The company's name.
    pub name: String,
    /// What kind of company it is.
    pub kind: EntityKind,
}

impl Account {
    /// This account, if it reaches customers' seats.
    ///
    /// # Errors
    /// [`VendorError::AccountRefused`] for a distributor and every other kind that does not.
    pub fn connectable(self) -> Result<Self, VendorError> {
        if self.kind.may_connect() { Ok(self) } else { Err(VendorError::AccountRefused { kind: self.kind }) }
    }
}

/// A company below another (EMA 2 API: Company/Descendants).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Company {
    /// Its id.
    pub id: EsetCompanyId,
    /// Its name.
    pub name: String,
    /// What kind of company it is.
    pub kind: EntityKind,
}

/// What only the search says of a company (EMA 2 API: Search/Companies).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompanyDetails {
    /// Its id.
    pub id: EsetCompanyId,
    /// The company above it.
    pub parent: Option<EsetCompanyId>,
    /// Free text; integrations keep the PSA's id in it.
    pub custom_identifier: Option<String>,
    /// Its name.
    pub name: String,
}

/// One company in a usage report (EMA 2 API: UsageReport/AllCompanies/products).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompanyUsage {
    /// The company.
    pub company: EsetCompanyId,
    /// Its products; none when they could not be read, which is not that it used none.
    pub products: Option<Vec<ProductUsage>>,
}

/// One product of one company in a usage report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductUsage {
    /// The product.
    pub product: ProductCode,
    /// Ordered units, summed over the days of the report.
    pub seat_days: u64,
    /// Ordered units on the last day, 0 while suspended; none when the report does not tell.
    pub seats: Option<u32>,
    /// Trials are reported too, and never billed.
    pub trial: bool,
}

/// A client of EMA 2 with one set of credentials. It has no `Debug`.
pub struct Ema2 {
    outbound: Outbound,
    base: Url,
    username: String,
    password: Zeroizing<String>,
    credential: Fingerprint,
    tokens: Rc<TokenCache>,
}

impl Ema2 {
    /// A client for the API at `address` (`https://mspapi.eset.com/api`). Nothing is called yet.
    ///
    /// # Errors
    /// When the address may not be called.
    pub fn new(outbound: Outbound, address: &str, username: &str, password: &str, tokens: Rc<TokenCache>) -> Result<Self, VendorError> {
        let base = guard::parse(address, outbound.environment())?;
        let credential = Fingerprint::of(&["ema2", username, password]);
        let password = Zeroizing::new(password.to_owned());
        Ok(Self { outbound, base, username: username.to_owned(), password, credential, tokens })
    }

    /// Who is signed in. EMA 2 API: User/Current.
    ///
    /// # Errors
    /// Any [`VendorError`]; an account that reaches no seats is still answered, see [`Account::connectable`].
    pub async fn account(&self) -> Result<Account, VendorError> {
        let value = self.get("User/Current").await?;
        loose::read::<CurrentUser>(value, "User/Current")?.account()
    }

    /// A page of all companies below `root`, every level. EMA 2 API: Company/Descendants.
    ///
    /// # Errors
    /// Any [`VendorError`].
    pub async fn descendants(&self, root: &EsetCompanyId, skip: u32) -> Result<Page<Company>, VendorError> {
        let body = json!({ "companyId": root, "entityType": "Any", "skip": skip, "take": TAKE });
        let list: CompanyList = loose::read(self.ask("Company/Descendants", &body).await?, "Company/Descendants")?;
        let (taken, total) = (list.companies.len(), list.paging.total());
        Page::new(list.companies.into_iter().map(CompanySummary::company).collect(), taken, total, skip)
    }

    /// A page of all companies with their parents and custom identifiers. EMA 2 API: Search/Companies without keywords.
    ///
    /// # Errors
    /// Any [`VendorError`].
    pub async fn companies(&self, skip: u32) -> Result<Page<CompanyDetails>, VendorError> {
        let body = json!({ "search": {}, "skip": skip, "take": TAKE });
        let found: SearchResult<Value> = loose::read(self.ask("Search/Companies", &body).await?, "Search/Companies")?;
        let (taken, total) = (found.search.len(), found.total());
        let (mut companies, mut odd) = (Vec::with_capacity(taken), Vec::new());
        for (place, row) in found.search.into_iter().enumerate() {
            let called = row.get("name").and_then(Value::as_str).map_or_else(|| format!("entry {}", skip as usize + place), str::to_owned);
            match loose::read::<FoundCompany>(row, "Search/Companies") {
                Ok(company) => companies.push(company.details()),
                // Where no row can be read it is not the rows that are odd. A last page may have one row.
                Err(error) if odd.len() + 1 == taken && (taken > 1 || skip == 0) => return Err(error),
                Err(error) => odd.push(format!("The company {called}: {}", error.message())),
            }
        }
        Ok(Page { odd, ..Page::new(companies, taken, total, skip)? })
    }

    /// A page of the public IDs of all licences the account reaches; counts are in [`Ema2::licence`]. EMA 2 API:
    /// Search/Licenses without a customer.
    ///
    /// # Errors
    /// Any [`VendorError`].
    pub async fn licences(&self, skip: u32) -> Result<Page<LicenceId>, VendorError> {
        let body = json!({ "keyword": "", "skip": skip, "take": TAKE });
        let found: SearchResult<FoundLicence> = loose::read(self.ask("Search/Licenses", &body).await?, "Search/Licenses")?;
        let (taken, total) = (found.search.len(), found.total());
        Page::new(found.search.into_iter().map(FoundLicence::id).collect(), taken, total, skip)
    }

    /// A licence and the company it belongs to. EMA 2 API: License/Detail.
    ///
    /// # Errors
    /// Any [`VendorError`]; [`VendorError::Unexpected`] when a count is missing, which is not zero.
    pub async fn licence(&self, id: &LicenceId) -> Result<(EsetCompanyId, Licence), VendorError> {
        let value = self.ask("License/Detail", &json!({ "publicLicenseKey": id })).await?;
        loose::read::<LicenceDetail>(value, "License/Detail")?.licence()
    }

    /// A page of seat-days from the first day to the last, both included. EMA 2 API: UsageReport/AllCompanies/products.
    ///
    /// Its `totalCount` is called "API data segments" by the vendor and a number of pages by a client, so it is not handed on:
    /// go on until [`Page::next`] says none.
    ///
    /// # Errors
    /// Any [`VendorError`].
    pub async fn usage(&self, from: NaiveDate, to: NaiveDate, skip: u32) -> Result<Page<CompanyUsage>, VendorError> {
        let body = json!({ "from": from.to_string(), "to": to.to_string(), "skip": skip, "take": TAKE });
        let report: UsageReport = loose::read(self.ask("UsageReport/AllCompanies/products", &body).await?, "UsageReport")?;
        let (items, odd) = report.companies()?;
        let taken = items.len();
        Ok(Page { odd, ..Page::new(items, taken, None, skip)? })
    }

    /// ESET's product codes and names. EMA 2 API: Enum/AvailableProducts.
    ///
    /// # Errors
    /// Any [`VendorError`].
    pub async fn products(&self) -> Result<Vec<(ProductCode, String)>, VendorError> {
        let value = self.get("Enum/AvailableProducts").await?;
        Ok(loose::read::<AvailableProducts>(value, "Enum/AvailableProducts")?.named())
    }

    async fn get(&self, path: &'static str) -> Result<Value, VendorError> {
        self.signed_in(Method::GET, path, &Value::Null).await
    }

    async fn ask(&self, path: &'static str, body: &Value) -> Result<Value, VendorError> {
        self.signed_in(Method::POST, path, body).await
    }

    /// Calls with a token. When the vendor no longer takes it, signs in once more and repeats the call once. Whether a 401 that stays is
    /// about the credentials, a login says.
    async fn signed_in(&self, method: Method, path: &'static str, body: &Value) -> Result<Value, VendorError> {
        let mut access = self.access(None).await?;
        let mut answer = self.send(method.clone(), path, body, Some(&access)).await?;
        if answer.status == 401 {
            access = self.access(Some(&access)).await?;
            answer = self.send(method, path, body, Some(&access)).await?;
        }
        let value = self.value(&answer, path, &[access]);
        if let Err(VendorError::BadCredentials { status, message }) = value {
            let _turn = self.tokens.turn().await;
            let tokens = self.sign_in().await?;
            self.tokens.keep(&tokens);
            return Err(VendorError::Refused { status, code: None, message, field: None });
        }
        value
    }

    /// A token to call with: the one there is, a renewed one, or a new one. Never `stale`, which was refused.
    async fn access(&self, stale: Option<&str>) -> Result<Zeroizing<String>, VendorError> {
        let _turn = self.tokens.turn().await;
        let known = self.tokens.tokens().filter(|tokens| stale != Some(tokens.access.as_str()));
        let tokens = match known {
            Some(tokens) if !tokens.is_due(self.outbound.now()) => return Ok(tokens.access),
            Some(tokens) => match self.renew(&tokens).await? {
                Some(renewed) => renewed,
                None => self.sign_in().await?,
            },
            None => self.sign_in().await?,
        };
        self.tokens.keep(&tokens);
        Ok(tokens.access)
    }

    /// EMA 2 API: Token/Renew. None when the vendor wants a login instead.
    async fn renew(&self, tokens: &Tokens) -> Result<Option<Tokens>, VendorError> {
        let Some(refresh) = &tokens.refresh else { return Ok(None) };
        let body = json!({ "refreshToken": refresh.as_str() });
        let answer = self.send(Method::POST, "Token/Renew", &body, Some(&tokens.access)).await?;
        if (400..500).contains(&answer.status) && answer.status != 429 {
            return Ok(None);
        }
        let value = self.value(&answer, "Token/Renew", &[tokens.access.clone(), refresh.clone()])?;
        Ok(Some(loose::read::<TokenAnswer>(value, "Token/Renew")?.tokens(self.outbound.now())))
    }

    /// EMA 2 API: Token/Get.
    async fn sign_in(&self) -> Result<Tokens, VendorError> {
        self.tokens.forget();
        let body = json!({ "username": self.username, "password": self.password.as_str() });
        let answer = self.send(Method::POST, "Token/Get", &body, None).await?;
        match self.value(&answer, "Token/Get", &[]) {
            Ok(value) => Ok(loose::read::<TokenAnswer>(value, "Token/Get")?.tokens(self.outbound.now())),
            Err(VendorError::Refused { status: status @ 400, message, .. } | VendorError::BadCredentials { status, message }) => {
                self.outbound.report_refused_credentials(&self.base, &self.credential);
                Err(VendorError::BadCredentials { status, message })
            }
            Err(VendorError::NoPermission { message, .. }) => {
                self.outbound.report_refused_credentials(&self.base, &self.credential);
                Err(VendorError::BadCredentials { status: 403, message })
            }
            Err(other) => Err(other),
        }
    }

    async fn send(&self, method: Method, path: &'static str, body: &Value, access: Option<&str>) -> Result<Answer, VendorError> {
        let mut url = self.base.clone();
        url.set_query(None);
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path.split('/'));
        }
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(access) = access {
            let mut value = HeaderValue::from_str(&format!("Bearer {access}")).map_err(|_| VendorError::unexpected("accessToken"))?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let mut bytes = Vec::new();
        if method == Method::POST {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            bytes = body.to_string().into_bytes();
        }
        let (vendor, effect, credential) = (ConnectionKind::Ema2, Effect::Reads, self.credential.clone());
        Ok(self.outbound.send(Call { vendor, effect, method, url, headers, body: bytes, credential, label: path }).await?)
    }

    /// The JSON of a success, or the refusal in the vendor's words.
    fn value(&self, answer: &Answer, path: &str, tokens: &[Zeroizing<String>]) -> Result<Value, VendorError> {
        let secrets = Secrets::new([self.password.clone()].into_iter().chain(tokens.iter().cloned()));
        if answer.is_success() {
            return json::parse(answer, &secrets);
        }
        let value = json::parse(answer, &secrets).ok();
        let body = value.and_then(|value| loose::read::<ErrorBody>(value, path).ok());
        let (status, what) = (answer.status, path.to_owned());
        let message = body.as_ref().map(|body| secrets.mask(&body.message())).unwrap_or_default();
        let code = body.as_ref().and_then(ErrorBody::code);
        Err(match (status, &body) {
            (401, _) => VendorError::BadCredentials { status, message },
            // "Page not found" is a 403 here (EMA 2 API: how_api_works, code 99 subCode 1).
            (403, _) if code.as_deref() == Some("99.1") => VendorError::NotFound { what },
            (403, _) => VendorError::NoPermission { what, message },
            (404, _) => VendorError::NotFound { what },
            (429, _) | (_, Some(_)) => {
                let field = body.as_ref().and_then(ErrorBody::field);
                VendorError::Refused { status, code, message, field }
            }
            _ => json::not_json(answer, &secrets),
        })
    }
}
