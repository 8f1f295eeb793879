//! How many lines a second the plan makes, on a world of 10,000 companies with three products each, and how many steps a
//! second the engine goes with the changes those lines propose.
//!
//! `cargo run --release -p shared --example plan_bench` prints one JSON object a line. With
//! `-- slice` it prints 10,000 of those lines as the slice that `cargo xtask bench preview` plans in a browser.

use std::collections::BTreeMap;
use std::time::Instant;

use domain::Timestamp;
use domain::billing::{Line, PlanInput, Policy, Psa, TrackRecords, Wanted, plan, subset};
use domain::ids::{AdditionId, AgreementId, CatalogId, ConnectionId, EsetCompanyId, ProductCode, PsaCompanyId};
use domain::mapping::{CompanyChoice, CompanyProducts, CompanyTarget, Mappings, ProductChoice, ProductRule};
use domain::money::{Money, Quantity};
use domain::psa::{Addition, AdditionsRead, Agreement, AgreementStatus, CatalogProduct, PSA_SCHEMA, PsaCatalogue, PsaCompany};
use domain::seats::{CompanySeats, EntityKind, Licence, LicenceState, SNAPSHOT_SCHEMA, Snapshot};
use engine::{Event, Intent, IntentState, Observed, Settings, WriteAnswer, step};

const COMPANIES: i64 = 10_000;
const PRODUCTS: i64 = 3;
const RUNS: usize = 9;
/// Agreements of the slice: 10,002 lines.
const SLICE: usize = 3_334;

fn main() {
    let now = Timestamp::UNIX_EPOCH + chrono::TimeDelta::days(20_000);
    let (eset, cw) = (ConnectionId::from("eset"), ConnectionId::from("cw"));
    let snapshot = snapshot(&eset, now);
    let mappings = mappings(&eset, &cw);
    let (catalogue, additions) = (catalogue(&cw), additions(now));
    let psa = BTreeMap::from([(cw, Psa { tenant: "site|msp", catalogue: &catalogue, additions: &additions })]);
    let (written, records, policy) = (BTreeMap::new(), TrackRecords::new(), Policy::default());
    let input = PlanInput {
        now,
        snapshots: &[&snapshot],
        groups: &[],
        mappings: &mappings,
        psa: &psa,
        written: &written,
        records: &records,
        paused: &BTreeMap::new(),
        policy: &policy,
    };

    if std::env::args().any(|argument| argument == "slice") {
        let wanted = Wanted::product(&input, &"cw".into(), &code(0), None);
        println!("{}", serde_json::to_string(&subset(&input, &wanted, SLICE)).unwrap_or_default());
        return;
    }
    let mut rates: Vec<f64> = (0..RUNS)
        .map(|_| {
            let began = Instant::now();
            let lines = std::hint::black_box(plan(&input)).len();
            assert_eq!(lines, usize::try_from(COMPANIES * PRODUCTS).unwrap_or_default(), "lines of the world");
            f64::from(u32::try_from(lines).unwrap_or_default()) / began.elapsed().as_secs_f64()
        })
        .collect();
    print("plan_lines_per_s", &mut rates, "lines/s");
    let mut rates = engine_rates(&plan(&input), now);
    print("engine_steps_per_s", &mut rates, "steps/s");
}

