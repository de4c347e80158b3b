//! The public API of the crate as a snapshot, so that no change to it goes unnoticed.

use std::{fs, path::Path};

use syn::{
    Attribute, Fields, ImplItem, Item, ItemImpl, ItemUse, Type, UseTree, Visibility, parse_quote,
    visit_mut::{VisitMut, visit_item_mut},
};

use crate::support::root;

#[test]
fn the_public_api_matches_its_snapshot() {
    let library = parsed(&root().join("src/lib.rs"));
    let mut exported = Vec::new();
    for item in &library {
        match item {
            Item::Use(item) if is_public(&item.vis) && !is_hidden(&item.attrs) => exported.extend(names(item)),
            _ => {}
        }
    }
    let mut items = Vec::new();
    for item in library.into_iter().filter(|item| matches!(item, Item::Mod(_))) {
        if let Item::Mod(module) = &item
            && is_public(&module.vis)
            && !is_hidden(&module.attrs)
        {
            let file = root().join(format!("src/{}.rs", module.ident));
            items.push(if file.exists() { with_content(&item, parsed(&file)) } else { item });
        }
    }
    for (module, name) in exported {
        let folder = root().join("src").join(module);
        let defined = [definitions(&folder, &name), definitions(&root().join("src"), &name)];
        items.extend(defined.into_iter().find(|items| !items.is_empty()).expect("exported types are defined"));
    }
    for item in &mut items {
        Published.visit_item_mut(item);
    }
    let api = prettyplease::unparse(&syn::File { shebang: None, attrs: Vec::new(), items });
    insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!("public_api", api) });
}

fn parsed(file: &Path) -> Vec<Item> {
    let text = fs::read_to_string(file).expect("sources are readable");
    syn::parse_file(&text).expect("sources are valid").items
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

/// Whether an item is not part of the documented API.
fn is_hidden(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let text = attribute.meta.require_list().map(|list| list.tokens.to_string()).unwrap_or_default();
        attribute.path().is_ident("doc") && text == "hidden"
            || attribute.path().is_ident("cfg") && text.contains("internals")
    })
}

/// The names that a declaration exports, each with the folder or file below which it is defined.
fn names(item: &ItemUse) -> Vec<(String, String)> {
    fn collect(tree: &UseTree, path: &str, names: &mut Vec<(String, String)>) {
        match tree {
            UseTree::Path(tree) => collect(&tree.tree, &format!("{path}{}/", tree.ident), names),
            UseTree::Group(group) => group.items.iter().for_each(|tree| collect(tree, path, names)),
            UseTree::Name(name) => names.push((path.to_owned(), name.ident.to_string())),
            UseTree::Rename(_) | UseTree::Glob(_) => panic!("the crate exports names"),
        }
    }
    let mut all = Vec::new();
    collect(&item.tree, "", &mut all);
    all
}

/// The definition of a type and its implementations, in the files of a folder.
fn definitions(folder: &Path, name: &str) -> Vec<Item> {
    let mut found = Vec::new();
    for file in sources(folder) {
        for item in parsed(&file) {
            let is_definition = match &item {
                Item::Struct(item) => item.ident == name && is_public(&item.vis),
                Item::Enum(item) => item.ident == name && is_public(&item.vis),
                Item::Impl(item) => is_of(item, name) && !is_hidden(&item.attrs),
                _ => false,
            };
            if is_definition {
                found.push(item);
            }
        }
    }
    let is_type = |item: &Item| !matches!(item, Item::Impl(_));
    if !found.iter().any(is_type) {
        return Vec::new();
    }
    found.sort_by_key(|item| !is_type(item));
    found
}

fn is_of(item: &ItemImpl, name: &str) -> bool {
    matches!(&*item.self_ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == name))
}

/// The Rust files of a folder, or of the file with its name, in alphabetical order.
fn sources(folder: &Path) -> Vec<std::path::PathBuf> {
    let file = folder.with_extension("rs");
    if file.exists() {
        return vec![file];
    }
    let mut entries: Vec<_> = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    entries.sort();
    let files = entries.into_iter().flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] });
    files.filter(|file| file.extension().is_some_and(|extension| extension == "rs")).collect()
}

fn with_content(module: &Item, content: Vec<Item>) -> Item {
    let Item::Mod(module) = module else { unreachable!("the caller passes modules") };
    let name = &module.ident;
    let content = content.into_iter().filter(|item| match item {
        Item::Fn(item) => is_public(&item.vis) && !is_hidden(&item.attrs),
        Item::Struct(item) => is_public(&item.vis) && !is_hidden(&item.attrs),
        Item::Enum(item) => is_public(&item.vis) && !is_hidden(&item.attrs),
        _ => false,
    });
    let content: Vec<_> = content.collect();
    parse_quote! { pub mod #name { #(#content)* } }
}

/// Reduces items to their published part: no comments, bodies, private fields, or private functions.
struct Published;

impl VisitMut for Published {
    fn visit_item_mut(&mut self, item: &mut Item) {
        match item {
            Item::Struct(item) => {
                if let Fields::Named(fields) = &mut item.fields {
                    let all = std::mem::take(&mut fields.named).into_iter();
                    fields.named = all.filter(|field| is_public(&field.vis)).collect();
                }
            }
            Item::Impl(item) => {
                let is_inherent = item.trait_.is_none();
                item.items.retain(|item| match item {
                    ImplItem::Fn(function) => is_inherent && is_public(&function.vis) && !is_hidden(&function.attrs),
                    ImplItem::Const(constant) => is_inherent && is_public(&constant.vis),
                    _ => false,
                });
            }
            Item::Mod(module) => {
                if let Some((_, items)) = &mut module.content {
                    items.retain(|item| !matches!(item, Item::Use(item) if !is_public(&item.vis)));
                }
            }
            _ => {}
        }
        visit_item_mut(self, item);
    }

    fn visit_attributes_mut(&mut self, attributes: &mut Vec<Attribute>) {
        let kept = ["derive", "non_exhaustive", "must_use"];
        attributes.retain(|attribute| kept.iter().any(|name| attribute.path().is_ident(name)));
    }

    fn visit_block_mut(&mut self, block: &mut syn::Block) {
        block.stmts.clear();
    }
}
