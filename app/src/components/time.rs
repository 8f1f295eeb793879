//! Moments on screen: how long ago, or in full, with UTC a hover away.

use domain::Timestamp;
use leptos::prelude::*;

use crate::state::clock::zone;
use crate::state::live::Live;
use crate::words::{brief_age, long_moment, machine_moment, utc_moment};

/// How long ago something was; moves on with the clock. The moment itself is a hover away, in UTC.
#[component]
pub(crate) fn Age(
    /// When it was.
    at: Timestamp,
) -> impl IntoView {
    let live = expect_context::<Live>();
    view! {
        <time datetime=machine_moment(at) title=utc_moment(at)>
            {move || brief_age(live.now.get(), at, zone(at))}
        </time>
    }
    .into_any()
}

/// A moment in full, local; in UTC on hover.
pub(crate) fn moment(at: Timestamp) -> AnyView {
    view! { <time datetime=machine_moment(at) title=utc_moment(at)>{long_moment(at, zone(at))}</time> }.into_any()
}
