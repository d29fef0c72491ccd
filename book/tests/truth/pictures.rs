//! The pictures that show bytes: drawn from what the crates themselves make, so that no picture can be wrong for long.
//!
//! `SNAPSHOTS=overwrite cargo test -p book --test truth pictures` draws them anew.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use chunked_io::mtu::Stack;
use chunked_io::pull_exact;
use ip::{IpNet, Nat64Prefix, Subnet, bits};
use ports::{Endpoint, PortRange};
use stomp::{Command, Frame, Version};
use tcp_socket::{Deadline, ScriptedPeer, Stream, tunnel};
use websocket::frame::{FrameHeader, Opcode};
use websocket::handshake::{Request, Response};

use crate::chapter;
use crate::svg::{Cell, Happening, Strip, message, note, sequence, strips};

fn hold(name: &str, svg: &str) {
    let file = chapter::folder().join(format!("images/{name}.svg"));
    snapbox::Assert::new()
        .normalize_paths(false)
        .action_env("SNAPSHOTS")
        .eq(svg, snapbox::Data::read_from(&file, None));
}

/// A cell for each bit of `address`: the first `fixed` in one colour, the others in another.
fn bit_cells(address: IpAddr, fixed: usize) -> Vec<Cell> {
    let binary = bits::binary(address).replace(['.', ':'], "");
    let cell = |(index, bit): (usize, char)| Cell::new(if index < fixed { 'a' } else { 'b' }, 1, bit);
    binary.chars().enumerate().map(cell).collect()
}

fn octets(address: Ipv4Addr) -> Vec<Cell> {
    let cell = |octet: &u8| Cell::new('a', 8, format!("{octet}\n0x{octet:02X}\n{octet:08b}"));
    address.octets().iter().map(cell).collect()
}

fn lines(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end().to_owned()
}

#[test]
fn an_address_is_four_octets_and_one_number() {
    let address = Ipv4Addr::new(192, 168, 0, 10);
    let number = u32::from(address);
    let whole = Cell::new('c', 32, format!("{number} = 0x{number:08X}"));
    let strips_ = [
        Strip::new("four octets", octets(address), ""),
        Strip::new("one number", vec![whole], ""),
    ];
    let description = format!(
        "The address {address} as four cells, each with an octet in decimal, hexadecimal and binary: {number:032b}. Below, all of it as one number: {number}."
    );
    hold(
        "octets",
        &strips(
            "An address is four octets, and one number",
            &description,
            16,
            &strips_,
        ),
    );
}

#[test]
fn a_mask_divides_an_address() {
    let subnet = Subnet::from("192.168.0.10/24".parse::<IpNet>().unwrap());
    let (prefix, address) = (usize::from(subnet.prefix()), "192.168.0.10".parse().unwrap());
    let broadcast = subnet.broadcast().unwrap();
    let row =
        |label: &str, address: IpAddr| Strip::new(label, bit_cells(address, prefix), address.to_string());
    let strips_ = [
        row("address", address),
        row("mask", subnet.mask()),
        row("network", subnet.network()),
        row("broadcast", broadcast),
    ];
    let description = format!(
        "Four rows of 32 bits, {prefix} in the colour of the network and {} in that of the host: the address {address}; the mask {}; the network {}, where all host bits are 0; the broadcast {broadcast}, where all are 1.",
        subnet.host_bits(),
        subnet.mask(),
        subnet.network()
    );
    hold(
        "mask",
        &strips("A mask divides an address in two", &description, 14, &strips_),
    );
}

#[test]
fn the_first_bit_that_differs_decides_about_the_gateway() {
    let here: IpAddr = "192.168.0.10".parse().unwrap();
    let row = |label: &str, address: IpAddr| {
        let differs = bits::number(here) ^ bits::number(address);
        let mut cells = bit_cells(address, 24);
        let first = (0..32).find(|bit| differs >> (31 - bit) & 1 == 1);
        if let Some(first) = first {
            cells[first].class = 'd';
        }
        let way = match first {
            None => "here",
            Some(0..24) => "through the gateway",
            Some(_) => "directly",
        };
        Strip::new(label, cells, way)
    };
    let strips_ = [
        row("192.168.0.10", here),
        row("192.168.0.77", "192.168.0.77".parse().unwrap()),
        row("192.168.1.77", "192.168.1.77".parse().unwrap()),
    ];
    let description = "Three rows of 32 bits, the first 24 in the colour of the network. The address 192.168.0.77 differs from 192.168.0.10 for the first time in bit 26, after the prefix: it is reached directly. The address 192.168.1.77 differs in bit 24, inside the prefix: it is reached through the gateway.";
    hold(
        "gateway",
        &strips("Inside the prefix or after it?", description, 14, &strips_),
    );
}

