//! No text ends its quotes in a condition: what is escaped reads back as one literal, and the rest of the condition follows it.

use connectwise::{Condition, Is};
use fuzz::literal;

fuzz_target!(|input: (&str, &str)| {
    let (one, two) = input;
    let both = Condition::text("name", Is::Equal, one).and(&Condition::text("type", Is::Not, two)).to_string();
    let (value, rest) = both.strip_prefix("(name=").and_then(literal).expect("a literal");
    assert_eq!(value, one);
    let (value, rest) = rest.strip_prefix(" and type!=").and_then(literal).expect("a second literal");
    assert_eq!((value.as_str(), rest), (two, ")"));

    let holds = Condition::holds("name", one).to_string();
    let (value, rest) = holds.strip_prefix("name like ").and_then(literal).expect("a literal");
    assert_eq!((value, rest), (format!("%{}%", one.replace('[', "[[]")), ""));
});
