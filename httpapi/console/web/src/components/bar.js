// A bar that shows how a total is divided, with a legend that says the same in words.

import {h} from "../dom.js";
import {duration} from "../format.js";

// phaseBar returns the element. phases are {label, ms}.
export function phaseBar(label, phases) {
  const total = phases.reduce((sum, p) => sum + Math.max(0, p.ms || 0), 0);
  const bar = h("div", {class: "phase-bar", "aria-hidden": "true"}, phases.map((p, i) => segment(p, i, total)));
  const legend = h("dl", {class: "phase-legend", "aria-label": label}, phases.map((p, i) => h("div", null, h("dt", null, h("span", {class: `swatch phase-${i}`, "aria-hidden": "true"}), p.label), h("dd", null, duration(p.ms)))));
  return h("div", {class: "phases"}, bar, legend);
}

function segment(phase, i, total) {
  const share = total > 0 ? Math.max(0, phase.ms || 0) / total : 0;
  return h("span", {class: `phase-${i}`, style: {"flex-grow": String(share)}, title: `${phase.label}: ${duration(phase.ms)}`});
}
