use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use shared::Timestamp;

use crate::ports::Clock;

/// The Worker's clock.
pub(super) struct WorkerClock;

#[async_trait(?Send)]
impl Clock for WorkerClock {
    fn now(&self) -> Timestamp {
        let milliseconds = i64::try_from(worker::Date::now().as_millis()).unwrap_or(i64::MAX);
        Timestamp::from_timestamp_millis(milliseconds).unwrap_or_default()
    }

    async fn sleep(&self, wait: TimeDelta) {
        let wait = wait.to_std().unwrap_or(Duration::ZERO);
        if !wait.is_zero() {
            worker::Delay::from(wait).await;
        }
    }
}
