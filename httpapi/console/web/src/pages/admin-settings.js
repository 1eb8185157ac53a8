// Administration: settings in force, and the libraries of the guests.

import {dataTable} from "../components/table.js";
import {notice} from "../components/notice.js";
import {field, fill, h} from "../dom.js";
import {count} from "../format.js";
import {text} from "../strings.js";
import {badge} from "./common.js";

const words = text.admin;

// settings shows a table that can be filtered.
export function settings({settings: rows, warnings}) {
  const table = dataTable({caption: words.sections.settings, isCaptionHidden: true, rows, pageSize: 200, empty: words.noMatch, columns: settingColumns});
  const changed = h("input", {type: "checkbox", id: "changed-only"});
  const isShown = (row, needle) => (!changed.checked || row.layer !== "default") && contains(row, ["name", "tabpy", "value", "description"], needle);
  return [
    warnings?.length > 0 && notice("warning", words.warnings, h("ul", {class: "list"}, warnings.map((w) => h("li", null, w)))),
    filtered(words.searchSettings, table, rows, isShown, changed, h("label", {for: "changed-only"}, words.changedOnly)),
  ];
}

const settingColumns = [
  {key: "name", label: words.name, header: true, sort: true, render: (name, row) => [h("code", null, name), row.tabpy && h("div", {class: "hint"}, words.tabpyName(row.tabpy))]},
  {key: "value", label: words.value, render: (value, row) => h("code", {class: "value", title: words.defaultIs(row.default)}, value === "" ? words.emptyValue : String(value))},
  {key: "layer", label: words.layer, sort: true, render: (layer) => badge(layer === "default" ? "info" : "warning", words.layers[layer] ?? layer)},
  {key: "restart", label: words.restart, sort: true, render: (needs) => (needs ? words.needsRestart : words.needsReload)},
  {key: "description", label: words.description, render: (description) => h("span", {class: "sentence"}, description)},
];

// libraries shows the guests, and what scripts can import from those that are not switched off.
export function libraries({guests, libraries: all}) {
  const off = guests.filter((guest) => guest.state === "off" && guest.name !== "core").map((guest) => guest.name); // each guest has those of core
  const rows = all.filter((row) => !off.includes(row.guest));
  const guestTable = dataTable({caption: words.guests, rows: guests, columns: [
    {key: "name", label: words.guest, header: true},
    {key: "state", label: words.state, render: (state) => words.guestStates[state] ?? state},
    {key: "python", label: words.python},
    {key: "digest", label: words.digest, render: (digest) => (digest ? h("code", {title: digest}, digest.slice(0, 12)) : "–")},
  ]});
  const table = dataTable({caption: words.libraries, rows, pageSize: 200, empty: words.noMatch, columns: [
    {key: "name", label: words.packageName, header: true, sort: true},
    {key: "version", label: words.version},
    {key: "guest", label: words.guest, sort: true},
    {key: "license", label: words.license, render: (license) => license || "–"},
  ]});
  const isShown = (row, needle) => contains(row, ["name", "version", "guest", "license"], needle);
  return [guestTable, filtered(words.searchLibraries, table, rows, isShown)];
}

// filtered returns a search field above a table. isShown decides about a row; controls are more
// elements beside the field, and a change of theirs applies the filter again.
function filtered(label, table, rows, isShown, ...controls) {
  const input = h("input", {type: "search", autocomplete: "off", spellcheck: "false"});
  const total = h("p", {class: "muted", role: "status"});
  const apply = () => {
    const shown = rows.filter((row) => isShown(row, input.value.trim().toLowerCase()));
    table.update(shown);
    fill(total, words.shown(count(shown.length), count(rows.length)));
  };
  const bar = h("div", {class: "row spread"}, field(label, input), h("div", {class: "row"}, controls), total);
  bar.addEventListener("input", apply);
  apply();
  return h("div", {class: "stack"}, bar, table);
}

function contains(row, keys, needle) {
  return needle === "" || keys.some((key) => String(row[key] ?? "").toLowerCase().includes(needle));
}
