// The choice of colours: those of the system, light or dark. It is kept in this browser.

import {h, select} from "./dom.js";
import {text} from "./strings.js";

const key = "tabcell.theme";

// themeSelect returns the control, and applies the choice that was kept.
export function themeSelect() {
  const kept = read();
  apply(kept);
  const options = [["system", text.theme.system], ["light", text.theme.light], ["dark", text.theme.dark]];
  const control = select(options, kept, {"aria-label": text.theme.label, class: "theme", title: text.theme.label});
  control.addEventListener("change", () => {
    keep(control.value);
    apply(control.value);
  });
  return h("div", {class: "theme-choice"}, control);
}

function apply(theme) {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  dispatchEvent(new Event("console-theme"));
}

// onThemeChange calls f when the colours change, by the control or by the system.
export function onThemeChange(f, signal) {
  addEventListener("console-theme", f, {signal});
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", f, {signal});
}

function read() {
  try {
    const kept = localStorage.getItem(key);
    return ["light", "dark"].includes(kept) ? kept : "system";
  } catch {
    return "system"; // the browser refuses to keep anything
  }
}

function keep(theme) {
  try {
    localStorage.setItem(key, theme);
  } catch {
    // The choice holds until the page is closed.
  }
}
