//! The table of contents of the API.

use super::endpoint::Endpoint;
use super::{
    access_groups, backup, companies, connections, drift, forgetting, groups, history, look_only, mapping_table, month, months, overview,
    passes, people, plan_slice, policy, products, psa, reconciliation, retention, service, session, share, snapshots, tickets, tokens,
    vault,
};
use domain::access::Action;

/// The methods the API uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Starts or decides something.
    Post,
    /// Replaces.
    Put,
    /// Changes a part.
    Patch,
    /// Takes away.
    Delete,
}

impl Method {
    /// Its name in HTTP.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// What a route does for a caller who sees some access groups alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RouteScope {
    /// The same as for everybody: it tells nothing of any company, or is asked before it is known who asks.
    Free,
    /// Only what is about companies of theirs. Whatever else there is, is answered for as if it were not there.
    Scoped,
    /// Nothing: it concerns the whole install, and is refused.
    Whole,
}

/// One route: what it is called by, what it does, who may and how far it reaches.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// HTTP method.
    pub method: Method,
    /// Path, with `{name}` for its parts.
    pub path: &'static str,
    /// What it does, to be looked up in the roles' table.
    pub action: Action,
    /// What it does for a caller who does not see every company.
    pub reach: RouteScope,
    /// The status of its response when all is well.
    pub status: u16,
    /// What the API's description says about it.
    #[cfg(feature = "schema")]
    pub operation: super::openapi::Operation,
}

/// The path of the API's description, which is a static file: the platform answers it, not the router.
pub const DESCRIPTION: &str = service::ShowDescription::ROUTE.path;

/// Every route of the API.
pub const ROUTES: &[Route] = &joined();

/// What each resource declares, in the order of the description's tags.
const RESOURCES: &[&[Route]] = &[
    service::ENDPOINTS,
    session::ENDPOINTS,
    people::ENDPOINTS,
    access_groups::ENDPOINTS,
    tokens::ENDPOINTS,
    share::ENDPOINTS,
    overview::ENDPOINTS,
    look_only::ENDPOINTS,
    backup::ENDPOINTS,
    connections::ENDPOINTS,
    vault::ENDPOINTS,
    companies::ENDPOINTS,
    mapping_table::ENDPOINTS,
    products::ENDPOINTS,
    plan_slice::ENDPOINTS,
    psa::ENDPOINTS,
    month::ENDPOINTS,
    reconciliation::ENDPOINTS,
    drift::ENDPOINTS,
    policy::ENDPOINTS,
    passes::ENDPOINTS,
    retention::ENDPOINTS,
    forgetting::ENDPOINTS,
    history::ENDPOINTS,
    months::ENDPOINTS,
    snapshots::ENDPOINTS,
    groups::ENDPOINTS,
    tickets::ENDPOINTS,
];

/// How many routes there are.
const COUNT: usize = {
    let (mut count, mut rest) = (0, RESOURCES);
    while let [resource, others @ ..] = rest {
        count += resource.len();
        rest = others;
    }
    count
};

/// The routes of all resources in one list; made when this is compiled.
const fn joined() -> [Route; COUNT] {
    let mut all = [service::ShowHealth::ROUTE; COUNT];
    let (mut places, mut resources) = (all.as_mut_slice(), RESOURCES);
    while let [resource, others @ ..] = resources {
        let Some((filled, left)) = places.split_at_mut_checked(resource.len()) else { break };
        filled.copy_from_slice(resource);
        (places, resources) = (left, others);
    }
    all
}

/// The actions of which no route is anything for who sees some access groups alone, as bits; made when this is compiled, so that the
/// table itself does not weigh in the app.
const WHOLE: u32 = {
    let (mut whole, mut reached, mut rest) = (0_u32, 0_u32, ROUTES);
    while let [route, others @ ..] = rest {
        let bit = 1 << route.action as u32;
        if matches!(route.reach, RouteScope::Whole) {
            whole |= bit;
        } else {
            reached |= bit;
        }
        rest = others;
    }
    whole & !reached
};

/// Whether all that an action does concerns the whole install, so that it is nothing for who sees some access groups alone.
pub const fn needs_everything(action: Action) -> bool {
    WHOLE & (1 << action as u32) != 0
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn an_action_is_of_the_whole_when_each_of_its_routes_is() {
        for action in Action::ALL {
            let mut routes = ROUTES.iter().filter(|route| route.action == action).peekable();
            let whole = routes.peek().is_some() && routes.all(|route| route.reach == RouteScope::Whole);
            assert_eq!(needs_everything(action), whole, "{action:?}");
        }
        let whole = [Action::SetPolicy, Action::CloseMonth, Action::ManageTickets, Action::AutomateBilling].map(needs_everything);
        assert_eq!(whole, [true, true, false, false]);
    }

    #[test]
    fn no_two_routes_have_the_same_method_and_path() {
        let routes: BTreeSet<_> = ROUTES.iter().map(|route| (route.method as u8, route.path)).collect();
        assert_eq!(routes.len(), ROUTES.len());
    }

    #[test]
    fn who_comes_in_what_is_connected_and_what_is_written_down_is_nothing_for_a_branch() {
        use Action::{ManageConnections, ManagePeople, ManageTokens, SeePeople};
        for route in ROUTES.iter().filter(|route| matches!(route.action, SeePeople | ManagePeople | ManageTokens | ManageConnections)) {
            assert_eq!(route.reach, RouteScope::Whole, "{}", route.path);
        }
        let told = ROUTES.iter().filter(|route| ["/history", "/snapshots", "/passes"].iter().any(|part| route.path.contains(part)));
        assert!(told.into_iter().all(|route| route.reach == RouteScope::Whole));
    }
}
