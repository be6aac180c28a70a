//! One function: its locals, its code, its place in the module.

use crate::operators::Walk;
use crate::scratch::Scratch;
use crate::stack::Builder;
use crate::{TranslateError, WORDS};
use alloc::vec::Vec;
use velocity_nda::MAX_LOCALS;
use velocity_nda::module::{Body, ExprId, List, Module, SigId, Type};
use wasmparser::{FuncValidator, FunctionBody, LocalsReader, OperatorsReader, ValType, ValidatorResources};

/// What the functions of a module share while it is read.
pub(crate) struct Context<'a> {
    pub module: &'a mut Module,
    /// The signature of each type of the WebAssembly module.
    pub signatures: &'a [SigId],
    /// The bytes of the WebAssembly module.
    pub bytes: &'a [u8],
    /// How many more nodes, list items and variables the module may become.
    pub budget: &'a mut usize,
}

/// The core's type for a value type.
pub(crate) fn value_type(ty: ValType, offset: u64) -> Result<Type, TranslateError> {
    match ty {
        ValType::I32 => Ok(Type::I32),
        ValType::I64 => Ok(Type::I64),
        ValType::F32 => Ok(Type::F32),
        ValType::F64 => Ok(Type::F64),
        ValType::V128 => Err(TranslateError::unsupported("vector instructions (simd)", offset)),
        ValType::Ref(_) => Err(TranslateError::unsupported("reference types", offset)),
    }
}

/// Reads the body of a function with this signature.
pub(crate) fn read_body(
    context: Context<'_>,
    signature: SigId,
    validator: &mut FuncValidator<ValidatorResources>,
    code: &FunctionBody<'_>,
) -> Result<Body, TranslateError> {
    let Context { module, signatures, bytes, budget } = context;
    let mut locals: Vec<Type> = module.parameters(signature).collect();
    let parameters = locals.len();
    let mut reader = code.get_locals_reader()?;
    read_locals(validator, &mut reader, &mut locals, budget)?;
    let mut reader = OperatorsReader::new(reader.get_binary_reader());
    let results = module.result_yield(signature);
    let builder = Builder::new(module, locals, results, budget);
    let mut walk = Walk { builder, signatures, bytes, skipped: 0, offset: 0 };
    let root = walk.run(validator, &mut reader)?;
    let Builder { mut scratch, locals, .. } = walk.builder;
    Ok(lay_out(&mut scratch, root, module, &locals[parameters..]))
}

fn lay_out(scratch: &mut Scratch, root: ExprId, module: &mut Module, variables: &[Type]) -> Body {
    let (first, root) = scratch.lay_out(root, module);
    Body { variables: module.pool.push(variables), names: List::EMPTY, first, root }
}

fn read_locals(
    validator: &mut FuncValidator<ValidatorResources>,
    reader: &mut LocalsReader<'_>,
    locals: &mut Vec<Type>,
    budget: &mut usize,
) -> Result<(), TranslateError> {
    for _ in 0..reader.get_count() {
        let offset = reader.original_position();
        let (count, ty) = reader.read()?;
        validator.define_locals(offset, count, ty)?;
        let left = budget.checked_sub(count as usize);
        *budget = left.ok_or_else(|| TranslateError::too_large("nodes, list items and variables", WORDS, offset))?;
        if locals.len() + count as usize > MAX_LOCALS {
            return Err(TranslateError::too_large("locals of a function", MAX_LOCALS, offset));
        }
        locals.resize(locals.len() + count as usize, value_type(ty, offset)?);
    }
    Ok(())
}
