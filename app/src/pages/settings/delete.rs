//! The dialog that deletes a connection and says what goes with it.

use contract::connections::{ConnectionView, Consequences, DeleteConnection, ShowConsequences};
use domain::access::Action;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::{Client, Link};
use crate::components::button::WriteButton;
use crate::components::dialog::Dialog;
use crate::components::list::skeleton;
use crate::components::problem::problem_card;
use crate::state::live::Live;
use crate::state::notices::Notices;
use crate::state::paged::{Keyed, Paged};
use crate::state::remote::Remote;
use crate::words::count;

/// Says what deleting a connection takes along; the button itself says it again.
#[component]
pub(super) fn DeleteDialog(deleting: RwSignal<Option<ConnectionView>>, list: Paged<Vec<ConnectionView>>) -> impl IntoView {
    let client = expect_context::<Client>();
    let consequences: Remote<Consequences> = Remote::nothing();
    let ask = move || {
        if let Some(view) = deleting.get_untracked() {
            consequences.read(async move { client.get(Link::<ShowConsequences>::at(&view.id)).await });
        }
    };
    Effect::new(move |_| {
        if deleting.with(Option::is_some) {
            consequences.value.set(None);
            ask();
        }
    });
    let open = Signal::derive(move || deleting.with(Option::is_some));
    let title = Signal::derive(move || deleting.with(|view| view.as_ref().map(|view| format!("Delete {}", view.name))).unwrap_or_default());
    let body = move || match (consequences.value.get(), consequences.problem.get()) {
        (Some(known), _) => consequences_view(&known, deleting, list),
        (None, Some(problem)) => problem_card(&problem, Some(Callback::new(move |()| ask()))),
        (None, None) => skeleton(2),
    };
    view! { <Dialog open=open title=title on_close=move |()| deleting.set(None)>{body}</Dialog> }.into_any()
}

fn consequences_view(known: &Consequences, deleting: RwSignal<Option<ConnectionView>>, list: Paged<Vec<ConnectionView>>) -> AnyView {
    let (client, notices, live) = (expect_context::<Client>(), expect_context::<Notices>(), expect_context::<Live>());
    let delete = move |()| {
        let Some(view) = deleting.get_untracked() else { return };
        deleting.set(None);
        spawn_local(async move {
            match client.call(DeleteConnection, &view.id, &()).await {
                Ok(()) => {
                    list.take_out(&[view.key()]);
                    notices.say(format!("{} is deleted. Its history is kept.", view.name));
                }
                Err(problem) => notices.trouble(&problem),
            }
            live.read_now();
            list.refresh();
        });
    };
    let words = button_label(known);
    view! {
        <p>{known.words.clone()}</p>
        <p class="faint">"History and the tickets’ log are kept. What is in ESET and ConnectWise stays as it is."</p>
        <div class="actions"><WriteButton does=Action::ManageConnections look="danger" on_press=delete>{words}</WriteButton></div>
    }
    .into_any()
}

/// What goes, as the button says it: "Delete with 12 company mappings and 30 lines, and stop 2 ticket rules".
fn button_label(known: &Consequences) -> String {
    let parts: Vec<String> = [
        (known.company_mappings, "company mapping", "company mappings"),
        (known.product_mappings, "product mapping", "product mappings"),
        (known.lines, "line", "lines"),
        (known.open_intents, "approved change", "approved changes"),
    ]
    .into_iter()
    .filter(|(number, ..)| *number > 0)
    .map(|(number, one, many)| count(number, one, many))
    .collect();
    let delete = match parts.split_last() {
        None => "Delete the connection".to_owned(),
        Some((only, [])) => format!("Delete with {only}"),
        Some((last, rest)) => format!("Delete with {} and {last}", rest.join(", ")),
    };
    match known.ticket_rules {
        0 => delete,
        rules => format!("{delete}, and stop {}", count(rules, "ticket rule", "ticket rules")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_button_says_what_goes() {
        let mut known =
            Consequences { company_mappings: 0, product_mappings: 0, lines: 0, open_intents: 0, ticket_rules: 0, words: String::new() };
        assert_eq!(button_label(&known), "Delete the connection");
        known.lines = 1;
        assert_eq!(button_label(&known), "Delete with 1 line");
        known.company_mappings = 12;
        known.open_intents = 2;
        assert_eq!(button_label(&known), "Delete with 12 company mappings, 1 line and 2 approved changes");
        known = Consequences { company_mappings: 0, lines: 0, open_intents: 0, ticket_rules: 2, ..known };
        assert_eq!(button_label(&known), "Delete the connection, and stop 2 ticket rules");
    }
}
