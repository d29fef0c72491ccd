//! What each tool says of each of its subcommands, so that a change of a word is seen. (Step 6's own tests hold its help.)
//!
//! `SNAPSHOTS=overwrite cargo test -p book --test truth help` writes the files anew.

use std::path::Path;

use crate::console;

/// The names below `Commands:` in a page of help.
fn subcommands(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let names = lines
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let first_word = |line: &str| line.split_whitespace().next().map(str::to_owned);
    names
        .filter_map(first_word)
        .filter(|name| name != "help")
        .collect()
}

#[test]
fn the_help_of_every_subcommand_teaches() {
    console::build_the_tools();
    let root = book::workspace::root().unwrap();
    for tool in [
        "01-ip",
        "02-ports",
        "03-tcp-socket",
        "04-chunked-io",
        "05-websocket",
    ] {
        let run = |arguments: &str| console::run(&root, &format!("cargo {tool} {arguments}")).unwrap();
        let names = subcommands(&run("--help"));
        assert!(!names.is_empty(), "{tool} has no subcommands");
        let pages = names.iter().map(|name| {
            format!(
                "$ cargo {tool} {name} --help\n{}\n",
                run(&format!("{name} --help"))
            )
        });
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/snapshots/help-{tool}.txt"));
        snapbox::Assert::new()
            .action_env("SNAPSHOTS")
            .eq(pages.collect::<String>(), snapbox::Data::read_from(&file, None));
    }
}
