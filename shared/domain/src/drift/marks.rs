//! What drift looks at of each line. All lines are looked at together, and a month may have thirty thousand: what is kept of
//! one is small.

use std::collections::BTreeMap;

use crate::billing::{Guard, Line, LineKey};
use crate::ids::{AdditionId, AgreementId, CatalogId, ConnectionId, LineId};

/// What a plan's lines say to drift, by agreement.
#[derive(Debug, Default)]
pub struct LineMarks(BTreeMap<ConnectionId, BTreeMap<AgreementId, Vec<LineMark>>>);

/// One line that an agreement bills.
#[derive(Debug)]
pub(super) struct LineMark {
    pub(super) id: LineId,
    pub(super) product: CatalogId,
    pub(super) product_name: String,
    pub(super) addition: Option<AdditionId>,
    /// Company, agreement and product, in words.
    pub(super) subject: String,
    /// Whether it still says that something is missing: its change waits, or its count is not known.
    pub(super) missed: bool,
    /// Its guards that are about its additions.
    pub(super) guards: Vec<Guard>,
}

impl LineMarks {
    /// Notes a line.
    pub fn note(&mut self, line: &Line) {
        let LineKey::Billed { psa, agreement, product } = &line.key else { return };
        let about = |guard: &&Guard| matches!(guard, Guard::MoreThanOneOngoingAddition { .. } | Guard::EditedByHand { .. });
        let name = line.agreement.as_ref().map_or("", |agreement| &agreement.name);
        let mark = LineMark {
            id: line.id.clone(),
            product: *product,
            product_name: line.product.name.clone(),
            addition: line.addition,
            subject: format!("{} · {name} · {}", line.company, line.product.name),
            missed: line.changes() || line.target.is_none(),
            guards: line.guards.iter().filter(about).cloned().collect(),
        };
        self.0.entry(psa.clone()).or_default().entry(*agreement).or_default().push(mark);
    }

    /// Lines of an agreement.
    pub(super) fn of(&self, psa: &ConnectionId, agreement: AgreementId) -> &[LineMark] {
        self.0.get(psa).and_then(|agreements| agreements.get(&agreement)).map_or(&[], Vec::as_slice)
    }

    /// Every line, with the agreement it is on.
    pub(super) fn all(&self) -> impl Iterator<Item = (&ConnectionId, AgreementId, &LineMark)> {
        let tenants = self.0.iter();
        tenants.flat_map(|(psa, agreements)| agreements.iter().flat_map(move |(id, lines)| lines.iter().map(move |line| (psa, *id, line))))
    }
}

impl<'l> FromIterator<&'l Line> for LineMarks {
    fn from_iter<I: IntoIterator<Item = &'l Line>>(lines: I) -> Self {
        let mut marks = Self::default();
        lines.into_iter().for_each(|line| marks.note(line));
        marks
    }
}
