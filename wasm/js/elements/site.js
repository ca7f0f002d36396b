// The elements of a registry's site: they add to what the server has written in them, and take nothing away without
// scripts. What checks is loaded once one of them is on the page.
const checks = () => import("./site-release.js");

/** The five groups of steps, in the order of the card's parts. */
const PARTS = [
  ["container", "toc", "tree", "signature", "registry"],
  ["trust-root", "authority", "key"],
  ["checkpoint", "index", "entry"],
  ["continuity"],
  ["identity", "subject", "manifest", "frames", "headers", "files", "end"],
];
/** The step whose finding is said beside the name of the part. */
const SHOWN = ["signature", "authority", "entry", "continuity", "files"];
/** Of a verdict on a step: the class of its row, and its sign. */
const MARKS = { passed: ["ok", "verified"], failed: ["no", "tampered"], "not-asked": ["skip-s", "skip"], "not-reached": ["skip-s", "skip"], waiting: ["wait-s", "wait"] };
/** Bytes up to which an archive is read without being asked for. */
const READ_AT_ONCE = 16 * 1024 * 1024;
const SVG = "http://www.w3.org/2000/svg";

function sign(name, classes, label) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", classes);
  if (label) {
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", label);
  } else svg.setAttribute("aria-hidden", "true");
  svg.append(document.createElementNS(SVG, "use"));
  svg.firstChild.setAttribute("href", `#${name}`);
  return svg;
}

function element(name, attributes = {}, ...content) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...content);
  return made;
}

/** An element of the page's own tree, whose words the server gives it. */
class SiteElement extends HTMLElement {
  #running;

  connectedCallback() {
    // Its content is there once the page's tree is: an element that is still being parsed has none.
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", this, { once: true });
    else this.handleEvent();
  }

  disconnectedCallback() {
    document.removeEventListener("DOMContentLoaded", this);
    this.cancel();
  }

  handleEvent() {
    if (!this.isConnected || !this.dataset.words) return;
    this.words = JSON.parse(this.dataset.words);
    this.begin();
  }

  /** A signal for what begins now; what ran before ends. */
  start() {
    this.cancel();
    this.#running = new AbortController();
    return this.#running.signal;
  }

  cancel() {
    this.#running?.abort();
    this.#running = undefined;
  }

  /** Of what the element is about, as the server names it. */
  get asked() {
    return { package: this.getAttribute("package"), version: this.getAttribute("version"), trustRoot: this.dataset.root };
  }
}

/** `<vitte-verify>` around a card with a claim: the verdict of this browser takes its place. */
export class SiteVerify extends SiteElement {
  #claim;
  #title;

  get state() {
    return this.#card?.dataset.state;
  }

  get #card() {
    return this.querySelector(".trust");
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    // Put in place again, it begins with the claim.
    if (this.#claim) this.replaceChildren(this.#claim.cloneNode(true));
    if (this.#title) document.title = this.#title;
  }

  begin() {
    if (!this.#card) return;
    this.#claim ??= this.#card.cloneNode(true);
    this.#title ??= document.title;
    if (Number(this.dataset.size) > READ_AT_ONCE) this.#offer();
    else void this.check();
  }

  /** A large archive is read when the reader asks for it. */
  #offer() {
    const button = element("button", { type: "button", class: "btn" }, this.words.check_all);
    button.addEventListener("click", () => void this.check(), { once: true });
    this.#card.append(element("div", { class: "t-act" }, button));
  }

  /** Checks now. @returns the report; `undefined` if there is none */
  async check() {
    const signal = this.start();
    this.#show("checking");
    const began = performance.now();
    let report;
    try {
      report = await (await checks()).verdict(this.asked, signal);
    } catch (error) {
      if (!signal.aborted) await this.#failed(error);
    }
    if (signal.aborted || !report) return undefined;
    await this.#judged(report, performance.now() - began);
    this.dispatchEvent(new CustomEvent("vitte-report", { detail: report, bubbles: true, composed: true }));
    return report;
  }

  #show(state, title = this.words[state]?.[0], sentence = this.words[state]?.[1]) {
    const card = this.#claim.cloneNode(true);
    card.dataset.state = state;
    card.querySelector(".sign").replaceWith(sign(state, "sign"));
    const [heading, text] = [card.querySelector(".t-head h2"), card.querySelector(".t-head p")];
    heading.textContent = title;
    text.textContent = sentence.endsWith("…") ? sentence : `${sentence}.`;
    // The same live region all the time, so that each change is announced.
    const old = this.#card.querySelector("[role=status]");
    old.replaceChildren(heading, " ", text);
    card.querySelector("[role=status]").replaceWith(old);
    this.#card.replaceWith(card);
    return card;
  }

