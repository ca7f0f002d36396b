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
    fault("moduleLoad", Code::WasmLoad, "npm.module_load").help("npm.module_load_help"),
    fault("moduleStopped", Code::WasmLoad, "npm.module_stopped").help("npm.module_stopped_help"),
    fault("moduleType", Code::WasmMime, "npm.module_type").help("npm.module_type_help"),
    fault("digest", Code::Io, "npm.digest").help("npm.try_again_help"),
    fault("unreadable", Code::Io, "npm.unreadable").help("npm.unreadable_help"),
    fault("disposed", Code::Disposed, "npm.disposed").help("npm.disposed_help"),
    fault("foreign", Code::NotAPackage, "npm.foreign").help("npm.foreign_help"),
    fault("foreignLimit", Code::Limit, "npm.foreign_limit").help("npm.foreign_limit_help"),
    fault("fetch", Code::Transport, "npm.fetch").help("npm.fetch_help"),
    fault("silent", Code::Timeout, "npm.silent").help("npm.silent_help"),
    fault("answered", Code::Transport, "npm.answered").help("npm.try_again_help"),
    fault("answeredAbsent", Code::NotFound, "npm.answered").help("npm.answered_absent_help"),
    fault("answeredPage", Code::Transport, "npm.answered_page").help("npm.answered_page_help"),
    fault("answeredRange", Code::Transport, "npm.answered_range").help("npm.answered_range_help"),
    fault("answeredChanged", Code::Transport, "npm.answered_changed").help("npm.answered_changed_help"),
    fault("answeredTooLong", Code::Limit, "npm.answered_too_long").help("npm.answered_too_long_help"),
    fault("argument", Code::JsArgument, "npm.argument").help("npm.argument_help"),
    fault("member", Code::JsArgument, "npm.member").help("npm.argument_help"),
    fault("address", Code::JsArgument, "npm.address").help("npm.address_help"),
    fault("policyMember", Code::JsArgument, "npm.policy_member").help("npm.policy_member_help"),
    fault("policyMemory", Code::JsArgument, "npm.policy_memory").help("npm.policy_memory_help"),
    fault("moduleSources", Code::JsArgument, "npm.module_sources").help("npm.module_sources_help"),
    fault("otherRegistry", Code::JsArgument, "npm.other_registry").help("npm.index_help"),
    fault("uncopied", Code::JsArgument, "npm.uncopied").help("npm.uncopied_help"),
    fault("index", Code::JsArgument, "npm.index").help("npm.index_help"),
    fault("indexAnswer", Code::JsArgument, "npm.index_answer").help("npm.index_answer_help"),
    fault("streamLimit", Code::Limit, "npm.stream_limit").help("npm.stream_limit_help"),
    fault("source", Code::JsArgument, "npm.source").help("npm.source_help"),
    fault("streamLocked", Code::JsArgument, "npm.stream_locked").help("npm.stream_locked_help"),
    fault("streamType", Code::JsArgument, "npm.stream_type").help("npm.source_help"),
];

/// What is said around a diagnostic when it is printed, by the name of the function that makes it: the id of its message.
pub const SHOWN: &[(&str, &str)] = &[
    ("atFile", "npm.at_file"),
    ("atFrame", "npm.at_frame"),
    ("atFrameFiles", "npm.at_frame_files"),
    ("atLine", "npm.at_line"),
    ("atOffset", "npm.at_offset"),
    ("expected", "npm.expected"),
    ("got", "npm.got"),
];
