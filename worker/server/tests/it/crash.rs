//! Runs that die, and calls that are broken one at a time.
#![allow(dead_code, reason = "each test binary uses its part")]

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use harness::House;
use harness::wire::Fate;

/// Every way in which a call can break.
pub(crate) const FATES: [Fate; 7] =
    [Fate::LostOnTheWay, Fate::AnswerLost, Fate::TimedOutBefore, Fate::TimedOutAfter, Fate::FailedAfter, Fate::DiesBefore, Fate::DiesAfter];

/// Rings the alarm once, and answers whether the run lived to its end.
pub(crate) async fn lives(house: &House) -> bool {
    let tenant = Rc::clone(&house.tenant);
    let mut ring = pin!(tenant.ring());
    poll_fn(|context| match ring.as_mut().poll(context) {
        Poll::Ready(()) => Poll::Ready(true),
        Poll::Pending if house.wire.died.get() => Poll::Ready(false),
        Poll::Pending => Poll::Pending,
    })
    .await
}

/// Rings the alarm once with what breaks, mends the wire, and lets the install come to rest.
pub(crate) async fn survives(house: &mut House) {
    if !lives(house).await {
        house.wire.died.set(false);
        house.restart();
    }
    house.wire.mend();
    rest(house).await;
}

/// Lets the install come to rest, starting it anew when a run dies.
pub(crate) async fn rest(house: &mut House) {
    for round in 0..2 {
        let mut rings = 0;
        while house.comes_due() {
            rings += 1;
            assert!(rings < 200, "the install does not come to rest");
            if !lives(house).await {
                house.wire.died.set(false);
                house.restart();
            }
        }
        if round == 0 {
            house.clock.advance(600);
            house.tenant.nudge().await.expect("a nudge");
        }
    }
}

/// Breaks call `place` of the commit in one way.
pub(crate) fn at(house: &House, place: usize, fate: Fate) -> Rc<Cell<bool>> {
    let (calls, struck) = (Cell::new(0_usize), Rc::new(Cell::new(false)));
    let strikes = Rc::clone(&struck);
    house.wire.plan(move |_| {
        let now = calls.get() == place;
        calls.set(calls.get() + 1);
        if now {
            strikes.set(true);
        }
        if now { fate } else { Fate::Answered }
    });
    struck
}
