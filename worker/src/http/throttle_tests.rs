use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + TimeDelta::seconds(seconds)
}

#[test]
fn one_address_is_slowed_down_and_the_others_are_not() {
    let throttle = Throttle::default();
    assert!((0..MOST).all(|_| throttle.knock("a", at(0))));
    assert!(!throttle.knock("a", at(20)));
    assert!(throttle.knock("b", at(20)));
    assert!(throttle.knock("a", at(60)), "a minute later");
}

#[test]
fn more_addresses_than_are_counted_take_no_more_memory() {
    let throttle = Throttle::default();
    for number in 0..2 * ADDRESSES {
        assert!(throttle.knock(&number.to_string(), at(0)));
        assert!(throttle.0.borrow().len() <= ADDRESSES);
    }
}
