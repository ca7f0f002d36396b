/** A WebAssembly module, as edge workers import one. */
declare const module: WebAssembly.Module;
export default module;
