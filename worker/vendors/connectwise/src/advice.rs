//! ConnectWise's refusals of a write that are known, said plainly: what it means, and what to do.

use vendor::VendorError;

/// What a refusal means and what to do about it, where that is known.
pub(super) fn advice(refusal: &VendorError) -> Option<&'static str> {
    if matches!(refusal, VendorError::NoPermission { .. }) {
        return Some(
            "Nothing was written, and nothing is billed differently. In ConnectWise, give the API member's security role \
             Finance > Agreements Add, Edit and Inquire at level All; then try again.",
        );
    }
    let VendorError::Refused { message, .. } = refusal else { return None };
    // ConnectWise has no codes for these: its sentences are all there is to know them by.
    let message = message.to_ascii_lowercase();
    let known = |words: &str| message.contains(words);
    if known("less than the agreement billing start date") {
        return Some(
            "The agreement does not bill yet on that day, so nothing was written and the units are on no invoice. Choose a later \
             effective date, or correct the agreement's Billing Start Date in ConnectWise; then approve the line again.",
        );
    }
    if known("already been invoiced") {
        return Some(
            "That day is in a period that was invoiced and the agreement does not prorate, so nothing was written and the units \
             are on no invoice. Let the change begin on or after the next invoice date, or turn on Prorate Agreement in \
             ConnectWise; then approve the line again.",
        );
    }
    None
}

/// What a refusal on the service desk means and what to do about it, where that is known.
pub(super) fn desk_advice(refusal: &VendorError) -> Option<&'static str> {
    if matches!(refusal, VendorError::NoPermission { .. }) {
        return Some(
            "Nothing was written. In ConnectWise, give the API member's security role Service Desk > Service Tickets and Close \
             Service Tickets, and Companies > Configurations where devices are linked, Add, Edit and Inquire at level All; then \
             try again.",
        );
    }
    let field = refusal.field()?.trim_start_matches('/').split('/').next()?;
    match field {
        "board" | "status" | "type" | "subType" | "item" | "team" | "priority" | "source" => {
            Some("Nothing was written. The service desk does not offer this choice any more: read its boards again and choose anew.")
        }
        "company" | "contact" => {
            Some("Nothing was written. The company or contact is gone in ConnectWise, or the contact is another company's: choose anew.")
        }
        _ => None,
    }
}
