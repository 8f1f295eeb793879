//! Devices that left a rule's group at once: no ticket is closed before it is clear that they are gone, and a person may say so.

use contract::tickets::{DecideLeaves, LeaveDecision, MassLeave};
use domain::access::Action;
use domain::ids::TicketRuleId;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::Client;
use crate::components::button::WriteButton;
use crate::components::icon::icon;
use crate::components::time::moment;
use crate::model::tickets::leaves::{what, who};
use crate::state::live::Live;
use crate::state::notices::Notices;
use crate::words::count;

/// What is known of the devices that left a rule's group at once, and the two things that can be said of them.
pub(crate) fn leaves_notice(rule: TicketRuleId, name: String, leaves: &MassLeave, on_decided: Callback<()>) -> AnyView {
    let (client, notices, live) = (expect_context::<Client>(), expect_context::<Notices>(), expect_context::<Live>());
    let busy = RwSignal::new(false);
    let devices = leaves.devices;
    let address = format!("/tickets/rules/{rule}");
    let said = name.clone();
    let decide = Callback::new(move |gone: bool| {
        busy.set(true);
        let (rule, name) = (rule.clone(), said.clone());
        spawn_local(async move {
            match client.call(DecideLeaves, &rule, &LeaveDecision { gone, devices }).await {
                Ok(_) if gone => notices.say(format!("{name}: tickets of {} are closed.", count(devices, "device", "devices"))),
                Ok(_) => notices.say(format!("{name}: tickets of {} stay open.", count(devices, "device", "devices"))),
                Err(problem) => notices.trouble(&problem),
            }
            busy.try_set(false);
            live.read_now();
            on_decided.try_run(());
        });
    });
    let until = leaves.until.map(|until| view! { " No ticket is closed until " {moment(until)} " or you confirm." });
    let waits = leaves.until.is_some();
    let region = format!("Devices that left {name} at once");
    let (gone, keep) = (format!("They are gone, close their tickets: {name}"), format!("Keep open: {name}"));
    view! {
        <div class="banner attention mass-leave" role="group" aria-label=region>
            {icon("alert")}
            <div>
                <p><a class="strong" href=address>{name}</a> ": " {what(leaves)} {until}</p>
                <p class="faint">{who(leaves)}</p>
                <div class="actions">
                    <WriteButton does=Action::ManageTickets look="small" busy=busy label=gone on_press=move |()| decide.run(true)>"They are gone: close"</WriteButton>
                    {waits.then(|| view! {
                        <WriteButton does=Action::ManageTickets look="small" busy=busy label=keep on_press=move |()| decide.run(false)>"Keep open"</WriteButton>
                    })}
                </div>
            </div>
        </div>
    }
    .into_any()
}
