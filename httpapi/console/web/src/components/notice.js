// A notice in the page: an error, a warning, a hint or a success, with its kind as a word.

import {h} from "../dom.js";
import {text} from "../strings.js";

// notice returns the element. kind is "error", "warning", "info" or "ok"; body is any children.
export function notice(kind, title, ...body) {
  return h("div", {class: `notice ${kind}`, role: kind === "error" ? "alert" : null},
    h("p", {class: "notice-title"}, h("span", {class: "notice-kind"}, text.notice[kind]), " ", title), body);
}
