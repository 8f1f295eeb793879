//! An install with three branches: John, Larry and Makio each look after the customers of one city.

use domain::access::Role;
use harness::TestInstall;
use harness::people::Visitor;
use http::StatusCode;
use serde_json::{Value, json};

pub(crate) const NOTHING: Option<&Value> = None;

/// One branch.
pub(crate) struct Branch {
    /// Its city, which its access group is called.
    pub(crate) city: &'static str,
    /// The access group.
    pub(crate) group: String,
    /// Who looks after it, for tickets and mappings.
    pub(crate) person: Visitor,
    /// A program that bills it.
    pub(crate) token: String,
    /// Its companies as the administrator sees them.
    pub(crate) companies: Vec<Value>,
}

impl Branch {
    /// A call of its person.
    pub(crate) async fn call(&self, install: &TestInstall, method: &str, path: &str, body: Option<&Value>) -> (StatusCode, Value) {
        install.call_by(&self.person, method, path, body).await
    }

    /// What its person reads.
    pub(crate) async fn get(&self, install: &TestInstall, path: &str) -> Value {
        let (status, answer) = self.call(install, "GET", path, NOTHING).await;
        assert_eq!(status, StatusCode::OK, "GET {path} by {}: {answer}", self.person.name);
        answer
    }

    /// What a program of its reads.
    pub(crate) async fn read(&self, install: &TestInstall, path: &str) -> Value {
        let (status, answer) = install.call_as(&self.token, "GET", path, NOTHING).await;
        assert_eq!(status, StatusCode::OK, "GET {path} in {}: {answer}", self.city);
        answer
    }

    /// Whether a line with these members is its alone.
    pub(crate) fn has(&self, members: &Value) -> bool {
        let members = members.as_array().expect("members");
        !members.is_empty() && members.iter().all(|member| self.companies.iter().any(|company| company["company"] == member["company"]))
    }

    /// The query that asks for its first company.
    pub(crate) fn company(&self) -> String {
        let company = &self.companies[0];
        format!("connection={}&company={}", text(&company["connection"]), text(&company["company"]))
    }
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().expect("text").to_owned()
}

/// A company by its ids.
pub(crate) fn member(company: &Value) -> Value {
    json!({ "connection": company["connection"], "company": company["company"] })
}

/// An install in which each customer has just ordered a seat more of everything.
pub(crate) async fn grown() -> TestInstall {
    let install = TestInstall::with_tickets(12).await;
    let world = install.simulator.world();
    for licence in world.licenses().into_iter().filter(|licence| !licence.is_trial()) {
        world.set_seats(&licence.public_license_key, licence.quantity + 1).expect("the licence");
    }
    install.sync().await;
    install
}

/// Puts every mapped company into one city in turn, so that each has some, and invites who looks after it.
pub(crate) async fn branches(install: &TestInstall) -> Vec<Branch> {
    let all: Value = install.get("/api/companies?state=mapped&limit=500").await;
    let mut all = all["items"].as_array().expect("companies").clone();
    // Those with something to approve first, so that each city has one of them.
    let waiting = install.lines("to_approve").await;
    let waits =
        |company: &Value| waiting.iter().any(|line| line.line.members.iter().any(|member| company["company"] == json!(member.company)));
    all.sort_by_key(|company| !waits(company));
    assert!(all.iter().filter(|company| waits(company)).count() >= 3, "three companies wait for approval");
    assert!(all.len() >= 3, "a world of three cities needs three companies that are mapped: {}", all.len());
    let mut branches = Vec::new();
    for (number, (city, name)) in [("London", "John"), ("Oslo", "Larry"), ("Tokyo", "Makio")].into_iter().enumerate() {
        let companies: Vec<Value> = all.iter().skip(number).step_by(3).cloned().collect();
        let members: Vec<Value> = companies.iter().map(member).collect();
        let group = install.access_group(city, &members).await;
        let scope = json!({ "sees": "groups", "groups": [group] });
        let person = install.person_who_sees(name, Role::Technician, &scope).await;
        let token = install.token_that_sees(&install.admin_anew().await, Role::Billing, &scope).await;
        branches.push(Branch { city, group, person, token, companies });
    }
    branches
}
