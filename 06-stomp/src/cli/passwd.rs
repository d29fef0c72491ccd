//! `06-stomp passwd`: a line in the file of the users.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use stomp::users::file::set_passcode;
use stomp::users::rights::Rights;

use super::error::CliError;

/// Whose passcode, and what the user may do.
#[derive(Debug, clap::Args)]
pub(super) struct Passwd {
    /// The file of the users; made if it is not there
    file: PathBuf,
    /// The user's name: what the login header of CONNECT says
    name: String,
    /// Where the user may subscribe: /topic/NAME or a pattern; may be said more than once
    #[arg(long, value_name = "PATTERN")]
    read: Vec<String>,
    /// Where the user may send to: /queue/NAME or a pattern; may be said more than once
    #[arg(long, value_name = "PATTERN")]
    write: Vec<String>,
}

pub(super) fn run(passwd: &Passwd) -> Result<(), CliError> {
    let says_rights = !passwd.read.is_empty() || !passwd.write.is_empty();
    let rights = says_rights.then(|| Rights::new(&passwd.read, &passwd.write));
    let rights = rights.transpose()?;
    let user = set_passcode(&passwd.file, &passwd.name, &passcode(&passwd.name)?, rights)?;
    let mut out = anstream::stdout().lock();
    match user.rights.to_string().trim() {
        "" => writeln!(
            out,
            "{} may log in, and neither read nor write: say --read PATTERN, --write PATTERN",
            user.name
        )?,
        rights => writeln!(out, "{} may {rights}", user.name)?,
    }
    Ok(())
}

/// Asks for the passcode, without showing it.
fn passcode(name: &str) -> Result<String, CliError> {
    let mut line = String::new();
    if !io::stdin().is_terminal() {
        io::stdin().read_line(&mut line)?;
        return Ok(line.trim_end_matches(['\r', '\n']).to_owned());
    }
    let passcode = rpassword::prompt_password(format!("Passcode of {name}: "))?;
    if rpassword::prompt_password("The same again: ")? != passcode {
        return Err(CliError::TwoPasscodes);
    }
    Ok(passcode)
}
