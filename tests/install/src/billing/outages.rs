//! Outages: a vendor that is away for an hour or for a night, or says when to come back, costs a change nothing but time.

use crate::rules::{describe, latest, the_line};

use chrono::TimeDelta;
use egress::ports::Clock;
use engine::IntentState;
use harness::TestInstall;
use harness::wire::{Fate, Sent};

const CONNECTWISE: &str = "127.0.0.1:3";

async fn approved() -> TestInstall {
    let install = TestInstall::ready_and_still(1).await;
    install.wire.clear();
    install.approve(&[the_line(&install).await]).await;
    install
}

/// Lets time go by in passes of ten minutes.
async fn passes(install: &TestInstall, count: i64) {
    for _ in 0..count {
        install.clock.advance(600);
        install.tenant.on_cron().await.expect("a cron");
        for _ in 0..40 {
            if install.rings_at().is_none_or(|at| at > install.clock.now()) {
                break;
            }
            install.take_alarm();
            install.tenant.on_alarm().await;
        }
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_maintenance_of_a_night_ends_with_the_change_done_once() {
    for (fate, hours) in
        [(Fate::Refused(503, None), 1), (Fate::Refused(503, None), 12), (Fate::LostOnTheWay, 12), (Fate::Refused(401, None), 3)]
    {
        let install = approved().await;
        let until = install.clock.now() + TimeDelta::hours(hours);
        install.wire.plan(move |sent: &Sent| if sent.url.authority() == CONNECTWISE && sent.at < until { fate } else { Fate::Answered });
        passes(&install, hours * 6 - 1).await;
        let intent = latest(&install);
        assert_eq!(intent.state, IntentState::Planned, "{fate:?} for {hours} hours: {intent:?}");
        let words = intent.trouble.as_ref().map(|trouble| trouble.words.clone()).unwrap_or_default();
        assert!(words.starts_with("ConnectWise could not be read: "), "{words}");
        passes(&install, 9).await;
        assert_eq!(latest(&install).state, IntentState::Done, "{fate:?} for {hours} hours: {}", describe(&latest(&install)));
        assert_eq!(install.written().len(), 1, "{fate:?} for {hours} hours");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_vendor_that_says_when_to_come_back_is_asked_no_sooner() {
    for status in [429, 503] {
        let install = approved().await;
        let mut struck = false;
        install.wire.plan(move |sent: &Sent| {
            let strikes = sent.url.authority() == CONNECTWISE && !std::mem::replace(&mut struck, true);
            if strikes { Fate::Refused(status, Some(1_200)) } else { Fate::Answered }
        });
        passes(&install, 6).await;
        let sent = install.wire.sent.borrow();
        let at: Vec<_> = sent.iter().filter(|sent| sent.url.authority() == CONNECTWISE).map(|sent| sent.at).collect();
        let (first, next) = (at[0], at[1]);
        assert!(next - first >= TimeDelta::seconds(1_200), "{status}: asked again after {} s", (next - first).num_seconds());
        drop(sent);
        assert_eq!((latest(&install).state, install.written().len()), (IntentState::Done, 1), "{status}: {:?}", latest(&install));
    }
}
