// Registers the custom elements; a class by itself registers nothing.
import "./index.js";
import { VitteVerify } from "./vitte-verify.js";

if (!customElements.get("vitte-verify")) customElements.define("vitte-verify", VitteVerify);

export { VitteVerify };
