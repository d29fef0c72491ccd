//! Prints what a word means, for a person or as JSON.

use std::io::{self, Write};

use ports::Registry;
use ports::meaning::Meaning;
use ports::range::{PortRange, reservation};
use ports::scheme::Scheme;

use super::facts::{EndpointFacts, Facts, ServiceFacts, facts};
use super::{BOLD, Stop, complain, write_json};

/// Describes each of `words`. A bad one is complained of, and the others are described all the same.
pub(super) fn run(
    words: &[String],
    registry: &Registry,
    json: bool,
    out: &mut impl Write,
) -> Result<(), Stop> {
    let mut all_good = true;
    let mut gap = "";
    for word in words {
        match Meaning::of(word, registry) {
            Ok(meaning) => {
                for facts in facts(word, &meaning, registry) {
                    if json {
                        write_json(&facts, out)?;
                    } else {
                        write!(out, "{gap}")?;
                        print(&facts, out)?;
                        gap = "\n";
                    }
                }
            }
            Err(error) => {
                all_good = false;
                complain(&error.to_string());
            }
        }
    }
    if all_good { Ok(()) } else { Err(Stop::BadInput) }
}

fn print(facts: &Facts<'_>, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{BOLD}{}{BOLD:#}", facts.input)?;
    match (&facts.endpoint, facts.scheme_default) {
        (Some(endpoint), _) => print_endpoint(facts, endpoint, out),
        (None, Some(scheme)) => print_scheme(facts, scheme, out),
        (None, None) => print_port(facts, out),
    }
}

fn print_port(facts: &Facts<'_>, out: &mut impl Write) -> io::Result<()> {
    line(out, "port", &facts.port.to_string())?;
    print_range(facts.port, out)?;
    print_services(&facts.services, out)?;
    for service in &facts.services {
        if let Some(story) = service.story {
            line(out, service.name, story)?;
        }
        if let Some(instead) = service.passwords_in_the_clear_use_instead {
            let warning = format!("{} sends passwords in the clear; use {instead}", service.name);
            line(out, "careful", &warning)?;
        }
    }
    Ok(())
}

/// `ws` is no service, whatever its place in a URL suggests.
fn print_scheme(facts: &Facts<'_>, scheme: &Scheme, out: &mut impl Write) -> io::Result<()> {
    let port = format!(
        "{}, hidden in every {}:// URL that says none ({})",
        facts.port, scheme.name, scheme.source
    );
    line(out, "port", &port)?;
    print_range(facts.port, out)?;
    print_services(&facts.services, out)?;
    let note = match scheme.name {
        "ws" => "a scheme; IANA's service ws is something else (Web Services), and has no port",
        _ => "a scheme, and no service: it shares the port of another",
    };
    line(out, scheme.name, note)?;
    match scheme.in_the_clear {
        Some(instead) => {
            let warning = format!(
                "{} sends all in the clear, passwords too; use {instead}",
                scheme.name
            );
            line(out, "careful", &warning)
        }
        None => Ok(()),
    }
}

fn print_endpoint(facts: &Facts<'_>, endpoint: &EndpointFacts<'_>, out: &mut impl Write) -> io::Result<()> {
    match &endpoint.host_in_unicode {
        Some(written) => line(
            out,
            "host",
            &format!("{} to DNS, {written} to people", endpoint.host),
        )?,
        None => line(out, "host", endpoint.host)?,
    }
    line(
        out,
        "port",
        &format!("{}, {}", facts.port, hidden_or_shown(facts.port, endpoint)),
    )?;
    print_range(facts.port, out)?;
    print_services(&facts.services, out)?;
    line(out, "connect to", &endpoint.authority)?;
    line(out, "same as", &endpoint.normal_form)?;
    if endpoint.has_user_info {
        line(
            out,
            "careful",
            "what stands before the @ is a user's name, perhaps a password, and no part of the host",
        )?;
    }
    if let (Some(scheme), Some(instead)) = (endpoint.scheme, endpoint.in_the_clear_use_instead) {
        let warning = format!("{scheme} sends all in the clear, passwords too; use {instead}");
        line(out, "careful", &warning)?;
    }
    Ok(())
}

fn print_range(port: u16, out: &mut impl Write) -> io::Result<()> {
    line(out, "range", &PortRange::of(port).to_string())?;
    match reservation(port) {
        Some(reason) => line(out, "", reason),
        None => Ok(()),
    }
}

fn print_services(services: &[ServiceFacts<'_>], out: &mut impl Write) -> io::Result<()> {
    if services.is_empty() {
        return line(out, "service", "none that is known here");
    }
    for service in services {
        let aliases = match service.aliases {
            [] => String::new(),
            aliases => format!(", also called {}", aliases.join(", ")),
        };
        let protocols = service.protocols.join(", ");
        let text = format!("{} over {protocols}{aliases} ({})", service.name, service.source);
        line(out, "service", &text)?;
    }
    Ok(())
}

/// The lecture's question about a URL.
fn hidden_or_shown(port: u16, endpoint: &EndpointFacts<'_>) -> String {
    let Some(scheme) = endpoint.scheme else {
        return "shown: without a scheme no port can be hidden".to_owned();
    };
    match endpoint.default_port {
        Some(_) if endpoint.port_was_hidden => {
            let source = Scheme::by_name(scheme).map_or("convention", |scheme| scheme.source);
            format!("hidden: the default port of {scheme} ({source})")
        }
        Some(default) if default == port => format!("shown, though {scheme} could hide it"),
        Some(default) => format!("shown, as it must be: {scheme} alone would mean {default}"),
        None => format!("shown, as it must be: {scheme} has no default port"),
    }
}

fn line(out: &mut impl Write, what: &str, text: &str) -> io::Result<()> {
    writeln!(out, "  {what:<10}  {text}")
}