#[test]
fn blocks_that_are_set_aside_fix_as_many_bits_as_their_prefix_says() {
    let row = |address: &str| {
        let found = ip::classify(address.parse().unwrap());
        let block = found.block.unwrap();
        let fixed = usize::from(block.net.prefix_len());
        let cells = bit_cells(block.net.network(), fixed);
        Strip::new(&block.net.to_string(), cells, block.name)
    };
    let strips_ = ["10.0.0.1", "172.16.0.1", "192.168.0.1", "127.0.0.1"].map(row);
    let description = "Four rows of 32 bits. 10.0.0.0/8 fixes the first 8 of them, 172.16.0.0/12 the first 12, 192.168.0.0/16 the first 16, and 127.0.0.0/8 the first 8. The others are free.";
    hold(
        "set-aside",
        &strips(
            "What each block fixes, and what it leaves free",
            description,
            11,
            &strips_,
        ),
    );
}

#[test]
fn an_ipv6_address_is_eight_groups_and_leaves_one_run_of_zeros_out() {
    let address: Ipv6Addr = "2001:db8::1".parse().unwrap();
    let cell = |group: &u16| Cell::new(if *group == 0 { 'e' } else { 'a' }, 8, format!("{group:04x}"));
    let full = address.segments().iter().map(cell).collect();
    let written = vec![
        Cell::new('a', 16, "2001:db8"),
        Cell::new('e', 40, "::"),
        Cell::new('a', 8, "1"),
    ];
    assert_eq!(address.to_string(), "2001:db8::1");
    let strips_ = [
        Strip::new("128 bits", full, ""),
        Strip::new("written", written, address.to_string()),
    ];
    let description = "Eight cells of 16 bits: 2001, 0db8, five times 0000, and 0001. Below, what is written: 2001:db8, two colons for the five groups of zeros, and 1.";
    hold(
        "ipv6",
        &strips("Eight groups of 16 bits", description, 8, &strips_),
    );
}

#[test]
fn nat64_puts_four_octets_into_an_ipv6_address() {
    let prefix = Nat64Prefix::new("2001:db8:122::/48".parse().unwrap()).unwrap();
    let inside = Ipv4Addr::new(192, 0, 2, 33);
    let address = prefix.embed(inside);
    let places: Vec<usize> = prefix.places().collect();
    let cell = |(index, octet): (usize, &u8)| {
        let class = if places.contains(&index) {
            'b'
        } else if index < 6 {
            'a'
        } else {
            'e'
        };
        Cell::new(class, 1, format!("{octet:02x}"))
    };
    let cells = address.octets().iter().enumerate().map(cell).collect();
    let from = inside
        .octets()
        .iter()
        .map(|octet| Cell::new('b', 1, octet.to_string()))
        .collect();
    let strips_ = [Strip::new("IPv4", from, ""), Strip::new("IPv6", cells, "")];
    let description = format!(
        "The four octets of {inside} stand in octets {places:?} of the sixteen of {address}, counted from 0: behind the six octets of the prefix, around octet 8, which is always zero."
    );
    hold(
        "nat64",
        &strips("Where NAT64 puts the four octets", &description, 36, &strips_),
    );
}

#[test]
fn a_resolver_asks_once_and_remembers() {
    let happenings = [
        message(0, 1, "www.test ?"),
        message(1, 2, "A www.test ?"),
        message(2, 1, "CNAME web.test\nA 192.0.2.80, TTL 60"),
        message(1, 0, "192.0.2.80"),
        note(1, "remembers it for 60 seconds"),
        message(0, 1, "www.test ?"),
        message(1, 0, "192.0.2.80"),
    ];
    let description = "A program asks its resolver for www.test. The resolver asks the DNS server, which answers that this is another name for web.test at 192.0.2.80, good for 60 seconds. The resolver answers the program. When the program asks again, the resolver answers without asking.";
    hold(
        "dns",
        &sequence(
            "Ask once, and remember",
            description,
            &["program", "resolver", "DNS server"],
            &happenings,
        ),
    );
}

