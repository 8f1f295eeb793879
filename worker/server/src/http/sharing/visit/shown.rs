//! What a share link shows, taken from what is known. Nothing is in it that is not the company's own.

use std::collections::BTreeSet;
use std::rc::Rc;

use contract::share::{SharedGroup, SharedLicence, SharedLine, SharedMonth, SharedProduct};
use domain::billing::{CompanyCount, Line, LineKey, Member, Period, StatementLine};
use domain::groups::Groups;
use domain::ids::{LicenceId, LineId};
use domain::money::Quantity;
use domain::seats::{CompanySeats, Licence, ProductSeats, Snapshot};

use crate::owners::Owners;
use store::ledger::OpenLink;

/// The company of a link: its seats and the lines it is on.
pub(super) struct Shown<'a> {
    link: &'a OpenLink,
    seats: Option<&'a CompanySeats>,
    own: BTreeSet<&'a LicenceId>,
    /// With whether each is of this company alone.
    lines: Vec<(Line, bool)>,
    /// Lines of its agreements that have nothing of this company on them.
    without: BTreeSet<LineId>,
}

impl<'a> Shown<'a> {
    pub(super) fn new(seats: Option<&'a CompanySeats>, lines: Vec<Line>, link: &'a OpenLink) -> Self {
        let own: BTreeSet<&LicenceId> = seats.into_iter().flat_map(|seats| &seats.licences).map(|licence| &licence.id).collect();
        let mut shown = Self { link, seats, own, lines: Vec::new(), without: BTreeSet::new() };
        for line in lines.into_iter().filter(|line| matches!(line.key, LineKey::Billed { .. })) {
            let alone = shown.alone(&line);
            let has_own = shown.counts(&line).next().is_some() || shown.licences_on(&line);
            if alone || has_own {
                shown.lines.push((line, alone));
            } else {
                shown.without.insert(line.id);
            }
        }
        shown
    }

    /// Whether nothing on the line is of another company. What cannot be told is taken for another's.
    fn alone(&self, line: &Line) -> bool {
        let others = line.members.iter().any(|member| member.connection != self.link.connection || member.company != self.link.company);
        let licences = line.evidence.licences.iter().all(|item| self.own.contains(&item.licence));
        let counts = line.counts.iter().all(|count| count.company == self.link.company);
        !others || (licences && counts && line.evidence.groups.is_empty() && !line.evidence.licences.is_empty())
    }

    fn licences_on(&self, line: &Line) -> bool {
        line.evidence.licences.iter().any(|item| self.own.contains(&item.licence))
    }

    fn counts<'l>(&'l self, line: &'l Line) -> impl Iterator<Item = &'l CompanyCount> {
        line.counts.iter().filter(|count| count.company == self.link.company)
    }

    /// The company's products now.
    pub(super) fn products(&self) -> Vec<SharedProduct> {
        let Some(seats) = self.seats else { return Vec::new() };
        let products = seats.products().into_values().filter(has_any).map(|product| SharedProduct {
            product: product.name.to_owned(),
            ordered: seats.complete.then(|| product.ordered()),
            in_use: seats.complete.then(|| product.activated()),
            billed: self.billed(&product),
        });
        let mut products: Vec<SharedProduct> = products.collect();
        products.sort_by(|a, b| a.product.cmp(&b.product));
        products
    }

    /// What bills a product, when that bills nothing else.
    fn billed(&self, product: &ProductSeats<'_>) -> Option<Quantity> {
        let of = |id: &LicenceId| product.licences.iter().any(|licence| licence.id == *id);
        let mut sum = None;
        for (line, alone) in self.lines.iter().filter(|(line, _)| line.evidence.licences.iter().any(|item| of(&item.licence))) {
            let only = line.evidence.licences.iter().all(|item| of(&item.licence) && item.part.is_none());
            if !alone || !only {
                return None;
            }
            sum = Some(sum.unwrap_or(Quantity::ZERO) + invoiced(line)?);
        }
        sum
    }

    /// The company's licences.
    pub(super) fn licences(&self) -> Vec<SharedLicence> {
        let licences = self.seats.into_iter().flat_map(|seats| &seats.licences);
        licences.map(licence).collect()
    }

    /// The running month.
    pub(super) fn lines(&self) -> Vec<SharedLine> {
        self.lines.iter().map(|(line, alone)| self.line(line, *alone)).collect()
    }

