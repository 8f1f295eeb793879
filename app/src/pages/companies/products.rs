//! The dialog for what a company does differently with single products.

use contract::companies::{CompanyDecision, CompanyMappingView, CompanyView};
use contract::plan_slice::SliceQuery;
use contract::psa::CatalogView;
use domain::access::Action;
use domain::ids::{AgreementId, ProductCode};
use domain::mapping::{CompanyProduct, CompanyProducts, ProductRule};
use domain::preview::{Held, Question};
use leptos::prelude::*;
use wasm_split_helpers::wasm_split;

use super::groups::groups;
use super::state::CompaniesState;
use crate::api::Client;
use crate::components::button::WriteButton;
use crate::components::dialog::Dialog;
use crate::components::form::catalog_search::catalog_search;
use crate::components::form::rule_fields::{RuleForm, rule_fields};
use crate::components::list::{each_row, skeleton};
use crate::components::preview_panel::preview_panel;
use crate::components::problem::refusal;
use crate::model::mapping::decisions::change;
use crate::pages::{Loaded, opened};
use crate::state::preview::Preview;
use crate::state::sending::Sending;
use crate::words::grouped;

/// What a company does differently with single products.
#[component]
pub(super) fn ProductsDialog(state: CompaniesState) -> impl IntoView {
    let open = Signal::derive(move || state.differing.with(Option::is_some));
    let title = Signal::derive(move || {
        let name = state.differing.with(|company| company.as_ref().map(|company| company.name.clone())).unwrap_or_default();
        format!("Products of {name}")
    });
    view! {
        <Dialog open=open title=title look="wider" on_close=move |()| state.differing.set(None)>
            {move || state.differing.get().map(|company| opened(editor_part(state, company)))}
        </Dialog>
    }
    .into_any()
}

#[wasm_split(opened_company, fallible)]
fn editor_part(state: CompaniesState, company: CompanyView) -> Loaded {
    Ok(editor(state, company))
}

/// What the dialog remembers.
#[derive(Clone, Copy)]
struct Editor {
    preview: Preview,
    psa: StoredValue<String>,
    /// The agreement of the company.
    usual: AgreementId,
    usual_name: StoredValue<String>,
    draft: RwSignal<CompanyProducts>,
    /// The product that is edited.
    at: RwSignal<Option<ProductCode>>,
    /// Whether that product has a rule of its own.
    ruled: RwSignal<bool>,
    /// That rule.
    form: RuleForm,
    /// Whether a catalog product is looked for.
    searching: RwSignal<bool>,
    /// Names of catalog products that were picked here.
    picked: RwSignal<Vec<CatalogView>>,
}

impl Editor {
    fn own(self, code: &ProductCode) -> CompanyProduct {
        self.draft.with(|draft| draft.get(code).cloned()).unwrap_or_default()
    }

    /// Changes what is done differently with a product; nothing different is no exception.
    fn change(self, code: &ProductCode, edit: impl FnOnce(&mut CompanyProduct)) {
        let mut own = untrack(|| self.own(code));
        edit(&mut own);
        self.draft.update(|draft| {
            if own == CompanyProduct::default() {
                draft.remove(code);
            } else {
                draft.insert(code.clone(), own);
            }
        });
    }

    /// A product of the company as last answered.
    fn held(self, code: &ProductCode) -> Option<Held> {
        self.preview.answer.with(|answer| answer.as_ref()?.products.iter().find(|held| held.code == *code).cloned())
    }

    fn fits(self) -> bool {
        !self.ruled.get() || self.form.rule.with(Result::is_ok)
    }

    /// Edits a product, or none.
    fn edit(self, code: Option<ProductCode>) {
        let own = code.as_ref().and_then(|code| untrack(|| self.own(code)).rule);
        self.searching.set(false);
        self.ruled.set(own.is_some());
        self.form.show(&own.unwrap_or_default());
        self.at.set(code);
    }
}

