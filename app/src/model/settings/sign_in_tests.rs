//! What is said to those who come in.

use domain::access::{Action, Role};

use super::*;

#[test]
fn a_page_at_an_ip_address_sends_to_the_name_of_the_machine_when_there_is_one() {
    let local = |address: &str| Some(Hindrance::Address(Some(address.to_owned())));
    assert_eq!(hindrance_of("127.0.0.1", "8787", true), local("http://localhost:8787"));
    assert_eq!(hindrance_of("[::1]", "", true), local("http://localhost"));
    assert_eq!(hindrance_of("192.168.1.4", "8787", true), Some(Hindrance::Address(None)));
    assert_eq!(hindrance_of("localhost", "8787", true), None);
    assert_eq!(hindrance_of("seatbridge.example.com", "", true), None);
}

#[test]
fn a_browser_that_reads_no_options_is_too_old() {
    assert_eq!(hindrance_of("localhost", "8787", false), Some(Hindrance::Browser));
}

#[test]
fn every_role_that_can_be_given_says_what_it_does() {
    for role in Role::GIVEN {
        assert!(role_label(role).ends_with('.') && !role_name(role).is_empty());
    }
}

#[test]
fn who_can_do_something_is_said_in_words() {
    assert_eq!(who(Action::SetPolicy.roles()), "an administrator");
    assert_eq!(who(Action::ManageTickets.roles()), "an administrator or a technician");
    assert_eq!(who(Action::StartPass.roles()), "an administrator, a technician or someone who bills");
    assert_eq!(who(&[]), "nobody");
}

#[test]
fn a_passkey_is_called_after_its_device() {
    assert_eq!(device("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0"), "Windows computer");
    assert_eq!(device("Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile"), "Android phone");
    assert_eq!(device("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1"), "iPhone");
    assert_eq!(device(""), "This device");
}

#[test]
fn a_name_is_neither_empty_nor_endless() {
    assert!(is_name(" Ada ") && is_name(&"ü".repeat(60)));
    assert!(!is_name("  ") && !is_name(&"x".repeat(61)));
}

/// What somebody came back with.
fn back(query: &str, hash: &str) -> Option<[Option<String>; 4]> {
    match abroad(query, hash)? {
        Abroad::Back(back) => Some([Some(back.state), back.code, back.error, back.iss]),
        Abroad::Leaving => None,
    }
}

#[test]
fn what_the_provider_answers_is_read_from_either_part_of_the_address() {
    let some = |text: &str| Some(text.to_owned());
    let whole = Some([some("a-b_c"), some("x/y+z"), None, some("https://login.example")]);
    assert_eq!(back("?code=x%2Fy%2Bz&state=a-b_c&iss=https%3A%2F%2Flogin.example", ""), whole);
    assert_eq!(back("", "#code=x%2Fy%2Bz&state=a-b_c&iss=https%3A%2F%2Flogin.example&session_state=1"), whole);
    assert_eq!(
        back("?state=other", "#state=a&error=access_denied&error_description=The+user"),
        Some([some("a"), None, some("access_denied"), None])
    );
    for (query, hash) in [("", ""), ("?", "#"), ("?code=x", ""), ("", "#state")] {
        assert_eq!(back(query, hash), None, "{query}{hash}");
    }
    assert!(matches!(abroad("", "#again"), Some(Abroad::Leaving)));
    assert_eq!(back("?state=%zz%4&code=%C3%A9+%", ""), Some([some("%zz%4"), some("é %"), None, None]), "what is no escape stays");
}

#[test]
fn one_comes_back_to_a_page_of_the_app_only() {
    for page in ["/month", "/", "/month?segment=held"] {
        assert!(is_way_back(page), "{page}");
    }
    for page in ["//evil.example", "https://evil.example", "", "month", "/sign-in", "/welcome", "/signed-in?state=x"] {
        assert!(!is_way_back(page), "{page}");
    }
}

#[test]
fn what_somebody_sees_is_told_by_the_names_of_its_groups() {
    let group = |id: &str, name: &str| AccessGroupView {
        id: id.into(),
        name: name.to_owned(),
        own: 0,
        companies: 0,
        people: 0,
        tokens: 0,
        created_by: String::new(),
        created_at: domain::Timestamp::UNIX_EPOCH,
    };
    let known = [group("a", "London"), group("b", "Oslo")];
    let of = |ids: &[&str]| Visibility::Groups { groups: ids.iter().map(|id| (*id).into()).collect() };
    assert_eq!(visibility_label(&Visibility::Everything, &known), "Every company");
    assert_eq!(visibility_label(&of(&["b", "a"]), &known), "Oslo, London");
    assert_eq!(visibility_label(&of(&["a"]), &[]), "1 access group");
}

#[test]
fn who_made_a_token_is_said_and_when_it_ends_with_nobody() {
    assert_eq!(made_by("Ada", Maker::Person), "by Ada");
    assert_eq!(made_by("report", Maker::Token), "by report");
    assert_eq!(made_by("Ada", Maker::Removed), "by Ada, who was removed; it ends with nobody");
    assert_eq!(made_by("Ada", Maker::Unknown), "by Ada; which account is not known, so it ends with nobody");
}
