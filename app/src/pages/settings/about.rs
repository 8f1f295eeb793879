//! The version, who is signed in, and until when.

use contract::DESCRIPTION;
use contract::session::Session;
use leptos::prelude::*;

use super::SettingsNav;
use crate::components::page_head::PageHead;
use crate::components::time::moment;

/// Which version this is, who is signed in and until when.
#[component]
pub(crate) fn AboutPage() -> impl IntoView {
    let session = expect_context::<Session>();
    view! {
        <PageHead title="About" lead="Seatbridge turns ESET seat counts into ConnectWise agreement quantities."/>
        <SettingsNav/>
        <section class="panel">
            <dl class="facts">
                <div><dt>"Version"</dt><dd>{session.version}</dd></div>
                <div><dt>"Environment"</dt><dd>{session.environment}</dd></div>
                <div><dt>"Signed in as"</dt><dd>{session.name}</dd></div>
                {session.expires_at.map(|at| view! { <div><dt>"Session ends"</dt><dd>{moment(at)}</dd></div> })}
                <div><dt>"API"</dt><dd><a href=DESCRIPTION rel="external">"OpenAPI document"</a></dd></div>
            </dl>
        </section>
        <section class="panel">
            <h2>"What it promises"</h2>
            <p>"No customer is billed twice, and none for a number nobody can explain."</p>
            <ul>
                <li>"A failed or partial answer is never a zero: the line is held."</li>
                <li>"Quantities are written as absolute numbers and read back. An addition is made only where a product's rule allows it and a person approved it."</li>
                <li>"Credentials are stored encrypted and are never shown again."</li>
            </ul>
        </section>
    }
    .into_any()
}