fn editor(state: CompaniesState, company: CompanyView) -> AnyView {
    let CompanyMappingView::Mapped { psa, agreement, agreement_name, automatic, products, groups: shared, .. } = company.mapping.clone()
    else {
        return ().into_any();
    };
    let (connection, id) = (Some(company.connection.clone()), Some(company.company.clone()));
    let slice = SliceQuery { connection, company: id, ..SliceQuery::default() };
    let preview = Preview::start(expect_context::<Client>(), &slice);
    let editor = Editor {
        preview,
        psa: StoredValue::new(psa.0.clone()),
        usual: agreement,
        usual_name: StoredValue::new(agreement_name.unwrap_or_default()),
        draft: RwSignal::new(products),
        at: RwSignal::new(None),
        ruled: RwSignal::new(false),
        form: RuleForm::of(&ProductRule::default(), preview),
        searching: RwSignal::new(false),
        picked: RwSignal::new(Vec::new()),
    };
    let sending = Sending::idle();
    let edited = company.clone();
    let shares = RwSignal::new(shared);
    let decision = move || CompanyDecision::Map {
        psa: psa.clone(),
        agreement,
        automatic,
        products: Some(editor.draft.get()),
        groups: Some(shares.get()),
    };
    let decided = decision.clone();
    Effect::new(move |_| {
        preview.opened.track();
        let rule = editor.form.rule.get().ok().filter(|_| editor.ruled.get());
        if let (Some(code), Some(rule)) = (editor.at.get(), rule.clone())
            && untrack(|| editor.own(&code)).rule.as_ref() != Some(&rule)
        {
            editor.change(&code, |own| own.rule = Some(rule));
        }
        let company = Some(change(&edited, decided()));
        preview.ask(&Question { count: rule.map(|rule| rule.count), product: None, company });
    });

    let save = move |()| {
        let (company, decision) = (company.clone(), untrack(&decision));
        let request = async move {
            state.save(&company, decision).await?;
            state.differing.try_set(None);
            Ok(())
        };
        sending.send_or(request, move |refused| {
            let words = format!("{} {}", refused.title, refused.remedy);
            let at_field = editor.ruled.get_untracked() && editor.form.refuse(refused.field.as_deref(), words);
            (!at_field).then_some(refused)
        });
    };
    let products = Memo::new(move |_| {
        let known = preview.answer.with(|answer| answer.as_ref().map(|answer| answer.products.clone())).unwrap_or_default();
        known.into_iter().map(|held| held.code.0).collect::<Vec<String>>()
    });
    let list = move || match (preview.opened.get(), products.with(Vec::is_empty), preview.problem.with(Option::is_some)) {
        (true, true, _) if preview.answer.with(Option::is_some) => {
            view! { <p class="faint">"It has no product that is billed."</p> }.into_any()
        }
        (_, false, _) => view! {
            <ul class="picks" aria-label="Products">{each_row(move || products.get(), move |code| product_row(editor, &code))}</ul>
        }
        .into_any(),
        (_, _, true) => ().into_any(),
        _ => skeleton(3),
    };
    view! {
        <div class="beside">
        <div class="beside-form">
            <p class="faint">"Each product is billed and counted as everywhere, unless something else is said here."</p>
            {list}
            {groups(preview, agreement, shares)}
            {refusal(sending)}
        </div>
        <div class="beside-preview">
            {preview_panel(preview, Signal::derive(move || editor.fits()))}
            <div class="actions">
                <WriteButton does=Action::ManageMappings look="primary" busy=sending.busy disabled=Signal::derive(move || !editor.fits()) on_press=save>"Save"</WriteButton>
            </div>
        </div>
        </div>
    }
    .into_any()
}

fn product_row(editor: Editor, code: &str) -> AnyView {
    let code = StoredValue::new(ProductCode::from(code));
    let is_at = move || editor.at.with(|at| code.with_value(|code| at.as_ref() == Some(code)));
    let held = Memo::new(move |_| code.with_value(|code| editor.held(code)));
    let name = held.with_untracked(|held| held.as_ref().map(|held| held.name.clone())).unwrap_or_default();
    let seats = move || {
        held.get().map(|held| {
            let used =
                held.activated.map_or_else(|| "activated not known".to_owned(), |used| format!("{} activated", grouped(used.into())));
            format!("{} ordered · {used}", grouped(held.ordered.into()))
        })
    };
    let differs = move || code.with_value(|code| editor.own(code)) != CompanyProduct::default();
    let toggle = move |_| editor.edit((!untrack(is_at)).then(|| code.get_value()));
    let as_usual = move |()| {
        editor.edit(None);
        editor.draft.update(|draft| {
            code.with_value(|code| draft.remove(code));
        });
    };
    view! {
        <li>
            <div class="offer">
                <div>
                    <p><span class="strong">{name.clone()}</span> " " <span class="faint">{seats}</span></p>
                    <p class="faint">{move || code.with_value(|code| told(editor, code, held.get().as_ref()))}</p>
                </div>
                <div class="actions">
                    {move || differs().then(|| view! { <WriteButton does=Action::ManageMappings look="quiet" label="As usual again" on_press=as_usual>"As usual"</WriteButton> })}
                    <button type="button" class="button" aria-expanded=move || is_at().to_string() aria-label=format!("Change… {name}") on:click=toggle>"Change…"</button>
                </div>
            </div>
            {move || is_at().then(|| exceptions(editor, code, held.get_untracked()))}
        </li>
    }
    .into_any()
}