#[test]
fn an_ipv6_only_network_reaches_an_ipv4_server_by_name() {
    let made_up = Nat64Prefix::WELL_KNOWN.embed(Ipv4Addr::new(192, 0, 2, 33));
    let happenings = [
        message(0, 1, "AAAA server.example ?"),
        note(1, "there is only A 192.0.2.33"),
        message(1, 0, format!("AAAA {made_up}")),
        message(0, 2, format!("SYN to {made_up}")),
        message(2, 3, "SYN to 192.0.2.33"),
        message(3, 2, "SYN-ACK"),
        message(2, 0, "SYN-ACK"),
        note(0, "192.0.2.33 in the source code: nobody to ask, no way to go"),
    ];
    let description = format!(
        "A phone with IPv6 only asks DNS64 for the AAAA record of server.example. DNS64 finds only the IPv4 address 192.0.2.33 and makes {made_up} of it. The phone connects to that address; the NAT64 translates and connects to 192.0.2.33. An IPv4 address in the source code would have been asked of nobody."
    );
    hold(
        "dns64",
        &sequence(
            "DNS64 and NAT64",
            &description,
            &["phone", "DNS64", "NAT64", "server"],
            &happenings,
        ),
    );
}

#[test]
fn the_ranges_of_ports_are_as_long_as_they_look() {
    let cell = |(range, class): (PortRange, char)| {
        let ports = range.ports();
        let count = usize::from(ports.end() - ports.start()) + 1;
        // The first range is too narrow to be written into.
        let text = if count < 2000 {
            String::new()
        } else {
            format!("{}\n{} to {}", range.name(), ports.start(), ports.end())
        };
        Cell::new(class, count / 100, text)
    };
    let cells = PortRange::ALL
        .into_iter()
        .zip(['c', 'a', 'b'])
        .map(cell)
        .collect();
    let system = PortRange::System.ports();
    let first = vec![Cell::new(
        'c',
        440,
        format!(
            "system: {} to {}, the strip on the left",
            system.start(),
            system.end()
        ),
    )];
    let strips_ = [Strip::new("", cells, ""), Strip::new("", first, "")];
    let description = "A bar of 65,536 ports. The system ports, 0 to 1023, are a narrow strip on its left; the user ports, 1024 to 49151, are three quarters of it; the dynamic ports, 49152 to 65535, are the last quarter.";
    hold(
        "port-ranges",
        &strips("Three ranges of ports", description, 1, &strips_),
    );
}

#[test]
fn a_url_is_cut_into_scheme_host_port_and_path() {
    let meaning = Endpoint::new("chat.example", 8080);
    assert_eq!(meaning.to_string(), "chat.example:8080");
    let cells = vec![
        Cell::new('c', 8, "ws://\nscheme"),
        Cell::new('a', 16, "chat.example\nhost"),
        Cell::new('b', 8, ":8080\nport"),
        Cell::new('e', 10, "/stomp\npath"),
    ];
    let hidden = vec![
        Cell::new('c', 8, "ws://"),
        Cell::new('a', 16, "chat.example"),
        Cell::new('d', 8, format!("({})", ports::default_port("ws").unwrap())),
        Cell::new('e', 10, "/stomp"),
    ];
    let strips_ = [Strip::new("shown", cells, ""), Strip::new("hidden", hidden, "")];
    let description = "The URL ws://chat.example:8080/stomp is cut into scheme, host, port and path. Without a port, the scheme ws means port 80.";
    hold(
        "url",
        &strips(
            "A port that is shown, and one that is hidden",
            description,
            12,
            &strips_,
        ),
    );
}

#[test]
fn a_conversation_is_connect_send_pull_and_an_end() {
    let mut peer = ScriptedPeer::new().hears(13).gives(b"HELLO, SOCKET").closes();
    let deadline = Deadline::after(Duration::from_secs(1));
    peer.send(b"hello, socket", deadline).unwrap();
    let mut buffer = [0; 8];
    while peer.pull(&mut buffer, deadline).unwrap() > 0 {}
    let mut happenings = vec![
        message(0, 1, "SYN"),
        message(1, 0, "SYN-ACK"),
        message(0, 1, "ACK"),
        note(0, "connect() returns"),
    ];
    for line in peer.transcript().lines() {
        let is_send = line.starts_with("send");
        happenings.push(if is_send {
            message(0, 1, line)
        } else {
            message(1, 0, line)
        });
    }
    let description = format!(
        "A client and a server. Three segments open the connection: SYN, SYN-ACK, ACK. Then what the client's calls bring: {}. The last one says that the server has closed.",
        peer.transcript().trim().replace('\n', "; ")
    );
    hold(
        "conversation",
        &sequence(
            "Connect, send, pull",
            &description,
            &["client", "server"],
            &happenings,
        ),
    );
}

