//! Transactions: requests that are kept back until all of them are to be done, or none.
//!
//! They belong to one connection and end with it ("Any started transactions which have not been
//! committed will be implicitly aborted", STOMP 1.2, "BEGIN").

use std::collections::HashMap;

use crate::{Fault, Limits, Request};

/// The open transactions of a connection.
#[derive(Debug, Default)]
pub struct Transactions {
    open: HashMap<String, Vec<Request>>,
    /// How much memory the frames in all of them take.
    bytes: usize,
}

impl Transactions {
    /// Whether none is open.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// BEGIN.
    ///
    /// # Errors
    ///
    /// [`Fault::TransactionExists`], [`Fault::TooMany`].
    pub fn begin(&mut self, name: &str, limits: &Limits) -> Result<(), Fault> {
        if self.open.contains_key(name) {
            let name = name.to_owned();
            return Err(Fault::TransactionExists { name });
        }
        at_most(limits.transactions, self.open.len() + 1, "open transactions")?;
        self.open.insert(name.to_owned(), Vec::new());
        Ok(())
    }

    /// SEND, ACK or NACK with a `transaction` header.
    ///
    /// # Errors
    ///
    /// [`Fault::NoTransaction`], [`Fault::TooMany`].
    pub fn add(&mut self, name: &str, request: Request, limits: &Limits) -> Result<(), Fault> {
        let size = request.size();
        let requests = self.open.get_mut(name).ok_or_else(|| unknown(name))?;
        at_most(
            limits.transaction_frames,
            requests.len() + 1,
            "frames in the transaction",
        )?;
        at_most(
            limits.transaction_bytes,
            self.bytes + size,
            "bytes in transactions",
        )?;
        self.bytes += size;
        requests.push(request);
        Ok(())
    }

    /// COMMIT or ABORT: ends the transaction, and gives what is in it.
    ///
    /// # Errors
    ///
    /// [`Fault::NoTransaction`].
    pub fn end(&mut self, name: &str) -> Result<Vec<Request>, Fault> {
        let requests = self.open.remove(name).ok_or_else(|| unknown(name))?;
        self.bytes -= requests.iter().map(Request::size).sum::<usize>();
        Ok(requests)
    }
}

fn unknown(name: &str) -> Fault {
    let name = name.to_owned();
    Fault::NoTransaction { name }
}

fn at_most(limit: usize, count: usize, what: &'static str) -> Result<(), Fault> {
    if count > limit {
        return Err(Fault::TooMany { what, limit });
    }
    Ok(())
}
