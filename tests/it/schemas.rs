//! What is printed for programs is held against the schemas in `native/package/schemas`: every answer and every event
//! that any test here sees, and in `every_answer` one at least of every command.
//!
//! Schemas let members pass that they do not name, since adding one is compatible. Here such a member is a fault: what
//! is printed is documented.

use regex::Regex;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Mutex;

/// Begins the name of the form of all answers.
const FORM: &str = "vitte.package/";

/// Checks what a command printed, if it is for programs.
#[track_caller]
pub(crate) fn check_output(exit: i32, stdout: &str, stderr: &str) {
    if let Ok(answer) = serde_json::from_str::<Value>(stdout)
        && answer["schema"].as_str().is_some_and(|form| form.starts_with(FORM))
    {
        check_answer(&answer);
        assert_eq!(answer["exit"], exit, "{answer}");
    }
    for line in stderr.lines().filter(|line| line.starts_with('{')) {
        if let Ok(event) = serde_json::from_str::<Value>(line) {
            check_event(&event);
        }
    }
}

/// Checks the answer of a command run with `--json`.
#[track_caller]
pub(crate) fn check_answer(answer: &Value) {
    refuse("envelope", &Schema::read("envelope").unwrap().faults(answer), answer);
    let (command, result) = (answer["command"].as_str().unwrap(), &answer["result"]);
    match Schema::read(&command.replace(' ', "-")) {
        // A command that failed may have had nothing to tell.
        _ if result.is_null() => assert_eq!(answer["ok"], false, "no result: {answer}"),
        Some(schema) => refuse(command, &schema.faults(result), answer),
        None => panic!("`{command}` answers and has no schema: {answer}"),
    }
}

/// Checks a line written with `--progress json`.
#[track_caller]
pub(crate) fn check_event(event: &Value) {
    refuse("event", &Schema::read("event").unwrap().faults(event), event);
}

#[track_caller]
fn refuse(what: &str, faults: &[String], value: &Value) {
    assert!(faults.is_empty(), "not what the schema `{what}` says:\n  {}\n{value:#}", faults.join("\n  "));
}

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../package/schemas"))
}

/// The commands that have a schema.
pub(crate) fn of_commands() -> BTreeSet<String> {
    let files = std::fs::read_dir(folder()).unwrap().map(|file| file.unwrap().path());
    let schemas = files.filter(|path| path.extension().is_some_and(|end| end == "json")).map(|path| {
        let schema: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        schema["title"].as_str().unwrap().to_owned()
    });
    let command = |title: String| {
        let command = title.strip_prefix("result of `vitte package ")?.strip_suffix(" --json`")?;
        Some(command.to_owned())
    };
    schemas.filter_map(command).collect()
}

/// A schema as our types make them: the words of draft 2020-12 that occur there, and no others.
struct Schema(Value);

impl Schema {
    fn read(name: &str) -> Option<Self> {
        let text = std::fs::read_to_string(folder().join(format!("{name}.json"))).ok()?;
        Some(Self(serde_json::from_str(&text).unwrap()))
    }

    fn faults(&self, value: &Value) -> Vec<String> {
        let mut faults = Vec::new();
        self.whole(&self.0, value, "", &mut faults);
        faults
    }

    /// Checks a value, all members of which have to be named.
    fn whole(&self, schema: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
        let mut named = BTreeSet::new();
        let says = self.check(schema, value, at, &mut named, faults);
        for name in value.as_object().into_iter().flat_map(Map::keys) {
            if says && !named.contains(name.as_str()) {
                faults.push(format!("{at}/{name}: no schema names it"));
            }
        }
    }

