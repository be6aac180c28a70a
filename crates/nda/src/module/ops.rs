//! The operators of the core: WebAssembly's, each with its operand and result types.
//!
//! The number of an operator is WebAssembly's opcode (core specification 2.0, 5.4), so that reading a module is a
//! table look-up; the saturating conversions, which have a prefix there, take 0xE0 to 0xE7. Numbers are part of the
//! canonical form and never change.

use super::Type;
use core::fmt;

/// Declares a numbered type from a table: what operators and memory accesses have in common.
macro_rules! numbered {
    ($(#[$meta:meta])* $kind:ident { $($name:ident = $code:literal $mnemonic:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        #[allow(missing_docs, reason = "the mnemonic is the name in the specification")]
        pub enum $kind { $($name = $code,)+ }

        impl $kind {
            /// All of them, in the order of the tables below.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The one of a number.
            #[must_use]
            pub const fn of_code(code: u8) -> Option<Self> {
                match code { $($code => Some(Self::$name),)+ _ => None }
            }

            /// Its number, which is part of the canonical form.
            #[must_use]
            pub const fn code(self) -> u8 {
                self as u8
            }

            /// Its name in the specification's text format.
            #[must_use]
            pub const fn mnemonic(self) -> &'static str {
                match self { $(Self::$name => $mnemonic,)+ }
            }
        }

        impl fmt::Display for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.mnemonic())
            }
        }
    };
}

