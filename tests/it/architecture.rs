//! Which module may import which: the map of docs/architecture.md, checked against the `use` declarations and paths of every file.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use syn::{Attribute, Item, ItemUse, UseTree, Visibility, visit::Visit};

use crate::support::root;

/// Segments below `crate`; empty for `lib.rs`.
type Module = Vec<String>;

/// Layers that each layer may import, besides itself. Lower layers come first.
const LAYERS: &[(&str, &[&str])] = &[
    ("value", &[]),
    ("store", &[]),
    ("render", &["value"]),
    ("json_schema", &["value"]),
    ("parity", &[]),
    ("outbound", &[]),
    ("runtime", &["value", "store"]),
    ("recorder", &["value", "runtime"]),
    ("documents", &["value", "store"]),
    ("state", &["value", "store", "runtime", "recorder", "documents"]),
    ("identity", &["value", "store", "documents", "state"]),
    (
        "http",
        &["value", "store", "render", "json_schema", "parity", "runtime", "recorder", "documents", "state", "identity"],
    ),
    ("resource", &["value", "store", "render", "json_schema", "runtime", "documents", "state", "identity", "http"]),
    ("world", &["value", "store", "runtime", "documents", "state", "identity", "resource"]),
    ("simulation", &["value", "store", "runtime", "documents", "state", "identity", "resource"]),
    ("control", &["value", "parity", "runtime", "recorder", "documents", "state", "http", "resource", "simulation"]),
    ("console", &["http"]),
    ("webhook", &["value", "store", "outbound", "runtime", "recorder", "documents", "state", "identity", "resource"]),
    ("realtime", &["value", "store", "render", "runtime", "recorder", "documents", "state", "identity", "resource"]),
    ("app", &["state", "http", "resource", "control", "console"]),
    ("example", &["http"]),
    ("openapi", &["json_schema", "runtime", "state", "http", "resource", "control", "webhook", "app", "example"]),
    ("recording", &["value", "recorder", "state", "http", "example"]),
    ("drift", &["http", "example", "openapi", "recording"]),
    ("proxy", &["value", "outbound", "runtime", "recorder", "state", "http"]),
    ("config", &["runtime", "webhook", "proxy"]),
    ("tls", &["outbound", "http", "config", "proxy"]),
    ("health", &["outbound"]),
    (
        "fake",
        &[
            "value",
            "runtime",
            "recorder",
            "state",
            "http",
            "resource",
            "simulation",
            "control",
            "webhook",
            "realtime",
            "app",
            "openapi",
            "config",
            "tls",
            "proxy",
            "world",
            "recording",
        ],
    ),
    (
        "verify",
        &[
            "value",
            "parity",
            "outbound",
            "runtime",
            "state",
            "http",
            "webhook",
            "example",
            "openapi",
            "recording",
            "fake",
        ],
    ),
    ("pact", &["http", "webhook", "openapi", "fake"]),
    ("bench", &["value", "store", "render", "runtime", "documents", "state", "identity", "http", "resource"]),
];

/// Modules with stored documents and their indexes, besides the `document` modules of the resources.
const DOCUMENTS: [&str; 5] = [
    "resource::entity",
    "resource::message::metadata",
    "resource::project::address_filter",
    "resource::project::ban",
    "resource::request::snapshot",
];

/// The modules of a crate with their imports.
#[derive(Default)]
struct Graph {
    modules: BTreeSet<Module>,
    /// Re-exports: the module and the exported name, with the path they stand for.
    exports: BTreeMap<(Module, String), Module>,
    /// Names that `use` declarations import into each module, with their paths from the crate root.
    uses: BTreeMap<Module, Vec<(String, Module)>>,
    /// Other paths: from the crate root, or as written if they start with another name.
    paths: BTreeMap<Module, BTreeSet<Vec<String>>>,
}

