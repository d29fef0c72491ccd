//! A frame of which only a part has come: what the machine has to remember between two reads.

use crate::frame::{CONTROL_PAYLOAD_LIMIT, FrameHeader, LONGEST_HEADER};

/// A frame that the end of a read has cut.
#[derive(Debug)]
pub(super) enum PartialFrame {
    /// In its header, of which these bytes have come.
    Header {
        bytes: [u8; LONGEST_HEADER],
        have: usize,
    },
    /// In the payload of a data frame. It is not kept here: its message grows with each read.
    Data { header: FrameHeader, have: u64 },
    /// In the payload of a control frame, which is short.
    Control {
        header: FrameHeader,
        payload: [u8; CONTROL_PAYLOAD_LIMIT],
        have: usize,
    },
}

/// How far a read has brought the frame.
pub(super) enum Progress<'a> {
    /// The header is whole, and has so many bytes.
    Header(FrameHeader, usize),
    /// More of the payload of a data frame, and whether that was its end.
    Data(FrameHeader, &'a [u8], bool),
    /// The control frame is whole.
    Control(FrameHeader, Vec<u8>),
    /// Not far enough.
    None,
}

impl PartialFrame {
    /// A frame that is cut in its header.
    pub(super) fn header(start: &[u8]) -> Self {
        let mut bytes = [0; LONGEST_HEADER];
        bytes[..start.len()].copy_from_slice(start);
        Self::Header {
            bytes,
            have: start.len(),
        }
    }

    /// A frame of which the header has come.
    pub(super) fn payload(header: FrameHeader) -> Self {
        if header.opcode.is_control() {
            let payload = [0; CONTROL_PAYLOAD_LIMIT];
            Self::Control {
                header,
                payload,
                have: 0,
            }
        } else {
            Self::Data { header, have: 0 }
        }
    }

    /// Goes on behind `bytes` of its payload, which were received into their place; its header if they were the last.
    pub(super) fn skip(&mut self, bytes: &mut [u8]) -> Option<FrameHeader> {
        let Self::Data { header, have } = self else {
            return None;
        };
        header.unmask(bytes, *have);
        *have += bytes.len() as u64;
        (*have == header.length).then_some(*header)
    }

    /// Takes from the front of `input` what belongs to the frame.
    pub(super) fn read<'a>(&mut self, input: &mut &'a mut [u8]) -> Progress<'a> {
        match self {
            Self::Header { bytes, have } => {
                let before = *have;
                let count = input.len().min(LONGEST_HEADER - before);
                bytes[before..before + count].copy_from_slice(&input[..count]);
                *have += count;
                let decoded = FrameHeader::decode(&bytes[..before + count]);
                super::take_front(input, decoded.map_or(count, |(_, size)| size - before));
                decoded.map_or(Progress::None, |(header, size)| Progress::Header(header, size))
            }
            Self::Data { header, have } => {
                let left = usize::try_from(header.length - *have).unwrap_or(usize::MAX);
                let bytes = super::take_front(input, left.min(input.len()));
                header.unmask(bytes, *have);
                *have += bytes.len() as u64;
                Progress::Data(*header, bytes, *have == header.length)
            }
            Self::Control {
                header,
                payload,
                have,
            } => {
                let length = usize::try_from(header.length).unwrap_or(CONTROL_PAYLOAD_LIMIT);
                let bytes = super::take_front(input, (length - *have).min(input.len()));
                payload[*have..*have + bytes.len()].copy_from_slice(bytes);
                *have += bytes.len();
                if *have < length {
                    return Progress::None;
                }
                let mut payload = payload[..length].to_vec();
                header.unmask(&mut payload, 0);
                Progress::Control(*header, payload)
            }
        }
    }
}
