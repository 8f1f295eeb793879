//! Several modules of WebAssembly that the splitting made, as one.
//!
//! They are made to stand beside one another: all have the types of the whole app, all take memory, table and stack pointer from the
//! start, and a function of another module is called through that table. So their functions can stand one after the other.

use std::collections::HashMap;
use std::convert::Infallible;
use std::ops::Range;

use anyhow::{Context, Result, bail};
use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{
    CodeSection, DataSection, ElementSection, EntityType, Function, FunctionSection, ImportSection, Instruction, Module, NameMap,
    NameSection, RawSection, SectionId,
};
use wasmparser::{
    ConstExpr, CustomSectionReader, Data, DataKind, Element, ElementItems, ElementKind, FunctionBody, KnownCustom, Name, Operator, Parser,
    Payload,
};

/// The modules as one.
///
/// # Errors
/// When one of them is of another shape than the splitting makes.
pub(super) fn join(modules: &[Vec<u8>]) -> Result<Vec<u8>> {
    let mut joined = Joined { own: functions_in_the_table(modules)?, ..Joined::default() };
    for module in modules {
        joined.add(module)?;
    }
    joined.finish()
}

/// How much code and data a module has of its own. All it needs beside them, to call others and to be called, is gone once it is joined.
pub(super) fn own_bytes(module: &[u8]) -> Result<u64> {
    let mut bytes = 0;
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::CodeSectionEntry(body) if called_through_the_table(&body)?.is_none() => bytes += body.range().end - body.range().start,
            Payload::DataSection(data) => {
                for data in data {
                    bytes += data?.data.len() as u64;
                }
            }
            _ => {}
        }
    }
    Ok(bytes)
}

#[derive(Default)]
struct Joined<'a> {
    /// Functions of the joined module by their places in the table.
    own: HashMap<i32, u32>,
    types: Option<&'a [u8]>,
    imports: Vec<(&'a str, &'a str, EntityType)>,
    functions: FunctionSection,
    elements: ElementSection,
    code: CodeSection,
    data: DataSection,
    names: NameMap,
}

/// Numbers the functions of a module from the first free number on.
struct Renumbered {
    first: u32,
}

impl Reencode for Renumbered {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error<Infallible>> {
        Ok(self.first + function)
    }
}