/// Collects the paths of one file.
struct Paths<'a> {
    module: &'a Module,
    exported: Vec<(String, Module)>,
    used: Vec<(String, Module)>,
    paths: BTreeSet<Vec<String>>,
}

impl Paths<'_> {
    /// The path from the crate root, if it starts with `crate`, `self`, or `super`.
    fn absolute(&self, path: &[String]) -> Option<Module> {
        let mut base = match path.first()?.as_str() {
            "crate" => return Some(path[1..].to_vec()),
            "self" => return Some([self.module, &path[1..]].concat()),
            "super" => self.module.clone(),
            _ => return None,
        };
        let ups = path.iter().take_while(|segment| *segment == "super").count();
        base.truncate(base.len().saturating_sub(ups));
        base.extend_from_slice(&path[ups..]);
        Some(base)
    }
}

/// The names that a `use` declaration brings in, with their paths as written.
fn expand(prefix: &[String], tree: &UseTree, leaves: &mut Vec<(String, Vec<String>)>) {
    let with = |name: String| [prefix, &[name]].concat();
    match tree {
        UseTree::Path(path) => expand(&with(path.ident.to_string()), &path.tree, leaves),
        UseTree::Name(name) if name.ident == "self" => {
            leaves.push((prefix.last().cloned().unwrap_or_default(), prefix.to_vec()));
        }
        UseTree::Name(name) => leaves.push((name.ident.to_string(), with(name.ident.to_string()))),
        UseTree::Rename(rename) => leaves.push((rename.rename.to_string(), with(rename.ident.to_string()))),
        UseTree::Glob(_) => leaves.push(("*".to_owned(), prefix.to_vec())),
        UseTree::Group(group) => group.items.iter().for_each(|item| expand(prefix, item, leaves)),
    }
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg") && attribute.parse_args::<syn::Path>().is_ok_and(|flag| flag.is_ident("test"))
    })
}

impl<'ast> Visit<'ast> for Paths<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        match item {
            Item::Mod(module) if is_test(&module.attrs) => {}
            _ => syn::visit::visit_item(self, item),
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        let mut leaves = Vec::new();
        expand(&[], &item.tree, &mut leaves);
        let is_exported = !matches!(item.vis, Visibility::Inherited);
        for (name, path) in leaves {
            let Some(path) = self.absolute(&path) else { continue };
            if is_exported {
                self.exported.push((name, path));
            } else {
                self.used.push((name, path));
            }
        }
    }

    // `pub(in path)` imports nothing.
    fn visit_visibility(&mut self, _: &'ast Visibility) {}

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<_> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if segments.len() > 1 {
            let absolute = self.absolute(&segments).map(|path| [vec!["crate".to_owned()], path].concat());
            self.paths.insert(absolute.unwrap_or(segments));
        }
        syn::visit::visit_path(self, path);
    }
}

impl Graph {
    fn add(&mut self, module: Module, text: &str) {
        let file = syn::parse_file(text).expect("a source file is Rust");
        let mut found = Paths { module: &module, exported: Vec::new(), used: Vec::new(), paths: BTreeSet::new() };
        found.visit_file(&file);
        let Paths { exported, used, paths, .. } = found;
        self.exports.extend(exported.into_iter().map(|(name, path)| ((module.clone(), name), path)));
        self.uses.insert(module.clone(), used);
        self.paths.insert(module.clone(), paths);
        self.modules.insert(module);
    }

    /// The module that defines the item at a path, with re-exports resolved.
    fn home(&self, path: &[String]) -> Option<Module> {
        let (mut path, mut seen) = (path.to_vec(), BTreeSet::new());
        loop {
            let length = (0..=path.len()).rev().find(|length| self.modules.contains(&path[..*length]))?;
            let module = path[..length].to_vec();
            let Some(name) = path.get(length) else { return Some(module) };
            match self.exports.get(&(module.clone(), name.clone())) {
                Some(target) if seen.insert(target.clone()) => path = [target, &path[length + 1..]].concat(),
                _ => return Some(module),
            }
        }
    }

