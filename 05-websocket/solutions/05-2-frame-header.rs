//! Exercise 05-2, one good answer.

/// The header of a server's text frame, whose payload has `length` bytes.
pub fn text_header(length: u64) -> Vec<u8> {
    let mut header = vec![0x81];
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short @ ..=125), _) => header.push(short),
        (_, Ok(middle)) => {
            header.push(126);
            header.extend_from_slice(&middle.to_be_bytes());
        }
        _ => {
            header.push(127);
            header.extend_from_slice(&length.to_be_bytes());
        }
    }
    header
}

fn main() {
    println!("This exercise is judged by its check: cargo ex 05-2");
}

#[cfg(test)]
#[path = "../checks/05-2-frame-header.rs"]
mod checks;
