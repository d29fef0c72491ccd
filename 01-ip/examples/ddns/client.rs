//! The machine that moves: it tells its name's server the new address (RFC 2136), and signs.

use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use hickory_resolver::proto::op::{Message, MessageType, OpCode, Query};
use hickory_resolver::proto::rr::{DNSClass, Name, RData, Record, RecordType};

use super::tsig::{self, Key, Signed};

/// What a machine says about itself.
pub(crate) struct Update {
    pub(crate) zone: Name,
    pub(crate) name: Name,
    pub(crate) address: Ipv4Addr,
    /// For how many seconds the world may remember it.
    pub(crate) ttl: u32,
}

impl Update {
    /// "Forget all addresses of this name; this is the new one." The zone stands where a query has its question, and
    /// the changes stand where an answer has its authorities (section 2).
    fn message(&self) -> Message {
        let mut message = Message::new(2136, MessageType::Query, OpCode::Update);
        message.add_query(Query::query(self.zone.clone(), RecordType::SOA));
        let mut forget = Record::update0(self.name.clone(), 0, RecordType::A);
        forget.dns_class = DNSClass::ANY;
        message.add_authority(forget);
        message.add_authority(Record::from_rdata(
            self.name.clone(),
            self.ttl,
            RData::A(self.address.into()),
        ));
        message
    }

    /// Sends it, signed at `time`, and tells what the server answered.
    pub(crate) fn send(&self, server: SocketAddr, key: &Key, time: u64) -> Result<String, Box<dyn Error>> {
        let mut message = self.message();
        let signature = key.sign(&message.to_vec()?, tsig::unsigned(message.id, time), &[])?;
        let question = signature.data.mac.clone();
        message.signature = Some(Box::new(signature));

        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.connect(server)?;
        socket.set_read_timeout(Some(Duration::from_secs(5)))?;
        socket.send(&message.to_vec()?)?;
        let mut buffer = [0; 512];
        let length = socket.recv(&mut buffer)?;
        explain(&buffer[..length], key, &question, time)
    }
}

/// The answer's code, the error in its signature, and whether the signature is right.
fn explain(answer: &[u8], key: &Key, question: &[u8], time: u64) -> Result<String, Box<dyn Error>> {
    let code = format!("{:?}", Message::from_vec(answer)?.response_code).to_uppercase();
    let Some(signed) = Signed::read(answer)? else {
        return Ok(code);
    };
    let whose = match key.verify(&signed, question, time) {
        Ok(()) => "signed by the server",
        Err(_) => "not signed",
    };
    Ok(match signed.signature.data.error {
        Some(error) => format!("{code}, {}; {whose}", format!("{error:?}").to_uppercase()),
        None => format!("{code}; {whose}"),
    })
}