  async #failed(error) {
    const card = this.#show("unchecked");
    const { code, message } = (await checks().then(({ inWords }) => inWords(error)).catch(() => undefined)) ?? { message: String(error?.message ?? error) };
    const reason = element("p", {}, ...(code ? [element("a", { href: `/explain/${code}` }, code), ": "] : []), message);
    card.querySelector(".t-act")?.prepend(reason);
    this.dispatchEvent(new CustomEvent("vitte-error", { detail: error, bubbles: true, composed: true }));
  }

  async #judged(report, took) {
    const { status, failedIn, reason } = report;
    const isRefused = status === "tampered" && failedIn === "registry";
    const card = this.#show(status, ...(isRefused ? this.words.refused : []));
    document.title = `${{ verified: "✔", tampered: "✘" }[status] ?? "!"} ${this.#title}`;
    card.querySelector(".t-head").append(element("div", { class: "aside" }, `${Math.max(1, Math.round(took))} ms`));
    if (card.matches(".slim")) return;
    const steps = await (await checks()).stepsInWords(report.steps);
    // A step of a later version, which has no part of its own, is one of the content.
    const partOf = (id) => (PARTS.findIndex((ids) => ids.includes(id)) + PARTS.length) % PARTS.length;
    const groups = PARTS.map((_, at) => steps.filter(({ id }) => partOf(id) === at));
    this.#parts(card, groups);
    const action = card.querySelector(".t-act");
    if (reason) action.before(await this.#evidence(reason));
    action.before(this.#steps(card, groups, status));
    if (status === "tampered") this.#withdraw(action);
    else if (status !== "verified") {
      card.querySelector(".t-act .cmd")?.classList.add("off");
      const note = card.querySelector(".t-act p");
      if (note) note.textContent = `${this.words.will_refuse}.`;
    }
    card.append(element("p", { class: "t-foot" }, `${this.words.limit}.`));
  }

  /** The five parts: a part has failed if a step of it has, and has passed if one has and none has not. */
  #parts(card, groups) {
    const rows = card.querySelectorAll(".chain li");
    groups.forEach((steps, at) => {
      const verdicts = steps.map(({ verdict }) => verdict);
      const verdict = ["failed", "not-reached", "passed"].find((one) => verdicts.includes(one)) ?? "not-asked";
      const [classes, mark] = MARKS[verdict];
      const [row, shown] = [rows[at], steps.find(({ id }) => id === SHOWN[at])];
      row.className = classes;
      row.querySelector("svg").replaceWith(sign(mark, "m", this.words.steps[verdict]));
      const name = row.querySelector("b");
      row.querySelector("div").replaceChildren(name, " ", (verdict === "failed" ? undefined : shown?.found) ?? this.words.steps[verdict]);
    });
  }

  #steps(card, groups, status) {
    const row = ({ verdict, text, found }) => {
      const [classes, mark] = MARKS[verdict];
      const said = element("div", {}, text, ...(found ? [" ", element("code", {}, found)] : []));
      return element("li", { class: classes }, sign(mark, "m", this.words.steps[verdict]), said);
    };
    const names = [...card.querySelectorAll(".chain b")].map(({ textContent }) => textContent);
    const sections = groups.map((steps, at) => element("section", {}, element("h3", {}, names[at]), element("ul", {}, ...steps.map(row))));
    const details = element("details", { class: "steps" }, element("summary", {}, this.words.all_steps), element("div", { class: "grps" }, ...sections));
    details.open = status === "tampered" || status === "untrusted";
    return details;
  }

  async #evidence(fault) {
    const { code, message } = await (await checks()).inWords({ diagnostic: fault });
    const { place, data } = fault;
    const facts = element("dl", { class: "facts" });
    const fact = (name, ...value) => facts.append(element("dt", {}, name), element("dd", { class: "hash" }, ...value));
    if (data.expected) fact(this.words.signed, String(data.expected));
    if (data.got) fact(this.words.received, element("mark", {}, String(data.got)));
    if (place.in === "frame" && place.files.length > 0) fact(this.words.files, place.files.join(", "));
    fact(this.words.reason, element("a", { href: `/explain/${code}` }, code));
    return element("div", { class: "where" }, element("p", {}, message), facts);
  }

  /** What must not be installed has no line to install it by. */
  #withdraw(action) {
    const { package: name, version } = this.asked;
    const words = ["vitte", "package", "report", `${name}@${version}`].map((word) => element("span", {}, word));
    const command = element("div", { class: "cmd" }, element("code", {}, ...words.flatMap((word) => [word, " "]).slice(0, -1)));
    action.replaceChildren(element("p", {}, element("b", {}, `${this.words.withdrawn}.`)), command);
  }
}

