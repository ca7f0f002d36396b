// The messages between page and worker.
import type { Contents, Diagnostic, PublicKey, Report } from "@vitte/package";

/** A registry, and the trust root it is checked by. */
export type Registry = { address: string; trustRoot: string };

/** What a report or an error says is at fault. */
export type FailedIn = NonNullable<Report["failedIn"]>;

/** Page to worker. */
export type WorkerRequest =
  | { type: "check"; job: number; file: File; keys: string[]; registry: Registry | undefined }
  | { type: "release"; job: number; package: string; version: string | undefined; registry: Registry }
  | { type: "read"; job: number; path: string }
  | { type: "key"; job: number; text: string }
  | { type: "keys"; job: number; kept: string[] };

/** Worker to page. `job` is the request's number. */
export type Reply =
  | { type: "opened"; job: number; contents: Contents }
  | { type: "progress"; job: number; done: number; total: number | undefined }
  | { type: "report"; job: number; report: Report; milliseconds: number; hasNoMemory: boolean }
  | { type: "key"; job: number; key: PublicKey }
  | { type: "key-refused"; job: number; diagnostic: Diagnostic }
  | { type: "keys"; job: number; keys: PublicKey[] }
  | { type: "content"; job: number; path: string; bytes: Uint8Array }
  | { type: "failed"; job: number; diagnostic: Diagnostic; failedIn: FailedIn | undefined };
