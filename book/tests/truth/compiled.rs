//! Whether cargo compiles a source file, and whether a test holds a snapshot.

use std::fs;
use std::path::{Path, PathBuf};

/// Says why the compiler would not notice if `file` (relative to `root`) were wrong.
pub(crate) fn source_is_compiled(root: &Path, file: &Path) -> Result<(), String> {
    let reason = || format!("{}: nothing compiles it", file.display());
    let mut parts = file.iter().filter_map(|part| part.to_str());
    let (Some(package), Some(folder)) = (parts.next(), parts.next()) else {
        return Err(reason());
    };
    let is_rust = file.extension().is_some_and(|extension| extension == "rs");
    let is_compiled = match folder {
        "src" => is_module(&root.join(file)),
        "examples" | "tests" | "benches" if parts.clone().count() == 1 => true,
        "examples" | "tests" | "benches" => is_module(&root.join(file)),
        "exercises" | "solutions" => is_target(&root.join(package), file),
        "checks" => is_target(&root.join(package), &solution_of(file)),
        _ => false,
    };
    if is_rust && is_compiled {
        Ok(())
    } else {
        Err(reason())
    }
}

/// Whether a chain of `mod` lines leads from a root that cargo finds by itself to `file`.
fn is_module(file: &Path) -> bool {
    let (Some(stem), Some(folder)) = (file.file_stem().and_then(|stem| stem.to_str()), file.parent()) else {
        return false;
    };
    let (name, folder) = match stem {
        "lib" | "main" => return true,
        "mod" => (
            folder
                .file_name()
                .and_then(|name| name.to_str())
                .unwrap_or_default(),
            folder.parent().unwrap_or(folder),
        ),
        name if folder.ends_with("src/bin") => return !name.is_empty(),
        name => (name, folder),
    };
    let declares = |parent: &PathBuf| {
        let text = fs::read_to_string(parent).unwrap_or_default();
        let declaration = format!("mod {name};");
        text.lines().any(|line| {
            line.trim_start()
                .trim_start_matches("pub ")
                .trim_start_matches("pub(crate) ")
                == declaration
        })
    };
    let parents = [
        folder.join("lib.rs"),
        folder.join("main.rs"),
        folder.join("mod.rs"),
        folder.with_extension("rs"),
    ];
    parents.iter().any(|parent| declares(parent) && is_module(parent))
}

/// Whether the package's manifest names `file` (relative to the root) as the path of an example.
fn is_target(package: &Path, file: &Path) -> bool {
    let manifest = fs::read_to_string(package.join("Cargo.toml")).unwrap_or_default();
    let path: PathBuf = file.iter().skip(1).collect();
    let path = path.display().to_string().replace('\\', "/");
    manifest.contains(&format!("path = \"{path}\""))
}

/// The solution that a check judges; it has the check's own name.
fn solution_of(check: &Path) -> PathBuf {
    let package = check.iter().next().unwrap_or_default();
    Path::new(package)
        .join("solutions")
        .join(check.file_name().unwrap_or_default())
}

/// Says why no test would notice if the snapshot `file` (relative to `root`) were wrong.
pub(crate) fn snapshot_is_held(root: &Path, file: &Path, content: &str) -> Result<(), String> {
    if let Some(source) = content.lines().find_map(|line| line.strip_prefix("source: ")) {
        let exists = root.join(source).is_file();
        return if exists {
            Ok(())
        } else {
            Err(format!("{}: its test {source} is gone", file.display()))
        };
    }
    let name = file
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    let tests = root
        .join(file)
        .parent()
        .and_then(Path::parent)
        .map(rust_files)
        .unwrap_or_default();
    let names_it = |test: &PathBuf| fs::read_to_string(test).is_ok_and(|text| text.contains(name));
    if tests.iter().any(names_it) {
        Ok(())
    } else {
        Err(format!("{}: no test beside it mentions {name}", file.display()))
    }
}

/// The Rust files in `folder` and below.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::source_is_compiled;

    #[test]
    fn a_module_must_be_declared_by_one_that_is_compiled() {
        let root = book::workspace::root().unwrap();
        source_is_compiled(&root, Path::new("04-chunked-io/src/pull.rs")).unwrap();
        source_is_compiled(&root, Path::new("book/src/bin/study.rs")).unwrap();
        source_is_compiled(&root, Path::new("book/tests/truth/compiled.rs")).unwrap();
        source_is_compiled(&root, Path::new("04-chunked-io/checks/04-1-receive-all.rs")).unwrap();
        source_is_compiled(&root, Path::new("04-chunked-io/src/forgotten.rs")).unwrap_err();
        source_is_compiled(&root, Path::new("04-chunked-io/exercises/stray.rs")).unwrap_err();
    }
}