    fn line(&self, line: &Line, alone: bool) -> SharedLine {
        // The sum of a company that is split names its groups.
        let tells = self.link.devices || line.evidence.groups.is_empty();
        let how: Vec<&str> = self.counts(line).filter(|_| tells).map(|count| count.sentence.as_str()).collect();
        let mut counted = None;
        for count in self.counts(line) {
            counted = Some(counted.unwrap_or(Quantity::ZERO) + count.quantity);
        }
        SharedLine {
            product: line.product.name.clone(),
            billed: if alone { invoiced(line) } else { None },
            counted,
            how: (!how.is_empty()).then(|| how.join("; ")),
            together: !alone,
        }
    }

    /// A line of a closed month as the company sees it; none when it is not the company's. Whose a line was is what the statement says
    /// of it, and not who is on it now.
    pub(super) fn closed(&self, stated: &StatementLine) -> Option<SharedLine> {
        stated.numbers.agreement.as_ref()?;
        self.alone_in(stated).map(|alone| stated_line(stated, alone))
    }

    /// Whether a line of a closed month was of this company alone; none when it is not shown.
    fn alone_in(&self, stated: &StatementLine) -> Option<bool> {
        let numbers = &stated.numbers;
        let mut now = self.lines.iter().map(|(line, _)| line);
        let is_of = |member: &Member| member.connection == self.link.connection && member.company == self.link.company;
        match stated.members.as_slice() {
            // From before it was kept: a line that the company is on may have been another's.
            [] => now.any(|line| line.id == numbers.line && line.company == numbers.company).then_some(false),
            [only] => is_of(only).then_some(true),
            several => (several.iter().any(is_of) && !self.without.contains(&numbers.line)).then_some(false),
        }
    }
}

fn stated_line(stated: &StatementLine, alone: bool) -> SharedLine {
    let numbers = &stated.numbers;
    let how = numbers.ordered.zip(numbers.activated).map(|(ordered, in_use)| format!("{ordered} ordered, {in_use} in use"));
    SharedLine {
        product: numbers.product.clone(),
        billed: numbers.billed.filter(|_| alone),
        counted: stated.target.filter(|_| alone),
        how: how.filter(|_| alone),
        together: !alone,
    }
}

/// What the customer is invoiced: the quantity less what the agreement includes.
fn invoiced(line: &Line) -> Option<Quantity> {
    Some(line.invoiced.unwrap_or(line.billed?.billed_after(line.included)))
}

fn has_any(product: &ProductSeats<'_>) -> bool {
    product.ordered() > 0 || product.activated() > 0
}

fn licence(licence: &Licence) -> SharedLicence {
    SharedLicence {
        licence: licence.id.clone(),
        product: licence.product_name.clone(),
        ordered: licence.ordered,
        in_use: licence.activated,
        not_counted: licence.not_counted(),
    }
}

/// What the company of a link had when a snapshot was taken.
pub(super) fn trend_of(snapshot: &Snapshot, link: &OpenLink) -> Vec<SharedMonth> {
    let Some(seats) = snapshot.companies.get(&link.company) else { return Vec::new() };
    let month = Period::of(snapshot.taken_at);
    let rows = seats.products().into_values().filter(has_any).map(|product| SharedMonth {
        month,
        product: product.name.to_owned(),
        ordered: seats.complete.then(|| product.ordered()),
        in_use: seats.complete.then(|| product.activated()),
    });
    let mut rows: Vec<SharedMonth> = rows.collect();
    rows.sort_by(|a, b| a.product.cmp(&b.product));
    rows
}

/// What the devices of the company's groups use. A group that may be of another company is left out.
pub(super) fn groups_of(read: &[Rc<Groups>], owners: &Owners, link: &OpenLink) -> Vec<SharedGroup> {
    let mut shown = Vec::new();
    for groups in read {
        let theirs = owners.of(groups);
        for (id, group) in groups.groups.iter().filter(|(_, group)| !group.in_use.is_empty()) {
            let owner = groups.company_of(id).and_then(|company| theirs.get(company));
            if owner.is_some_and(|owner| owner.connection == link.connection && owner.company == link.company) {
                shown.extend(group.in_use.iter().map(|in_use| SharedGroup {
                    group: group.name.clone(),
                    product: in_use.name.clone(),
                    devices: in_use.devices,
                }));
            }
        }
    }
    shown.sort_by(|a, b| (&a.group, &a.product).cmp(&(&b.group, &b.product)));
    shown
}
