//! Lines picked for approval, and what approving them comes to.

use std::collections::{BTreeMap, BTreeSet};

use contract::month::{ApproveLine, CurrencyAmount, LineState, LineView};
use domain::billing::Approval;
use domain::ids::{AgreementId, ConnectionId, LineId, PreviewId};
use domain::money::{Money, Quantity};

/// The lines a person has picked, each as it was when they picked it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Selection(BTreeMap<LineId, Picked>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Picked {
    preview: PreviewId,
    agreement: Option<(ConnectionId, AgreementId)>,
    change: Quantity,
    amount: Option<Money>,
    currency: Option<String>,
}

/// What approving comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Proposal {
    /// Lines.
    pub(crate) lines: u64,
    /// Agreements they are on.
    pub(crate) agreements: u64,
    /// Seats they add or take.
    pub(crate) change: Quantity,
    /// What that comes to a month, by currency.
    pub(crate) amounts: Vec<CurrencyAmount>,
}

/// Whether a line can be approved together with others: it waits for a person, and no guard asks for a closer look.
pub(crate) fn is_selectable(view: &LineView) -> bool {
    view.considered().approval() == Approval::Free
}

impl Selection {
    /// Picks a line, or puts it back. A line that cannot be approved with others is left alone.
    pub(crate) fn toggle(&mut self, view: &LineView) {
        if self.0.remove(&view.line.id).is_none() {
            self.pick(view);
        }
    }

    /// Picks a line.
    pub(crate) fn pick(&mut self, view: &LineView) {
        if is_selectable(view) {
            self.0.insert(view.line.id.clone(), Picked::of(view));
        }
    }

    /// Puts every line back.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Whether a line is picked.
    pub(crate) fn holds(&self, line: &LineId) -> bool {
        self.0.contains_key(line)
    }

    /// How many lines are picked.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether none is picked.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every picked line.
    pub(crate) fn lines(&self) -> Vec<LineId> {
        self.0.keys().cloned().collect()
    }

    /// Puts back what is not what was picked any more: a line that moved on, or whose proposal changed. Answers how many
    /// proposals changed, which the person who picked them should hear of.
    pub(crate) fn keep_current<'a>(&mut self, views: impl Iterator<Item = &'a LineView>) -> usize {
        let mut changed = 0;
        for view in views {
            let Some(picked) = self.0.get(&view.line.id) else { continue };
            let moved_on = !is_selectable(view);
            if moved_on || picked.preview != view.line.preview {
                changed += usize::from(!moved_on || view.state == LineState::Held);
                self.0.remove(&view.line.id);
            }
        }
        changed
    }

    /// What approving comes to.
    pub(crate) fn proposal(&self) -> Proposal {
        let mut amounts: BTreeMap<Option<String>, Money> = BTreeMap::new();
        for picked in self.0.values() {
            if let Some(amount) = picked.amount {
                let sum = amounts.entry(picked.currency.clone()).or_default();
                *sum = *sum + amount;
            }
        }
        let agreements: BTreeSet<_> = self.0.values().filter_map(|picked| picked.agreement.as_ref()).collect();
        Proposal {
            lines: self.0.len() as u64,
            agreements: agreements.len() as u64,
            change: self.0.values().map(|picked| picked.change).sum(),
            amounts: amounts.into_iter().map(|(currency, amount)| CurrencyAmount { currency, amount }).collect(),
        }
    }

    /// All of it to be approved, each line as it was when it was picked.
    pub(crate) fn to_approve(&self) -> Vec<ApproveLine> {
        self.0.iter().map(|(id, picked)| ApproveLine { id: id.clone(), preview: picked.preview.clone(), seen: Vec::new() }).collect()
    }
}

impl Picked {
    fn of(view: &LineView) -> Self {
        Self {
            preview: view.line.preview.clone(),
            agreement: view.line.agreement.as_ref().map(|agreement| (agreement.psa.clone(), agreement.id)),
            change: view.change.unwrap_or_default(),
            amount: view.amount,
            currency: view.line.currency.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::billing::lines::tests::view;

    #[test]
    fn a_selection_says_what_it_comes_to() {
        let mut selection = Selection::default();
        for (id, agreement, change) in [("a", 1, 5), ("b", 1, 3), ("c", 2, 2)] {
            selection.pick(&view(id, agreement, change));
        }
        let proposal = selection.proposal();
        assert_eq!((proposal.lines, proposal.agreements, proposal.change), (3, 2, Quantity::from(10)));
        assert_eq!(
            proposal.amounts,
            [CurrencyAmount { currency: Some("EUR".to_owned()), amount: Money::from_vendor(20.0).expect("money") }]
        );
    }

    #[test]
    fn a_held_line_cannot_be_picked_with_others() {
        let mut held = view("a", 1, 5);
        held.state = LineState::Held;
        let mut selection = Selection::default();
        selection.toggle(&held);
        assert!(selection.is_empty());
    }

    #[test]
    fn picking_twice_puts_back() {
        let mut selection = Selection::default();
        selection.toggle(&view("a", 1, 5));
        assert!(selection.holds(&"a".into()));
        selection.toggle(&view("a", 1, 5));
        assert!(selection.is_empty());
    }

    #[test]
    fn a_proposal_that_changed_is_put_back_and_told() {
        let mut selection = Selection::default();
        let (a, b, c) = (view("a", 1, 5), view("b", 1, 5), view("c", 1, 5));
        for line in [&a, &b, &c] {
            selection.pick(line);
        }
        let mut changed = b.clone();
        changed.line.preview = "other".into();
        let mut done = c;
        done.state = LineState::Done;
        assert_eq!(selection.keep_current([&a, &changed, &done].into_iter()), 1);
        assert_eq!(selection.lines(), ["a".into()]);
    }

    #[test]
    fn what_is_approved_are_the_previews_that_were_picked() {
        let mut selection = Selection::default();
        for number in 0..3 {
            selection.pick(&view(&format!("line-{number:04}"), number, 1));
        }
        let previews: Vec<String> = selection.to_approve().into_iter().map(|line| line.preview.as_str().to_owned()).collect();
        assert_eq!(previews, ["preview of line-0000", "preview of line-0001", "preview of line-0002"]);
    }
}
