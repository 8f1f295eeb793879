//! The one write: an addition's quantity, as an absolute number, so that writing it twice is writing it once.

use chrono::TimeDelta;
use serde_json::{Value, json};
use shared::Timestamp;
use shared::engine::WriteAnswer;
use shared::money::Quantity;

use crate::egress::EgressError;
use crate::vendors::VendorError;

/// How long to wait when ConnectWise asks for fewer calls without saying how long, or cannot be reached before the write.
const WAIT: TimeDelta = TimeDelta::seconds(30);

/// The body of the PATCH. The path has no slash before it, as the Developer Guide writes it; ConnectWise's patch is not all of
/// RFC 6902.
pub(super) fn quantity(quantity: Quantity) -> Vec<u8> {
    let number = quantity.to_vendor();
    let value = if number.fract() == 0.0 && number.abs() < 9e15 { json!(number as i64) } else { json!(number) };
    Value::Array(vec![json!({ "op": "replace", "path": "quantity", "value": value })]).to_string().into_bytes()
}

/// What an answer to the PATCH means. `refusal` is the answer as an error.
pub(super) fn answered(status: u16, retry_after: Option<u32>, refusal: impl FnOnce() -> VendorError) -> WriteAnswer {
    match status {
        200..300 => WriteAnswer::Accepted,
        429 => WriteAnswer::Deferred { wait: retry_after.map_or(WAIT, |seconds| TimeDelta::seconds(seconds.into())) },
        // 408 says that the request did not arrive whole, or that it did and the answer took too long.
        408 => WriteAnswer::Lost { words: "It answered 408, which says nothing about the effect.".to_owned() },
        400..500 => WriteAnswer::Refused { words: refusal().words() },
        _ => WriteAnswer::Lost { words: refusal().words() },
    }
}

/// What it means that the PATCH had no answer.
pub(super) fn unanswered(error: &EgressError, now: Timestamp) -> WriteAnswer {
    match error {
        EgressError::CircuitOpen { until, .. } => WriteAnswer::Deferred { wait: (*until - now).max(TimeDelta::zero()) },
        EgressError::BudgetSpent => WriteAnswer::Deferred { wait: TimeDelta::zero() },
        EgressError::BlockedAddress { .. } => WriteAnswer::Refused { words: VendorError::from(error.clone()).words() },
        EgressError::NoAnswer(_) | EgressError::Redirected { .. } => WriteAnswer::Lost { words: VendorError::from(error.clone()).words() },
    }
}

/// What it means that something failed before the PATCH was sent, or after ConnectWise had refused to know its address.
pub(super) fn not_sent(error: &VendorError, now: Timestamp) -> WriteAnswer {
    match error {
        VendorError::Egress(error) if error.nothing_was_sent() => unanswered(error, now),
        VendorError::Egress(_) | VendorError::Refused { status: 429 | 500.., .. } | VendorError::NotJson { status: 500.., .. } => {
            WriteAnswer::Deferred { wait: WAIT }
        }
        other => WriteAnswer::Refused { words: other.words() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::egress::Because;
    use crate::ports::TransportError;

    #[test]
    fn the_patch_names_the_absolute_quantity() {
        let half = Quantity::from_vendor(27.5).expect("a quantity");
        for (count, value) in [(Quantity::from(27), "27"), (Quantity::ZERO, "0"), (half, "27.5")] {
            let body = String::from_utf8(quantity(count)).expect("text");
            assert_eq!(body, format!(r#"[{{"op":"replace","path":"quantity","value":{value}}}]"#));
        }
    }

    #[test]
    fn only_a_final_refusal_counts_as_nothing_written() {
        let kind = |answer: &WriteAnswer| match answer {
            WriteAnswer::Accepted => "accepted",
            WriteAnswer::Refused { .. } => "refused",
            WriteAnswer::Deferred { .. } => "deferred",
            WriteAnswer::Lost { .. } => "lost",
        };
        let refusal = || VendorError::Refused { status: 400, code: None, message: "no".to_owned(), field: None };
        let table = [
            (200, "accepted"),
            (204, "accepted"),
            (400, "refused"),
            (401, "refused"),
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
            assert_eq!(kind(&answered(status, None, refusal)), meaning, "{status}");
        }
        let now = Timestamp::UNIX_EPOCH;
        let until = now + TimeDelta::seconds(7);
        let table = [
            (EgressError::NoAnswer(TransportError::Failed("reset".to_owned())), "lost"),
            (EgressError::Redirected { status: 302 }, "lost"),
            (EgressError::BudgetSpent, "deferred"),
            (EgressError::CircuitOpen { until, because: Because::Unreachable }, "deferred"),
            (EgressError::BlockedAddress { why: crate::egress::Blocked::Port }, "refused"),
        ];
        for (error, meaning) in table {
            assert_eq!(kind(&unanswered(&error, now)), meaning, "{error}");
        }
        let before = VendorError::from(EgressError::NoAnswer(TransportError::Failed("reset".to_owned())));
        assert_eq!(kind(&not_sent(&before, now)), "deferred");
    }

    #[test]
    fn a_429_is_waited_out_as_long_as_it_asks() {
        let answer = answered(429, Some(12), || VendorError::unexpected("unused"));
        assert_eq!(answer, WriteAnswer::Deferred { wait: TimeDelta::seconds(12) });
    }
}
