//! The facts about a word, as JSON names them. What is printed for a person is made from the same facts.

use ports::host::in_unicode;
use ports::meaning::Meaning;
use ports::range::PortRange;
use ports::scheme::Scheme;
use ports::service::{Protocol, Story};
use ports::{Endpoint, Registry, Service};
use serde::Serialize;

/// What is known about one port, and about the place it was found in.
#[derive(Serialize)]
pub(super) struct Facts<'a> {
    pub(super) input: &'a str,
    pub(super) kind: &'static str,
    pub(super) port: u16,
    pub(super) range: &'static str,
    pub(super) services: Vec<ServiceFacts<'a>>,
    #[serde(skip)]
    pub(super) scheme_default: Option<&'static Scheme>,
    #[serde(flatten)]
    pub(super) endpoint: Option<EndpointFacts<'a>>,
}

#[derive(Serialize)]
pub(super) struct ServiceFacts<'a> {
    pub(super) name: &'a str,
    pub(super) protocols: Vec<&'static str>,
    pub(super) aliases: &'a [String],
    pub(super) source: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) story: Option<&'static str>,
    /// What to use in place of a protocol that sends passwords in the clear.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) passwords_in_the_clear_use_instead: Option<&'static str>,
}

#[derive(Serialize)]
pub(super) struct EndpointFacts<'a> {
    pub(super) scheme: Option<&'a str>,
    pub(super) host: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) host_in_unicode: Option<String>,
    pub(super) port_was_hidden: bool,
    pub(super) default_port: Option<u16>,
    pub(super) has_user_info: bool,
    pub(super) in_the_clear_use_instead: Option<&'static str>,
    pub(super) authority: String,
    pub(super) normal_form: String,
}

pub(super) fn facts<'a>(word: &'a str, meaning: &'a Meaning, registry: &'a Registry) -> Vec<Facts<'a>> {
    match meaning {
        Meaning::Port { port, protocol } => {
            let mut facts = port_facts(word, "port", port.number(), registry);
            facts
                .services
                .retain(|service| protocol.is_none_or(|one| service.protocols.contains(&one.name())));
            vec![facts]
        }
        Meaning::Scheme(scheme) => vec![Facts {
            scheme_default: Some(scheme),
            ..port_facts(word, "scheme", scheme.default_port, registry)
        }],
        Meaning::Endpoint(endpoint) => vec![Facts {
            endpoint: Some(endpoint_facts(endpoint)),
            ..port_facts(word, "endpoint", endpoint.port(), registry)
        }],
        Meaning::Service(services) => services
            .iter()
            .map(|service| service_facts(word, service))
            .collect(),
    }
}

fn port_facts<'a>(word: &'a str, kind: &'static str, port: u16, registry: &'a Registry) -> Facts<'a> {
    Facts {
        input: word,
        kind,
        port,
        range: PortRange::of(port).name(),
        services: registry.by_port(port).map(facts_of).collect(),
        scheme_default: None,
        endpoint: None,
    }
}

fn service_facts<'a>(word: &'a str, service: &'a Service) -> Facts<'a> {
    Facts {
        input: word,
        kind: "service",
        port: service.port,
        range: PortRange::of(service.port).name(),
        services: vec![facts_of(service)],
        scheme_default: None,
        endpoint: None,
    }
}

fn facts_of(service: &Service) -> ServiceFacts<'_> {
    let story = Story::of(&service.name, service.port);
    ServiceFacts {
        name: &service.name,
        protocols: service
            .protocols
            .iter()
            .map(|protocol| Protocol::name(*protocol))
            .collect(),
        aliases: &service.aliases,
        source: service.source.name(),
        story: story.map(|story| story.text),
        passwords_in_the_clear_use_instead: story.and_then(|story| story.in_the_clear),
    }
}

fn endpoint_facts(endpoint: &Endpoint) -> EndpointFacts<'_> {
    let scheme = endpoint.scheme().and_then(Scheme::by_name);
    EndpointFacts {
        scheme: endpoint.scheme(),
        host: endpoint.host(),
        host_in_unicode: in_unicode(endpoint.host()),
        port_was_hidden: endpoint.port_was_hidden(),
        default_port: scheme.map(|scheme| scheme.default_port),
        has_user_info: endpoint.user_info().is_some(),
        in_the_clear_use_instead: scheme.and_then(|scheme| scheme.in_the_clear),
        authority: endpoint.authority(),
        normal_form: endpoint.normal_form(),
    }
}