/** Text as the server shows it: what hides or turns text around is shown by number. */
function revealed(text) {
  const hidden = /[\u202a-\u202e\u2066-\u2069\u{e0000}-\u{e007f}\u2028\u2029\ufeff]|(?![\t\n\r])\p{Cc}/gu;
  return text.replace(hidden, (character) => `[U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}]`);
}

/** `<vitte-files>` around a list of files and one that is shown: a tick if what is shown is what was signed. */
export class SiteFiles extends SiteElement {
  begin() {
    void this.check();
  }

  async check() {
    const path = this.dataset.path;
    if (!path) return;
    const signal = this.start();
    try {
      const bytes = await (await checks()).file(this.asked, path, signal);
      if (signal.aborted) return;
      const is = this.#isShown(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes));
      this.#mark(is ? "verified" : "tampered", is ? this.words.file_verified : this.words.file_differs);
    } catch (error) {
      if (signal.aborted) return;
      const isTampered = error?.failedIn !== undefined;
      this.#mark(isTampered ? "tampered" : "unchecked", isTampered ? this.words.file_differs : this.words.file_unchecked);
    }
  }

  /** Whether the lines of the page are those of the file; a line that was cut off, as far as it goes. */
  #isShown(text) {
    const ended = text.split("\n");
    const last = ended.pop();
    const lines = ended.map((line) => line.replace(/\r$/, ""));
    if (last !== "") lines.push(last);
    // A page has no carriage returns: what parses it makes line feeds of them.
    lines.forEach((line, at) => (lines[at] = revealed(line.replaceAll("\r", "\n"))));
    const shown = [...this.querySelectorAll(".src td:last-child")].map(({ textContent }) => textContent);
    const isCut = this.dataset.cut !== undefined;
    if (shown.length !== lines.length && !(isCut && shown.length < lines.length)) return false;
    return shown.every((line, at) => (isCut ? lines[at].startsWith(line) : lines[at] === line));
  }

  #mark(state, words) {
    this.querySelector(".f-mark")?.remove();
    const mark = element("span", { class: "chip bare f-mark", role: "status", "data-state": state }, sign(state, "i"), words);
    this.querySelector("[aria-labelledby=fn] header")?.append(mark);
    this.dispatchEvent(new CustomEvent("vitte-file", { detail: { path: this.dataset.path, state }, bubbles: true, composed: true }));
  }
}

