// The charts of the last hour.

import {chart} from "../components/chart.js";
import {h} from "../dom.js";
import {bytes, count, duration} from "../format.js";
import {text} from "../strings.js";

const words = text.load;
const whole = (n) => count(Math.round(n * 100) / 100);

// A chart has a label, a function that writes its values, and the names of its series.
const all = [
  {label: words.chartCalls, format: whole, series: ["running", "queued"]},
  {label: words.chartRequests, format: whole, series: ["requests", "refused", "timeouts"]},
  {label: words.chartPhases, format: duration, series: ["queue_ms", "cell_ms", "run_ms", "copy_ms"]},
  {label: words.chartMemory, format: bytes, isBinary: true, series: ["memory_bytes"]},
];

// charts returns an element with update(history). The charts end with signal.
export function charts(history, signal) {
  const x = times(history);
  const made = all.map(({label, format, isBinary, series}) => ({series, element: chart({
    label: words.chartStep(label, history.step_s), x, isTime: true, isBinary, format, signal,
    series: series.map((name) => ({label: words.series[name], values: valuesOf(history, name)})),
  })}));
  const element = h("section", {class: "charts", "aria-label": words.history}, h("h2", null, words.history), h("div", {class: "columns"}, made.map((m) => m.element)));
  const update = (next) => {
    for (const {series, element: figure} of made) figure.update(times(next), series.map((name) => valuesOf(next, name)));
  };
  return {element, update};
}

// times returns the time of each value in seconds.
function times({from, step_s: step, series}) {
  const first = Date.parse(from) / 1000;
  return Array.from({length: longest(series)}, (_, i) => first + i * step);
}

function longest(series) {
  return Math.max(0, ...Object.values(series).map((values) => values.length));
}

// valuesOf returns a series of which the server may not have any value yet.
function valuesOf({series}, name) {
  const values = series[name] ?? [];
  return [...values, ...Array(longest(series) - values.length).fill(null)];
}