    /// The imports of a module, without the crate root and its own children, which it composes. A module imported by name
    /// counts only if one of its items is used.
    fn imports(&self, module: &Module) -> BTreeSet<Module> {
        let (modules, items): (Vec<_>, Vec<_>) =
            self.uses[module].iter().partition(|(_, path)| self.modules.contains(path));
        let names: BTreeMap<_, _> = modules.into_iter().map(|(name, path)| (name.as_str(), path)).collect();
        let written = self.paths[module].iter().filter_map(|path| match path[0].as_str() {
            "crate" => Some(path[1..].to_vec()),
            first => names.get(first).map(|module| [module.as_slice(), &path[1..]].concat()),
        });
        let homes = items.into_iter().map(|(_, path)| path.clone()).chain(written).filter_map(|path| self.home(&path));
        homes.filter(|home| !home.starts_with(module) && !home.is_empty()).collect()
    }

    /// The modules whose items a module re-exports, without its own children.
    fn exported_from_elsewhere(&self, module: &Module) -> BTreeSet<Module> {
        let homes = self.exports.iter().filter(|((from, _), _)| from == module).filter_map(|(_, path)| self.home(path));
        homes.filter(|home| !home.starts_with(module) && !home.is_empty()).collect()
    }

    /// The sets of modules that import each other directly or indirectly, largest first.
    fn cycles(&self) -> Vec<BTreeSet<Module>> {
        let reached: BTreeMap<_, _> = self.modules.iter().map(|module| (module, self.reached_from(module))).collect();
        let mut cycles = BTreeSet::new();
        for (module, reach) in &reached {
            if reach.contains(*module) {
                cycles.insert(reach.iter().filter(|other| reached[other].contains(*module)).cloned().collect());
            }
        }
        let mut cycles: Vec<BTreeSet<Module>> = cycles.into_iter().collect();
        cycles.sort_by_key(|cycle| std::cmp::Reverse(cycle.len()));
        cycles
    }

    fn reached_from(&self, module: &Module) -> BTreeSet<Module> {
        let (mut reached, mut next) = (BTreeSet::new(), vec![module.clone()]);
        while let Some(module) = next.pop() {
            for import in self.imports(&module) {
                if reached.insert(import.clone()) {
                    next.push(import);
                }
            }
        }
        reached
    }

    /// Imports that the map does not allow.
    fn wrong(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        for module in self.modules.iter().filter(|module| !module.is_empty()) {
            let own = layer(module);
            let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == own) else {
                wrong.push(format!("{} belongs to no layer", module.join("::")));
                continue;
            };
            for import in self.imports(module).into_iter().chain(self.exported_from_elsewhere(module)) {
                let other = layer(&import);
                if other != own && !allowed.contains(&other.as_str()) {
                    wrong.push(format!("{} imports {}", module.join("::"), import.join("::")));
                }
            }
            let is_rule = module.last().is_some_and(|name| name == "rules");
            if is_rule && self.imports(module).iter().any(|import| import[0] == "http") {
                wrong.push(format!("{} is a rule and imports HTTP", module.join("::")));
            }
        }
        wrong
    }
}

/// The layer of a module: its top-level folder, except that stored documents are a layer below the rest of their resource.
fn layer(module: &Module) -> String {
    let is_document = module.last().is_some_and(|name| name == "document" || name == "index");
    if module[0] == "resource" && (is_document || DOCUMENTS.contains(&module.join("::").as_str())) {
        "documents".to_owned()
    } else {
        module[0].clone()
    }
}

