// The addresses that this page turns into scripts, by one policy of Trusted Types: its worker, which is inside the page, and
// the script that keeps the page for offline use, which is beside it.

interface ScriptPolicy {
  createScriptURL(url: string): string;
}
declare global {
  interface Window {
    trustedTypes?: { createPolicy(name: string, rules: { createScriptURL(url: string): string }): ScriptPolicy };
  }
}

/** Name of the file beside the page that keeps it for offline use. */
export const OFFLINE = "verify-offline.js";

const allowed = (url: string) => url === OFFLINE || url.startsWith("blob:");

const policy = window.trustedTypes?.createPolicy("vitte", {
  createScriptURL: (url) => {
    if (!allowed(url)) throw new TypeError(url);
    return url;
  },
});

/** An address that may become a script: a blob that this page made, or the file beside it. */
export function scriptAddress(address: string): string {
  return policy ? policy.createScriptURL(address) : address;
}
