declare module "virtual:wasm" {
  /** The wasm module in base64. */
  const base64: string;
  export default base64;
}
declare module "virtual:worker" {
  /** Source of the worker's script. */
  const source: string;
  export default source;
}
declare module "virtual:messages" {
  /** The message table of core: id to forms (one, other) and names of arguments. */
  const table: Record<string, { forms: string[]; arguments: string[] }>;
  export default table;
}
