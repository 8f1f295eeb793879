//! One page of an EMA 2 list, and whether the list was read to its end.

use super::TAKE;
use vendor::VendorError;

/// One page of an EMA 2 list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// What the page holds.
    pub items: Vec<T>,
    /// What is the matter with rows that cannot be read. They cost themselves and nothing else.
    pub odd: Vec<String>,
    /// Entries of the page as the vendor counts them. A usage report counts companies, and `items` has a row for each product.
    pub taken: u32,
    /// Entries of the whole list, where the vendor's number is to be trusted. Keep the first page's: a list that ends earlier
    /// was not read to its end.
    pub total: Option<u32>,
}

impl<T> Page<T> {
    /// A page that begins at `skip`.
    ///
    /// # Errors
    /// When the vendor's total contradicts what came: the list changed or broke off, and what was read is not all of it.
    pub(super) fn new(items: Vec<T>, taken: usize, total: Option<u32>, skip: u32) -> Result<Self, VendorError> {
        let taken = u32::try_from(taken).unwrap_or(u32::MAX);
        if let Some(total) = total
            && (total < skip || (taken == 0 && total > skip))
        {
            let what = format!("a list of {total} entries that ends at entry {skip}");
            return Err(VendorError::unexpected(what));
        }
        Ok(Self { items, odd: Vec::new(), taken, total })
    }

    /// Where the next page begins, after this one that began at `skip`; none when this was the last.
    pub fn next(&self, skip: u32) -> Option<u32> {
        let next = skip.saturating_add(self.taken);
        let more = match self.total {
            _ if self.taken == 0 => false,
            Some(total) => next < total,
            None => self.taken >= TAKE,
        };
        more.then_some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_to_its_end() {
        let table = [
            // total, skip, taken, next
            (Some(300), 0, 100, Some(100)),
            (Some(300), 200, 100, None),
            (Some(300), 200, 50, Some(250)),
            (Some(0), 0, 0, None),
            (None, 0, 100, Some(100)),
            (None, 100, 99, None),
            (None, 100, 0, None),
        ];
        for (total, skip, taken, next) in table {
            let page = Page::new(vec![(); taken], taken, total, skip).expect("a page");
            assert_eq!(page.next(skip), next, "{total:?} {skip} {taken}");
        }
    }

    #[test]
    fn a_list_that_breaks_off_is_no_list() {
        for (total, skip) in [(Some(300), 200), (Some(0), 100), (Some(5), 0)] {
            assert!(Page::<()>::new(Vec::new(), 0, total, skip).is_err(), "{total:?} {skip}");
        }
    }
}
