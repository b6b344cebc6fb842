//! The `nestkey` crate over memory and over real servers, in RESP2 and RESP3.

mod atomics;
mod borrowed;
mod calls;
mod clusters;
mod deadlines;
mod failures;
mod keys;
mod leases;
mod levels;
mod passwords;
mod pipelines;
mod place;
mod pools;
mod secrets;
mod strangers;
mod tasks;
mod tls;
mod updates;
mod waiting;
mod walks;
