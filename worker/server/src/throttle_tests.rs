//! Tests of the rate limit by address.

use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + TimeDelta::seconds(seconds)
}

#[test]
fn one_address_is_slowed_down_and_the_others_are_not() {
    let throttle = Throttle::default();
    assert!((0..MOST).all(|_| throttle.admit("a", at(0))));
    assert!(!throttle.admit("a", at(20)));
    assert!(throttle.admit("b", at(20)));
    assert!(throttle.admit("a", at(60)), "a minute later");
}

#[test]
fn more_addresses_than_are_counted_take_no_more_memory() {
    let throttle = Throttle::default();
    for number in 0..2 * ADDRESSES {
        assert!(throttle.admit(&number.to_string(), at(0)));
        assert!(throttle.0.borrow().len() <= ADDRESSES);
    }
}

#[test]
fn whoever_has_many_addresses_of_one_line_is_one() {
    let throttle = Throttle::default();
    for number in 0..MOST {
        assert!(throttle.admit(&format!("2001:db8:1:2::{number:x}"), at(0)));
    }
    assert!(!throttle.admit("2001:db8:1:2:ffff::1", at(1)));
    assert!(throttle.admit("2001:db8:1:3::1", at(1)), "the neighbour");
    for number in 0..MOST {
        assert!(throttle.admit(["192.0.2.1", "::ffff:192.0.2.1"][number as usize % 2], at(2)));
    }
    assert!(!throttle.admit("192.0.2.1", at(3)), "both are one");
    assert!(throttle.admit("192.0.2.2", at(3)));
}
