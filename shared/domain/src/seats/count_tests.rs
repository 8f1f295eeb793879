//! Tests of the count methods and the sentences that explain them.

use proptest::prelude::*;

use super::*;

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a decimal")
}

fn rule(method: CountMethod) -> CountRule {
    CountRule { method, ..CountRule::default() }
}

/// Day 22 of a month of 30: 27 ordered, 24 in use.
fn holding() -> Holding {
    EXAMPLE
}

fn told(rule: &CountRule, have: &Holding) -> (String, String) {
    let count = rule.count(have);
    (count.quantity.to_string(), count.sentence)
}

#[test]
fn each_method_counts_what_it_says() {
    let table = [
        (CountMethod::Ordered, "27", "27 ordered"),
        (CountMethod::Activated, "24", "24 in use"),
        (CountMethod::Peak, "31", "peak 31 on 19 of 22 days read"),
        (CountMethod::ActiveOnce, "25", "at most 25 in use on 19 of 22 days read"),
        (CountMethod::Average, "28", "27.16 ordered a day on 19 of 22 days read, rounded up to 28"),
        (CountMethod::SeatDays, "28", "27.47 seat-days a day (581 so far + 27 × 9 days to come, over 30), rounded up to 28"),
    ];
    for (method, quantity, sentence) in table {
        assert_eq!(told(&rule(method), &holding()), (quantity.to_owned(), sentence.to_owned()));
        assert_eq!(rule(method).count(&holding()).note, None);
    }
}

#[test]
fn a_number_that_eset_does_not_give_is_replaced_by_ordered_units_and_says_so() {
    let nothing = Holding { activated: None, month: None, seat_days: None, ..holding() };
    let unused = Holding { month: holding().month.map(|month| MonthCount { most_in_use: None, ..month }), ..nothing };
    let table = [
        (CountMethod::Ordered, nothing, None),
        (CountMethod::Activated, nothing, Some(CountNote::NoUsage)),
        (CountMethod::Peak, nothing, Some(CountNote::NoReadings)),
        (CountMethod::ActiveOnce, nothing, Some(CountNote::NoReadings)),
        (CountMethod::ActiveOnce, unused, Some(CountNote::NoUsage)),
        (CountMethod::Average, nothing, Some(CountNote::NoReadings)),
        (CountMethod::SeatDays, nothing, Some(CountNote::NoSeatDays)),
    ];
    for (method, have, note) in table {
        let count = rule(method).count(&have);
        assert_eq!((count.quantity, count.note), (27.into(), note), "{method:?}");
        if let Some(note) = note {
            assert_eq!(count.sentence, format!("27 ordered, counted because {}", note.label()));
        }
    }
}

#[test]
fn seats_are_multiplied_lessened_raised_and_rounded_in_this_order() {
    let plain = || rule(CountMethod::Ordered);
    let of = |ordered| Holding { ordered, ..holding() };
    let table = [
        (CountRule { included: 2, ..plain() }, 27, "25", "27 ordered − 2 included = 25"),
        (CountRule { included: 5, ..plain() }, 2, "0", "2 ordered − 5 included = 0"),
        (CountRule { factor: decimal("0.5"), ..plain() }, 27, "14", "27 ordered × 0.5 = 13.5, rounded up to 14"),
        (
            CountRule { factor: decimal("0.5"), rounding: Rounding::Down, ..plain() },
            27,
            "13",
            "27 ordered × 0.5 = 13.5, rounded down to 13",
        ),
        (
            CountRule { factor: decimal("0.5"), rounding: Rounding::Nearest, ..plain() },
            27,
            "14",
            "27 ordered × 0.5 = 13.5, rounded up to 14",
        ),
        (CountRule { factor: decimal("0.5"), rounding: Rounding::None, ..plain() }, 27, "13.5", "27 ordered × 0.5 = 13.5"),
        (CountRule { factor: decimal("0.3333"), rounding: Rounding::None, ..plain() }, 1, "0.33", "1 ordered × 0.3333 = 0.33"),
        (CountRule { minimum: 5, ..plain() }, 3, "5", "3 ordered, raised to the minimum of 5"),
        (CountRule { minimum: 5, ..plain() }, 0, "0", "0 ordered"),
        (CountRule { minimum: 5, included: 10, ..plain() }, 3, "5", "3 ordered − 10 included = 0, raised to the minimum of 5"),
        (
            CountRule { minimum: 5, factor: decimal("2.25"), included: 1, ..plain() },
            3,
            "6",
            "3 ordered × 2.25 − 1 included = 5.75, rounded up to 6",
        ),
    ];
    for (rule, ordered, quantity, sentence) in table {
        assert_eq!(told(&rule, &of(ordered)), (quantity.to_owned(), sentence.to_owned()));
    }
}

#[test]
fn a_minimum_counts_while_anything_is_ordered_even_if_nothing_is_in_use() {
    let rule = CountRule { minimum: 5, ..rule(CountMethod::Activated) };
    assert_eq!(rule.count(&Holding { activated: Some(0), ..holding() }).quantity, 5.into());
    assert_eq!(rule.count(&Holding { activated: Some(0), ordered: 0, ..holding() }).quantity, 0.into());
}

