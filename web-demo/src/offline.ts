// Installing the page, and using it without a network, where it was served: it is one file, so it is kept as it is.
import { OFFLINE, scriptAddress } from "./scripts.ts";

/** Offers the page for installation and keeps it. From disk it needs neither; a host without the two files has the page alone. */
export function installable(): void {
  if (!/^https?:$/.test(location.protocol) || !window.isSecureContext) return;
  const link = document.createElement("link");
  link.rel = "manifest";
  link.href = "verify.webmanifest";
  document.head.append(link);
  void navigator.serviceWorker?.register(scriptAddress(OFFLINE), { scope: "verify.html" }).catch(() => {});
}
