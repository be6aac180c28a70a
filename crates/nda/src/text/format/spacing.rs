//! Where spaces stand on a line.

use super::build::Builder;
use crate::text::lexer::{Kind, Token};

impl Builder<'_> {
    /// Whether a space stands between the token before and this one, on one line.
    pub(super) fn space_before(&self, token: Token, index: usize) -> bool {
        let previous = self.previous.kind;
        let tight_behind = match previous {
            Kind::OpenParen | Kind::OpenBracket | Kind::Path | Kind::DotDot | Kind::Not => true,
            Kind::Minus | Kind::Star => self.prefix,
            _ => false,
        };
        let tight_before = match token.kind {
            Kind::Path | Kind::DotDot | Kind::Colon => true,
            Kind::OpenParen => self.operand || previous == Kind::Fn,
            Kind::OpenBracket => self.operand && self.tokens[index + 1].kind != Kind::Label,
            _ => false,
        };
        !tight_behind && !tight_before
    }
}

/// Whether this kind stands between two operands.
pub(super) const fn is_binary(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Plus
            | Kind::Minus
            | Kind::Star
            | Kind::Slash
            | Kind::Percent
            | Kind::And
            | Kind::AndAnd
            | Kind::Or
            | Kind::OrOr
            | Kind::Caret
            | Kind::Equal
            | Kind::NotEqual
            | Kind::Less
            | Kind::LessEqual
            | Kind::Greater
            | Kind::GreaterEqual
            | Kind::ShiftLeft
            | Kind::ShiftRight
    )
}
