// Short messages: spoken by screen readers, and shown for some seconds.

import {fill, h} from "../dom.js";
import {text} from "../strings.js";

const lifetime = 6000; // ms

let region = null;
let spoken = null;

function regions() {
  if (region) return;
  region = h("div", {class: "toasts", role: "status", "aria-live": "polite"});
  spoken = h("div", {class: "visually-hidden", role: "status", "aria-live": "polite"});
  document.body.append(region, spoken);
}

// toast shows a message. Errors stay until they are closed.
export function toast(message, kind = "info") {
  regions();
  const item = h("div", {class: `toast ${kind}`}, h("span", null, message));
  const close = h("button", {type: "button", class: "close", "aria-label": text.dialog.close, onclick: () => item.remove()}, "×");
  item.append(close);
  region.append(item);
  while (region.children.length > 4) region.firstChild.remove();
  if (kind !== "error") setTimeout(() => item.remove(), lifetime);
}

// announce has a message spoken without showing it.
export function announce(message) {
  regions();
  fill(spoken, message);
}
