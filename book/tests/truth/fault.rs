//! What is wrong, and where: the message that an author reads.

use std::fmt;

/// One thing in one chapter that is not true.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) chapter: String,
    pub(crate) line: usize,
    pub(crate) what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "book/chapters/{}:{}: {}", self.chapter, self.line, self.what)
    }
}

/// Fails with all faults at once, so that an author need not find them one by one.
#[track_caller]
pub(crate) fn assert_faultless(faults: Vec<Fault>) {
    let list: Vec<String> = faults.iter().map(Fault::to_string).collect();
    assert!(
        list.is_empty(),
        "{} in the book:\n\n{}\n",
        count(list.len()),
        list.join("\n\n")
    );
}

fn count(faults: usize) -> String {
    match faults {
        1 => "1 fault".to_owned(),
        many => format!("{many} faults"),
    }
}
