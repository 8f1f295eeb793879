//! What is written to additions: absolute quantities and dates, so that writing twice is writing once, and new additions that
//! carry the mark they are found by.

use chrono::TimeDelta;
use domain::Timestamp;
use domain::mapping::BillCustomer;
use engine::{Answer, Write};
use serde_json::{Value, json};

use egress::EgressError;
use vendor::VendorError;

/// How long to wait when ConnectWise asks for fewer calls without saying how long, or cannot be reached before the write.
const WAIT: TimeDelta = TimeDelta::seconds(30);

/// The body of a write, with or without the description. Paths have no slash before them, as the Developer Guide writes them;
/// ConnectWise's patch is not all of RFC 6902.
pub(super) fn body(write: &Write, with_description: bool) -> Vec<u8> {
    let replace = |path: &str, value: Value| json!({ "op": "replace", "path": path, "value": value });
    let text = |text: &Option<String>| text.clone().filter(|_| with_description).map(Value::from);
    let body = match write {
        Write::Quantity { quantity, description } => {
            let mut operations = vec![replace("quantity", number(quantity.to_vendor()))];
            operations.extend(text(description).map(|text| replace("description", text)));
            Value::Array(operations)
        }
        Write::Cancelled(Some(day)) => json!([replace("cancelledDate", midnight(*day))]),
        Write::Cancelled(None) => json!([{ "op": "remove", "path": "cancelledDate" }]),
        Write::Create { product, quantity, bill, unit_price, effective, marker, description } => {
            let bill = match bill {
                BillCustomer::Billable => "Billable",
                BillCustomer::DoNotBill => "DoNotBill",
                BillCustomer::NoCharge => "NoCharge",
            };
            let mut fields = json!({
                "product": { "id": product.0 },
                "quantity": number(quantity.to_vendor()),
                "billCustomer": bill,
                "effectiveDate": midnight(*effective),
                "serialNumber": marker,
            });
            if let Some(fields) = fields.as_object_mut() {
                fields.extend(unit_price.map(|price| ("unitPrice".to_owned(), number(price.to_vendor()))));
                fields.extend(text(description).map(|text| ("description".to_owned(), text)));
            }
            fields
        }
    };
    body.to_string().into_bytes()
}

/// A day as ConnectWise writes its dates: midnight in UTC.
fn midnight(day: chrono::NaiveDate) -> Value {
    Value::from(format!("{day}T00:00:00Z"))
}

fn number(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() < 9e15 { json!(number as i64) } else { json!(number) }
}

/// What an answer to a write means. `refusal` is the answer as an error, `advice` what to do about it where that is known.
pub(super) fn answered(status: u16, retry_after: Option<u32>, refusal: &VendorError, advice: Option<&str>) -> Answer<()> {
    let wait = retry_after.map(|seconds| TimeDelta::seconds(seconds.into()));
    match status {
        200..300 => Answer::Accepted(()),
        429 => Answer::Deferred { wait: wait.unwrap_or(WAIT), words: "ConnectWise asks for fewer calls, so it is sent later.".to_owned() },
        // 408 says that the request did not arrive whole, or that it did and the answer took too long.
        408 => Answer::Lost { words: "It answered 408, which says nothing about the effect.".to_owned(), wait },
        // One 401 among many answers is no word on the change: it is looked for, and sent again with keys that work.
        401 => Answer::Lost { words: refusal.message(), wait },
        400..500 => Answer::Refused { words: advised(refusal, advice) },
        _ => Answer::Lost { words: refusal.message(), wait },
    }
}

/// A refusal in ConnectWise's words, and what it means and what to do where we know.
fn advised(refusal: &VendorError, advice: Option<&str>) -> String {
    let words = refusal.message();
    match advice {
        Some(advice) => format!("{words} {advice}"),
        None => words,
    }
}

/// What it means that a write had no answer.
pub(super) fn unanswered(error: &EgressError, now: Timestamp) -> Answer<()> {
    let words = VendorError::from(error.clone()).message();
    match error {
        EgressError::CircuitOpen { until, .. } => Answer::Deferred { wait: (*until - now).max(TimeDelta::zero()), words },
        EgressError::BudgetSpent => Answer::Deferred { wait: TimeDelta::zero(), words },
        EgressError::BlockedAddress { .. } => Answer::Refused { words },
        EgressError::NoAnswer(_) | EgressError::Redirected { .. } => Answer::Lost { words, wait: None },
    }
}

/// What it means that something failed before a write was sent, or after ConnectWise had refused to know its address.
pub(super) fn not_sent(error: &VendorError, now: Timestamp) -> Answer<()> {
    match error {
        VendorError::Egress(error) if error.nothing_was_sent() => unanswered(error, now),
        VendorError::Egress(_) | VendorError::Refused { status: 429 | 500.., .. } | VendorError::NotJson { status: 500.., .. } => {
            Answer::Deferred { wait: WAIT, words: error.message() }
        }
        other => Answer::Refused { words: other.message() },
    }
}

