// A table of data: sortable by its headers, and split into pages, so that a million rows cost as
// much as a hundred.

import {fill, h, uniqueId} from "../dom.js";
import {count} from "../format.js";
import {text} from "../strings.js";

// dataTable returns an element with update(rows). columns are {key, label, align: "end", sort:
// true or a function of a row, render: a function of a value and a row that returns a node or
// text, header: true for the cell that names its row, isNarrow: true for a column that takes no
// more width than it needs}. The caption is hidden from view if isCaptionHidden is set; with
// isHeadWrapped, long labels of columns have several lines.
export function dataTable({caption, columns, rows, pageSize = 100, empty = text.table.empty, isCaptionHidden = false, isHeadWrapped = false}) {
  const state = {rows, shown: rows, sort: null, descending: false, first: 0};
  const body = h("tbody");
  const head = h("tr");
  const id = uniqueId("caption");
  const table = h("table", {class: isHeadWrapped ? "head-wrapped" : null}, h("caption", {id, class: isCaptionHidden ? "visually-hidden" : null}, caption), h("thead", null, head), body);
  const scroller = h("div", {class: "table-scroll", role: "region", "aria-labelledby": id, tabindex: 0}, table);
  const pager = h("div", {class: "pager"});
  const element = h("div", {class: "data-table"}, scroller, pager);

  const draw = () => {
    const page = state.shown.slice(state.first, state.first + pageSize);
    fill(body, page.length ? page.map((row) => tableRow(columns, row)) : h("tr", null, h("td", {colspan: columns.length, class: "empty"}, empty)));
    drawPager();
  };
  const drawHead = () => fill(head, columns.map((column) => headerCell(column, state, () => sortBy(column))));
  const drawPager = () => {
    const total = state.shown.length;
    if (total <= pageSize) return fill(pager);
    const go = (first) => { state.first = first; draw(); scroller.scrollTop = 0; };
    const last = Math.floor((total - 1) / pageSize) * pageSize;
    const button = (label, first, isDisabled) => h("button", {type: "button", disabled: isDisabled, onclick: (event) => keepFocus(event, label, go, first)}, label);
    return fill(pager,
      button(text.table.first, 0, state.first === 0),
      button(text.table.previous, Math.max(0, state.first - pageSize), state.first === 0),
      h("span", {"aria-live": "polite"}, text.table.range(count(state.first + 1), count(Math.min(total, state.first + pageSize)), count(total))),
      button(text.table.next, Math.min(last, state.first + pageSize), state.first >= last),
      button(text.table.last, last, state.first >= last));
  };
  const keepFocus = (event, label, go, first) => {
    const hadFocus = event.currentTarget === document.activeElement;
    go(first);
    if (!hadFocus) return;
    const buttons = [...pager.querySelectorAll("button")];
    (buttons.find((b) => b.textContent === label && !b.disabled) ?? buttons.find((b) => !b.disabled))?.focus();
  };
  const sortBy = (column) => {
    state.descending = state.sort === column ? !state.descending : false;
    state.sort = column;
    arrange();
    drawHead();
    head.children[columns.indexOf(column)].querySelector("button").focus();
  };
  const arrange = () => {
    state.first = 0;
    state.shown = state.sort ? sorted(state.rows, state.sort, state.descending) : state.rows;
    draw();
  };
  element.update = (next) => {
    const {first} = state;
    state.rows = next;
    arrange();
    if (first < next.length && first !== 0) {
      state.first = first;
      draw();
    }
  };
  drawHead();
  draw();
  return element;
}

function headerCell(column, state, onSort) {
  const isSorted = state.sort === column;
  const direction = state.descending ? "descending" : "ascending";
  const label = column.sort
    ? h("button", {type: "button", class: "sort", onclick: onSort}, column.label, h("span", {"aria-hidden": "true", class: "sort-mark"}, isSorted ? (state.descending ? "▼" : "▲") : "↕"))
    : column.label;
  return h("th", {scope: "col", class: column.isNarrow ? "end narrow" : column.align === "end" ? "end" : null, "aria-sort": isSorted ? direction : null}, label);
}

function tableRow(columns, row) {
  return h("tr", null, columns.map((column) => {
    const value = row[column.key];
    const content = column.render ? column.render(value, row) : plain(value);
    const props = {class: column.align === "end" ? "end" : null};
    return column.header ? h("th", {scope: "row", ...props}, content) : h("td", props, content);
  }));
}

function plain(value) {
  if (value === null || value === undefined) return "–";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function sorted(rows, column, isDescending) {
  const of = typeof column.sort === "function" ? column.sort : (row) => row[column.key];
  const sign = isDescending ? -1 : 1;
  return rows.map((row) => [of(row), row]).sort(([a], [b]) => compare(a, b, sign)).map(([, row]) => row);
}

// compare orders numbers before texts, and leaves missing values at the end in both directions.
function compare(a, b, sign) {
  const isMissingA = a === null || a === undefined || Number.isNaN(a);
  const isMissingB = b === null || b === undefined || Number.isNaN(b);
  if (isMissingA || isMissingB) return Number(isMissingA) - Number(isMissingB);
  if (typeof a === "number" && typeof b === "number") return sign * (a - b);
  if (typeof a !== typeof b) return sign * (typeof a === "number" ? -1 : 1);
  return sign * String(a).localeCompare(String(b), undefined, {numeric: true});
}