/** `<vitte-log>` around the checkpoint: whether it goes on from the one that this browser saw last. */
export class SiteLog extends SiteElement {
  begin() {
    void this.check();
  }

  async check() {
    const card = this.querySelector(".trust");
    const signal = this.start();
    const show = (state, [title, sentence], extra) => {
      card.dataset.state = state;
      card.querySelector(".sign").replaceWith(sign(state, "sign"));
      card.querySelector("h2").textContent = title;
      card.querySelector(".t-head p").textContent = `${sentence}.`;
      if (extra) card.querySelector(".facts").append(...extra);
    };
    try {
      const seen = await (await checks()).log(this.asked, signal);
      if (signal.aborted) return;
      show("verified", seen.isFirst ? this.words.log_first : this.words.log_goes_on);
    } catch (error) {
      if (signal.aborted) return;
      const { code, message } = await checks().then(({ inWords }) => inWords(error), () => ({ message: String(error) }));
      const reason = [element("dt", {}, this.words.reason), element("dd", {}, ...(code ? [element("a", { href: `/explain/${code}` }, code), ": "] : []), message)];
      if (error?.failedIn === "registry") show("tampered", this.words.log_split, reason);
      else show("unchecked", this.words.unchecked, reason);
    }
    this.dispatchEvent(new CustomEvent("vitte-log", { detail: card.dataset.state, bubbles: true, composed: true }));
  }
}

/** `<vitte-resolve>`: a manifest that is pasted or dropped, and what the resolver says of it. */
export class SiteResolve extends SiteElement {
  #written;

  begin() {
    if (this.#written) return;
    const id = `fit-${Math.random().toString(36).slice(2)}`;
    const text = (this.#written = element("textarea", { id, rows: "14", spellcheck: "false", required: "" }));
    const button = element("button", { type: "submit", class: "btn main" }, this.words.resolve);
    const form = element("form", { class: "stack" }, element("label", { for: id }, this.words.label), text, element("div", { class: "row" }, button, element("span", { class: "small quiet" }, this.words.drop)));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.resolve();
    });
    form.addEventListener("dragover", (event) => event.preventDefault());
    form.addEventListener("drop", (event) => {
      event.preventDefault();
      const [file] = event.dataTransfer.files;
      if (file) void this.take(file);
    });
    this.replaceChildren(element("div", { class: "cols half" }, form, element("section", { class: "stack fit" }, element("div", { role: "status" }))));
  }

  /** Takes a file that was dropped. A manifest is small. */
  async take(file) {
    this.#written.value = await file.slice(0, 512 * 1024).text();
    await this.resolve();
  }

  async resolve() {
    const signal = this.start();
    const source = this.#written.value;
    this.#show(this.words.resolving);
    const said = (...lines) => element("pre", { tabindex: "0" }, element("code", {}, lines.join("")));
    try {
      const { fit } = await checks();
      const { solution, explained } = await fit(this.asked, source, signal);
      if (signal.aborted) return;
      if (explained !== undefined) return this.#show(this.words.fits_not, said(explained));
      const others = solution.packages.filter(({ registry }) => registry !== undefined);
      const head = element("thead", {}, element("tr", {}, ...[this.words.package, this.words.version, this.words.log].map((name) => element("th", { scope: "col" }, name))));
      const row = ({ name, version, artifacts }) => element("tr", {}, element("th", { scope: "row" }, element("a", { href: `/${name.includes("/") ? name : `_/${name}`}/${encodeURIComponent(version)}` }, name)), element("td", { "data-l": this.words.version }, version), element("td", { "data-l": this.words.log }, artifacts.map(({ log }) => log).join(", ")));
      const table = element("table", { class: "tbl fold" }, head, element("tbody", {}, ...others.map(row)));
      const withheld = solution.withheld.map(({ text }) => element("p", { class: "small" }, element("b", {}, this.words.withheld), " ", text));
      const lock = element("details", {}, element("summary", {}, this.words.lock), said(solution.lock));
      const [one, many] = this.words.fits;
      this.#show(others.length === 1 ? one : many.replace("{}", String(others.length)), ...(others.length > 0 ? [table] : []), ...withheld, lock);
    } catch (error) {
      if (!signal.aborted) this.#show(this.words.unchecked, element("p", {}, (await checks().then(({ inWords }) => inWords(error), () => ({ message: String(error) }))).message));
    } finally {
      this.dispatchEvent(new CustomEvent("vitte-resolved", { bubbles: true, composed: true }));
    }
  }

