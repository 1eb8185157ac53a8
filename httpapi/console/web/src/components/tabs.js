// Tabs with one tab stop: arrow keys, Home and End move between them.

import {h, uniqueId} from "../dom.js";

// tabs returns an element. items are {label, panel}; a panel is a node, or a function that returns
// one when it is first shown. The element has select(index). onSelect is called with the index of
// each tab that the user selects.
export function tabs(label, items, selected = 0, onSelect) {
  const list = h("div", {class: "tab-list", role: "tablist", "aria-label": label});
  const element = h("div", {class: "tabs"}, list);
  const choose = (index, isFocused) => {
    element.select(index, isFocused);
    onSelect?.(index);
  };
  const parts = items.map((item, i) => part(item, () => choose(i)));
  for (const {tab, panel} of parts) {
    list.append(tab);
    element.append(panel);
  }
  element.select = (index, isFocused) => {
    for (const [i, p] of parts.entries()) p.setSelected(i === index);
    if (isFocused) parts[index].tab.focus();
  };
  list.addEventListener("keydown", (event) => {
    const now = parts.findIndex((p) => p.tab === document.activeElement);
    const next = moved(event.key, now, parts.length);
    if (now < 0 || next === null) return;
    event.preventDefault();
    choose(next, true);
  });
  element.select(Math.min(selected, parts.length - 1));
  return element;
}

function part(item, select) {
  const id = uniqueId("tab");
  const tab = h("button", {type: "button", role: "tab", id, "aria-controls": `${id}-panel`, onclick: select}, item.label);
  const panel = h("div", {class: "tab-panel", role: "tabpanel", id: `${id}-panel`, "aria-labelledby": id, tabindex: 0});
  let isFilled = false;
  const setSelected = (is) => {
    tab.setAttribute("aria-selected", String(is));
    tab.tabIndex = is ? 0 : -1;
    panel.hidden = !is;
    if (!is || isFilled) return;
    isFilled = true;
    panel.append(typeof item.panel === "function" ? item.panel() : item.panel);
  };
  return {tab, panel, setSelected};
}

function moved(key, now, length) {
  if (key === "ArrowRight") return (now + 1) % length;
  if (key === "ArrowLeft") return (now + length - 1) % length;
  if (key === "Home") return 0;
  if (key === "End") return length - 1;
  return null;
}
