//! Items: what stands at the top of a file.

use super::{Attempt, Lost, Parser};
use crate::diagnostics::Diagnostic;
use crate::span::Span;
use crate::text::ast::{Declared, Item, ItemKind, Name, SignatureId};
use crate::text::lexer::{ITEM_WORDS, Kind};

impl Parser<'_, '_> {
    /// The whole text.
    pub(super) fn file(&mut self) {
        while !self.at(Kind::End) {
            self.forget();
            if self.item().is_err() {
                self.skip_item();
            }
        }
    }

    /// Starts an item with a clean slate; an error may have left half-built lists.
    fn forget(&mut self) {
        self.depth = 0;
        self.broken = false;
        self.arguments.clear();
        self.statements.clear();
        self.arms.clear();
        self.listed.clear();
        self.types.clear();
        self.parameters.clear();
    }

    /// Skips to the next item.
    fn skip_item(&mut self) {
        while !self.at_item() && !matches!(self.token.kind, Kind::Doc | Kind::End) {
            self.advance();
        }
    }

    /// Skips the rest of an item that names another kind of item: to behind its `;`, or to an item on a new line.
    fn skip_declaration(&mut self) {
        while !(self.at(Kind::End) || self.at_item() && self.at_new_line()) {
            if self.eat(Kind::Semicolon) {
                return;
            }
            self.advance();
        }
    }

    /// Whether an item begins here: its word cannot stand inside of a function, or stands at the left margin.
    pub(super) fn at_item(&self) -> bool {
        match self.token.kind {
            Kind::Fn => self.at_margin() || self.ahead().kind != Kind::OpenParen,
            Kind::Name => self.at_margin() && self.at_item_word(),
            kind => kind.begins_item(),
        }
    }

    /// A word that opens an item, before something that never follows a name in a function.
    fn at_item_word(&self) -> bool {
        ITEM_WORDS.contains(&self.token.span.text(self.source))
            && matches!(self.ahead().kind, Kind::Name | Kind::Number | Kind::Text)
    }

    fn item(&mut self) -> Attempt<()> {
        let docs = self.docs();
        let start = if docs == Span::default() { self.token.span } else { docs };
        let kind = match self.token.kind {
            Kind::Fn => return self.function(docs, start),
            Kind::Use => self.use_declaration(),
            Kind::Import => self.import().inspect_err(|_| self.skip_declaration()),
            Kind::Extern => self.extern_declaration().inspect_err(|_| self.skip_declaration()),
            Kind::Const => self.global(false),
            Kind::Static => self.static_declaration(),
            Kind::Name => self.word_item(),
            Kind::CloseBrace => {
                self.advance();
                let extra = Diagnostic::new(self.previous, "this `}` closes nothing");
                Err(self.report(extra))
            }
            _ => Err(self.no_item(docs)),
        }?;
        self.file.items.push(Item { docs, span: start.to(self.previous), kind });
        Ok(())
    }

    /// The doc comment's lines.
    fn docs(&mut self) -> Span {
        let first = self.token.span;
        while self.eat(Kind::Doc) {}
        if self.token.span == first { Span::default() } else { first.to(self.previous) }
    }

    fn word_item(&mut self) -> Attempt<ItemKind> {
        match self.token.span.text(self.source) {
            "memory" => self.memory(),
            "data" => self.data(),
            "table" => self.table(),
            "element" => self.element(),
            "global" => self.global(true),
            "export" => self.export(),
            "start" => {
                self.advance();
                let function = self.name()?;
                self.semicolon()?;
                Ok(ItemKind::Start { function })
            }
            _ => Err(self.no_item(Span::default())),
        }
    }

    fn use_declaration(&mut self) -> Attempt<ItemKind> {
        self.advance();
        let group = self.name()?;
        self.expect(Kind::Path)?;
        let item = self.name()?;
        self.semicolon()?;
        Ok(ItemKind::Use { group, item })
    }

