//! What makes an item of each list the same item when it is read again.

use contract::Page;
use contract::access_groups::AccessGroupView;
use contract::companies::CompanyView;
use contract::connections::ConnectionView;
use contract::drift::DriftView;
use contract::groups::MemberView;
use contract::history::{AuditRow, IntentView};
use contract::month::{LineView, Month, MonthSummary};
use contract::months::{MonthDetail, MonthItem};
use contract::passes::PassView;
use contract::people::PersonView;
use contract::products::ProductView;
use contract::psa::{CatalogView, PsaCompanyView};
use contract::reconciliation::Reconciliation;
use contract::session::{PasskeyView, SessionView};
use contract::tickets::{MuteView, TicketLogRow, TicketRuleView, TicketView};
use contract::tokens::TokenView;
use domain::billing::{Reconciled, StatementLine, Totals};

use super::paged::{Keyed, ListAnswer, Part};

macro_rules! keyed {
    ($($item:ty: |$it:ident| $key:expr),+ $(,)?) => {$(
        impl Keyed for $item {
            fn key(&self) -> String {
                let $it = self;
                $key
            }
        }
    )+};
}

keyed! {
    LineView: |view| view.line.id.0.clone(),
    CompanyView: |view| format!("{}/{}", view.connection, view.company),
    ProductView: |view| format!("{}/{}", view.psa.as_ref().map_or("", |psa| psa.as_str()), view.code),
    ConnectionView: |view| view.id.0.clone(),
    TokenView: |view| view.id.clone(),
    PersonView: |view| view.id.clone(),
    AccessGroupView: |view| view.id.0.clone(),
    PasskeyView: |view| view.id.clone(),
    SessionView: |view| view.id.clone(),
    AuditRow: |row| row.number.to_string(),
    IntentView: |view| view.intent.id.0.clone(),
    PassView: |pass| pass.id.0.clone(),
    PsaCompanyView: |view| format!("{}/{}", view.psa, view.company),
    DriftView: |view| view.drift.id.0.clone(),
    MonthItem: |month| month.period.to_string(),
    StatementLine: |line| line.numbers.line.0.clone(),
    Reconciled: |row| row.line.0.clone(),
    TicketView: |view| format!("{}/{}", view.rule, view.subject),
    TicketLogRow: |row| row.number.to_string(),
    TicketRuleView: |view| view.rule.id.0.clone(),
    MuteView: |view| view.id.clone(),
    MemberView: |view| view.device.0.clone(),
    CatalogView: |view| format!("{}/{}", view.psa, view.product),
}

impl<T: Keyed + serde::de::DeserializeOwned> ListAnswer for Page<T> {
    type Item = T;
    type Head = ();

    fn part(self) -> Part<T, ()> {
        Part { head: (), items: self.items, total: self.total, next: self.next }
    }
}

/// A list that is never long is answered whole.
impl<T: Keyed + serde::de::DeserializeOwned> ListAnswer for Vec<T> {
    type Item = T;
    type Head = ();

    fn part(self) -> Part<T, ()> {
        Part { head: (), total: u32::try_from(self.len()).unwrap_or(u32::MAX), items: self, next: None }
    }
}

impl ListAnswer for Month {
    type Item = LineView;
    type Head = MonthSummary;

    fn part(self) -> Part<LineView, MonthSummary> {
        Part { head: self.summary, items: self.items, total: self.total, next: self.next }
    }
}

/// A month without its lines stands above them.
impl ListAnswer for MonthDetail {
    type Item = StatementLine;
    type Head = Self;

    fn part(mut self) -> Part<StatementLine, Self> {
        let (items, total, next) = (std::mem::take(&mut self.items), self.total, self.next.take());
        Part { head: self, items, total, next }
    }
}

impl ListAnswer for Reconciliation {
    type Item = Reconciled;
    type Head = Totals;

    fn part(self) -> Part<Reconciled, Totals> {
        Part { head: self.totals, items: self.items, total: self.total, next: self.next }
    }
}
