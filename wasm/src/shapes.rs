//! JSON Schemas of what crosses between Rust and JavaScript, for the check of `js/index.d.ts`.

use crate::convert::JsDiagnostic;
use crate::{manifest, open, policy, proof, release, resolve, verify};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};

/// One JSON Schema whose `$defs` are the types by their names in JavaScript. Members that may be null are absent
/// instead: nothing that crosses has a null.
pub fn all() -> Value {
    let mut given = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let mut taken = SchemaSettings::draft2020_12().for_deserialize().into_generator();
    fn add<T: JsonSchema>(generator: &mut schemars::SchemaGenerator) -> Schema {
        generator.subschema_for::<T>()
    }
    add::<JsDiagnostic<'static>>(&mut given);
    add::<verify::Report<'static>>(&mut given);
    add::<release::Judgement<'static>>(&mut given);
    add::<proof::ProofReport<'static>>(&mut given);
    add::<open::Contents<'static>>(&mut given);
    add::<policy::ShownKey>(&mut given);
    add::<manifest::Parsed<'static>>(&mut given);
    add::<resolve::Solved<'static>>(&mut given);
    add::<resolve::NoSolution<'static>>(&mut given);
    add::<policy::Policy>(&mut taken);
    add::<release::ReleaseQuery>(&mut taken);
    add::<resolve::Question>(&mut taken);
    add::<resolve::Line>(&mut taken);
    let mut types = given.take_definitions(true);
    types.extend(taken.take_definitions(true));
    json!({ "$defs": types })
}