/// Prints the median of `rates`.
fn print(name: &str, rates: &mut [f64], unit: &str) {
    rates.sort_by(f64::total_cmp);
    println!(r#"{{"name":"{name}","value":{:.0},"unit":"{unit}"}}"#, rates[RUNS / 2]);
}

/// Steps a second: every change the lines propose lives its whole life, once with every answer and once with a lost one.
fn engine_rates(lines: &[Line], now: Timestamp) -> Vec<f64> {
    let planned: Vec<Intent> = lines.iter().filter_map(Intent::of).collect();
    assert!(!planned.is_empty(), "the world proposes changes");
    let measure = |_| {
        let intents = planned.clone();
        let began = Instant::now();
        let steps: u32 = intents.into_iter().map(|intent| life(intent.clone(), now, false) + life(intent, now, true)).sum();
        f64::from(std::hint::black_box(steps)) / began.elapsed().as_secs_f64()
    };
    (0..RUNS).map(measure).collect()
}

/// Takes an intent from planned to done and answers how many steps that were. With `lost`, the answer to its write is lost
/// and the write never arrived: two quiet reads allow the second try, which succeeds.
fn life(mut intent: Intent, now: Timestamp, lost: bool) -> u32 {
    let settings = Settings::default();
    let (from, to) = (intent.from, intent.to);
    let reads = |quantity| {
        Event::Read(Observed::Addition {
            quantity,
            version: "2026-11-01T00:00:00Z".to_owned(),
            description: "Managed endpoint security".to_owned(),
            cancelled: None,
            ongoing: true,
            agreement: AgreementStatus::Active,
        })
    };
    let written = [Event::Claim, reads(from), Event::Wrote(WriteAnswer::Accepted(None)), reads(to)];
    let mut events = Vec::new();
    if lost {
        let answer = WriteAnswer::Lost { words: "timed out".to_owned(), wait: None };
        events.extend([Event::Claim, reads(from), Event::Wrote(answer), Event::Claim, reads(from), Event::Claim, reads(from)]);
    }
    events.extend(written);
    let (mut steps, mut now) = (0, now);
    for event in events {
        // A claim waits until what was lost has had time to arrive.
        now = intent.not_before.map_or(now, |moment| now.max(moment));
        std::hint::black_box(step(&mut intent, event, now, &settings));
        steps += 1;
    }
    assert_eq!(intent.state, IntentState::Done, "a life ends well");
    steps
}

/// Each company has two licences of each product, and every twentieth licence is a trial.
fn snapshot(eset: &ConnectionId, now: Timestamp) -> Snapshot {
    let company = |id: i64| {
        let licences = (0..PRODUCTS * 2).map(|number| licence(id, number)).collect();
        CompanySeats {
            name: format!("Company {id}"),
            kind: EntityKind::MspCustomer,
            parent: None,
            custom_identifier: None,
            licences,
            seat_days: BTreeMap::new(),
            seat_days_unread: false,
            complete: true,
            unread: Vec::new(),
        }
    };
    Snapshot {
        schema: SNAPSHOT_SCHEMA,
        connection: eset.clone(),
        pass: "pass".into(),
        taken_at: now,
        usage_days: (now.date_naive(), now.date_naive()),
        complete: true,
        companies: (0..COMPANIES).map(|id| (eset_id(id), company(id))).collect(),
        unowned: Vec::new(),
        tallies: BTreeMap::new(),
    }
}

fn licence(company: i64, number: i64) -> Licence {
    let ordered = u32::try_from((company * 7 + number * 13) % 50).unwrap_or_default();
    Licence {
        id: format!("{company:05}-{number}").as_str().into(),
        product: code(number % PRODUCTS),
        product_name: format!("ESET product {}", number % PRODUCTS),
        ordered,
        activated: ordered / 2,
        trial: (company + number) % 20 == 0 && number >= PRODUCTS,
        state: LicenceState::Normal,
        parts: Vec::new(),
    }
}

fn mappings(eset: &ConnectionId, cw: &ConnectionId) -> Mappings {
    let company = |id| {
        let target = CompanyTarget {
            psa: cw.clone(),
            company: PsaCompanyId(id),
            agreement: AgreementId(id),
            automatic: false,
            products: CompanyProducts::new(),
            groups: Vec::new(),
        };
        (eset_id(id), CompanyChoice::Mapped(target))
    };
    let product = |id| (code(id), ProductChoice::Mapped { product: CatalogId(id), rule: ProductRule::default() });
    Mappings {
        companies: [(eset.clone(), (0..COMPANIES).map(company).collect())].into(),
        products: [(cw.clone(), (0..PRODUCTS).map(product).collect())].into(),
    }
}

fn catalogue(cw: &ConnectionId) -> PsaCatalogue {
    let company = |id| (PsaCompanyId(id), PsaCompany { identifier: format!("C{id}"), name: format!("Customer {id}"), status: None });
    let agreement = |id| {
        let agreement = Agreement {
            name: "Managed security".to_owned(),
            kind: None,
            company: PsaCompanyId(id),
            status: AgreementStatus::Active,
            parent: None,
            bill_start: None,
            next_invoice: None,
            currency: Some("EUR".to_owned()),
            prorates: Some(true),
            ends: None,
            cycle: None,
            one_time: false,
        };
        (AgreementId(id), agreement)
    };
    let product = |id| {
        let identifier = format!("ESET-{id}");
        (CatalogId(id), CatalogProduct { description: identifier.clone(), identifier, inactive: false, bundle: false })
    };
    PsaCatalogue {
        schema: PSA_SCHEMA,
        connection: cw.clone(),
        companies: (0..COMPANIES).map(company).collect(),
        agreements: (0..COMPANIES).map(agreement).collect(),
        products: (0..PRODUCTS).map(product).collect(),
    }
}

fn additions(now: Timestamp) -> BTreeMap<AgreementId, AdditionsRead> {
    let addition = |agreement: i64, product: i64| Addition {
        id: AdditionId(agreement * PRODUCTS + product),
        product: CatalogId(product),
        quantity: Quantity::from(u32::try_from((agreement + product) % 90).unwrap_or_default()),
        included: Quantity::ZERO,
        unit_price: Money::from_vendor(2.5),
        bill: None,
        effective: None,
        unit_cost: None,
        cancelled: None,
        serial: None,
        version: "2026-11-01T00:00:00Z".to_owned(),
    };
    let read = |agreement| AdditionsRead { read_at: now, additions: (0..PRODUCTS).map(|product| addition(agreement, product)).collect() };
    (0..COMPANIES).map(|agreement| (AgreementId(agreement), read(agreement))).collect()
}

fn eset_id(company: i64) -> EsetCompanyId {
    EsetCompanyId(format!("00000000-0000-0000-0000-{company:012}"))
}

fn code(product: i64) -> ProductCode {
    ProductCode(product.to_string())
}
