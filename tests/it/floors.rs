//! The floors of each crate: no modules import one another in a circle, and a module uses only what lies below it.
//!
//! The order of the floors is the one that `ARCHITECTURE.md` shows, in a block for each crate; this test reads it there.
//! Paths are read from the source: `use` lines, followed through re-exports to the file that defines the name, and
//! paths inside code. What only tests use does not count. A module may use what its own parent defines: together with
//! its children a module is one thing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The crates, by the file each begins with.
const CRATES: &[(&str, &str)] = &[
    ("core", "core/src/lib.rs"),
    ("native/package", "native/package/src/lib.rs"),
    ("vitte-package", "native/package/src/bin/vitte-package/main.rs"),
    ("vitte-registry", "native/registry/src/main.rs"),
    ("wasm", "wasm/src/lib.rs"),
];

#[test]
fn no_modules_import_one_another_in_a_circle() {
    let mut faults = Vec::new();
    for (name, file) in CRATES {
        let imports = House::read(&root().join(file)).imports();
        assert!(imports.len() > 3, "{name}: the walk found only {} modules that import", imports.len());
        faults
            .extend(circles(&imports).iter().map(|circle| format!("{name}: {}", describe(circle, &imports))));
    }
    assert!(faults.is_empty(), "modules that import one another in a circle:\n{}", faults.join("\n"));
}

#[test]
fn a_module_uses_only_what_lies_below_it() {
    let document =
        std::fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md can be read");
    let mut faults = Vec::new();
    for (name, file) in CRATES {
        let Some(floors) = declared_floors(&document, name) else { continue };
        let house = House::read(&root().join(file));
        faults.extend(arrows_up(&floors, &house).into_iter().map(|fault| format!("{name}: {fault}")));
    }
    let declared = CRATES.iter().filter(|(name, _)| declared_floors(&document, name).is_some()).count();
    assert!(declared >= 3, "ARCHITECTURE.md shows the floors of {declared} crates only");
    assert!(faults.is_empty(), "arrows against the floors of ARCHITECTURE.md:\n{}", faults.join("\n"));
}

/// Imports by module: what is used, and under which names.
type Imports = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

/// The floors of a crate from the top down: the lines of the block that begins with "```text floors of NAME".
fn declared_floors(document: &str, name: &str) -> Option<Vec<Vec<String>>> {
    let start = format!("```text floors of {name}\n");
    let (_, rest) = document.split_once(&start)?;
    let (block, _) = rest.split_once("```")?;
    Some(block.lines().map(|line| line.split_whitespace().map(str::to_owned).collect()).collect())
}

/// Each arrow between the modules with floors of a crate that does not lead to a lower floor, and each module without a floor.
fn arrows_up(floors: &[Vec<String>], house: &House) -> Vec<String> {
    let floor = |module: &str| floors.iter().position(|floor| floor.iter().any(|one| one == module));
    // A folder has one floor, or each module in it has its own.
    let is_in = |module: &str, folder: &str| {
        module.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    };
    let split = |module: &str| floors.iter().flatten().any(|one| one != module && is_in(one, module));
    let top = |module: &str| match floors.iter().flatten().find(|one| is_in(module, one)) {
        Some(declared) => declared.clone(),
        None if split(module) => String::new(),
        None => {
            let names: Vec<&str> = module.split("::").collect();
            let depth = (1..names.len()).find(|depth| !split(&names[..*depth].join("::")));
            names[..depth.unwrap_or(names.len())].join("::")
        }
    };
    let mut faults = BTreeSet::new();
    for module in house.modules.keys().map(|module| top(module)).filter(|module| !module.is_empty()) {
        if floor(&module).is_none() {
            faults.insert(format!("{module} has no floor"));
        }
    }
    for module in floors.iter().flatten() {
        if !house.modules.contains_key(module) {
            faults.insert(format!("{module} has a floor, and is no module"));
        }
    }
    for (from, used) in house.imports() {
        for (to, names) in used {
            let (above, below) = (top(&from), top(&to));
            if above.is_empty() || below.is_empty() || above == below {
                continue;
            }
            if let (Some(above), Some(below)) = (floor(&above), floor(&below))
                && above >= below
            {
                let names: Vec<_> = names.into_iter().collect();
                faults.insert(format!("{from} -> {to}: {}", names.join(", ")));
            }
        }
    }
    faults.into_iter().collect()
}

/// The modules of a crate.
struct House {
    modules: BTreeMap<String, Module>,
}

