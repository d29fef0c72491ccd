//! TSIG: a DNS message signed with a secret that both ends know (RFC 8945).

use hickory_resolver::proto::ProtoError;
use hickory_resolver::proto::op::{Header, Query};
use hickory_resolver::proto::rr::rdata::TSIG;
use hickory_resolver::proto::rr::rdata::tsig::{TsigAlgorithm, TsigError, make_tsig_record};
use hickory_resolver::proto::rr::{Name, RData, Record};
use hickory_resolver::proto::serialize::binary::{BinDecodable, BinDecoder, BinEncodable, BinEncoder};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// By how many seconds the two clocks may differ: also for how long a recorded message could be played again.
pub(crate) const FUDGE: u16 = 300;

/// A secret, and the name by which the two ends speak of it.
#[derive(Clone)]
pub(crate) struct Key {
    name: Name,
    secret: Vec<u8>,
}

impl Key {
    pub(crate) fn new(name: &str, secret: &str) -> Result<Self, ProtoError> {
        let (name, secret) = (Name::from_ascii(name)?, secret.into());
        Ok(Self { name, secret })
    }

    /// The record that is added to the end of the message. An answer also covers the signature of its question
    /// (section 5.3.1), so that it cannot be the answer to another one.
    pub(crate) fn sign(
        &self,
        message: &[u8],
        mut unsigned: TSIG,
        question: &[u8],
    ) -> Result<Record<TSIG>, ProtoError> {
        let digest = self.digest(message, &unsigned, question)?;
        unsigned.mac = digest.finalize().into_bytes().to_vec();
        Ok(make_tsig_record(self.name.clone(), unsigned))
    }

    // ANCHOR: verify
    /// Looks at the key, then at the signature, then at the clock (section 5.2): who cannot sign learns no more.
    pub(crate) fn verify(&self, signed: &Signed, question: &[u8], now: u64) -> Result<(), TsigError> {
        let tsig = &signed.signature.data;
        if signed.signature.name != self.name || tsig.algorithm != TsigAlgorithm::HmacSha256 {
            return Err(TsigError::BadKey);
        }
        let digest = self.digest(&signed.message, tsig, question);
        let digest = digest.map_err(|_| TsigError::BadSig)?;
        digest.verify_slice(&tsig.mac).map_err(|_| TsigError::BadSig)?;
        if now.abs_diff(tsig.time) > tsig.fudge.into() {
            return Err(TsigError::BadTime);
        }
        Ok(())
    }
    // ANCHOR_END: verify

    fn digest(&self, message: &[u8], tsig: &TSIG, question: &[u8]) -> Result<Hmac<Sha256>, ProtoError> {
        let mut covered = Vec::new();
        let mut encoder = BinEncoder::new(&mut covered);
        if let Ok(length @ 1..) = u16::try_from(question.len()) {
            encoder.emit_u16(length)?;
            encoder.emit_vec(question)?;
        }
        encoder.emit_vec(message)?;
        tsig.emit_tsig_for_mac(&mut encoder, &self.name)?;
        let digest = Hmac::<Sha256>::new_from_slice(&self.secret);
        let digest = digest.map_err(|error| ProtoError::from(error.to_string()))?;
        Ok(digest.chain_update(&covered))
    }
}

/// A signature that is still empty, made at `time` (seconds since 1970) for the message with this id.
pub(crate) fn unsigned(id: u16, time: u64) -> TSIG {
    TSIG::new(
        TsigAlgorithm::HmacSha256,
        time,
        FUDGE,
        Vec::new(),
        id,
        None,
        Vec::new(),
    )
}

/// A message as its sender had it before signing, and the signature.
pub(crate) struct Signed {
    pub(crate) message: Vec<u8>,
    pub(crate) signature: Record<TSIG>,
}

impl Signed {
    /// Takes the last record off again. `None` if that is no signature.
    pub(crate) fn read(bytes: &[u8]) -> Result<Option<Self>, ProtoError> {
        let mut decoder = BinDecoder::new(bytes);
        let Header {
            mut metadata,
            mut counts,
        } = Header::read(&mut decoder)?;
        let after_header = decoder.index();
        for _ in 0..counts.queries {
            Query::read(&mut decoder)?;
        }
        let Some(others) = counts.additionals.checked_sub(1) else {
            return Ok(None);
        };
        counts.additionals = others;
        for _ in 0..counts.answers + counts.authorities + counts.additionals {
            Record::read(&mut decoder)?;
        }
        let before_signature = decoder.index();
        let last = Record::read(&mut decoder)?.map(|data| match data {
            RData::TSIG(tsig) => Some(tsig),
            _ => None,
        });
        let Some(signature) = last else { return Ok(None) };

        metadata.id = signature.data.oid;
        let mut message = Header { metadata, counts }.to_bytes()?;
        message.extend(&bytes[after_header..before_signature]);
        Ok(Some(Self { message, signature }))
    }
}
