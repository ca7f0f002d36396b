//! What the npm package itself can report, each with its code and its words. `js/faults.js` is made from this table, so
//! that no code, class or sentence is written a second time in JavaScript.

use vitte_package_core::diagnostic::Code;

/// A fault that JavaScript reports.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    /// Name of the function that makes it.
    pub name: &'static str,
    /// Its code.
    pub code: Code,
    /// Id of its message in this crate's [table](crate::message).
    pub message: &'static str,
    /// Id of the hint, if there is one.
    pub help: Option<&'static str>,
}

const fn fault(name: &'static str, code: Code, message: &'static str) -> Fault {
    Fault { name, code, message, help: None }
}

impl Fault {
    const fn help(self, help: &'static str) -> Self {
        Self { help: Some(help), ..self }
    }
}

/// All of them.
pub const ALL: &[Fault] = &[
    fault("moduleMissing", Code::WasmLoad, "npm.module_missing").help("npm.module_missing_help"),
    fault("moduleLoad", Code::WasmLoad, "npm.module_load"),
    fault("moduleType", Code::WasmMime, "npm.module_type").help("npm.module_type_help"),
    fault("digest", Code::Io, "npm.digest"),
    fault("disposed", Code::Disposed, "npm.disposed").help("npm.disposed_help"),
    fault("foreign", Code::NotAPackage, "npm.foreign"),
    fault("foreignLimit", Code::Limit, "npm.foreign_limit"),
    fault("fetch", Code::Transport, "npm.fetch"),
    fault("answered", Code::Transport, "npm.answered"),
    fault("answeredAbsent", Code::NotFound, "npm.answered"),
    fault("answeredPage", Code::Transport, "npm.answered_page"),
    fault("answeredTooLong", Code::Limit, "npm.answered_too_long"),
    fault("policyMember", Code::JsArgument, "npm.policy_member"),
    fault("policyAddress", Code::JsArgument, "npm.policy_address"),
    fault("index", Code::JsArgument, "npm.index").help("npm.index_help"),
    fault("indexAnswer", Code::JsArgument, "npm.index_answer").help("npm.index_answer_help"),
    fault("streamLimit", Code::Limit, "npm.stream_limit").help("npm.stream_limit_help"),
    fault("source", Code::JsArgument, "npm.source").help("npm.source_help"),
    fault("streamType", Code::JsArgument, "npm.stream_type").help("npm.source_help"),
];
