// The messages between page and worker.
import type { Contents, Diagnostic, PublicKey, Report } from "@vitte/package";

/** A registry, and the trust root it is checked by. */
export type Registry = { address: string; trustRoot: string };

/** A public key in PEM, and the packages it is trusted for: `namespace/name`, `namespace/*` or `*`. */
export type TrustedKey = { key: string; for: string };

/** What a report or an error says is at fault. */
export type FailedIn = NonNullable<Report["failedIn"]>;

/** What a file or a release is checked by. */
export type Trust = { keys: TrustedKey[]; registry: Registry | undefined };

/** Page to worker. `slice` answers a request for bytes; `cancel` ends a check, and with `all` the files that are judged. */
export type WorkerRequest =
  | { type: "check"; job: number; file: File; trust: Trust }
  | { type: "judge"; job: number; file: File; trust: Trust }
  | { type: "release"; job: number; package: string; version: string | undefined; registry: Registry }
  | { type: "read"; job: number; path: string }
  | { type: "key"; job: number; text: string; scope: string }
  | { type: "keys"; job: number; kept: TrustedKey[] }
  | { type: "slice"; job: number; id: number; bytes: ArrayBuffer | undefined; cause: string }
  | { type: "cancel"; job: number; all: boolean };

/** Worker to page. `job` is the request's number. */
export type Reply =
  | { type: "started"; job: number; fault: Diagnostic | undefined }
  | { type: "opened"; job: number; contents: Contents }
  | { type: "progress"; job: number; done: number; total: number | undefined }
  | { type: "report"; job: number; report: Report; milliseconds: number; hasNoMemory: boolean }
  | { type: "judged"; job: number; report: Report | undefined }
  | { type: "key"; job: number; key: PublicKey; scope: string }
  | { type: "key-refused"; job: number; diagnostic: Diagnostic; isKey: boolean }
  | { type: "keys"; job: number; keys: (PublicKey & { for: string })[] }
  | { type: "content"; job: number; path: string; bytes: Uint8Array }
  | { type: "slice"; job: number; id: number; file: File; start: number; end: number }
  | { type: "failed"; job: number; diagnostic: Diagnostic; failedIn: FailedIn | undefined };
