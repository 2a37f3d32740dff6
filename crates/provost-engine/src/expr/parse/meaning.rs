//! What the names in an expression stand for, and whether calls are as their functions need them.

use std::ops::Range;

use super::Parser;
use crate::expr::{Call, Expr, ExprError, Function, Keyword, Node, Pattern, function, pattern};

impl Parser<'_> {
    pub(super) fn keyword(&mut self, name: &str, span: Range<usize>) -> Node {
        let found = Keyword::ALL
            .into_iter()
            .find(|k| k.name().eq_ignore_ascii_case(name));
        match found {
            Some(keyword) => {
                self.warn_about_case(name, keyword.name(), span);
                Node::Keyword(keyword)
            }
            None => {
                let hint = format!("a text is written \"{name}\", an attribute [{name}], a call {name}(…)");
                let message = format!("\"{name}\" is no value by itself");
                self.errors.push(ExprError::new(span, message, hint));
                Node::Broken
            }
        }
    }

    pub(super) fn function(&mut self, name: &str, span: Range<usize>) -> Option<&'static Function> {
        let Some(function) = function::find(name) else {
            let nearest = function::nearest(name);
            let hint = format!("did you mean {}?", nearest.doc.name);
            let message = format!("there is no function {name}");
            self.errors.push(ExprError::new(span, message, hint));
            return None;
        };
        self.warn_about_case(name, function.doc.name, span);
        Some(function)
    }

    fn warn_about_case(&mut self, written: &str, name: &str, span: Range<usize>) {
        if written != name {
            let message = format!("{written} was read as {name}");
            let hint = "names are case-sensitive elsewhere; write them exactly";
            self.warnings.push(ExprError::new(span, message, hint));
        }
    }

    pub(super) fn call(
        &mut self,
        function: &'static Function,
        span: Range<usize>,
        arguments: Vec<Expr>,
    ) -> Node {
        let pattern = function
            .pattern
            .and_then(|index| self.pattern(arguments.get(index)?));
        if let Err(message) = function.check(&arguments) {
            let hint = format!("{}: {}", function.doc.signature, function.doc.summary);
            self.errors.push(ExprError::new(span, message, hint));
        }
        Node::Call(Call {
            function,
            arguments,
            pattern,
        })
    }

    /// Compiles a regular expression that stands in the text.
    fn pattern(&mut self, argument: &Expr) -> Option<Pattern> {
        match &argument.node {
            Node::Omitted | Node::Broken => None,
            Node::Text(text) if text.is_empty() => None,
            Node::Text(text) => pattern(text)
                .map_err(|(message, hint)| {
                    self.errors
                        .push(ExprError::new(argument.span.clone(), message, hint));
                })
                .ok(),
            _ => {
                self.warnings.push(ExprError::new(
                    argument.span.clone(),
                    "this regular expression is compiled anew for every object",
                    "write it as a constant in quotes: that is faster, and mistakes are found when it is saved",
                ));
                None
            }
        }
    }

    /// What may only stand at the top.
    pub(super) fn check_places(&mut self, expr: &Expr) {
        let is_choice = |part: &Expr| matches!(&part.node, Node::Call(call) if call.function.is_top_level);
        let errors = &mut self.errors;
        expr.any(&mut |part| {
            if is_choice(part) && part.span != expr.span {
                errors.push(ExprError::new(
                    part.span.clone(),
                    "SelectUniqueValue may not stand inside another call",
                    "let it be the whole expression, and put the other calls into its arguments",
                ));
            }
            false
        });
    }
}
