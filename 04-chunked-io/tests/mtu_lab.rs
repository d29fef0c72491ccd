//! The MTU lab, as far as it goes without root. (`.ci/interop/mtu-lab` builds it, and sees what the transcript shows.)

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use chunked_io::mtu::{IpVersion, Link, Stack, Tunnel};
use chunked_io::mtu_lab::network::{WIDE, missing, narrow};

const TRANSCRIPT: &str = include_str!("snapshots/mtu-lab.txt");

fn payload(mtu: u32) -> u32 {
    Stack::new(Link::Ethernet, mtu, Tunnel::None, IpVersion::V4, true)
        .unwrap()
        .payload()
}

/// The part of the transcript that belongs to one scene.
fn scene(name: &str) -> &'static str {
    let start = TRANSCRIPT.find(&format!("\n{name}: ")).unwrap();
    // Its title, and what follows the empty line below.
    TRANSCRIPT[start..].split("\n\n").nth(1).unwrap()
}

#[test]
fn the_segments_that_were_seen_are_those_that_the_mtu_allows() {
    let (wide, narrow) = (payload(WIDE), payload(narrow(IpVersion::V4)));
    assert_eq!((wide, narrow), (1448, 524));
    for (name, opened, ended) in [
        ("discovery", wide, narrow),
        ("black-hole", wide, wide),
        ("clamp", narrow, narrow),
    ] {
        let seen = scene(name);
        let opened = format!("when opened  path MTU 1500, segments of {opened} bytes");
        assert!(seen.contains(&opened), "{name}: {seen}");
        assert!(
            seen.contains(&format!("; segments of {ended} bytes")),
            "{name}: {seen}"
        );
    }
}

#[test]
fn programs_that_are_not_there_are_named() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(
        missing(folder.path().as_os_str()),
        ["ip", "nft", "ethtool", "sysctl"]
    );
    std::fs::write(folder.path().join("nft"), "").unwrap();
    assert_eq!(missing(folder.path().as_os_str()), ["ip", "ethtool", "sysctl"]);
}

/// Whoever is not root is told what is missing; root is made nobody for this.
#[test]
fn without_root_the_lab_says_what_it_needs() {
    let folder = tempfile::tempdir().unwrap();
    let tool = folder.path().join("tool");
    std::fs::copy(snapbox::cmd::cargo_bin!("04-chunked-io"), &tool).unwrap();
    let mut command = std::process::Command::new(&tool);
    command.arg("mtu-lab");
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};
        use std::os::unix::process::CommandExt;
        if std::fs::metadata("/proc/self").unwrap().uid() == 0 {
            let all = std::fs::Permissions::from_mode(0o755);
            std::fs::set_permissions(folder.path(), all).unwrap();
            command.uid(65534);
        }
    }
    let output = command.output().unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        (output.status.code(), output.stdout.len()),
        (Some(1), 0),
        "{errors}"
    );
    assert!(errors.starts_with("error: the lab needs "), "{errors}");
    assert_eq!(errors.lines().count(), 1, "{errors}");
}
