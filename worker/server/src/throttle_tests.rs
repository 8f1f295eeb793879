//! Tests of the rate limits by address.

use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + TimeDelta::seconds(seconds)
}

#[test]
fn one_address_is_slowed_down_and_the_others_are_not() {
    let throttle = Throttle::of_tries();
    assert!((0..TRIES).all(|_| throttle.admit("a", at(0))));
    assert!(!throttle.admit("a", at(20)));
    assert!(throttle.admit("b", at(20)));
    assert!(throttle.admit("a", at(60)), "a minute later");
}

#[test]
fn a_clock_that_was_put_back_keeps_nobody_out() {
    let throttle = Throttle::of_tries();
    assert!((0..=TRIES).any(|_| !throttle.admit("a", at(7_200))));
    assert!(throttle.admit("a", at(0)));
}

#[test]
fn more_addresses_than_are_counted_take_no_more_memory() {
    let throttle = Throttle::of_tries();
    for number in 0..2 * ADDRESSES {
        assert!(throttle.admit(&number.to_string(), at(0)));
        assert!(throttle.calls.borrow().len() <= ADDRESSES);
    }
}

#[test]
fn whoever_has_many_addresses_of_one_line_is_one() {
    let throttle = Throttle::of_tries();
    for number in 0..TRIES {
        assert!(throttle.admit(&format!("2001:db8:1:2::{number:x}"), at(0)));
    }
    assert!(!throttle.admit("2001:db8:1:2:ffff::1", at(1)));
    assert!(throttle.admit("2001:db8:1:3::1", at(1)), "the neighbour");
    for number in 0..TRIES {
        assert!(throttle.admit(["192.0.2.1", "::ffff:192.0.2.1"][number as usize % 2], at(2)));
    }
    assert!(!throttle.admit("192.0.2.1", at(3)), "both are one");
    assert!(throttle.admit("192.0.2.2", at(3)));
}

fn headers(said: &[(&'static str, &str)]) -> HeaderMap {
    said.iter().map(|(name, value)| (name.parse().expect("a name"), value.parse().expect("a value"))).collect()
}

#[test]
fn strangers_and_visitors_are_told_from_those_who_show_a_session_or_token() {
    let session = [("cookie", "other=1; __Host-seatbridge=sbs_x")];
    let token = [("authorization", "Bearer sbt_x")];
    let visit = [("cookie", "__Host-seatbridge-share=sbw_x")];
    let of = |path, said: &[(&'static str, &str)]| Caller::of(path, &headers(said), Environment::Production);
    for said in [&session, &token] {
        assert_eq!(of("/api/month", said), Caller::WithCredential);
        assert_eq!(of("/api/share/company", said), Caller::Stranger, "a share page is a visitor's, whoever looks");
        assert_eq!(of("/api/share-links", said), Caller::WithCredential, "the list of links is not");
    }
    for said in [&visit[..], &[], &[("cookie", "seatbridge=sbs_x")], &[("authorization", "Basic x")]] {
        assert_eq!(of("/api/month", said), Caller::Stranger, "{said:?}");
    }
    assert_eq!(Caller::of("/api/month", &headers(&[("cookie", "seatbridge=sbs_x")]), Environment::Local), Caller::WithCredential);
}

#[test]
fn the_edge_counts_each_kind_of_caller_apart_and_everybody_has_a_minute_of_their_own() {
    let edge = Edge::default();
    for caller in [Caller::Stranger, Caller::WithCredential] {
        assert!((0..caller.most()).all(|_| edge.admit(caller, "192.0.2.1", at(0))), "{caller:?}");
        assert!(!edge.admit(caller, "192.0.2.1", at(59)), "{caller:?}");
        assert!(edge.admit(caller, "192.0.2.2", at(59)), "{caller:?}");
        assert!(edge.admit(caller, "192.0.2.1", at(60)), "{caller:?}");
    }
}

#[test]
fn on_ones_own_machine_nobody_is_counted_and_elsewhere_everybody_is() {
    let counted = |said: &[(&'static str, &str)], environment| Edge::address(&headers(said), environment);
    let from = |address| [("cf-connecting-ip", address)];
    assert_eq!(counted(&[], Environment::Local), None);
    assert_eq!(counted(&from("127.0.0.1"), Environment::Local), None);
    assert_eq!(counted(&from("::1"), Environment::Local), None);
    assert_eq!(counted(&from("203.0.113.7"), Environment::Local).as_deref(), Some("203.0.113.7"));
    assert_eq!(counted(&[], Environment::Production).as_deref(), Some("unknown"));
    assert_eq!(counted(&from("127.0.0.1"), Environment::Production).as_deref(), Some("127.0.0.1"));
    assert_eq!(counted(&from("2001:db8:1:2:3::4"), Environment::Production).as_deref(), Some("2001:db8:1:2::"), "a household");
}

#[test]
fn cloudflare_is_told_the_same_limits() {
    let settings = include_str!("../../../wrangler.toml");
    for caller in [Caller::Stranger, Caller::WithCredential] {
        let told = format!("name = \"{}\"\nnamespace_id = ", caller.binding());
        let (_, rest) = settings.split_once(&told).expect("a binding");
        let wanted = format!("simple = {{ limit = {}, period = {} }}", caller.most(), WINDOW.num_seconds());
        assert_eq!(rest.lines().nth(1), Some(wanted.as_str()));
    }
}
