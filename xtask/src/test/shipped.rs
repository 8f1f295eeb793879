//! What is deployed, built for the layers that look at it. What is tested is what is deployed; one profile also means that wasm is
//! built once.

use std::mem;
use std::thread::{self, JoinHandle};

use anyhow::{Result, anyhow};

use crate::build::{self, Profile};

/// The app and the Worker. Their last step has one hand only, so they are built beside the layers that come before.
#[derive(Default)]
pub(super) enum Shipped {
    /// Nobody has asked for it.
    #[default]
    Unbuilt,
    /// It is being built.
    Building(JoinHandle<Result<()>>),
    /// It is there, if it compiles.
    Built,
}

impl Shipped {
    /// Begins to build, unless that was begun before.
    pub(super) fn begin(&mut self) {
        if matches!(self, Self::Unbuilt) {
            *self = Self::Building(thread::spawn(built));
        }
    }

    /// Waits until everything is built.
    ///
    /// # Errors
    /// When something does not compile; each layer that wants it is told so.
    pub(super) fn provide(&mut self) -> Result<()> {
        match mem::replace(self, Self::Built) {
            Self::Building(at_work) => at_work.join().map_err(|_| anyhow!("the build stopped unexpectedly; its message is above"))?,
            Self::Unbuilt | Self::Built => built(),
        }
    }
}

fn built() -> Result<()> {
    build::app(Profile::Release)?;
    build::worker(Profile::Release)
}
