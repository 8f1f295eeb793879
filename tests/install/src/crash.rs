//! Runs that die, and calls that are broken one at a time.
#![allow(dead_code, reason = "each test binary uses its part")]

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use harness::TestInstall;
use harness::wire::Fate;

/// Every way in which a call can break.
pub(crate) const FATES: [Fate; 7] =
    [Fate::LostOnTheWay, Fate::AnswerLost, Fate::TimedOutBefore, Fate::TimedOutAfter, Fate::FailedAfter, Fate::DiesBefore, Fate::DiesAfter];

/// Rings the alarm once, and answers whether the run lived to its end.
pub(crate) async fn lives(install: &TestInstall) -> bool {
    let tenant = Rc::clone(&install.tenant);
    let mut alarm = pin!(tenant.on_alarm());
    poll_fn(|context| match alarm.as_mut().poll(context) {
        Poll::Ready(()) => Poll::Ready(true),
        Poll::Pending if install.wire.died.get() => Poll::Ready(false),
        Poll::Pending => Poll::Pending,
    })
    .await
}

/// Rings the alarm once with what breaks, mends the wire, and lets the install come to rest.
pub(crate) async fn survives(install: &mut TestInstall) {
    if !lives(install).await {
        install.wire.died.set(false);
        install.restart();
    }
    install.wire.mend();
    rest(install).await;
}

/// Lets a night go by in which the wire stays broken, mends it, and lets the install come to rest.
pub(crate) async fn endures(install: &mut TestInstall) {
    for _ in 0..80 {
        if install.comes_due() {
            assert!(lives(install).await);
        }
    }
    install.wire.mend();
    rest(install).await;
}

/// Lets the install come to rest, starting it anew when a run dies.
pub(crate) async fn rest(install: &mut TestInstall) {
    for round in 0..2 {
        let mut alarms = 0;
        while install.comes_due() {
            alarms += 1;
            assert!(alarms < 200, "the install does not come to rest");
            if !lives(install).await {
                install.wire.died.set(false);
                install.restart();
            }
        }
        if round == 0 {
            install.clock.advance(600);
            install.tenant.on_cron().await.expect("a cron");
        }
    }
}

/// Breaks call `place` of the commit in one way.
pub(crate) fn at(install: &TestInstall, place: usize, fate: Fate) -> Rc<Cell<bool>> {
    let (calls, struck) = (Cell::new(0_usize), Rc::new(Cell::new(false)));
    let strikes = Rc::clone(&struck);
    install.wire.plan(move |_| {
        let now = calls.get() == place;
        calls.set(calls.get() + 1);
        if now {
            strikes.set(true);
        }
        if now { fate } else { Fate::Answered }
    });
    struck
}