#[test]
fn a_connection_remembers_and_a_request_does_not() {
    let happenings = [
        note(1, "one connection: a variable counts"),
        message(0, 1, "next"),
        message(1, 0, "1"),
        message(0, 1, "next"),
        message(1, 0, "2"),
        note(1, "requests: nothing to count in"),
        message(0, 1, "GET /"),
        message(1, 0, "1"),
        message(0, 1, "GET /"),
        message(1, 0, "1"),
        note(1, "with a cookie: a table counts"),
        message(0, 1, "GET /   Cookie: visitor=0"),
        message(1, 0, "2"),
    ];
    let description = "On one connection the server counts 1, 2, because what came before came from the same peer. Two HTTP requests are each answered with 1. With a cookie, the server finds its row in a table, and answers 2.";
    hold(
        "stateless",
        &sequence("Who remembers?", description, &["client", "server"], &happenings),
    );
}

#[test]
fn polling_asks_and_push_is_told() {
    let happenings = [
        note(0, "polling"),
        message(0, 1, "anything new?"),
        message(1, 0, "no"),
        message(0, 1, "anything new?"),
        note(1, "12:30, an event: it has to wait for the next question"),
        message(1, 0, "no"),
        message(0, 1, "anything new?"),
        message(1, 0, "yes, since 12:30"),
        note(0, "push"),
        message(0, 1, "tell me"),
        note(1, "12:31, an event"),
        message(1, 0, "12:31"),
        note(1, "12:32, an event"),
        message(1, 0, "12:32"),
    ];
    let description = "With polling, the client asks again and again, mostly in vain, and hears of an event only with the next question. With push it asks once, and hears of each event when it happens.";
    hold(
        "polling-and-push",
        &sequence(
            "Polling and push",
            description,
            &["client", "server"],
            &happenings,
        ),
    );
}

#[test]
fn a_tunnel_is_asked_for_in_http_and_then_http_is_over() {
    let proxy = ScriptedPeer::new()
        .hears(61)
        .gives(b"HTTP/1.1 200 OK\r\n\r\n")
        .on_loopback()
        .unwrap();
    let target = Endpoint::new("chat.example", 443);
    drop(tunnel::connect_through(&proxy.address().into(), &target, Duration::from_secs(5)).unwrap());
    let request = proxy.finish().unwrap();
    let happenings = [
        message(0, 1, lines(&request)),
        message(1, 2, "connect"),
        message(1, 0, "HTTP/1.1 200 OK"),
        note(1, "from here on it only carries bytes"),
        message(0, 2, "whatever the two speak: TLS, WebSocket, STOMP"),
        message(2, 0, "and the answers"),
    ];
    let description = "A client sends a proxy the request CONNECT chat.example:443. The proxy connects to that server and answers 200. From then on the bytes of client and server pass through it unread.";
    hold(
        "tunnel",
        &sequence(
            "A tunnel through a proxy",
            description,
            &["client", "proxy", "chat.example"],
            &happenings,
        ),
    );
}

#[test]
fn a_message_in_pieces_takes_several_pulls() {
    let mut peer = ScriptedPeer::new().gives(b"HEL").gives(b"LO W").gives(b"ORLD");
    pull_exact(&mut peer, &mut [0; 11], Duration::from_secs(5)).unwrap();
    let transcript = peer.transcript().to_owned();
    let mut colours = "abc".chars().cycle();
    let mut cells = Vec::new();
    let mut pulls = Vec::new();
    for line in transcript.lines() {
        let text = line.split('"').nth(1).unwrap();
        let class = colours.next().unwrap();
        cells.extend(text.chars().map(|letter| Cell::new(class, 2, letter)));
        pulls.push(Cell::new(
            class,
            2 * text.len(),
            line.split(" \"").next().unwrap().replace(" -> ", "\n"),
        ));
    }
    let strips_ = [
        Strip::new("the stream", cells, ""),
        Strip::new("the pulls", pulls, ""),
    ];
    let description = format!(
        "The eleven letters of HELLO WORLD in three colours, as they arrived in three pieces, and below each piece the call that brought it: {}.",
        transcript.trim().replace('\n', "; ").replace('"', "")
    );
    hold(
        "pieces",
        &strips("A message in three pieces", &description, 22, &strips_),
    );
}