/// Declares an operator type from a table.
macro_rules! operators {
    ($(#[$meta:meta])* $kind:ident { $($name:ident = $code:literal $mnemonic:literal $from:ident $to:ident,)+ }) => {
        numbered! { $(#[$meta])* $kind { $($name = $code $mnemonic,)+ } }

        impl $kind {
            /// The type of every operand.
            #[must_use]
            pub const fn operand(self) -> Type {
                match self { $(Self::$name => Type::$from,)+ }
            }

            /// The type of the result.
            #[must_use]
            pub const fn result(self) -> Type {
                match self { $(Self::$name => Type::$to,)+ }
            }
        }
    };
}

/// Declares a memory access from a table.
macro_rules! accesses {
    ($(#[$meta:meta])* $kind:ident { $($name:ident = $code:literal $mnemonic:literal $ty:ident $bytes:literal,)+ }) => {
        numbered! { $(#[$meta])* $kind { $($name = $code $mnemonic,)+ } }

        impl $kind {
            /// The type of the value.
            #[must_use]
            pub const fn ty(self) -> Type {
                match self { $(Self::$name => Type::$ty,)+ }
            }

            /// How many bytes of memory it touches: 1, 2, 4 or 8.
            #[must_use]
            pub const fn bytes(self) -> u32 {
                match self { $(Self::$name => $bytes,)+ }
            }
        }
    };
}

operators! {
    /// Operators of one operand: tests, bit counts, float functions, conversions.
    UnaryOp {
        I32Eqz = 0x45 "i32.eqz" I32 I32,
        I64Eqz = 0x50 "i64.eqz" I64 I32,
        I32Clz = 0x67 "i32.clz" I32 I32,
        I32Ctz = 0x68 "i32.ctz" I32 I32,
        I32Popcnt = 0x69 "i32.popcnt" I32 I32,
        I64Clz = 0x79 "i64.clz" I64 I64,
        I64Ctz = 0x7A "i64.ctz" I64 I64,
        I64Popcnt = 0x7B "i64.popcnt" I64 I64,
        F32Abs = 0x8B "f32.abs" F32 F32,
        F32Neg = 0x8C "f32.neg" F32 F32,
        F32Ceil = 0x8D "f32.ceil" F32 F32,
        F32Floor = 0x8E "f32.floor" F32 F32,
        F32Trunc = 0x8F "f32.trunc" F32 F32,
        F32Nearest = 0x90 "f32.nearest" F32 F32,
        F32Sqrt = 0x91 "f32.sqrt" F32 F32,
        F64Abs = 0x99 "f64.abs" F64 F64,
        F64Neg = 0x9A "f64.neg" F64 F64,
        F64Ceil = 0x9B "f64.ceil" F64 F64,
        F64Floor = 0x9C "f64.floor" F64 F64,
        F64Trunc = 0x9D "f64.trunc" F64 F64,
        F64Nearest = 0x9E "f64.nearest" F64 F64,
        F64Sqrt = 0x9F "f64.sqrt" F64 F64,
        I32WrapI64 = 0xA7 "i32.wrap_i64" I64 I32,
        I32TruncF32S = 0xA8 "i32.trunc_f32_s" F32 I32,
        I32TruncF32U = 0xA9 "i32.trunc_f32_u" F32 I32,
        I32TruncF64S = 0xAA "i32.trunc_f64_s" F64 I32,
        I32TruncF64U = 0xAB "i32.trunc_f64_u" F64 I32,
        I64ExtendI32S = 0xAC "i64.extend_i32_s" I32 I64,
        I64ExtendI32U = 0xAD "i64.extend_i32_u" I32 I64,
        I64TruncF32S = 0xAE "i64.trunc_f32_s" F32 I64,
        I64TruncF32U = 0xAF "i64.trunc_f32_u" F32 I64,
        I64TruncF64S = 0xB0 "i64.trunc_f64_s" F64 I64,
        I64TruncF64U = 0xB1 "i64.trunc_f64_u" F64 I64,
        F32ConvertI32S = 0xB2 "f32.convert_i32_s" I32 F32,
        F32ConvertI32U = 0xB3 "f32.convert_i32_u" I32 F32,
        F32ConvertI64S = 0xB4 "f32.convert_i64_s" I64 F32,
        F32ConvertI64U = 0xB5 "f32.convert_i64_u" I64 F32,
        F32DemoteF64 = 0xB6 "f32.demote_f64" F64 F32,
        F64ConvertI32S = 0xB7 "f64.convert_i32_s" I32 F64,
        F64ConvertI32U = 0xB8 "f64.convert_i32_u" I32 F64,
        F64ConvertI64S = 0xB9 "f64.convert_i64_s" I64 F64,
        F64ConvertI64U = 0xBA "f64.convert_i64_u" I64 F64,
        F64PromoteF32 = 0xBB "f64.promote_f32" F32 F64,
        I32ReinterpretF32 = 0xBC "i32.reinterpret_f32" F32 I32,
        I64ReinterpretF64 = 0xBD "i64.reinterpret_f64" F64 I64,
        F32ReinterpretI32 = 0xBE "f32.reinterpret_i32" I32 F32,
        F64ReinterpretI64 = 0xBF "f64.reinterpret_i64" I64 F64,
        I32Extend8S = 0xC0 "i32.extend8_s" I32 I32,
        I32Extend16S = 0xC1 "i32.extend16_s" I32 I32,
        I64Extend8S = 0xC2 "i64.extend8_s" I64 I64,
        I64Extend16S = 0xC3 "i64.extend16_s" I64 I64,
        I64Extend32S = 0xC4 "i64.extend32_s" I64 I64,
        I32TruncSatF32S = 0xE0 "i32.trunc_sat_f32_s" F32 I32,
        I32TruncSatF32U = 0xE1 "i32.trunc_sat_f32_u" F32 I32,
        I32TruncSatF64S = 0xE2 "i32.trunc_sat_f64_s" F64 I32,
        I32TruncSatF64U = 0xE3 "i32.trunc_sat_f64_u" F64 I32,
        I64TruncSatF32S = 0xE4 "i64.trunc_sat_f32_s" F32 I64,
        I64TruncSatF32U = 0xE5 "i64.trunc_sat_f32_u" F32 I64,
        I64TruncSatF64S = 0xE6 "i64.trunc_sat_f64_s" F64 I64,
        I64TruncSatF64U = 0xE7 "i64.trunc_sat_f64_u" F64 I64,
    }
}

operators! {
    /// Operators of two operands of one type; a comparison yields the `i32` 0 or 1.
    BinaryOp {
        I32Eq = 0x46 "i32.eq" I32 I32,
        I32Ne = 0x47 "i32.ne" I32 I32,
        I32LtS = 0x48 "i32.lt_s" I32 I32,
        I32LtU = 0x49 "i32.lt_u" I32 I32,
        I32GtS = 0x4A "i32.gt_s" I32 I32,
        I32GtU = 0x4B "i32.gt_u" I32 I32,
        I32LeS = 0x4C "i32.le_s" I32 I32,
        I32LeU = 0x4D "i32.le_u" I32 I32,
        I32GeS = 0x4E "i32.ge_s" I32 I32,
        I32GeU = 0x4F "i32.ge_u" I32 I32,
        I64Eq = 0x51 "i64.eq" I64 I32,
        I64Ne = 0x52 "i64.ne" I64 I32,
        I64LtS = 0x53 "i64.lt_s" I64 I32,
        I64LtU = 0x54 "i64.lt_u" I64 I32,
        I64GtS = 0x55 "i64.gt_s" I64 I32,
        I64GtU = 0x56 "i64.gt_u" I64 I32,
        I64LeS = 0x57 "i64.le_s" I64 I32,
        I64LeU = 0x58 "i64.le_u" I64 I32,
        I64GeS = 0x59 "i64.ge_s" I64 I32,
        I64GeU = 0x5A "i64.ge_u" I64 I32,
        F32Eq = 0x5B "f32.eq" F32 I32,
        F32Ne = 0x5C "f32.ne" F32 I32,
        F32Lt = 0x5D "f32.lt" F32 I32,
        F32Gt = 0x5E "f32.gt" F32 I32,
        F32Le = 0x5F "f32.le" F32 I32,
        F32Ge = 0x60 "f32.ge" F32 I32,
        F64Eq = 0x61 "f64.eq" F64 I32,
        F64Ne = 0x62 "f64.ne" F64 I32,
        F64Lt = 0x63 "f64.lt" F64 I32,
        F64Gt = 0x64 "f64.gt" F64 I32,
        F64Le = 0x65 "f64.le" F64 I32,
        F64Ge = 0x66 "f64.ge" F64 I32,
        I32Add = 0x6A "i32.add" I32 I32,
        I32Sub = 0x6B "i32.sub" I32 I32,
        I32Mul = 0x6C "i32.mul" I32 I32,
        I32DivS = 0x6D "i32.div_s" I32 I32,
        I32DivU = 0x6E "i32.div_u" I32 I32,
        I32RemS = 0x6F "i32.rem_s" I32 I32,
        I32RemU = 0x70 "i32.rem_u" I32 I32,
        I32And = 0x71 "i32.and" I32 I32,
        I32Or = 0x72 "i32.or" I32 I32,
        I32Xor = 0x73 "i32.xor" I32 I32,
        I32Shl = 0x74 "i32.shl" I32 I32,
        I32ShrS = 0x75 "i32.shr_s" I32 I32,
        I32ShrU = 0x76 "i32.shr_u" I32 I32,
        I32Rotl = 0x77 "i32.rotl" I32 I32,
        I32Rotr = 0x78 "i32.rotr" I32 I32,
        I64Add = 0x7C "i64.add" I64 I64,
        I64Sub = 0x7D "i64.sub" I64 I64,
        I64Mul = 0x7E "i64.mul" I64 I64,
        I64DivS = 0x7F "i64.div_s" I64 I64,
        I64DivU = 0x80 "i64.div_u" I64 I64,
        I64RemS = 0x81 "i64.rem_s" I64 I64,
        I64RemU = 0x82 "i64.rem_u" I64 I64,
        I64And = 0x83 "i64.and" I64 I64,
        I64Or = 0x84 "i64.or" I64 I64,
        I64Xor = 0x85 "i64.xor" I64 I64,
        I64Shl = 0x86 "i64.shl" I64 I64,
        I64ShrS = 0x87 "i64.shr_s" I64 I64,
        I64ShrU = 0x88 "i64.shr_u" I64 I64,
        I64Rotl = 0x89 "i64.rotl" I64 I64,
        I64Rotr = 0x8A "i64.rotr" I64 I64,
        F32Add = 0x92 "f32.add" F32 F32,
        F32Sub = 0x93 "f32.sub" F32 F32,
        F32Mul = 0x94 "f32.mul" F32 F32,
        F32Div = 0x95 "f32.div" F32 F32,
        F32Min = 0x96 "f32.min" F32 F32,
        F32Max = 0x97 "f32.max" F32 F32,
        F32Copysign = 0x98 "f32.copysign" F32 F32,
        F64Add = 0xA0 "f64.add" F64 F64,
        F64Sub = 0xA1 "f64.sub" F64 F64,
        F64Mul = 0xA2 "f64.mul" F64 F64,
        F64Div = 0xA3 "f64.div" F64 F64,
        F64Min = 0xA4 "f64.min" F64 F64,
        F64Max = 0xA5 "f64.max" F64 F64,
        F64Copysign = 0xA6 "f64.copysign" F64 F64,
    }
}

accesses! {
    /// Loads: from address plus offset, little-endian.
    LoadOp {
        I32Load = 0x28 "i32.load" I32 4,
        I64Load = 0x29 "i64.load" I64 8,
        F32Load = 0x2A "f32.load" F32 4,
        F64Load = 0x2B "f64.load" F64 8,
        I32Load8S = 0x2C "i32.load8_s" I32 1,
        I32Load8U = 0x2D "i32.load8_u" I32 1,
        I32Load16S = 0x2E "i32.load16_s" I32 2,
        I32Load16U = 0x2F "i32.load16_u" I32 2,
        I64Load8S = 0x30 "i64.load8_s" I64 1,
        I64Load8U = 0x31 "i64.load8_u" I64 1,
        I64Load16S = 0x32 "i64.load16_s" I64 2,
        I64Load16U = 0x33 "i64.load16_u" I64 2,
        I64Load32S = 0x34 "i64.load32_s" I64 4,
        I64Load32U = 0x35 "i64.load32_u" I64 4,
    }
}

accesses! {
    /// Stores: to address plus offset, little-endian, the low bytes of the value.
    StoreOp {
        I32Store = 0x36 "i32.store" I32 4,
        I64Store = 0x37 "i64.store" I64 8,
        F32Store = 0x38 "f32.store" F32 4,
        F64Store = 0x39 "f64.store" F64 8,
        I32Store8 = 0x3A "i32.store8" I32 1,
        I32Store16 = 0x3B "i32.store16" I32 2,
        I64Store8 = 0x3C "i64.store8" I64 1,
        I64Store16 = 0x3D "i64.store16" I64 2,
        I64Store32 = 0x3E "i64.store32" I64 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_number_and_name_stands_for_one_operator() {
        let unary = UnaryOp::ALL.iter().map(|op| (op.code(), op.mnemonic()));
        let binary = BinaryOp::ALL.iter().map(|op| (op.code(), op.mnemonic()));
        let loads = LoadOp::ALL.iter().map(|op| (op.code(), op.mnemonic()));
        let stores = StoreOp::ALL.iter().map(|op| (op.code(), op.mnemonic()));
        let all: Vec<_> = unary.chain(binary).chain(loads).chain(stores).collect();
        let (codes, names): (BTreeSet<_>, BTreeSet<_>) = all.iter().copied().unzip();
        // 128 numeric operators (0x45 to 0xC4), 8 saturating conversions, 14 loads, 9 stores.
        assert_eq!((all.len(), codes.len(), names.len()), (159, 159, 159));
        assert!(UnaryOp::ALL.iter().all(|&op| UnaryOp::of_code(op.code()) == Some(op)));
        assert!(BinaryOp::ALL.iter().all(|&op| BinaryOp::of_code(op.code()) == Some(op)));
    }
}
