//! ESET MSP Administrator 2, ESET Connect, ESET PROTECT On-Prem and ConnectWise PSA on loopback, behaving as the vendors do.
//!
//! Four stateful HTTP servers share one made-up [world](WorldHandle) of an MSP and its customers. They are what a
//! newcomer tries the product on, and what every test runs against, so they follow the vendors' documents rather than
//! the client's wishes: lists that stop at a page, names that almost match, refusals in the vendor's own words.
//! A control server changes the world and breaks connections; a journal tells what was asked and what it changed.
//!
//! ```no_run
//! # async fn example() -> anyhow::Result<()> {
//! use simulator::{Options, Simulator};
//!
//! let simulator = Simulator::start(Options { companies: 1, ..Options::default() }).await?;
//! let addition = simulator.world().additions()[0].id;
//! simulator.world().edit_addition(addition, 30.0)?;
//! assert_eq!(simulator.world().addition(addition).unwrap().quantity, 30.0);
//! # Ok(())
//! # }
//! ```

mod connect;
mod connectwise;
mod control;
mod credentials;
mod ema2;
mod exchange;
mod fault;
mod handle;
mod journal;
mod limiter;
mod passage;
mod savefile;
mod server;
mod sessions;
mod stage;
mod table;
mod ticket_page;
mod world;

use std::path::PathBuf;

use anyhow::Context;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use connectwise::replicas::Lag;
pub use credentials::{Credentials, Keys, Login};
pub use fault::{Fault, FaultId, FaultKind};
pub use handle::{ManagedDevice, NoSuch, Report, WorldHandle};
pub use journal::{Actor, Effect, Entry, Vendor};
pub use world::{
    Action, Addition, Agreement, AgreementStatus, Board, BoardStatus, CatalogItem, Configuration, Currency, CwCompany, Detection,
    DeviceGroup, EntityType, EsetCompany, HistoryEntry, HistoryKind, Level, License, LicenseState, Note, PRODUCTS, Permission, Product,
    Reference, Rule, Settings, Stamp, Ticket, TicketStamp,
};

use axum::http;
use server::Server;
use stage::{Shared, Stage};

/// Which world to simulate, and where.
#[derive(Clone, Debug)]
pub struct Options {
    /// One seed makes one world.
    pub seed: u64,
    /// Customers in ESET. One makes a plain world of a single customer: 27 seats ordered, 25 billed.
    pub companies: usize,
    /// First of five consecutive ports (control, EMA 2, ConnectWise, ESET Connect, ESET PROTECT On-Prem); free ones without it.
    pub ports: Option<u16>,
    /// File that keeps what changed, so that a restart goes on from there.
    pub state: Option<PathBuf>,
    /// Where the clock stands, moved by [`WorldHandle::advance`] and [`WorldHandle::set_now`] alone; the real one without it.
    pub now: Option<DateTime<Utc>>,
    /// Where a clock that runs begins; at the real time without it.
    pub begins: Option<DateTime<Utc>>,
}

impl Default for Options {
    fn default() -> Self {
        Self { seed: 1, companies: 300, ports: None, state: None, now: None, begins: None }
    }
}

/// Base URLs of the servers, without a slash at the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addresses {
    /// The control API.
    pub control: String,
    /// EMA 2, with `/api` at the end as its documentation gives it.
    pub ema2: String,
    /// The site a person types to open ConnectWise.
    pub connectwise: String,
    /// ESET Connect: the token service and the domain services on one host.
    pub connect: String,
    /// ESET PROTECT On-Prem.
    pub protect: String,
}

/// Running servers; dropping it stops them.
#[derive(Debug)]
pub struct Simulator {
    addresses: Addresses,
    credentials: Credentials,
    shared: Shared,
    servers: Vec<Server>,
}

impl Simulator {
    /// Starts all five servers.
    ///
    /// # Errors
    /// When a port is taken or the state file cannot be used.
    pub async fn start(options: Options) -> anyhow::Result<Self> {
        let shared = Stage::open(&options)?;
        let port = |offset| options.ports.map_or(0, |base| base.saturating_add(offset));
        let mut servers = Vec::new();
        for (offset, vendor) in (1..).zip([Vendor::Ema2, Vendor::ConnectWise, Vendor::Connect, Vendor::Protect]) {
            let mut router = passage::router(vendor, shared.clone());
            if vendor == Vendor::ConnectWise {
                router = router.merge(ticket_page::routes(WorldHandle::new(shared.clone())));
            }
            let started = Server::start(port(offset), router).await;
            servers.push(started.with_context(|| format!("port {} cannot be used", port(offset)))?);
        }
        let mut addresses = Addresses {
            control: String::new(),
            ema2: format!("http://{}/api", servers[0].address),
            connectwise: format!("http://{}", servers[1].address),
            connect: format!("http://{}", servers[2].address),
            protect: format!("http://{}", servers[3].address),
        };
        let credentials = shared.lock().credentials.clone();
        let listener = Server::reserve(port(0)).await;
        let listener = listener.with_context(|| format!("port {} cannot be used", port(0)))?;
        addresses.control = format!("http://{}", listener.local_addr()?);
        let handle = WorldHandle::new(shared.clone());
        servers.push(Server::run(listener, control::router(handle, addresses.clone(), credentials.clone()))?);
        Ok(Self { addresses, credentials, shared, servers })
    }

    /// The same vendors without servers: [`Simulator::exchange`] is the only way to them. The addresses are made up.
    ///
    /// # Errors
    /// When the state file cannot be used.
    pub fn offline(options: &Options) -> anyhow::Result<Self> {
        let shared = Stage::open(options)?;
        let addresses = Addresses {
            control: "http://127.0.0.1:1".to_owned(),
            ema2: "http://127.0.0.1:2/api".to_owned(),
            connectwise: "http://127.0.0.1:3".to_owned(),
            connect: "http://127.0.0.1:4".to_owned(),
            protect: "http://127.0.0.1:5".to_owned(),
        };
        let credentials = shared.lock().credentials.clone();
        Ok(Self { addresses, credentials, shared, servers: Vec::new() })
    }

    /// Has a vendor deal with a request as its server would, faults and journal included, but without a socket. None when the
    /// connection was cut before the whole answer had come.
    pub async fn exchange(&self, vendor: Vendor, request: http::Request<Vec<u8>>) -> Option<http::Response<Vec<u8>>> {
        passage::without_sockets(vendor, &self.shared, request).await
    }

    /// Where the servers listen.
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// What to log in with.
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// A handle on the world, to look into it and change it.
    pub fn world(&self) -> WorldHandle {
        WorldHandle::new(self.shared.clone())
    }

    /// Stops the servers and waits until their ports are free, as a restart on the same ports needs.
    pub async fn stop(self) {
        for server in self.servers {
            server.stop().await;
        }
    }
}