/// What a source file says of names.
#[derive(Default)]
struct Module {
    children: BTreeSet<String>,
    /// Names that `use` lines bring in: their paths.
    bound: BTreeMap<String, Vec<String>>,
    /// Paths whose names are used here, and not only passed on by `pub use`.
    used: Vec<Vec<String>>,
}

impl House {
    /// Reads a crate from its first file on.
    fn read(first: &Path) -> Self {
        let mut house = Self { modules: BTreeMap::new() };
        let folder = first.parent().expect("a source file lies in a folder").to_owned();
        let mut files = vec![(String::new(), first.to_owned(), folder)];
        while let Some((name, file, folder)) = files.pop() {
            let source =
                std::fs::read_to_string(&file).unwrap_or_else(|fault| panic!("{}: {fault}", file.display()));
            let (module, declared) = Module::parse(&source, &name);
            for child in declared {
                let inside = folder.join(&child);
                let candidates: [(PathBuf, PathBuf); 2] = [
                    (folder.join(format!("{child}.rs")), inside.clone()),
                    (inside.join("mod.rs"), inside.clone()),
                ];
                let found = candidates.into_iter().find(|(file, _)| file.is_file());
                let (file, inside) =
                    found.unwrap_or_else(|| panic!("{}: no file of module {child}", file.display()));
                files.push((joined(&name, &child), file, inside));
            }
            house.modules.insert(name, module);
        }
        house
    }

    /// Reads a crate from texts, for tests: `(module, source)`.
    fn of(sources: &[(&str, &str)]) -> Self {
        let modules = sources.iter().map(|(name, source)| {
            let (module, _) = Module::parse(source, name);
            ((*name).to_owned(), module)
        });
        Self { modules: modules.collect() }
    }

    /// Who uses what, by the module that defines it.
    fn imports(&self) -> Imports {
        let mut imports = Imports::new();
        for (name, module) in &self.modules {
            for path in &module.used {
                let Some((definer, item)) = self.definer(path, 0) else { continue };
                // Its own parents are one thing with it.
                let within =
                    name == &definer || definer.is_empty() || name.starts_with(&format!("{definer}::"));
                if !within {
                    imports.entry(name.clone()).or_default().entry(definer).or_default().insert(item);
                }
            }
        }
        imports
    }

    /// The module that defines what an absolute path names, and the name. `None`: the path names a module.
    fn definer(&self, path: &[String], depth: usize) -> Option<(String, String)> {
        let mut name = String::new();
        for (at, segment) in path.iter().enumerate() {
            let module = self.modules.get(&name)?;
            if module.children.contains(segment) && self.modules.contains_key(&joined(&name, segment)) {
                name = joined(&name, segment);
                continue;
            }
            if let Some(binding) = module.bound.get(segment)
                && depth < 16
                && binding.as_slice() != &path[..=at]
            {
                let whole: Vec<String> = binding.iter().chain(&path[at + 1..]).cloned().collect();
                return match whole.first().map(String::as_str) {
                    Some(OUTSIDE) | None => None,
                    Some(_) => self.definer(&whole, depth + 1),
                };
            }
            return Some((name, segment.clone()));
        }
        None
    }
}

/// The first segment of a path into another crate.
const OUTSIDE: &str = "::";

fn joined(parent: &str, child: &str) -> String {
    if parent.is_empty() { child.to_owned() } else { format!("{parent}::{child}") }
}

