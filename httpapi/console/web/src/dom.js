// Builds DOM nodes. Text only ever becomes text nodes: the console sets no innerHTML, which its
// content security policy refuses in any case.

// h returns an element. Functions named on* become listeners, `style` is an object of CSS
// properties, true and false set and omit an attribute, and `value`, `checked`, `selected` and
// `disabled` are set as properties. Children are nodes, strings, numbers, arrays or null.
export function h(tag, props, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) setProp(element, name, value);
  element.append(...nodes(children));
  return element;
}

const properties = new Set(["value", "checked", "selected", "disabled", "hidden", "indeterminate"]);

function setProp(element, name, value) {
  if (value === null || value === undefined) return;
  if (name.startsWith("on") && typeof value === "function") {
    element.addEventListener(name.slice(2).toLowerCase(), value);
  } else if (name === "style") {
    for (const [key, text] of Object.entries(value)) element.style.setProperty(key, text);
  } else if (name === "dataset") {
    Object.assign(element.dataset, value);
  } else if (properties.has(name)) {
    element[name] = value;
  } else if (value === true) {
    element.setAttribute(name, "");
  } else if (value !== false) {
    element.setAttribute(name, String(value));
  }
}

function nodes(children) {
  return children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false && c !== "");
}

// fill replaces the children of an element.
export function fill(element, ...children) {
  element.replaceChildren(...nodes(children));
  return element;
}

let lastId = 0;

// uniqueId returns an id for a label or a description.
export function uniqueId(prefix) {
  lastId += 1;
  return `${prefix}-${lastId}`;
}

// field returns a label with its control below, and an optional hint that describes the control.
export function field(label, control, hint) {
  control.id ||= uniqueId("field");
  const parts = [h("label", {for: control.id}, label), control];
  if (hint) {
    const id = uniqueId("hint");
    control.setAttribute("aria-describedby", id);
    parts.push(h("p", {class: "hint", id}, hint));
  }
  return h("div", {class: "field"}, parts);
}

// select returns a select element. options are [value, label] pairs.
export function select(options, value, props) {
  return h("select", props, options.map(([v, label]) => h("option", {value: v, selected: v === value}, label)));
}
