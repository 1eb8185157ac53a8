// The status line: shown while the server cannot be reached, and once when it is back.

import {events, loadSession, session} from "./api.js";
import {fill, h} from "./dom.js";
import {text} from "./strings.js";

const maxDelay = 15; // seconds between two attempts

// statusLine returns the element. It asks for the session until the server responds.
export function statusLine() {
  const message = h("span");
  const retry = h("button", {type: "button", onclick: () => attempt()}, text.status.retry);
  const element = h("div", {class: "status", role: "status", "aria-live": "polite"});
  let timer = null;
  let delay = 1;
  let isLost = false;

  const lost = () => {
    if (isLost) return;
    isLost = true;
    delay = 1;
    element.dataset.kind = "error";
    fill(message, text.status.lost);
    fill(element, message, retry);
    schedule();
  };
  const schedule = () => {
    timer = setTimeout(attempt, delay * 1000);
    delay = Math.min(delay * 2, maxDelay);
  };
  const attempt = async () => {
    clearTimeout(timer);
    const before = session()?.csrf;
    try {
      const now = await loadSession();
      back(before !== undefined && now.csrf !== before);
    } catch {
      if (isLost) schedule();
    }
  };
  const back = (isRestarted) => {
    clearTimeout(timer);
    if (!isLost) return;
    isLost = false;
    element.dataset.kind = "ok";
    fill(element, isRestarted ? text.status.restarted : text.status.back);
    setTimeout(() => !isLost && fill(element), 8000);
  };
  events.addEventListener("unreachable", lost);
  events.addEventListener("reachable", () => isLost && attempt());
  addEventListener("online", () => isLost && attempt());
  return element;
}
