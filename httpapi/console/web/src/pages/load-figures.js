// The figures of this moment.

import {fill, h} from "../dom.js";
import {bytes, count} from "../format.js";
import {text} from "../strings.js";

const words = text.load;

// Each figure has a label and a function that returns its value, and the rest of its line.
const all = [
  [words.running, (n) => [count(n.running), words.of(count(n.concurrency))]],
  [words.queued, (n) => [count(n.queued), words.of(count(n.queue_max))]],
  [words.refused, (n) => [count(n.refused), words.sinceStart]],
  [words.timeouts, (n) => [count(n.timeouts), words.sinceStart]],
  [words.crashes, (n) => [count(n.crashes), words.sinceStart]],
  [words.calls, (n) => [count(n.calls), words.sinceStart]],
  [words.memory, (n) => [n.memory_bytes ? bytes(n.memory_bytes) : "–", ""]],
  [words.cells, (n) => [count(n.cells), ""]],
  [words.models, (n) => [count(n.models), bytes(n.models_bytes)]],
  [words.budget, (n) => [bytes(n.budget_used), n.budget_max ? words.of(bytes(n.budget_max)) : ""]],
  [words.console, (n) => [count(n.console_running ?? 0), words.waiting(count(n.console_queued ?? 0))]],
];

// figures returns the element with update(now).
export function figures() {
  const places = all.map(([label, read]) => ({label, read, value: h("b"), rest: h("span", {class: "muted"})}));
  const element = h("dl", {class: "load-figures", "aria-label": words.now}, places.map((p) => h("div", null, h("dt", null, p.label), h("dd", null, p.value, " ", p.rest))));
  const update = (now) => {
    for (const {read, value, rest} of places) {
      const [number, more] = read(now);
      fill(value, number);
      fill(rest, more);
    }
  };
  return {element, update};
}
