// What page and worker say to each other.
import type { Contents, Diagnostic, PublicKey, Report } from "@vitte/package";

/** A registry, and what is believed of it. */
export type Registry = { address: string; trustRoot: string };

/** Page to worker. */
export type Request =
  | { do: "check"; job: number; file: File; keys: string[]; registry: Registry | undefined }
  | { do: "release"; job: number; package: string; version: string | undefined; registry: Registry }
  | { do: "read"; job: number; path: string }
  | { do: "key"; job: number; text: string }
  | { do: "keys"; job: number; kept: string[] };

/** Worker to page. `job` is the request's number; answers to older jobs are stale. */
export type Answer =
  | { is: "opened"; job: number; contents: Contents }
  | { is: "progress"; job: number; done: number; total: number | undefined }
  | { is: "report"; job: number; report: Report; milliseconds: number; forgetful: boolean }
  | { is: "key"; job: number; key: PublicKey }
  | { is: "key-refused"; job: number; diagnostic: Diagnostic }
  | { is: "keys"; job: number; keys: PublicKey[] }
  | { is: "content"; job: number; path: string; bytes: Uint8Array }
  | { is: "failed"; job: number; diagnostic: Diagnostic };
