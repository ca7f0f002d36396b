//! JSON Schemas of what is sent over HTTP, made from the types that read and write it: the OpenAPI document of a server
//! refers to them by name. As all schemas, they are made by tests that write and compare them, never in what is shipped.

use super::{device, owners, problem, tokens, upload};
use crate::digest::Digest;
use crate::name::{Namespace, PackageName};
use crate::version::Version;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// The schemas, by name. Each refers to others as OpenAPI does.
pub fn schemas() -> Value {
    let settings = || SchemaSettings::draft2020_12().with(|settings| settings.definitions_path = PATH.into());
    let mut written = settings().for_serialize().into_generator();
    add::<problem::ProblemJson>(&mut written);
    add::<upload::UploadJson>(&mut written);
    add::<super::status::StatusRecords>(&mut written);
    add::<tokens::Me>(&mut written);
    add::<tokens::TokenRequest>(&mut written);
    add::<tokens::TokenList>(&mut written);
    add::<tokens::CreatedToken>(&mut written);
    add::<owners::Owners>(&mut written);
    add::<device::DeviceCodes>(&mut written);
    add::<device::DeviceToken>(&mut written);
    add::<super::search::SearchResults>(&mut written);
    add::<super::package::PackagePage>(&mut written);
    add::<super::package::ReleasePage>(&mut written);
    add::<super::package::FilesPage>(&mut written);
    add::<super::package::DependentsPage>(&mut written);
    add::<Namespace>(&mut written);
    add::<Version>(&mut written);
    add::<crate::target::Kind>(&mut written);
    add::<crate::target::Target>(&mut written);
    add::<Digest>(&mut written);
    let mut read = settings().for_deserialize().into_generator();
    add::<upload::RequestJson<'_>>(&mut read);
    add::<super::batch::BatchRequest>(&mut read);
    let mut all: Map<String, Value> = written.take_definitions(true);
    all.extend(read.take_definitions(true));
    all.sort_keys();
    Value::Object(all)
}

const PATH: &str = "/components/schemas";

fn add<T: JsonSchema>(generator: &mut SchemaGenerator) {
    let _ = generator.subschema_for::<T>();
}

impl JsonSchema for super::status::StatusRecords {
    fn schema_name() -> Cow<'static, str> {
        "StatusRecords".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "description": "What the next status record of a version continues.",
            "properties": {
                "records": { "type": "integer", "minimum": 0, "description": "How many there are." },
                "last_leaf": {
                    "type": ["integer", "null"],
                    "minimum": 0,
                    "description": "Log index of the package's last entry.",
                },
            },
            "required": ["records", "last_leaf"],
        })
    }
}

impl JsonSchema for super::batch::BatchRequest {
    fn schema_name() -> Cow<'static, str> {
        "BatchRequest".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let query = json_schema!({
            "type": "object",
            "properties": {
                "name": generator.subschema_for::<PackageName>(),
                "etag": { "type": ["string", "null"], "description": "Only if the index file has another tag." },
            },
            "required": ["name"],
            "additionalProperties": false,
        });
        json_schema!({
            "type": "object",
            "description": "Packages whose index files are asked for.",
            "properties": {
                "v": { "const": 1 },
                "packages": { "type": "array", "items": query, "maxItems": crate::limits::BATCH_NAMES },
                "follow": { "type": "boolean", "description": "Whether files that were not named are welcome." },
            },
            "required": ["v", "packages"],
            "additionalProperties": false,
        })
    }
}