impl Module {
    /// Reads a source file; gives the modules whose files are to be read too.
    fn parse(source: &str, name: &str) -> (Self, Vec<String>) {
        let mut tokens = without_tests(&tokens(source));
        let mut module = Self::default();
        let here: Vec<String> = name.split("::").filter(|part| !part.is_empty()).map(str::to_owned).collect();
        // Modules within the file: at which depth of braces each ends.
        let (mut depth, mut inline): (usize, Vec<usize>) = (0, Vec::new());
        let mut uses = Vec::new();
        let mut paths = Vec::new();
        let mut files = Vec::new();
        tokens.push(String::new());
        let mut at = 0;
        while at < tokens.len() {
            match tokens[at].as_str() {
                "{" => depth += 1,
                "}" => {
                    depth = depth.saturating_sub(1);
                    inline.pop_if(|end| *end == depth);
                }
                "mod" if tokens.get(at + 2).is_some_and(|next| next == ";") => {
                    module.children.insert(tokens[at + 1].clone());
                    files.push(tokens[at + 1].clone());
                    at += 2;
                }
                "mod" if tokens.get(at + 2).is_some_and(|next| next == "{") => {
                    inline.push(depth);
                    depth += 1;
                    at += 2;
                }
                "use" => {
                    let end =
                        tokens[at..].iter().position(|token| token == ";").map_or(tokens.len(), |n| at + n);
                    // `use<'a>` of a type's captures is no import.
                    if tokens.get(at + 1).is_some_and(|next| next != "<") {
                        let public = at > 0 && (tokens[at - 1] == "pub" || tokens[at - 1] == ")");
                        let mut found = Vec::new();
                        tree(&tokens[at + 1..end], &mut 0, &[], &mut found);
                        uses.extend(
                            found.into_iter().map(|(path, alias)| (path, alias, inline.len(), public)),
                        );
                        at = end;
                    }
                }
                word if is_word(word) && tokens.get(at + 1).is_some_and(|next| next == "::") => {
                    let starts = at == 0 || tokens[at - 1] != "::";
                    let mut path = vec![word.to_owned()];
                    while tokens.get(at + 1).is_some_and(|next| next == "::")
                        && tokens.get(at + 2).is_some_and(|next| is_word(next))
                    {
                        path.push(tokens[at + 2].clone());
                        at += 2;
                    }
                    if starts {
                        paths.push((path, inline.len()));
                    }
                }
                _ => {}
            }
            at += 1;
        }
        let mut reexported = BTreeSet::new();
        for (path, alias, inside, public) in &uses {
            let Some(path) = module.absolute(path, &here, *inside) else { continue };
            if let Some(alias) = alias {
                module.bound.insert(alias.clone(), path.clone());
            }
            if *public {
                reexported.insert(path);
            } else {
                module.used.push(path);
            }
        }
        // A name that is passed on and used in this file as well is used.
        let words: BTreeMap<&str, usize> = tokens.iter().fold(BTreeMap::new(), |mut words, token| {
            *words.entry(token.as_str()).or_default() += 1;
            words
        });
        for path in reexported {
            if path.last().is_some_and(|name| words.get(name.as_str()).is_some_and(|count| *count > 1)) {
                module.used.push(path);
            }
        }
        for (path, inside) in paths {
            let bound = module.bound.get(&path[0]).cloned();
            let path = match bound {
                Some(bound) => Some(bound.into_iter().chain(path.into_iter().skip(1)).collect()),
                None => module.absolute(&path, &here, inside),
            };
            module.used.extend(path);
        }
        (module, files)
    }

    /// A path from the crate's root. `None`: it leads to another crate or to a name of this file.
    fn absolute(&self, path: &[String], here: &[String], inline: usize) -> Option<Vec<String>> {
        let mut from = here.to_vec();
        let mut rest = path;
        match path.first()?.as_str() {
            "crate" => {
                from.clear();
                rest = &path[1..];
            }
            "self" => rest = &path[1..],
            "super" => {
                let ups = path.iter().take_while(|segment| *segment == "super").count();
                for _ in inline..ups {
                    from.pop();
                }
                rest = &path[ups..];
            }
            first if self.children.contains(first) => {}
            _ => return None,
        }
        from.extend(rest.iter().cloned());
        Some(from)
    }
}

/// The paths of a `use` tree, with the name each brings in; none for `*`.
fn tree(
    tokens: &[String],
    at: &mut usize,
    before: &[String],
    found: &mut Vec<(Vec<String>, Option<String>)>,
) {
    let mut path = before.to_vec();
    while let Some(token) = tokens.get(*at) {
        *at += 1;
        match token.as_str() {
            "::" => {}
            "{" => {
                while tokens.get(*at).is_some_and(|token| token != "}") {
                    tree(tokens, at, &path, found);
                    if tokens.get(*at).is_some_and(|token| token == ",") {
                        *at += 1;
                    }
                }
                *at += 1;
                return;
            }
            "*" => {
                path.push("*".to_owned());
                found.push((path, None));
                return;
            }
            word => {
                if word != "self" || path.is_empty() {
                    path.push(word.to_owned());
                }
                if tokens.get(*at).is_none_or(|next| next != "::") {
                    let mut alias = path.last().cloned();
                    if tokens.get(*at).is_some_and(|next| next == "as") {
                        alias = tokens.get(*at + 1).cloned();
                        *at += 2;
                    }
                    found.push((path, alias));
                    return;
                }
            }
        }
    }
}