#[test]
fn eight_kilobytes_travel_in_six_packets() {
    let stack = Stack::default();
    let cut = stack.cut(8192);
    let layers = stack.layers();
    let cell = |(name, length): &(String, u32)| {
        let (class, units) = if name == "payload" { ('b', 20) } else { ('a', 9) };
        Cell::new(class, units, format!("{name}\n{length}"))
    };
    let mut rows = vec![Strip::new("a packet", layers.iter().map(cell).collect(), "")];
    let mut from = 0;
    for number in 1..=cut.packets {
        let size = if number == cut.packets {
            cut.last
        } else {
            u64::from(stack.payload())
        };
        let cells = vec![
            Cell::new('a', 3, ""),
            Cell::new(
                'b',
                usize::try_from(size * 40 / u64::from(stack.payload())).unwrap(),
                format!("{size} bytes"),
            ),
        ];
        rows.push(Strip::new(
            &number.to_string(),
            cells,
            format!("{from} to {}", from + size - 1),
        ));
        from += size;
    }
    let names: Vec<String> = layers
        .iter()
        .map(|(name, length)| format!("{name} {length}"))
        .collect();
    let description = format!(
        "A full packet, with its parts in bytes: {}. Below it, {} packets carry 8192 bytes: all but the last are full, and the last has {}.",
        names.join(", "),
        cut.packets,
        cut.last
    );
    hold("packets", &strips("8 KiB in packets", &description, 10, &rows));
}

#[test]
fn a_handshake_is_a_request_and_an_answer() {
    let request = Request {
        target: "/chat".to_owned(),
        host: "server.example.com".to_owned(),
        key: "x3JJHMbDL1EzLkh9GBhXDw==".to_owned(),
        origin: Some("http://example.com".to_owned()),
        subprotocols: vec!["chat".to_owned(), "superchat".to_owned()],
        extensions: Vec::new(),
    };
    let response = Response::new(&request, Some("chat".to_owned()));
    let happenings = [
        message(0, 1, lines(request.to_head().to_string().as_bytes())),
        message(1, 0, lines(response.to_head().to_string().as_bytes())),
        note(0, "from here on: frames, from either end, at any time"),
        message(0, 1, "text frame"),
        message(1, 0, "text frame"),
        message(1, 0, "text frame"),
    ];
    let description = format!(
        "The client asks with the key {}; the server answers 101 with the accept key {} and the subprotocol chat. From then on both send frames.",
        request.key,
        websocket::accept_key(&request.key)
    );
    hold(
        "handshake",
        &sequence(
            "The opening handshake",
            &description,
            &["client", "server"],
            &happenings,
        ),
    );
}

#[test]
fn a_frame_is_a_header_a_key_and_masked_bytes() {
    let key = [0x37, 0xFA, 0x21, 0x3D];
    let header = FrameHeader::whole(Opcode::Text, 5, Some(key));
    let mut frame = Vec::new();
    websocket::frame::encode(&header, b"Hello", &mut frame);
    let bit = |at: usize| (frame[at / 8] >> (7 - at % 8) & 1).to_string();
    let bits = |from: usize, to: usize| (from..to).map(bit).collect::<String>();
    let head = vec![
        Cell::new('c', 4, format!("FIN\n{}", bits(0, 1))),
        Cell::new('e', 6, format!("RSV\n{}", bits(1, 4))),
        Cell::new('a', 8, format!("opcode\n{}\ntext", bits(4, 8))),
        Cell::new('d', 5, format!("MASK\n{}", bits(8, 9))),
        Cell::new('a', 12, format!("Payload len\n{}\n5", bits(9, 16))),
    ];
    let byte = |class: char, bytes: &[u8]| -> Vec<Cell> {
        bytes
            .iter()
            .map(|byte| Cell::new(class, 7, format!("{byte:02X}")))
            .collect()
    };
    let plain = b"Hello"
        .iter()
        .map(|letter| Cell::new('b', 7, format!("{letter:02X}\n{}", char::from(*letter))))
        .collect();
    let key_again = key.iter().cycle().take(5).copied().collect::<Vec<u8>>();
    let strips_ = [
        Strip::new("two bytes", head, ""),
        Strip::new("Masking-key", byte('d', &frame[2..6]), ""),
        Strip::new("on the wire", byte('e', &frame[6..]), ""),
        Strip::new("XOR the key", byte('d', &key_again), ""),
        Strip::new("Payload data", plain, ""),
    ];
    let hex: Vec<String> = frame.iter().map(|byte| format!("{byte:02X}")).collect();
    let description = format!(
        "The frame {}: FIN 1, RSV 000, opcode 0001 for text, MASK 1, Payload len 5; then the four bytes of the key; then five bytes, which XORed with the key are Hello.",
        hex.join(" ")
    );
    hold(
        "frame",
        &strips("A frame from a client", &description, 12, &strips_),
    );
}