    /// A function. Once its name is known it is kept whatever follows, so that calls to it are not reported.
    fn function(&mut self, docs: Span, start: Span) -> Attempt<()> {
        self.advance();
        let name = self.name_of_item()?;
        let head = self.function_head();
        let (signature, lost) = (head.ok(), head.err());
        let index = self.file.items.len();
        let kind = ItemKind::Function { name, signature, body: None };
        self.file.items.push(Item { docs, span: start.to(self.previous), kind });
        if let Some(lost) = lost {
            return Err(lost);
        }
        let body = self.block()?;
        let body = if self.broken { None } else { Some(body) };
        let kind = ItemKind::Function { name, signature, body };
        self.file.items[index] = Item { docs, span: start.to(self.previous), kind };
        Ok(())
    }

    /// The name that an item declares. Without it, whatever is not found later may be just this item.
    pub(super) fn name_of_item(&mut self) -> Attempt<Name> {
        self.name().inspect_err(|_| self.file.incomplete = true)
    }

    fn function_head(&mut self) -> Attempt<SignatureId> {
        let open = self.expect(Kind::OpenParen)?;
        let parameters = self.named_parameters(open)?;
        self.results(parameters)
    }

    /// `global name: type = value;`, or `const`
    fn global(&mut self, mutable: bool) -> Attempt<ItemKind> {
        self.advance();
        let name = self.name_of_item()?;
        let ty = self.type_of_item()?;
        if !self.eat(Kind::Assign) {
            return Err(self.expected_with_help("`=` and a value", "a value is written behind the type: `= 0;`"));
        }
        let value = self.expression()?;
        self.semicolon()?;
        Ok(ItemKind::Global { name, mutable, ty, value })
    }

    /// `import "hash" fn name(a: i32) -> i64;`
    fn import(&mut self) -> Attempt<ItemKind> {
        self.advance();
        let hash = self.text_token("the hash of a definition in quotes")?;
        let what = self.declared(true)?;
        self.semicolon()?;
        Ok(ItemKind::Import { hash, what })
    }

    /// `extern "module" "item" fn name(a: i32) -> i64;`
    fn extern_declaration(&mut self) -> Attempt<ItemKind> {
        self.advance();
        let module = self.text_token("the name of a module in quotes")?;
        let item = self.text_token("the name of an item in quotes")?;
        let what = self.declared(false)?;
        self.semicolon()?;
        Ok(ItemKind::Extern { module, item, what })
    }

    /// What an `import` or `extern` declares.
    fn declared(&mut self, by_hash: bool) -> Attempt<Declared> {
        match self.token.kind {
            Kind::Fn => {
                self.advance();
                let name = self.name_of_item()?;
                let signature = self.function_head()?;
                Ok(Declared::Function { name, signature })
            }
            Kind::Const => self.declared_global(false),
            Kind::Static if by_hash => {
                self.advance();
                let name = self.name_of_item()?;
                self.colon()?;
                Ok(Declared::Static { name, ty: self.data_type()? })
            }
            Kind::Name => match self.token.span.text(self.source) {
                "global" => self.declared_global(true),
                "table" if !by_hash => {
                    self.advance();
                    let name = self.name_of_item()?;
                    self.colon()?;
                    Ok(Declared::Table { name, sizes: self.sizes()? })
                }
                "memory" if !by_hash => {
                    self.advance();
                    Ok(Declared::Memory { sizes: self.sizes()? })
                }
                _ => Err(self.nothing_declared(by_hash)),
            },
            _ => Err(self.nothing_declared(by_hash)),
        }
    }

    fn declared_global(&mut self, mutable: bool) -> Attempt<Declared> {
        self.advance();
        let name = self.name_of_item()?;
        Ok(Declared::Global { name, mutable, ty: self.type_of_item()? })
    }

    #[cold]
    fn nothing_declared(&mut self, by_hash: bool) -> Lost {
        self.file.incomplete = true;
        self.expected(if by_hash {
            "`fn`, `static`, `global` or `const`"
        } else {
            "`fn`, `global`, `const`, `table` or `memory`"
        })
    }

    /// `export "name" = item;`
    fn export(&mut self) -> Attempt<ItemKind> {
        self.advance();
        let name = self.text_token("the name of the export in quotes")?;
        self.expect(Kind::Assign)?;
        let item = self.name()?;
        self.semicolon()?;
        Ok(ItemKind::Export { name, item })
    }
}