fn is_word(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// The words and signs of Rust source, without comments, strings and characters; `::` is one sign.
fn tokens(source: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let len = if first.is_whitespace() {
            first.len_utf8()
        } else if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            block_comment(rest)
        } else if let Some(len) = raw_string(rest) {
            len
        } else if first == '"' || rest.starts_with("b\"") {
            string(rest, rest.find('"').unwrap_or_default())
        } else if first == '\'' {
            character(rest)
        } else if first.is_alphanumeric() || first == '_' {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            tokens.push(rest[..end].to_owned());
            end
        } else {
            let sign = if rest.starts_with("::") { "::" } else { &rest[..first.len_utf8()] };
            tokens.push(sign.to_owned());
            sign.len()
        };
        rest = &rest[len..];
    }
    tokens
}

fn block_comment(source: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < source.len() {
        if source[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if source[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += source[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    source.len()
}

/// The length of a raw string that begins here.
fn raw_string(source: &str) -> Option<usize> {
    let after = source.strip_prefix("br").or_else(|| source.strip_prefix('r'))?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    let body = after[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let start = source.len() - body.len();
    Some(body.find(&end).map_or(source.len(), |at| start + at + end.len()))
}

/// The length of a string whose quote is at `quote`.
fn string(source: &str, quote: usize) -> usize {
    let mut escaped = false;
    for (at, c) in source[quote + 1..].char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return quote + 1 + at + 1,
            _ => {}
        }
    }
    source.len()
}

/// The length of a character or of the sign of a lifetime.
fn character(source: &str) -> usize {
    let mut inside = source[1..].char_indices();
    match inside.next() {
        Some((_, '\\')) => source[3..].find('\'').map_or(source.len(), |at| 3 + at + 1),
        Some((_, _)) => match inside.next() {
            Some((at, '\'')) => at + 2,
            _ => 1,
        },
        None => 1,
    }
}

/// Takes away each item under `#[cfg(test)]` or `#[cfg(all(test, …))]`.
fn without_tests(tokens: &[String]) -> Vec<String> {
    let mut kept = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let starts = |sign: &[&str]| {
            sign.iter().enumerate().all(|(n, word)| tokens.get(at + n).is_some_and(|token| token == word))
        };
        if starts(&["#", "[", "cfg", "(", "test", ")", "]"])
            || starts(&["#", "[", "cfg", "(", "all", "(", "test"])
        {
            let mut depth = 0_usize;
            let mut in_attribute = true;
            while let Some(token) = tokens.get(at) {
                at += 1;
                match token.as_str() {
                    "#" if depth == 0 => in_attribute = true,
                    "{" | "(" | "[" => depth += 1,
                    "}" | ")" | "]" => {
                        depth -= 1;
                        if depth == 0 && in_attribute {
                            in_attribute = false;
                        } else if depth == 0 && token == "}" {
                            break;
                        }
                    }
                    ";" | "," if depth == 0 => break,
                    _ => {}
                }
            }
            continue;
        }
        kept.push(tokens[at].clone());
        at += 1;
    }
    kept
}

/// The groups of modules that reach one another, each sorted.
fn circles(imports: &Imports) -> Vec<Vec<String>> {
    let reached = |start: &str| {
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let mut queue = vec![start.to_owned()];
        while let Some(from) = queue.pop() {
            for to in imports.get(&from).into_iter().flat_map(BTreeMap::keys) {
                if seen.insert(to) {
                    queue.push(to.clone());
                }
            }
        }
        seen
    };
    let all: BTreeMap<&str, BTreeSet<&str>> =
        imports.keys().map(|module| (module.as_str(), reached(module))).collect();
    let mut found = BTreeSet::new();
    for (module, seen) in &all {
        let circle: Vec<String> = all
            .iter()
            .filter(|(other, back)| seen.contains(*other) && back.contains(module))
            .map(|(other, _)| (*other).to_owned())
            .collect();
        if !circle.is_empty() {
            found.insert(circle);
        }
    }
    found.into_iter().collect()
}

/// A circle with what ties it.
fn describe(circle: &[String], imports: &Imports) -> String {
    let mut lines = vec![circle.join(", ")];
    for from in circle {
        for (to, names) in imports.get(from).into_iter().flatten().filter(|(to, _)| circle.contains(to)) {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            lines.push(format!("  {from} -> {to}: {}", names.join(", ")));
        }
    }
    lines.join("\n")
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("native/package lies two below the root")
        .to_owned()
}

/// The proof that the rules see what they must.
mod proof {
    use super::*;

    const ROOT: (&str, &str) = ("", "pub mod a; pub mod b; pub mod c;");

    fn circles_of(sources: &[(&str, &str)]) -> Vec<Vec<String>> {
        let sources: Vec<_> = std::iter::once(ROOT).chain(sources.iter().copied()).collect();
        circles(&House::of(&sources).imports())
    }

    #[test]
    fn a_planted_circle_is_refused() {
        assert_eq!(
            circles_of(&[("a", "use crate::b::B;"), ("b", "use super::a::{A, C as D};"), ("c", "")]),
            [["a", "b"]]
        );
        // By paths in code, and over three.
        let three = [("a", "fn f() { crate::b::g() }"), ("b", "use super::c; fn g() { c::h() }")];
        assert_eq!(circles_of(&[three[0], three[1], ("c", "type A = crate::a::A;")]), [["a", "b", "c"]]);
        assert!(
            circles_of(&[three[0], three[1], ("c", "// use crate::a::A;\nconst A: &str = \"crate::a::A\";")])
                .is_empty()
        );
    }

    #[test]
    fn a_name_is_followed_to_the_file_that_defines_it() {
        let folder = |front: &'static str| {
            [
                ("a", front),
                ("a::x", "use super::Y; pub struct X;"),
                ("a::y", "use super::Shared; pub struct Y;"),
                ("b", "use crate::a::X;"),
                ("c", ""),
            ]
        };
        // The front only passes names on: `x` uses `y`, and neither uses the front.
        assert!(circles_of(&folder("mod x; mod y; pub use x::X; pub use y::Y; struct Shared;")).is_empty());
        let imports =
            House::of(&[&[ROOT][..], &folder("mod x; mod y; pub use x::X; pub use y::Y;")].concat());
        assert_eq!(imports.imports()["b"].keys().collect::<Vec<_>>(), ["a::x"]);
        // A front that uses what it passes on, and a child that goes round it.
        let sources = [
            ("a", "mod x; pub use x::X; fn f(_: X) {}"),
            ("a::x", "use crate::b::B; pub struct X;"),
            ("b", "use crate::a::f;"),
            ("c", ""),
        ];
        assert_eq!(circles_of(&sources), [["a", "a::x", "b"]]);
    }

    #[test]
    fn what_only_tests_use_does_not_count() {
        let tests = "#[cfg(test)]\nmod tests {\n    use crate::b::B;\n}\n#[cfg(test)]\nuse crate::b::B;\n\
                     #[cfg(all(test, unix))]\nfn f() { crate::b::g() }\nfn own(a: char) -> bool { a == '\"' }";
        assert!(circles_of(&[("a", tests), ("b", "use crate::a::A;"), ("c", "")]).is_empty());
        let importing = format!("{tests} use crate::b::B;");
        assert_eq!(circles_of(&[("a", &importing), ("b", "use crate::a::A;"), ("c", "")]), [["a", "b"]]);
    }

    #[test]
    fn a_planted_arrow_back_up_is_refused() {
        let document = "x\n```text floors of core\na\nb c\n```\n";
        let floors = declared_floors(document, "core").unwrap();
        assert_eq!(floors, [vec!["a"], vec!["b", "c"]]);
        let house = |b: &'static str| House::of(&[ROOT, ("a", "use crate::b::B;"), ("b", b), ("c", "")]);
        assert!(arrows_up(&floors, &house("")).is_empty());
        assert_eq!(arrows_up(&floors, &house("fn f(_: crate::a::A) {}")), ["b -> a: A"]);
        assert_eq!(arrows_up(&floors, &house("use super::c::C;")), ["b -> c: C"]);
        assert_eq!(arrows_up(&floors[..1], &house("")), ["b has no floor", "c has no floor"]);
        assert_eq!(declared_floors(document, "wasm"), None);
    }

    #[test]
    fn the_modules_of_a_folder_may_have_floors_of_their_own() {
        let floors = declared_floors("```text floors of x\nf::a\nf::b c\n```\n", "x").unwrap();
        let house = |b: &'static str, d: bool| {
            let front = if d { "pub mod a; pub mod b; pub mod d;" } else { "pub mod a; pub mod b;" };
            let root = ("", "pub mod f; pub mod c;");
            let folder = [("f", front), ("f::a", "use super::b::B;"), ("f::b", b), ("f::b::e", "")];
            let rest = if d { vec![("f::d", ""), ("f::d::e", "")] } else { Vec::new() };
            House::of(&[&[root, ("c", "")][..], &folder, &rest].concat())
        };
        assert!(arrows_up(&floors, &house("mod e;", false)).is_empty());
        assert_eq!(arrows_up(&floors, &house("mod e; use crate::c::C;", false)), ["f::b -> c: C"]);
        assert_eq!(arrows_up(&floors, &house("mod e; use super::a::A;", false)), ["f::b -> f::a: A"]);
        assert_eq!(arrows_up(&floors, &house("mod e;", true)), ["f::d has no floor"]);
    }
}
