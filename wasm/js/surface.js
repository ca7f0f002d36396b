// What every entry exports.
export {
  checkProof, formatDiagnostics, indexedDbMemory, init, initSync, open, openRelease, parseManifest, parsePublicKey, resolve, verify, Package, VitteError,
} from "./package.js";