#[test]
fn a_delegate_is_called_on_a_thread_of_the_library() {
    let happenings = [
        message(0, 1, "open"),
        message(1, 2, "handshake"),
        message(2, 1, "101"),
        message(1, 0, "did_open"),
        message(2, 1, "frame"),
        message(1, 0, "did_receive_message"),
        note(0, "pass it on to the window's thread,\nand return at once"),
        message(2, 1, "frame"),
        message(1, 0, "did_receive_message"),
    ];
    let description = "A program opens a WebSocket. A background thread of the library does the handshake with the server, and calls the program's delegate: did_open, then did_receive_message for each message. The delegate passes the message on to the window's thread and returns at once, because the next message waits for it.";
    hold(
        "delegate",
        &sequence(
            "Who calls whom",
            description,
            &["your delegate", "background thread", "server"],
            &happenings,
        ),
    );
}

fn stomp(frame: &Frame) -> String {
    let mut bytes = Vec::new();
    stomp::encode(frame, Version::V1_2, &mut bytes).unwrap();
    String::from_utf8_lossy(&bytes)
        .replace('\0', "^@")
        .replace("\n\n", "\n(empty line)\n")
}

#[test]
fn a_stomp_frame_is_lines_of_text_and_an_octet_zero() {
    let frame = Frame::new(Command::Send)
        .with("destination", "/topic/price")
        .with_body(*b"Samsung 71,300");
    let text = stomp(&frame);
    let colours = ['a', 'c', 'c', 'e', 'b'];
    let names = ["command", "header", "header", "an empty line", "body, octet 0"];
    let row = |((line, class), name): ((&str, char), &str)| {
        let line = if line == "(empty line)" { "" } else { line };
        Strip::new(name, vec![Cell::new(class, 28, line)], "")
    };
    let strips_: Vec<Strip> = text.lines().zip(colours).zip(names).map(row).collect();
    assert_eq!(strips_.len(), text.lines().count());
    let description = format!("The frame, line by line: {}.", text.replace('\n', "; "));
    hold(
        "stomp-frame",
        &strips("A frame of STOMP", &description, 10, &strips_),
    );
}

#[test]
fn a_topic_goes_to_everyone_who_subscribed() {
    let send = Frame::new(Command::Send)
        .with("destination", "/topic/price")
        .with_body(*b"71,300");
    let subscribe = Frame::new(Command::Subscribe)
        .with("id", "1")
        .with("destination", "/topic/price");
    let first = |frame: &Frame| {
        stomp(frame)
            .lines()
            .filter(|line| !line.starts_with("id") && !line.starts_with("content"))
            .take(2)
            .collect::<Vec<_>>()
            .join("\n")
    };
    let happenings: Vec<Happening> = vec![
        message(1, 2, first(&subscribe)),
        message(3, 2, first(&subscribe)),
        message(0, 2, first(&send)),
        message(2, 1, "MESSAGE\n71,300"),
        message(2, 3, "MESSAGE\n71,300"),
        note(2, "encoded once,\nsent to each"),
    ];
    let description = "Two readers subscribe at the broker to /topic/price. A publisher sends one message to that destination. The broker sends a copy to each of the readers.";
    hold(
        "fan-out",
        &sequence(
            "One says it, all hear it",
            description,
            &["publisher", "reader", "broker", "reader"],
            &happenings,
        ),
    );
}

#[test]
fn a_message_is_gone_when_it_was_acknowledged_and_not_before() {
    let happenings = [
        message(0, 1, "SEND /queue/work\nreceipt:1"),
        message(1, 0, "RECEIPT 1"),
        message(1, 2, "MESSAGE ack:7"),
        note(2, "crashes"),
        note(1, "no ACK came: it is still here"),
        message(1, 3, "MESSAGE ack:8\nredelivered:true"),
        message(3, 1, "ACK 8"),
        note(1, "now it is gone"),
    ];
    let description = "A producer sends to a queue and asks for a receipt, which the broker gives. The broker hands the message to a first consumer, which crashes without an ACK. The broker gives it to a second one, marked as redelivered, and forgets it when that one acknowledges it.";
    hold(
        "acknowledgement",
        &sequence(
            "Acknowledge, and only then forget",
            description,
            &["producer", "broker", "consumer", "consumer"],
            &happenings,
        ),
    );
}

