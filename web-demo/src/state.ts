// The states of a verdict, with their signs and words.
import type { Report } from "@vitte/package";

export type State = Report["status"] | "unreadable" | "could_not_check";

export const SIGN_OF_STATE: Record<State, string> = {
  verified: "✔", unsigned: "!", untrusted: "!", tampered: "✘", unreadable: "✘", could_not_check: "?",
};

/** The state of a report, or of what came without one. */
export function stateOf(report: Report | undefined, isUnreadable: boolean): State {
  return report?.status ?? (isUnreadable ? "unreadable" : "could_not_check");
}

/** Id of the message that says the state. */
export function wordsOf(state: State, report: Report | undefined): string {
  if (report?.status === "tampered") {
    if (report.failedIn === "registry") return "web.state_refused";
    // Of whom it is, is known by a signature only.
    return report.signers.length > 0 ? "web.state_tampered" : "web.state_altered";
  }
  if (report?.reason?.class === "no-proof") return "web.state_unproven";
  if (report?.reason?.class === "registry-mismatch") return "web.state_other_registry";
  return `web.state_${state}`;
}