  #show(title, ...content) {
    const section = this.querySelector(".fit");
    section.firstElementChild.replaceChildren(element("h2", {}, title));
    section.replaceChildren(section.firstElementChild, ...content);
  }
}

/** Milliseconds without a key before names are looked for. */
const PAUSE = 120;

/** `<vitte-search>` around a form: names that match, while they are typed. One that is chosen is opened. */
export class SiteSearch extends HTMLElement {
  #list;
  #waiting;
  #asking;

  connectedCallback() {
    // Its form is there once it was parsed.
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", this, { once: true });
    else this.#begin();
  }

  disconnectedCallback() {
    document.removeEventListener("DOMContentLoaded", this);
    clearTimeout(this.#waiting);
    this.#asking?.abort();
    this.#input?.removeEventListener("input", this);
    this.#input?.removeAttribute("list");
    this.#list?.remove();
    this.#list = undefined;
  }

  get #input() {
    return this.querySelector("input[type=search]");
  }

  #begin() {
    if (!this.isConnected || !this.#input || this.#list) return;
    this.#list = element("datalist", { id: `${this.#input.id}-names` });
    this.append(this.#list);
    this.#input.setAttribute("list", this.#list.id);
    this.#input.addEventListener("input", this);
  }

  handleEvent({ type }) {
    if (type !== "input") return this.#begin();
    const typed = this.#input.value.trim();
    const isChosen = [...this.#list.options].some(({ value }) => value === typed);
    clearTimeout(this.#waiting);
    this.#asking?.abort();
    if (isChosen) location.assign(`/${typed.includes("/") ? typed : `_/${typed}`}`);
    else if (typed.length > 1) this.#waiting = setTimeout(() => void this.#look(typed), PAUSE);
  }

  async #look(typed) {
    const { signal } = (this.#asking = new AbortController());
    try {
      const response = await fetch(`/api/v1/search?${new URLSearchParams({ q: typed, limit: "8" })}`, { signal });
      if (!response.ok) return;
      const { items } = await response.json();
      if (signal.aborted || !this.#list) return;
      this.#list.replaceChildren(...items.map((item) => element("option", { value: item.package, label: item.description ?? item.package })));
      this.dispatchEvent(new CustomEvent("vitte-found", { detail: items.length, bubbles: true, composed: true }));
    } catch {
      // Without names the form does as before.
    }
  }
}

/** `v` folds and unfolds the steps of the check. Not where text is written, and not with another key held. */
function onKey(event) {
  const isWriting = event.target instanceof Element && event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key !== "v" || event.ctrlKey || event.metaKey || event.altKey || isWriting) return;
  const steps = document.querySelector("vitte-verify details.steps");
  if (!steps) return;
  steps.open = !steps.open;
  steps.querySelector("summary").focus();
}

for (const [name, constructor] of [["vitte-verify", SiteVerify], ["vitte-files", SiteFiles], ["vitte-log", SiteLog], ["vitte-resolve", SiteResolve], ["vitte-search", SiteSearch]]) {
  if (!customElements.get(name)) customElements.define(name, constructor);
}
document.addEventListener("keydown", onKey);
