// Writes what the npm package takes from core's tables: its faults, its codes, and the types that what crosses has.
//     node scripts/js-tables.mjs WORDS.json SHAPES.json
// wasm/js/faults.js, .d.ts  a function for each fault that JavaScript itself reports
// wasm/js/codes.js, .d.ts  every code with its class, exit status, title and way out
// wasm/js/element-words.js  what the custom elements say, in English and French
// wasm/js/french-table.js  messages, terms and codes in French, for wasm/js/french.js
// wasm/pkg/shapes.d.ts   the values that cross between Rust and JavaScript, which wasm/js/test/types.ts compares with
//                        index.d.ts
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const [words, shapes] = process.argv.slice(2).map((path) => JSON.parse(readFileSync(path, "utf8")));
const write = (path, text) => writeFileSync(fileURLToPath(new URL(`../wasm/${path}`, import.meta.url)), text);
const made = "// Made by scripts/js-tables.mjs from core's tables. Do not edit.\n";

/** A message as a template literal over its arguments; one with a plural, as a choice of two. */
function template(id) {
  const message = words.messages[id];
  if (!message) throw new Error(`there is no message ${id}`);
  const marks = { "{{": "{", "}}": "}" };
  const literal = (form) => `\`${form.replaceAll(/[`\\]|\$\{/g, "\\$&").replaceAll(/\{\{|\}\}|\{(\w+)\}/g, (mark, name) => marks[mark] ?? `\${${name}}`)}\``;
  const [one, other] = message.forms.map(literal);
  return { arguments: message.arguments, text: other ? `${message.count} === 1 ? ${one} : ${other}` : one };
}

const byCode = new Map(words.codes.map((code) => [code.code, code]));
const faults = words.faults.map(({ name, code, message, help }) => {
  const { arguments: names, text } = template(message);
  const hint = help ? template(help).text : "";
  return `export const ${name} = (${names.join(", ")}) => fault(${JSON.stringify(code)}, ${JSON.stringify(byCode.get(code).class)}, ${text}, [${hint}]);`;
});
write("js/faults.js", `${made}import { VitteError } from "./error.js";

const fault = (code, kind, message, help) => new VitteError({ code, class: kind, message, place: { in: "whole" }, help, data: {} });

${faults.join("\n")}

/** What is said around a diagnostic when it is printed. */
export const shown = {
${words.shown.map(([name, id]) => [name, template(id)]).map(([name, { arguments: names, text }]) => `  ${name}: (${names.join(", ")}) => ${text},`).join("\n")}
};
`);

write("js/faults.d.ts", `${made}import { VitteError } from "./index.js";

${words.faults.map(({ name, message }) => `export const ${name}: (${template(message).arguments.map((one) => `${one}: unknown`).join(", ")}) => VitteError;`).join("\n")}
`);

/** The words of the custom elements, which are those of the page. */
const ofElements = Object.entries(words.messages).filter(([id]) => /^web\.(state_|step_|steps_heading|signer_heading|checking|command)/.test(id));
const inLanguage = (forms) => Object.fromEntries(ofElements.map(([id, message]) => [id.slice("web.".length), message[forms][0]]));
write("js/element-words.js", `${made}
export const words = ${JSON.stringify({ en: inLanguage("forms"), fr: inLanguage("french") }, undefined, 1)};
`);

const codes = words.codes.map(({ code, title_fr: _, fix_fr: __, ...rest }) => `  ${code}: ${JSON.stringify(rest)},`);
write("js/codes.js", `${made}
export const codes = Object.freeze({
${codes.join("\n")}
});
`);
write("js/codes.d.ts", `${made}
/** Every code that a diagnostic can have. A later version may add some, and changes none. */
export type Code =
${words.codes.map(({ code }) => `  | "${code}"`).join("\n")};

/** What a code means, whatever was examined. */
export interface CodeMeaning {
  /** Stable class name, such as \`frame-digest\`. */
  readonly class: string;
  /** Exit status of the command line for it. */
  readonly exit: number;
  /** Whether trying again may help. */
  readonly retryable: boolean;
  readonly title: string;
  /** What to do. */
  readonly fix: string;
}

export const codes: Readonly<Record<Code, CodeMeaning>>;
`);

/** The messages of the modules and the npm package: English, French, and the argument that a plural is chosen by. The page has its own words in both languages. */
const around = new Set(words.shown.map(([, id]) => id)); // said in English only, and too short to be told from others
const said = Object.entries(words.messages).filter(([id]) => !id.startsWith("web.") && !around.has(id));
const french = {
  messages: said.map(([, { forms, french, count }]) => [forms, french, ...(count ? [count] : [])]),
  terms: words.terms,
  termArguments: words.term_arguments,
  codes: Object.fromEntries(words.codes.map(({ code, title_fr: title, fix_fr: fix }) => [code, [title, fix]])),
};
// As JSON in a string: cheap to load, and parsed only on first use.
const text = JSON.stringify(french).replaceAll(/[\\']/g, "\\$&");
write("js/french-table.js", `${made}export const read = () => JSON.parse('${text}');\n`);

/** A JSON Schema as a TypeScript type. What our types have no need of is refused. */
function type(schema) {
  if (schema === true) return "unknown";
  const { $ref, description, title, format, minimum, minLength, pattern, default: _, uniqueItems, ...rest } = schema;
  const parts = [];
  if ($ref) parts.push($ref.replace("#/$defs/", ""));
  if (rest.enum) parts.push(rest.enum.map((value) => JSON.stringify(value)).join(" | "));
  else if ("const" in rest) parts.push(JSON.stringify(rest.const));
  else if (rest.anyOf ?? rest.oneOf) parts.push((rest.anyOf ?? rest.oneOf).filter((one) => one.type !== "null").map(type).join(" | "));
  const kind = Array.isArray(rest.type) ? rest.type.find((one) => one !== "null") : rest.type;
  if (kind === "object") parts.push(object(rest));
  else if (kind === "array") parts.push(rest.prefixItems ? `[${rest.prefixItems.map(type).join(", ")}]` : `(${type(rest.items)})[]`);
  else if (parts.length === 0) parts.push({ string: "string", number: "number", integer: "number", boolean: "boolean" }[kind]);
  const known = ["anyOf", "oneOf", "enum", "const", "type", "items", "prefixItems", "maxItems", "minItems", "properties", "required", "additionalProperties"];
  const strange = Object.keys(rest).filter((key) => !known.includes(key));
  if (strange.length > 0 || parts.some((part) => part === undefined)) throw new Error(`cannot say in TypeScript: ${JSON.stringify(schema)}`);
  return parts.length === 1 ? parts[0] : parts.map((part) => `(${part})`).join(" & ");
}

/** Nothing that crosses has a null: such a member is absent. */
const nullable = ({ type, anyOf = [] }) => type === "null" || (Array.isArray(type) && type.includes("null")) || anyOf.some(nullable);

function object({ properties = {}, required = [], additionalProperties }) {
  const there = (name, schema) => required.includes(name) && !nullable(schema);
  const members = Object.entries(properties).map(([name, schema]) => `${name}${there(name, schema) ? "" : "?"}: ${type(schema)};`);
  if (members.length === 0) return `Record<string, ${additionalProperties === true ? "unknown" : type(additionalProperties)}>`;
  return `{ ${members.join(" ")} }`;
}

const types = Object.entries(shapes.$defs).map(([name, schema]) => `export type ${name} = ${type(schema)};`);
write("pkg/shapes.d.ts", `${made}\n${types.join("\n")}\n`);
