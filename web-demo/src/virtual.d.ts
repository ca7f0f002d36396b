declare module "virtual:wasm" {
  /** The wasm modules in base64: what opens and verifies, and what proves releases. */
  export const core: string;
  export const registry: string;
}
declare module "virtual:worker" {
  /** Source of the worker's script. */
  const source: string;
  export default source;
}
declare module "virtual:messages" {
  /** The message table of core: id to English and French forms (one, other), names of arguments, and which one counts. */
  const table: Record<string, { forms: string[]; french: string[]; arguments: string[]; count?: string }>;
  export default table;
}
declare module "*/wasm/js/source.js" {
  /** Bytes with random access, which `open` and `verify` take as a source. */
  export class Bytes extends Blob {
    constructor(size: number, read: (start: number, end: number) => Promise<Uint8Array>);
  }
}
