// What page and worker say to each other.
import type { Contents, Diagnostic, Report } from "@vitte/package";

/** Page to worker. */
export type Request =
  | { do: "check"; job: number; file: File; keys: string[] }
  | { do: "read"; job: number; path: string };

/** Worker to page. `job` is the request's number; answers to older jobs are stale. */
export type Answer =
  | { is: "opened"; job: number; contents: Contents }
  | { is: "progress"; job: number; done: number; total: number }
  | { is: "report"; job: number; report: Report; milliseconds: number }
  | { is: "content"; job: number; path: string; bytes: Uint8Array }
  | { is: "failed"; job: number; diagnostic: Diagnostic };
