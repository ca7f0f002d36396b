// Every word of the page comes from the one message table of core.
import table from "virtual:messages";

/** The text of message `id`, its arguments filled in. A plural is chosen by its first argument. */
export function text(id: string, ...values: (string | number)[]): string {
  const message = table[id];
  if (!message) throw new Error(`there is no message ${id}`);
  const [one, other] = message.forms;
  const form = other !== undefined && values[0] !== 1 ? other : one;
  return (form ?? id).replaceAll(/\{(\w+)\}/g, (_, name: string) => String(values[message.arguments.indexOf(name)] ?? ""));
}

const UNITS = ["B", "KiB", "MiB", "GiB"];

/** A size for people: `41 KiB`. */
export function size(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`;
}