    /// Checks a value in one place, which several schemas may be about; `named` are the members they name. Whether the
    /// schema says anything at all.
    fn check<'v>(
        &self,
        schema: &Value,
        value: &'v Value,
        at: &str,
        named: &mut BTreeSet<&'v str>,
        faults: &mut Vec<String>,
    ) -> bool {
        let (mut says, none) = (false, Map::new());
        let members = value.as_object().unwrap_or(&none);
        let properties = schema["properties"].as_object().unwrap_or(&none);
        for (word, wanted) in schema.as_object().unwrap_or(&none) {
            let number = || wanted.as_f64().unwrap();
            let good = match word.as_str() {
                "$schema" | "$defs" | "title" | "description" | "format" => continue,
                "$ref" => {
                    let name = wanted.as_str().unwrap().strip_prefix("#/$defs/").unwrap();
                    self.check(&self.0["$defs"][name], value, at, named, faults);
                    true
                }
                "anyOf" | "oneOf" => {
                    let mut fitting = 0;
                    for schema in wanted.as_array().unwrap() {
                        let (mut also, mut against) = (BTreeSet::new(), Vec::new());
                        self.check(schema, value, at, &mut also, &mut against);
                        if against.is_empty() {
                            fitting += 1;
                            named.extend(also);
                        }
                    }
                    fitting == 1 || word == "anyOf" && fitting > 1
                }
                "properties" => {
                    for (name, member) in value.as_object().into_iter().flatten() {
                        if let Some(schema) = properties.get(name) {
                            named.insert(name);
                            self.whole(schema, member, &format!("{at}/{name}"), faults);
                        }
                    }
                    true
                }
                "additionalProperties" => {
                    for (name, member) in value.as_object().into_iter().flatten() {
                        if !properties.contains_key(name) {
                            named.insert(name);
                            self.whole(wanted, member, &format!("{at}/{name}"), faults);
                        }
                    }
                    true
                }
                "items" => {
                    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.whole(wanted, item, &format!("{at}/{index}"), faults);
                    }
                    true
                }
                "required" => {
                    let names = wanted.as_array().unwrap().iter().map(|name| name.as_str().unwrap());
                    names.into_iter().all(|name| members.contains_key(name))
                }
                "type" => match wanted {
                    Value::Array(types) => types.iter().any(|wanted| is_a(value, wanted)),
                    one => is_a(value, one),
                },
                "const" => value == wanted,
                "enum" => wanted.as_array().unwrap().contains(value),
                "pattern" => value.as_str().is_none_or(|text| fits(wanted.as_str().unwrap(), text)),
                "minimum" => value.as_f64().is_none_or(|value| value >= number()),
                "maximum" => value.as_f64().is_none_or(|value| value <= number()),
                "minLength" => value.as_str().is_none_or(|text| text.chars().count() as f64 >= number()),
                "maxLength" => value.as_str().is_none_or(|text| text.chars().count() as f64 <= number()),
                "uniqueItems" => value.as_array().is_none_or(|items| {
                    items.iter().map(Value::to_string).collect::<BTreeSet<_>>().len() == items.len()
                }),
                other => panic!("the checker does not know `{other}`"),
            };
            says = true;
            if !good {
                faults.push(format!("{at}: {word} {wanted}"));
            }
        }
        says
    }
}

fn is_a(value: &Value, wanted: &Value) -> bool {
    match wanted.as_str().unwrap() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64() || value.is_i64(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("the checker does not know the type `{other}`"),
    }
}

fn fits(pattern: &str, text: &str) -> bool {
    static KNOWN: Mutex<BTreeMap<String, Regex>> = Mutex::new(BTreeMap::new());
    let mut known = KNOWN.lock().unwrap();
    known.entry(pattern.to_owned()).or_insert_with(|| Regex::new(pattern).unwrap()).is_match(text)
}

#[test]
fn the_checker_sees_what_it_must() {
    let schema = Schema(serde_json::json!({
        "type": "object",
        "properties": {"name": {"type": "string", "pattern": "^[a-z]+$"}, "free": {"description": "anything"}},
        "anyOf": [{"properties": {"one": {"$ref": "#/$defs/One"}}, "required": ["one"]}, {"required": ["free"]}],
        "required": ["name"],
        "$defs": {"One": {"type": ["integer", "null"], "minimum": 1}}
    }));
    let good = [r#"{"name":"x","one":1}"#, r#"{"name":"x","one":null}"#, r#"{"name":"x","free":{"a":[{}]}}"#];
    for good in good {
        assert_eq!(schema.faults(&serde_json::from_str(good).unwrap()), [""; 0], "{good}");
    }
    for (bad, fault) in [
        (r#"[]"#, ": type \"object\""),
        (r#"{"one":1}"#, ": required [\"name\"]"),
        (r#"{"name":"X","one":1}"#, "/name: pattern"),
        (r#"{"name":"x","one":0}"#, ": anyOf"),
        (r#"{"name":"x","free":1,"one":0}"#, "/one: no schema names it"),
        (r#"{"name":"x","one":1,"more":1}"#, "/more: no schema names it"),
    ] {
        let faults = schema.faults(&serde_json::from_str(bad).unwrap());
        assert!(faults.iter().any(|found| found.starts_with(fault)), "{bad}: {faults:?}");
    }
}