/// What is done with a product, in words.
fn told(editor: Editor, code: &ProductCode, held: Option<&Held>) -> String {
    let own = editor.own(code);
    if own == CompanyProduct::default() {
        let usual = held.and_then(|held| held.usual.clone());
        return usual.map_or_else(|| "Not mapped".to_owned(), |usual| format!("As usual: billed as {usual}"));
    }
    let product = own.product.map(|id| {
        let picked = editor.picked.with(|picked| picked.iter().find(|view| view.product == id).map(|view| view.identifier.clone()));
        format!("billed as {}", picked.or_else(|| held.and_then(|held| held.own.clone())).unwrap_or_default())
    });
    let agreement = own.agreement.map(|id| {
        let known = editor.preview.answer.with(|answer| {
            answer.as_ref().and_then(|answer| answer.agreements.iter().find(|(known, _)| *known == id).map(|(_, name)| name.clone()))
        });
        format!("on {}", known.unwrap_or_else(|| format!("agreement {id}")))
    });
    let rule = own.rule.map(|rule| Some(rule.label()).filter(|rule| !rule.is_empty()).unwrap_or_else(|| "ordered".to_owned()));
    let parts: Vec<String> = [product, agreement, rule].into_iter().flatten().collect();
    format!("Different here: {}", parts.join(", "))
}

/// The fields of one exception.
fn exceptions(editor: Editor, code: StoredValue<ProductCode>, held: Option<Held>) -> AnyView {
    let usual_rule = StoredValue::new(held.and_then(|held| held.rule).unwrap_or_default());
    let agreements =
        editor.preview.answer.with_untracked(|answer| answer.as_ref().map(|answer| answer.agreements.clone())).unwrap_or_default();
    let chosen = untrack(|| code.with_value(|code| editor.own(code))).agreement;
    let others = agreements.into_iter().filter(|(id, _)| *id != editor.usual);
    let options = others.map(|(id, name)| view! { <option value=id.to_string() selected=chosen == Some(id)>{name}</option> });
    let pick = Callback::new(move |found: CatalogView| {
        editor.searching.set(false);
        code.with_value(|code| editor.change(code, |own| own.product = Some(found.product)));
        editor.picked.update(|picked| picked.push(found));
    });
    let choose_agreement = move |event| {
        let id: Option<AgreementId> = event_target_value(&event).parse().ok();
        code.with_value(|code| editor.change(code, |own| own.agreement = id));
    };
    let own_rule = move |event| {
        let rule = event_target_checked(&event).then(|| usual_rule.get_value());
        editor.form.show(rule.as_ref().unwrap_or(&ProductRule::PLAIN));
        editor.ruled.set(rule.is_some());
        code.with_value(|code| editor.change(code, |own| own.rule = rule));
    };
    view! {
        <div class="nested">
            <div class="field">
                <label for="own-agreement">"Agreement"</label>
                <select id="own-agreement" on:change=choose_agreement>
                    <option value="" selected=chosen.is_none()>{format!("As usual: {}", editor.usual_name.get_value())}</option>
                    {options.collect_view()}
                </select>
            </div>
            <div class="actions">
                <button type="button" class="button" aria-expanded=move || editor.searching.get().to_string()
                    on:click=move |_| editor.searching.update(|searching| *searching = !*searching)>"Another catalog product…"</button>
                {move || code.with_value(|code| editor.own(code)).product.is_some().then(|| view! {
                    <button type="button" class="button quiet" on:click=move |_| code.with_value(|code| editor.change(code, |own| own.product = None))>"The usual catalog product"</button>
                })}
            </div>
            {move || editor.searching.get().then(|| catalog_search(editor.psa.get_value(), pick))}
            <label class="switch">
                <input type="checkbox" role="switch" prop:checked=editor.ruled on:change=own_rule/>
                <span>"Count and write it in its own way"</span>
            </label>
            {move || editor.ruled.get().then(|| rule_fields(editor.form))}
        </div>
    }
    .into_any()
}