#[test]
fn a_fraction_that_is_whole_is_not_rounded_up() {
    for days in 1..=31 {
        let month = MonthCount { first: 1, days, sum: 13 * u64::from(days), peak: 13, most_in_use: None };
        let rule = CountRule { factor: decimal("3"), ..rule(CountMethod::Average) };
        assert_eq!(rule.count(&Holding { month: Some(month), ..holding() }).quantity, 39.into());
        let calendar = Calendar { today: days, counted: days, days };
        let month = Holding { seat_days: Some(13 * u64::from(days)), calendar, ..holding() };
        assert_eq!(self::rule(CountMethod::SeatDays).count(&month).quantity, 13.into());
    }
}

#[test]
fn on_the_first_of_a_month_seat_days_are_the_order_of_the_whole_month() {
    let first = Holding { seat_days: Some(0), calendar: Calendar { today: 1, counted: 0, days: 31 }, ..holding() };
    let expected = "27 seat-days a day (0 so far + 27 × 31 days to come, over 31)";
    assert_eq!(told(&rule(CountMethod::SeatDays), &first), ("27".to_owned(), expected.to_owned()));
}

#[test]
fn each_example_is_counted_by_the_rule_it_explains() {
    for method in CountMethod::ALL {
        let rule = CountRule { included: if method == CountMethod::Ordered { 2 } else { 0 }, ..rule(method) };
        let (quantity, sentence) = told(&rule, &EXAMPLE);
        assert_eq!(method.example(), format!("{}: {sentence} → {quantity}", CountMethod::example_given()));
        assert!(!method.definition().is_empty());
    }
    let given = "On day 22 of 30, 27 are ordered and 24 in use; ESET counted 581 seat-days in 21 days";
    assert_eq!(CountMethod::Ordered.example(), format!("{given}: 27 ordered − 2 included = 25 → 25"));
}

fn rules() -> impl Strategy<Value = CountRule> {
    let rounding = prop_oneof![Just(Rounding::Up), Just(Rounding::Down), Just(Rounding::Nearest), Just(Rounding::None)];
    (0..6_usize, 1..=10_000_000_i64, 0..60_u32, 0..60_u32, rounding).prop_map(|(method, factor, included, minimum, rounding)| CountRule {
        method: CountMethod::ALL[method],
        factor: Decimal::new(factor, 4),
        included,
        minimum,
        rounding,
        ..CountRule::default()
    })
}

fn holdings() -> impl Strategy<Value = Holding> {
    let month = prop::option::of((1..=30_u32, 0..3_000_u64, 0..200_u32, prop::option::of(0..200_u32)));
    (0..200_u32, prop::option::of(0..200_u32), month, prop::option::of(0..6_000_u64), 0..=30_u32).prop_map(
        |(ordered, activated, month, seat_days, counted)| Holding {
            ordered,
            activated,
            month: month.map(|(days, sum, peak, most_in_use)| MonthCount { first: 1, days, sum, peak, most_in_use }),
            seat_days,
            calendar: Calendar { today: 30, counted, days: 31 },
        },
    )
}

/// The same company with more of everything that is known.
fn more(have: Holding, by: u32) -> Holding {
    Holding {
        ordered: have.ordered + by,
        activated: have.activated.map(|units| units + by),
        month: have.month.map(|month| MonthCount {
            sum: month.sum + u64::from(by * month.days),
            peak: month.peak + by,
            most_in_use: month.most_in_use.map(|units| units + by),
            ..month
        }),
        seat_days: have.seat_days.map(|days| days + u64::from(by * have.calendar.counted)),
        ..have
    }
}

proptest! {
    #[test]
    fn more_seats_never_count_for_less(rule in rules(), have in holdings(), by in 0..50_u32) {
        prop_assert!(rule.count(&have).quantity <= rule.count(&more(have, by)).quantity);
    }

    #[test]
    fn more_included_never_counts_for_more_and_a_higher_minimum_never_for_less(rule in rules(), have in holdings(), by in 1..50_u32) {
        let quantity = rule.count(&have).quantity;
        let (lessened, raised) = (CountRule { included: rule.included + by, ..rule.clone() }, CountRule { minimum: rule.minimum + by, ..rule });
        prop_assert!(lessened.count(&have).quantity <= quantity);
        prop_assert!(raised.count(&have).quantity >= quantity);
    }

    #[test]
    fn a_quantity_is_never_below_zero_nor_below_the_minimum_of_who_has_seats(rule in rules(), have in holdings()) {
        let count = rule.count(&have);
        prop_assert!(!count.quantity.is_negative());
        prop_assert!(have.ordered == 0 || count.quantity >= Quantity::from(rule.minimum));
        let nothing = Holding { ordered: 0, activated: Some(0), month: None, seat_days: None, ..have };
        prop_assert!(rule.count(&nothing).quantity.is_zero(), "nobody owes a minimum for nothing");
        prop_assert!(rule.rounding == Rounding::None || count.quantity.decimal().fract().is_zero());
        prop_assert!(count.quantity.decimal().scale() <= 2);
    }

    #[test]
    fn counting_is_idempotent_and_a_fall_back_always_says_so(rule in rules(), have in holdings()) {
        let count = rule.count(&have);
        prop_assert_eq!(&count, &rule.count(&have));
        let ordered = CountRule { method: CountMethod::Ordered, ..rule }.count(&have);
        if let Some(note) = count.note {
            prop_assert_eq!(count.quantity, ordered.quantity);
            prop_assert!(count.sentence.contains(note.label()));
        }
    }
}