impl<'a> Joined<'a> {
    fn add(&mut self, module: &'a [u8]) -> Result<()> {
        let mut renumbered = Renumbered { first: self.functions.len() };
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::TypeSection(types) => self.share_types(within(module, types.range())?)?,
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        let import = import?;
                        self.share_import((import.module, import.name, renumbered.entity_type(import.ty)?))?;
                    }
                }
                Payload::FunctionSection(functions) => renumbered.parse_function_section(&mut self.functions, functions)?,
                Payload::ElementSection(elements) => renumbered.parse_element_section(&mut self.elements, elements)?,
                Payload::CodeSectionEntry(body) => self.add_function(&mut renumbered, body)?,
                Payload::DataSection(data) => {
                    for data in data {
                        self.add_data(&mut renumbered, data?)?;
                    }
                }
                Payload::CustomSection(custom) => self.add_names(&renumbered, &custom)?,
                Payload::Version { .. } | Payload::DataCountSection { .. } | Payload::CodeSectionStart { .. } | Payload::End(_) => {}
                Payload::ExportSection(exports) if exports.count() == 0 => {}
                other => bail!("a module that was split off has something it should not have: {other:?}"),
            }
        }
        Ok(())
    }

    fn share_types(&mut self, types: &'a [u8]) -> Result<()> {
        if *self.types.get_or_insert(types) != types {
            bail!("modules that were split off do not have the same types");
        }
        Ok(())
    }

    fn share_import(&mut self, import: (&'a str, &'a str, EntityType)) -> Result<()> {
        if !matches!(import.2, EntityType::Memory(_) | EntityType::Table(_) | EntityType::Global(_)) {
            bail!("a module that was split off takes {}.{}, which is neither memory, table nor global", import.0, import.1);
        }
        if !self.imports.contains(&import) {
            self.imports.push(import);
        }
        Ok(())
    }

    /// What only calls a function through the table calls it by its number when that function stands in the joined module too. binaryen
    /// puts the one in the place of the other.
    fn add_function(&mut self, renumbered: &mut Renumbered, body: FunctionBody<'a>) -> Result<()> {
        let called = called_through_the_table(&body)?;
        let Some((parameters, function)) = called.and_then(|(parameters, place)| Some((parameters, *self.own.get(&place)?))) else {
            return Ok(renumbered.parse_function_body(&mut self.code, body)?);
        };
        let mut direct = Function::new([]);
        for parameter in 0..parameters {
            direct.instruction(&Instruction::LocalGet(parameter));
        }
        direct.instruction(&Instruction::Call(function)).instruction(&Instruction::End);
        self.code.function(&direct);
        Ok(())
    }

    /// Each module keeps a place for every piece of data there is; only its own are filled.
    fn add_data(&mut self, renumbered: &mut Renumbered, data: Data<'a>) -> Result<()> {
        match data.kind {
            DataKind::Passive => bail!("a module that was split off has data that is copied by its number"),
            DataKind::Active { .. } if data.data.is_empty() => {}
            DataKind::Active { .. } => renumbered.parse_data(&mut self.data, data)?,
        }
        Ok(())
    }

    /// Functions keep their names: they are put in order by them.
    fn add_names(&mut self, renumbered: &Renumbered, custom: &CustomSectionReader<'a>) -> Result<()> {
        let KnownCustom::Name(names) = custom.as_known() else { return Ok(()) };
        for name in names {
            if let Name::Function(functions) = name? {
                for function in functions {
                    let function = function?;
                    self.names.append(renumbered.first + function.index, function.name);
                }
            }
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Vec<u8>> {
        // Code says which global it means by its number: the stack pointer, the only one that changes, is the first.
        self.imports.sort_by_key(|(_, _, kind)| matches!(kind, EntityType::Global(global) if !global.mutable));
        let number = |wanted: fn(&EntityType) -> bool| self.imports.iter().filter(|(_, _, kind)| wanted(kind)).count();
        let stack_pointers = number(|kind| matches!(kind, EntityType::Global(global) if global.mutable));
        let (tables, memories) =
            (number(|kind| matches!(kind, EntityType::Table(_))), number(|kind| matches!(kind, EntityType::Memory(_))));
        if stack_pointers > 1 || tables > 1 || memories > 1 {
            bail!("modules that were split off do not share one memory, one table and one stack pointer");
        }
        let mut imports = ImportSection::new();
        for (module, name, kind) in &self.imports {
            imports.import(module, name, *kind);
        }
        let mut names = NameSection::new();
        names.functions(&self.names);
        let mut module = Module::new();
        module
            .section(&RawSection { id: SectionId::Type.into(), data: self.types.unwrap_or_default() })
            .section(&imports)
            .section(&self.functions)
            .section(&self.elements)
            .section(&self.code)
            .section(&self.data)
            .section(&names);
        Ok(module.finish())
    }
}

/// The functions that the modules put into the table, numbered as they will be, by their places there.
fn functions_in_the_table(modules: &[Vec<u8>]) -> Result<HashMap<i32, u32>> {
    let (mut found, mut first) = (HashMap::new(), 0);
    for module in modules {
        let mut number = 0;
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::FunctionSection(functions) => number = functions.count(),
                Payload::ElementSection(elements) => {
                    for element in elements {
                        let Element { kind: ElementKind::Active { offset_expr, .. }, items: ElementItems::Functions(functions), .. } =
                            element?
                        else {
                            bail!("a module that was split off fills the table in an unknown way");
                        };
                        for (place, function) in (constant(&offset_expr)?..).zip(functions) {
                            found.insert(place, first + function?);
                        }
                    }
                }
                _ => {}
            }
        }
        first += number;
    }
    Ok(found)
}

fn constant(expression: &ConstExpr<'_>) -> Result<i32> {
    match expression.get_operators_reader().read()? {
        Operator::I32Const { value } => Ok(value),
        other => bail!("the place of a function in the table is worked out: {other:?}"),
    }
}

/// The number of parameters and the place in the table, of a function that hands its parameters to the function there.
fn called_through_the_table(body: &FunctionBody<'_>) -> Result<Option<(u32, i32)>> {
    if body.get_locals_reader()?.get_count() > 0 {
        return Ok(None);
    }
    let mut operators = body.get_operators_reader()?;
    let mut parameters = 0;
    loop {
        match operators.read()? {
            Operator::LocalGet { local_index } if local_index == parameters => parameters += 1,
            Operator::I32Const { value } => {
                let calls = matches!(operators.read()?, Operator::CallIndirect { .. });
                return Ok((calls && matches!(operators.read()?, Operator::End)).then_some((parameters, value)));
            }
            _ => return Ok(None),
        }
    }
}

