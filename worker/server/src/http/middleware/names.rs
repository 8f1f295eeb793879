//! The names people, API tokens, access groups and passkeys are given.

use contract::Problem;

use crate::http::App;
use crate::http::middleware::error::{Failure, invalid};
use crate::passes::{AUTOMATIC, SCHEDULE};
use store::ports::StoreError;

/// Whoever opens a share link is called in the history.
pub(in crate::http) const VISITOR: &str = "visitor";
/// Whoever shows nothing.
pub(in crate::http) const NOBODY: &str = "nobody";
/// Who makes the first administrator.
pub(in crate::http) const SETUP: &str = "the set-up secret";

/// A name on one line, 1 to 60 characters, without space around it.
pub(in crate::http) fn name(text: &str) -> Option<String> {
    let name = text.trim();
    let fits = (1..=60).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    fits.then(|| name.to_owned())
}

/// The name of a person or an API token. What they do is written into the history under it.
pub(in crate::http) fn of_who_acts(text: &str) -> Result<String, Failure> {
    name(text).ok_or_else(|| invalid("name", "A name has 1 to 60 characters.", "It is written into the history with what they do."))
}

/// Whether the history would know by this name who did something: no person and no token has it, and nothing acts under it by itself.
/// `own` is the person who has it already.
pub(in crate::http) fn is_free(app: &App, name: &str, own: Option<&str>) -> Result<bool, StoreError> {
    let provider = app.config.identity.openid.as_ref().ok().and_then(Option::as_ref).map(|provider| provider.name.as_str());
    let by_itself = [AUTOMATIC, SCHEDULE, VISITOR, NOBODY, SETUP].into_iter().chain(provider).any(|taken| taken.eq_ignore_ascii_case(name));
    let holder = app.ledger.people().called(name, app.now())?;
    let another = holder.is_some_and(|person| own != Some(person.id.as_str()));
    Ok(!by_itself && !another && !app.ledger.access().has_token_called(name)?)
}

/// Refuses a name that is not free.
pub(in crate::http) fn must_be_free(app: &App, name: &str, own: Option<&str>) -> Result<(), Failure> {
    if is_free(app, name, own)? { Ok(()) } else { Err(taken()) }
}

/// What is said of a name that somebody or something has.
pub(in crate::http) fn taken() -> Failure {
    let detail = "A person, an API token or Seatbridge itself acts under it, and the history would not tell the two apart.";
    Problem::new(409, "name_taken", "This name is taken.", detail, "Choose another name.").about("name").into()
}
