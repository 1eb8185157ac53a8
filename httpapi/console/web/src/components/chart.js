// A line chart (uPlot, loaded when the first chart is shown) with its data as a table.

import {h} from "../dom.js";
import {whenNeeded} from "../format.js";
import {onThemeChange} from "../theme.js";
import {text} from "../strings.js";
import {dataTable} from "./table.js";

// chart returns an element with update(x, values). series are {label, values}; x are numbers,
// or seconds since 1970 if isTime is set. format writes a value. With isBinary, the steps of the
// values' axis are powers of two. The chart ends with signal.
export function chart({label, x, xLabel, series, isTime = false, isBinary = false, height = 180, format = String, signal}) {
  const plot = h("div", {class: "plot", role: "img", "aria-label": label});
  const details = h("details", {class: "chart-data"}, h("summary", null, text.chart.asTable));
  const element = h("figure", {class: "chart"}, h("figcaption", null, label), plot, details);
  const state = {x, values: series.map((s) => s.values), instance: null};

  details.addEventListener("toggle", () => {
    if (!details.open || details.querySelector("table")) return;
    details.append(chartTable(label, xLabel, series, state, isTime, format));
  });
  const draw = async () => {
    const {default: Plot} = await import("uplot");
    if (signal?.aborted || plot.clientWidth === 0) return;
    state.instance?.destroy();
    state.instance = new Plot(options(Plot, plot, {series, isTime, isBinary, height, format}), [state.x, ...state.values], plot);
  };
  const resize = new ResizeObserver(() => {
    if (!state.instance) draw();
    else state.instance.setSize({width: plot.clientWidth, height});
  });
  resize.observe(plot);
  onThemeChange(draw, signal);
  signal?.addEventListener("abort", () => {
    resize.disconnect();
    state.instance?.destroy();
  }, {once: true});
  element.update = (nextX, values) => {
    Object.assign(state, {x: nextX, values});
    state.instance?.setData([nextX, ...values]);
    details.querySelector(".data-table")?.update(tableRows(state));
  };
  return element;
}

function chartTable(label, xLabel, series, state, isTime, format) {
  const show = isTime ? (v) => new Date(v * 1000).toLocaleTimeString() : String;
  const columns = [{key: "x", label: xLabel ?? (isTime ? text.chart.time : text.chart.row), header: true, render: show}];
  for (const [i, s] of series.entries()) {
    columns.push({key: i, label: s.label, align: "end", render: (v) => (v === null || v === undefined ? "–" : format(v))});
  }
  return dataTable({caption: label, columns, rows: tableRows(state), pageSize: 50});
}

function tableRows({x, values}) {
  return x.map((at, i) => ({x: at, ...values.map((v) => v[i])}));
}

// options reads the colours of the theme, because a canvas does not follow the style sheet.
function options(Plot, place, {series, isTime, isBinary, height, format}) {
  const colour = (name) => resolveColour(place, name);
  const axis = {stroke: colour("--muted"), grid: {stroke: colour("--grid"), width: 1}, ticks: {stroke: colour("--grid"), width: 1}, font: "12px system-ui, sans-serif"};
  return {
    width: place.clientWidth,
    height,
    scales: {x: {time: isTime}, y: {range: (_, low, high) => rangeOf(Plot, low, high)}},
    cursor: {drag: {x: false, y: false}},
    legend: {show: true, live: true},
    series: [{label: isTime ? text.chart.time : text.chart.row, value: (_, v) => (v === null || v === undefined ? "–" : isTime ? clock().format(v * 1000) : String(v))}, ...series.map((s, i) => ({label: s.label, stroke: colour(`--series-${i % 6}`), width: 1.5, dash: i > 2 ? [6, 3] : undefined, points: points(colour(`--series-${i % 6}`)), value: (_, v) => (v === null || v === undefined ? "–" : format(v))}))],
    axes: [
      isTime ? {...axis, space: 84, values: (_, ticks) => ticks.map((t) => clock().format(t * 1000))} : axis,
      {...axis, size: 72, ...(isBinary && {incrs: powersOfTwo}), values: (_, ticks) => ticks.map((t) => format(t))},
    ],
  };
}

const clock = whenNeeded(() => new Intl.DateTimeFormat(undefined, {hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23"}));
const powersOfTwo = Array.from({length: 50}, (_, i) => 2 ** i);

// points marks the values that have no neighbours: a line through one value cannot be seen.
function points(colour) {
  return {show: false, filter: (plot, series) => alone(plot.data[series]), size: 6, width: 0, stroke: colour, fill: colour};
}

// alone returns the indices of the values with no value before and after them, or null for none.
export function alone(values) {
  const isMissing = (i) => values[i] === null || values[i] === undefined;
  const found = [...values.keys()].filter((i) => !isMissing(i) && isMissing(i - 1) && isMissing(i + 1));
  return found.length ? found : null;
}

// rangeOf returns the range of the values' axis. Values that are all 0, or no values, get a small one.
function rangeOf(Plot, low, high) {
  return low === high && !low ? [0, 1] : Plot.rangeNum(low, high, 0.1, true);
}

function resolveColour(place, name) {
  const probe = h("span", {style: {color: `var(${name})`}});
  place.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}