fn within(module: &[u8], range: Range<u64>) -> Result<&[u8]> {
    let (from, to) = (usize::try_from(range.start)?, usize::try_from(range.end)?);
    module.get(from..to).context("a section lies outside of its module")
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{ConstExpr, Elements, GlobalType, MemoryType, RefType, TableType, TypeSection, ValType};
    use wasmparser::Validator;

    use super::*;

    const STACK_POINTER: GlobalType = GlobalType { val_type: ValType::I32, mutable: true, shared: false };
    const CANARY: GlobalType = GlobalType { val_type: ValType::I32, mutable: false, shared: false };

    /// A module as the splitting makes it: one function at `place` of the table, which calls the function at `calls`.
    fn module(place: i32, calls: i32, stack_pointer: bool) -> Vec<u8> {
        let mut types = TypeSection::new();
        types.ty().function([ValType::I32], [ValType::I32]);
        let mut imports = ImportSection::new();
        imports.import(
            "__wasm_split",
            "memory",
            MemoryType { minimum: 1, maximum: None, memory64: false, shared: false, page_size_log2: None },
        );
        let table = TableType { element_type: RefType::FUNCREF, table64: false, minimum: 9, maximum: None, shared: false };
        imports.import("__wasm_split", "__indirect_function_table", table);
        if stack_pointer {
            imports.import("__wasm_split", "__stack_pointer", STACK_POINTER);
        }
        imports.import("__wasm_split", "__canary", CANARY);
        let mut functions = FunctionSection::new();
        functions.function(0).function(0);
        let mut elements = ElementSection::new();
        elements.active(Some(0), &ConstExpr::i32_const(place), Elements::Functions([0].as_slice().into()));
        let (mut own, mut shim) = (Function::new([]), Function::new([]));
        own.instructions().local_get(0).call(1);
        if stack_pointer {
            own.instructions().global_get(0).i32_add();
        }
        own.instructions().end();
        shim.instructions().local_get(0).i32_const(calls).call_indirect(0, 0).end();
        let mut code = CodeSection::new();
        code.function(&own).function(&shim);
        let mut data = DataSection::new();
        data.active(0, &ConstExpr::i32_const(0), []).active(0, &ConstExpr::i32_const(place), [7]);
        let mut module = Module::new();
        module.section(&types).section(&imports).section(&functions).section(&elements).section(&code).section(&data);
        module.finish()
    }

    fn operators(module: &[u8]) -> Vec<String> {
        let bodies = Parser::new(0).parse_all(module).filter_map(|payload| match payload {
            Ok(Payload::CodeSectionEntry(body)) => Some(body),
            _ => None,
        });
        let operators = bodies.flat_map(|body| body.get_operators_reader().expect("code").into_iter());
        operators.map(|operator| format!("{:?}", operator.expect("an operator"))).collect()
    }

    #[test]
    fn modules_that_are_joined_call_each_other_without_the_table() {
        let joined = join(&[module(3, 4, false), module(4, 8, true)]).expect("one module");
        Validator::new().validate_all(&joined).expect("a valid module");
        let written = operators(&joined);
        assert!(written.contains(&"Call { function_index: 2 }".to_owned()), "the function at place 4 is the third: {written:?}");
        assert_eq!(
            written.iter().filter(|operator| operator.starts_with("CallIndirect")).count(),
            1,
            "place 8 is in another module: {written:?}"
        );
        assert!(written.contains(&"GlobalGet { global_index: 0 }".to_owned()));
    }

    #[test]
    fn what_calls_through_the_table_is_not_counted() {
        assert_eq!(own_bytes(&module(3, 4, false)).expect("a module"), 7, "six bytes of one function, one of data");
    }

    #[test]
    fn what_is_no_module_of_the_splitting_is_not_joined() {
        let mut types = TypeSection::new();
        types.ty().function([], []);
        let mut other = Module::new();
        other.section(&types);
        let error = join(&[module(3, 4, true), other.finish()]).expect_err("other types");
        assert!(error.to_string().contains("same types"), "{error}");
    }
}
