// The modules as text: compressed, and each a file of its own, so that a bundler can load it when it is needed.
const modules = {
  core: () => import("./vitte_core_inline.js"),
  registry: () => import("./vitte_registry_inline.js"),
  resolver: () => import("./vitte_resolver_inline.js"),
};

/** The bytes of a module. */
export async function inlined(name) {
  const { default: base64 } = await modules[name]();
  const packed = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const raw = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return { bytes: new Uint8Array(await new Response(raw).arrayBuffer()) };
}