#[cfg(test)]
mod tests {
    use domain::money::Quantity;

    use super::*;
    use egress::Because;
    use egress::ports::TransportError;

    fn sent(write: &Write, with_description: bool) -> Value {
        serde_json::from_slice(&body(write, with_description)).expect("json")
    }

    #[test]
    fn a_patch_names_the_absolute_quantity_and_says_where_it_came_from() {
        let half = Quantity::from_vendor(27.5).expect("a quantity");
        for (quantity, value) in [(Quantity::from(27), json!(27)), (Quantity::ZERO, json!(0)), (half, json!(27.5))] {
            let write = Write::Quantity { quantity, description: Some("seats".to_owned()) };
            let quantity = json!({ "op": "replace", "path": "quantity", "value": value });
            let description = json!({ "op": "replace", "path": "description", "value": "seats" });
            assert_eq!(sent(&write, true), json!([quantity, description]));
            assert_eq!(sent(&write, false), json!([quantity]), "a description that is not taken does not stop the quantity");
        }
    }

    #[test]
    fn an_end_is_a_date_and_taking_it_back_is_none() {
        let day = chrono::NaiveDate::from_ymd_opt(2026, 11, 30).expect("a day");
        let end = json!([{ "op": "replace", "path": "cancelledDate", "value": "2026-11-30T00:00:00Z" }]);
        assert_eq!(sent(&Write::Cancelled(Some(day)), true), end);
        assert_eq!(sent(&Write::Cancelled(None), true), json!([{ "op": "remove", "path": "cancelledDate" }]));
    }

    #[test]
    fn a_new_addition_carries_its_mark_and_leaves_what_nobody_chose_to_connectwise() {
        let mut write = Write::Create {
            product: domain::ids::CatalogId(42),
            quantity: Quantity::from(27),
            bill: BillCustomer::DoNotBill,
            unit_price: None,
            effective: chrono::NaiveDate::from_ymd_opt(2026, 12, 1).expect("a day"),
            marker: "seatbridge:1".to_owned(),
            description: None,
        };
        let plain = json!({ "product": { "id": 42 }, "quantity": 27, "billCustomer": "DoNotBill",
                            "effectiveDate": "2026-12-01T00:00:00Z", "serialNumber": "seatbridge:1" });
        assert_eq!(sent(&write, true), plain);
        if let Write::Create { unit_price, .. } = &mut write {
            *unit_price = domain::money::Money::from_vendor(3.5);
        }
        assert_eq!(sent(&write, true)["unitPrice"], json!(3.5));
    }

    #[test]
    fn only_a_final_refusal_counts_as_nothing_written() {
        let kind = |answer: &Answer<()>| match answer {
            Answer::Accepted(()) => "accepted",
            Answer::Gone | Answer::Refused { .. } => "refused",
            Answer::Deferred { .. } => "deferred",
            Answer::Lost { .. } => "lost",
        };
        let refusal = &VendorError::Refused { status: 400, code: None, message: "no".to_owned(), field: None };
        let table = [
            (200, "accepted"),
            (204, "accepted"),
            (400, "refused"),
            (401, "lost"),
            (403, "refused"),
            (404, "refused"),
            (408, "lost"),
            (409, "refused"),
            (422, "refused"),
            (429, "deferred"),
            (500, "lost"),
            (502, "lost"),
            (504, "lost"),
        ];
        for (status, meaning) in table {
            assert_eq!(kind(&answered(status, None, refusal, None)), meaning, "{status}");
        }
        let now = Timestamp::UNIX_EPOCH;
        let until = now + TimeDelta::seconds(7);
        let table = [
            (EgressError::NoAnswer(TransportError::Failed("reset".to_owned())), "lost"),
            (EgressError::Redirected { status: 302 }, "lost"),
            (EgressError::BudgetSpent, "deferred"),
            (EgressError::CircuitOpen { until, because: Because::Unreachable }, "deferred"),
            (EgressError::BlockedAddress { why: egress::Blocked::Port }, "refused"),
        ];
        for (error, meaning) in table {
            assert_eq!(kind(&unanswered(&error, now)), meaning, "{error}");
        }
        let before = VendorError::from(EgressError::NoAnswer(TransportError::Failed("reset".to_owned())));
        assert_eq!(kind(&not_sent(&before, now)), "deferred");
    }

    #[test]
    fn a_429_is_waited_out_as_long_as_it_asks() {
        let answer = answered(429, Some(12), &VendorError::unexpected("unused"), None);
        assert!(matches!(answer, Answer::Deferred { wait, .. } if wait == TimeDelta::seconds(12)), "{answer:?}");
    }
}