#[test]
fn a_dynamic_name_is_changed_with_a_signature_and_seen_when_the_old_record_has_aged() {
    let happenings = [
        message(0, 1, "UPDATE camera.home.test A 192.0.2.10\nsigned (TSIG)"),
        message(1, 0, "NOERROR"),
        message(2, 1, "A camera.home.test ?"),
        message(1, 2, "192.0.2.10, TTL 2"),
        message(0, 1, "UPDATE ... A 198.51.100.20\nsigned (TSIG)"),
        message(1, 0, "NOERROR"),
        note(2, "still 192.0.2.10, for 2 s"),
        message(2, 1, "A camera.home.test ?"),
        message(1, 2, "198.51.100.20, TTL 2"),
    ];
    let description = "A camera at home tells the DNS server its address, with a signature. A resolver asks, and may remember the answer for two seconds. The camera moves and says so. The resolver goes on giving the old address until the two seconds are over; then it asks, and learns the new one.";
    hold(
        "ddns",
        &sequence(
            "A name that moves",
            description,
            &["camera", "DNS server", "resolver"],
            &happenings,
        ),
    );
}

/// Other systems judge the wildcard in another way; the book shows Linux.
#[cfg(target_os = "linux")]
#[test]
fn a_port_is_taken_for_a_protocol_and_an_address() {
    use std::net::{TcpListener, UdpSocket};
    let first = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = first.local_addr().unwrap().port();
    let row = |protocol: &str, address: &str| {
        let place = format!("{address}:{port}");
        let is_free = match protocol {
            "TCP" => TcpListener::bind(&place).is_ok(),
            _ => UdpSocket::bind(&place).is_ok(),
        };
        let (class, verdict) = if is_free { ('b', "free") } else { ('d', "taken") };
        let cells = vec![
            Cell::new('e', 6, protocol),
            Cell::new('a', 14, address),
            Cell::new('c', 8, "8080"),
            Cell::new(class, 8, verdict),
        ];
        Strip::new("then", cells, "")
    };
    let cells = vec![
        Cell::new('e', 6, "TCP"),
        Cell::new('a', 14, "127.0.0.1"),
        Cell::new('c', 8, "8080"),
        Cell::new('b', 8, "listens"),
    ];
    let mut rows = vec![Strip::new("first", cells, "")];
    let wanted = [
        ("TCP", "127.0.0.1"),
        ("TCP", "0.0.0.0"),
        ("TCP", "127.0.0.2"),
        ("UDP", "127.0.0.1"),
    ];
    rows.extend(wanted.map(|(protocol, address)| row(protocol, address)));
    let verdicts: Vec<&str> = rows[1..]
        .iter()
        .map(|row| row.cells[3].lines[0].as_str())
        .collect();
    assert_eq!(verdicts, ["taken", "taken", "free", "free"]);
    let description = "A server listens on TCP, 127.0.0.1, port 8080. Then the same three are taken, and so is the wildcard 0.0.0.0 with that port; another address, 127.0.0.2, and another protocol, UDP, have the same port number free.";
    hold(
        "one-server",
        &strips("What must be unique", description, 11, &rows),
    );
}

#[test]
fn a_connection_is_known_by_four_numbers() {
    let row = |label: &str, client: &str, port: &str| {
        let cells = vec![
            Cell::new('a', 14, client),
            Cell::new('c', 8, port),
            Cell::new('b', 14, "198.51.100.1"),
            Cell::new('c', 8, "443"),
        ];
        Strip::new(label, cells, "")
    };
    let heads = vec![
        Cell::new('e', 14, "client address"),
        Cell::new('e', 8, "port"),
        Cell::new('e', 14, "server address"),
        Cell::new('e', 8, "port"),
    ];
    let rows = [
        Strip::new("", heads, ""),
        row("one", "192.0.2.7", "50001"),
        row("another", "192.0.2.7", "50002"),
        row("a third", "192.0.2.8", "50001"),
    ];
    let description = "Three connections to one server port, 198.51.100.1 and 443. Two come from the same client address with the ports 50001 and 50002; the third comes from another address, with port 50001 again. No two rows are the same.";
    hold(
        "four-numbers",
        &strips("Four numbers name a connection", description, 11, &rows),
    );
}

