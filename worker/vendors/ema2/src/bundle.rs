//! The products inside a bundle (EMA 2 API: License/Detail, `bundleProducts`).
//!
//! The vendor's page names a product, a quantity and a usage; nobody has seen the keys. Whatever they turn out to be, a licence
//! stays readable: its own counts do not depend on them.

use domain::ids::ProductCode;
use domain::json::strict::read_value;
use domain::seats::Part;
use serde_json::{Map, Value};

use super::loose::Code;

/// Reads `bundleProducts`, normalised. Empty when it is not there, or when it names a product in a way that is not understood:
/// a list with a gap would be taken for the whole.
pub(super) fn parts(value: &Value) -> Vec<Part> {
    let Value::Array(items) = value else { return Vec::new() };
    let mut parts: Vec<Part> = Vec::new();
    for item in items {
        let Some(read) = item.as_object().and_then(part) else { return Vec::new() };
        match parts.iter_mut().find(|known| known.product == read.product) {
            Some(known) => {
                known.ordered = known.ordered.zip(read.ordered).map(|(a, b)| a.saturating_add(b));
                known.activated = known.activated.zip(read.activated).map(|(a, b)| a.saturating_add(b));
            }
            None => parts.push(read),
        }
    }
    parts
}

fn part(item: &Map<String, Value>) -> Option<Part> {
    // The product may stand in an object of its own.
    let inner = item.get("product").and_then(Value::as_object).unwrap_or(item);
    let first = |keys: &[&str]| keys.iter().find_map(|key| inner.get(*key).and_then(text));
    let name = first(&["productname", "name"]);
    let product = first(&["productcode", "code", "product"]).or_else(|| name.clone())?;
    Some(Part {
        product_name: name.unwrap_or_else(|| product.clone()),
        product: ProductCode(product),
        ordered: count(item.get("quantity")),
        activated: count(item.get("usage")),
    })
}

fn text(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// A count; none when it is missing or no count.
fn count(value: Option<&Value>) -> Option<u32> {
    read_value::<Code>(value?.clone()).ok()?.count("count").ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::loose::normalised;
    use super::*;

    fn read(value: Value) -> Vec<(String, String, Option<u32>, Option<u32>)> {
        let parts = parts(&normalised(value)).into_iter();
        parts.map(|part| (part.product.0, part.product_name, part.ordered, part.activated)).collect()
    }

    #[test]
    fn a_product_is_read_by_whatever_its_keys_are_called() {
        let spellings = [
            json!([{ "productCode": "107", "productName": "Antivirus", "quantity": 10, "usage": 8 }]),
            json!([{ "ProductCode": 107, "Name": "Antivirus", "Quantity": "10", "Usage": 8.0 }]),
            json!([{ "CODE": " 107 ", "NAME": "Antivirus", "QUANTITY": 10, "USAGE": "8" }]),
            json!([{ "product": "107", "productName": "Antivirus", "quantity": 10, "usage": 8 }]),
            json!([{ "Product": { "Code": "107", "Name": "Antivirus" }, "quantity": 10, "usage": 8 }]),
        ];
        for value in spellings {
            assert_eq!(read(value.clone()), [("107".into(), "Antivirus".into(), Some(10), Some(8))], "{value}");
        }
        let named = json!([{ "name": "Antivirus", "quantity": 10 }, { "code": "111", "usage": 1 }]);
        let expected = [("Antivirus".into(), "Antivirus".into(), Some(10), None), ("111".into(), "111".into(), None, Some(1))];
        assert_eq!(read(named), expected);
    }

    #[test]
    fn a_count_that_is_not_there_is_not_known() {
        for value in [json!(null), json!(-1), json!(1.5), json!("many"), json!({}), json!(5e12)] {
            let parts = read(json!([{ "code": "107", "quantity": value, "usage": value }]));
            assert_eq!((parts[0].2, parts[0].3), (None, None), "{value}");
        }
    }

    #[test]
    fn a_product_that_stands_there_twice_is_added_up() {
        let parts = read(json!([{ "code": "107", "quantity": 10, "usage": 1 }, { "code": "107", "quantity": 5 }]));
        assert_eq!(parts, [("107".into(), "107".into(), Some(15), None)]);
    }

    #[test]
    fn a_list_that_is_not_understood_is_no_list() {
        for value in [json!(null), json!("107"), json!({}), json!([1]), json!([{ "code": "107" }, {}]), json!([{ "quantity": 10 }])] {
            assert_eq!(read(value.clone()), [], "{value}");
        }
    }
}
