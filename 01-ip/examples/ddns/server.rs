//! The authoritative server of one zone. hickory-server answers questions; what changes the zone is here.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use hickory_resolver::proto::op::{Header, HeaderCounts, MessageType, Metadata, OpCode, ResponseCode};
use hickory_resolver::proto::rr::rdata::tsig::{TsigError, make_tsig_record};
use hickory_resolver::proto::rr::rdata::{SOA, TSIG};
use hickory_resolver::proto::rr::{DNSClass, LowerName, Name, RData, Record, RrKey};
use hickory_resolver::proto::serialize::binary::BinEncoder;
use hickory_server::Server;
use hickory_server::net::NetError;
use hickory_server::net::runtime::Time;
use hickory_server::server::{Request, RequestHandler, ResponseHandler, ResponseInfo};
use hickory_server::store::in_memory::InMemoryZoneHandler;
use hickory_server::zone_handler::{
    AxfrPolicy, Catalog, MessageResponseBuilder, UpdateRequest, ZoneHandler, ZoneType,
};
use tokio::net::UdpSocket;

use super::tsig::{self, Key, Signed};

/// The zone, who may change it, and how many questions came.
pub(crate) struct Zone {
    records: Arc<InMemoryZoneHandler>,
    catalog: Catalog,
    key: Key,
    questions: Arc<AtomicUsize>,
}

impl Zone {
    pub(crate) fn new(origin: &Name, key: Key, questions: Arc<AtomicUsize>) -> Self {
        let mut records = InMemoryZoneHandler::empty(origin.clone(), ZoneType::Primary, AxfrPolicy::Deny);
        records.upsert_mut(start_of_zone(origin, 1), 1);
        let records = Arc::new(records);
        let mut catalog = Catalog::new();
        catalog.upsert(
            LowerName::new(origin),
            vec![Arc::clone(&records) as Arc<dyn ZoneHandler>],
        );
        Self {
            records,
            catalog,
            key,
            questions,
        }
    }

    /// Serves it on a port of loopback, on a thread of its own, for as long as the program runs.
    pub(crate) fn serve(self) -> io::Result<SocketAddr> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let socket = runtime.block_on(UdpSocket::bind("127.0.0.1:0"))?;
        let address = socket.local_addr()?;
        thread::spawn(move || {
            runtime.block_on(async {
                let mut server = Server::new(self);
                server.register_socket(socket);
                server.block_until_done().await
            })
        });
        Ok(address)
    }

    /// RFC 2136, section 3.4.2: first what is deleted, then what is added; here only the two kinds that DDNS needs.
    async fn change(&self, updates: &[Record]) -> ResponseCode {
        let origin = Name::from(self.records.origin().clone());
        if !updates.iter().all(|update| origin.zone_of(&update.name)) {
            return ResponseCode::NotZone;
        }
        let serial = self.records.serial().await + 1;
        for update in updates {
            match update.dns_class {
                DNSClass::ANY => {
                    let key = RrKey::new(LowerName::new(&update.name), update.record_type());
                    self.records.records_mut().await.remove(&key);
                }
                DNSClass::IN => {
                    self.records.upsert(update.clone(), serial).await;
                }
                _ => return ResponseCode::NotImp,
            }
        }
        // So that the zone's other servers notice (RFC 2136, section 3.6).
        self.records.upsert(start_of_zone(&origin, serial), serial).await;
        ResponseCode::NoError
    }

    async fn update<R: ResponseHandler>(
        &self,
        request: &Request,
        mut client: R,
    ) -> Result<ResponseInfo, NetError> {
        let signed = Signed::read(request.as_slice())?;
        let error = signed
            .as_ref()
            .and_then(|signed| self.key.verify(signed, &[], now()).err());
        let code = match (&signed, error) {
            (None, _) => ResponseCode::Refused,
            (_, Some(_)) => ResponseCode::NotAuth,
            (Some(_), None) => self.change(request.updates()).await,
        };
        let mut metadata = Metadata::new(request.metadata.id, MessageType::Response, OpCode::Update);
        metadata.response_code = code;
        let answer = || MessageResponseBuilder::new(&request.queries, None).build_no_records(metadata);

        let mut bytes = Vec::new();
        answer().destructive_emit(&mut BinEncoder::new(&mut bytes))?;
        let mut answer = answer();
        if let Some(signed) = signed {
            answer.set_signature(Box::new(self.sign(&bytes, &signed.signature, error)?));
        }
        client.send_response(answer).await
    }

    /// Who does not know the secret gets an answer without a signature, which would tell him something (RFC 8945,
    /// section 5.2.2); whose clock is wrong gets the right time, signed (section 5.2.3).
    fn sign(
        &self,
        answer: &[u8],
        question: &Record<TSIG>,
        error: Option<TsigError>,
    ) -> Result<Record<TSIG>, NetError> {
        let mut signature = tsig::unsigned(question.data.oid, now());
        signature.error = error;
        if error == Some(TsigError::BadTime) {
            signature.time = question.data.time;
            signature.other = now().to_be_bytes()[2..].to_vec();
        }
        match error {
            Some(TsigError::BadKey | TsigError::BadSig) => {
                Ok(make_tsig_record(question.name.clone(), signature))
            }
            _ => Ok(self.key.sign(answer, signature, &question.data.mac)?),
        }
    }
}

#[async_trait::async_trait]
impl RequestHandler for Zone {
    async fn handle_request<R: ResponseHandler, T: Time>(
        &self,
        request: &Request,
        client: R,
    ) -> ResponseInfo {
        if request.metadata.op_code != OpCode::Update {
            self.questions.fetch_add(1, Ordering::Relaxed);
            return self.catalog.handle_request::<R, T>(request, client).await;
        }
        match self.update(request, client).await {
            Ok(told) => told,
            Err(_) => ResponseInfo::from(Header {
                metadata: request.metadata,
                counts: HeaderCounts::default(),
            }),
        }
    }
}

/// Every zone begins with this record. Its serial counts the changes.
fn start_of_zone(origin: &Name, serial: u32) -> Record {
    let data = SOA::new(origin.clone(), origin.clone(), serial, 3600, 600, 86400, 60);
    Record::from_rdata(origin.clone(), 60, RData::SOA(data))
}

/// Seconds since 1970.
pub(crate) fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}
