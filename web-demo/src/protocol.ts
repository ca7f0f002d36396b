// The messages between page and worker.
import type { Contents, Diagnostic, PublicKey, Report } from "@vitte/package";

/** A registry, and the trust root it is checked by. */
export type Registry = { address: string; trustRoot: string };

/** What a report or an error says is at fault. */
export type FailedIn = NonNullable<Report["failedIn"]>;

/** Page to worker. */
export type Request =
  | { do: "check"; job: number; file: File; keys: string[]; registry: Registry | undefined }
  | { do: "release"; job: number; package: string; version: string | undefined; registry: Registry }
  | { do: "read"; job: number; path: string }
  | { do: "key"; job: number; text: string }
  | { do: "keys"; job: number; kept: string[] };

/** Worker to page. `job` is the request's number. */
export type Answer =
  | { is: "opened"; job: number; contents: Contents }
  | { is: "progress"; job: number; done: number; total: number | undefined }
  | { is: "report"; job: number; report: Report; milliseconds: number; hasNoMemory: boolean }
  | { is: "key"; job: number; key: PublicKey }
  | { is: "key-refused"; job: number; diagnostic: Diagnostic }
  | { is: "keys"; job: number; keys: PublicKey[] }
  | { is: "content"; job: number; path: string; bytes: Uint8Array }
  | { is: "failed"; job: number; diagnostic: Diagnostic; failedIn: FailedIn | undefined };