#[test]
fn the_lectures_services_are_in_the_registry() {
    let registry = ports::Registry::built_in();
    let row = |(slide, port): (&str, u16)| {
        let service = registry
            .by_port(port)
            .find(|service| service.protocols.contains(&ports::Protocol::Tcp))
            .unwrap();
        let safe = port == 22 || port == 443;
        let cells = vec![
            Cell::new('c', 8, port.to_string()),
            Cell::new('a', 12, service.name.clone()),
            Cell::new(
                if safe { 'b' } else { 'd' },
                14,
                if safe { "encrypted" } else { "in the clear" },
            ),
        ];
        Strip::new(slide, cells, "")
    };
    let rows = [
        ("FTP", 21),
        ("SSH", 22),
        ("Telnet", 23),
        ("Web", 80),
        ("SSL", 443),
    ]
    .map(row);
    let description = "Five services of the slide with their ports and registered names: 21 ftp, 22 ssh, 23 telnet, 80 http, 443 https. Only ssh and https are encrypted.";
    hold(
        "services",
        &strips("Five services and their ports", description, 11, &rows),
    );
}

#[test]
fn callers_wait_in_a_queue_of_the_system() {
    let happenings = [
        message(0, 1, "SYN"),
        message(1, 0, "SYN-ACK"),
        note(0, "connected"),
        message(0, 1, "SYN, a second caller"),
        message(1, 0, "SYN-ACK"),
        note(1, "the queue is full"),
        message(0, 1, "SYN, a third caller"),
        note(1, "dropped, without a word"),
        message(2, 1, "accept()"),
        note(1, "there is room again"),
        message(0, 1, "SYN again, one second later"),
        message(1, 0, "SYN-ACK"),
    ];
    let description = "Callers, the server's system and the server's program. The system shakes hands with two callers, although the program has accepted nobody; a third is dropped, because the queue is full. When the program accepts one, there is room; the third caller's system tries again after a second and is connected.";
    hold(
        "queue",
        &sequence(
            "The queue before accept",
            description,
            &["callers", "the server's system", "program"],
            &happenings,
        ),
    );
}

#[test]
fn wss_is_tls_first_and_then_the_same_handshake() {
    let happenings = [
        message(0, 1, "connect, port 443"),
        message(0, 1, "ClientHello, for chat.example"),
        message(1, 0, "ServerHello, certificate"),
        note(0, "is the name right, and who signed it?"),
        note(1, "from here on all is encrypted"),
        message(0, 1, "GET /chat, Upgrade: websocket"),
        message(1, 0, "101 Switching Protocols"),
        message(0, 1, "frames"),
        message(1, 0, "frames"),
        message(1, 0, "close_notify"),
    ];
    let description = "The client connects to port 443 and begins TLS. The server shows its certificate, and the client checks the name and who signed it. From then on all is encrypted: the same handshake as with ws, the same frames, and at the end TLS says that it is the end.";
    hold(
        "wss",
        &sequence("wss: TLS first", description, &["client", "server"], &happenings),
    );
}

#[test]
fn a_queue_forgets_and_a_log_keeps() {
    let all = |class| {
        (1..=6)
            .map(|number| Cell::new(class, 5, number.to_string()))
            .collect::<Vec<_>>()
    };
    let mut queue = all('b');
    for cell in &mut queue[..3] {
        cell.class = 'e';
        cell.lines = vec!["gone".to_owned()];
    }
    let positions = |at: usize, name: &str| {
        let mut cells = vec![Cell::new('e', 5 * (at - 1), "has read these")];
        cells.push(Cell::new('c', 5, name));
        cells
    };
    let rows = [
        Strip::new("a queue", queue, "RabbitMQ, STOMP"),
        Strip::new("a log", all('a'), "Kafka"),
        Strip::new("reader A", positions(5, "here"), ""),
        Strip::new("reader B", positions(3, "here"), ""),
    ];
    let description = "Six messages. In a queue the first three are gone, because they were acknowledged. In a log all six are still there, and each of two readers has a position of its own: one at the fifth message, one at the third.";
    hold(
        "queue-or-log",
        &strips("A queue forgets, a log keeps", description, 12, &rows),
    );
}
