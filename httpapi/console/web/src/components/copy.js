// A button that copies text.

import {h} from "../dom.js";
import {text} from "../strings.js";
import {announce, toast} from "./toast.js";

// copyButton returns the button. textOf returns the text, or a promise of it.
export function copyButton(label, textOf) {
  const button = h("button", {type: "button", class: "copy"}, label);
  let timer;
  button.addEventListener("click", async () => {
    if (!(await copyText(await textOf()))) return toast(text.copy.failed, "error");
    announce(text.copy.done);
    button.textContent = text.copy.done;
    clearTimeout(timer);
    timer = setTimeout(() => { button.textContent = label; }, 2000);
  });
  return button;
}

// copyText reports whether the text is in the clipboard. Browsers offer the clipboard's API only
// over TLS and on loopback; elsewhere a selected text area is copied.
export async function copyText(content) {
  try {
    await navigator.clipboard.writeText(content);
    return true;
  } catch {
    return copyBySelection(content);
  }
}

function copyBySelection(content) {
  const before = document.activeElement;
  const area = h("textarea", {class: "visually-hidden", value: content, "aria-hidden": "true", tabindex: -1});
  (document.querySelector("dialog[open]") ?? document.body).append(area);
  area.select();
  const isCopied = document.execCommand("copy");
  area.remove();
  before?.focus?.();
  return isCopied;
}
