// The standalone page: registers the elements.
import { installable } from "./offline.ts";
import { VitteBatch } from "./vitte-batch.ts";
import { VitteContents } from "./vitte-contents.ts";
import { VitteDrop } from "./vitte-drop.ts";
import { VitteKeys } from "./vitte-keys.ts";
import { VitteLink } from "./vitte-link.ts";
import { VitteRegistry } from "./vitte-registry.ts";
import { VitteShortcuts } from "./vitte-shortcuts.ts";
import { VitteVerdict } from "./vitte-verdict.ts";
import { VitteVerifier } from "./vitte-verifier.ts";

customElements.define("vitte-drop", VitteDrop);
customElements.define("vitte-keys", VitteKeys);
customElements.define("vitte-batch", VitteBatch);
customElements.define("vitte-link", VitteLink);
customElements.define("vitte-shortcuts", VitteShortcuts);
customElements.define("vitte-registry", VitteRegistry);
customElements.define("vitte-verdict", VitteVerdict);
customElements.define("vitte-contents", VitteContents);
customElements.define("vitte-verifier", VitteVerifier);

installable();