fn crate_graph() -> Graph {
    fn collect(folder: &Path, module: &[String], graph: &mut Graph) {
        for entry in fs::read_dir(folder).expect("a source folder can be read").flatten() {
            let (path, name) =
                (entry.path(), entry.path().file_stem().expect("an entry has a name").to_string_lossy().into_owned());
            let child = [module, std::slice::from_ref(&name)].concat();
            if path.is_dir() {
                collect(&path, &child, graph);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("a source file can be read");
                match name.as_str() {
                    // The binary and its commands.
                    "main" | "check" | "configuration" | "generate" | "traffic" | "worlds" if module.is_empty() => {}
                    "lib" if module.is_empty() => graph.add(Vec::new(), &text),
                    "mod" => graph.add(module.to_vec(), &text),
                    // Unit tests in a separate file.
                    "tests" => {}
                    _ => graph.add(child, &text),
                }
            }
        }
    }

    let mut graph = Graph::default();
    collect(&root().join("src"), &[], &mut graph);
    graph
}

#[test]
fn modules_import_only_what_the_map_allows() {
    let wrong = crate_graph().wrong();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_layer_and_document_of_the_map_exists() {
    let graph = crate_graph();
    for (name, _) in LAYERS {
        assert!(graph.modules.iter().any(|module| !module.is_empty() && layer(module) == *name), "no module in {name}");
    }
    for name in DOCUMENTS {
        assert!(graph.modules.iter().any(|module| module.join("::") == name), "no module {name}");
    }
}

#[test]
fn the_architecture_page_names_every_cycle() {
    let page = fs::read_to_string(root().join("docs/architecture.md")).expect("docs/architecture.md is readable");
    let mut named: BTreeSet<BTreeSet<String>> = BTreeSet::new();
    for line in page.lines().filter(|line| line.starts_with("| `") && line.contains("` ⇄ ")) {
        let cell = line.trim_start_matches("| ").split(" | ").next().unwrap_or_default();
        named.insert(cell.split(" ⇄ ").map(|name| name.trim().trim_matches('`').to_owned()).collect());
    }
    let cycles = crate_graph().cycles();
    let found: BTreeSet<BTreeSet<String>> =
        cycles.iter().map(|cycle| cycle.iter().map(|module| module.join("::")).collect()).collect();
    assert_eq!(found, named, "docs/architecture.md lists the cycles");
    assert!(cycles.iter().all(|cycle| cycle.len() <= 14), "no cycle has more than 14 modules");
}

#[test]
fn wrong_imports_are_found_however_they_are_written() {
    let module = |path: &str| -> Module { path.split("::").map(str::to_owned).collect() };
    let graph_with = |path: &str, text: &str| {
        let mut graph = Graph::default();
        for (known, text) in [
            ("http", "mod body; pub(crate) use self::body::Body;"),
            ("http::body", "pub(crate) struct Body;"),
            ("value", ""),
            ("resource::lead::document", ""),
        ] {
            graph.add(module(known), text);
        }
        graph.add(module(path), text);
        graph.wrong()
    };
    for (path, text, found) in [
        // Nested, through a re-export.
        ("store::table", "use crate::{value::Id, http::{self, Body as Payload}};", "store::table imports http::body"),
        // Relative.
        (
            "resource::lead::index",
            "use super::super::super::http as h; fn f(_: h::Body) {}",
            "resource::lead::index imports http::body",
        ),
        // Without a use declaration.
        (
            "value::id",
            "fn f() -> crate::resource::lead::document::Lead { todo() }",
            "value::id imports resource::lead::document",
        ),
        ("value::id", "pub(crate) use crate::http::Body as Payload;", "value::id imports http::body"),
        // Allowed for the layer, not for rules.
        ("resource::lead::rules", "use crate::http::Body;", "resource::lead::rules is a rule and imports HTTP"),
        ("helpers::text", "", "helpers::text belongs to no layer"),
    ] {
        let wrong = graph_with(path, text);
        assert!(wrong.iter().any(|line| line == found), "{path}: {text} gave {wrong:?}");
    }
    let right =
        graph_with("control::clock", "use crate::{http::Body, value}; #[cfg(test)] mod tests { use crate::webhook; }");
    assert_eq!(right, Vec::<String>::new());
}
