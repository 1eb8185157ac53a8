// Dialogs that ask one question.

import {field, fill, h, uniqueId} from "../dom.js";
import {text} from "../strings.js";

// openDialog shows a modal dialog and returns a promise of the value of the chosen action, or null
// if it is closed. actions are {label, value, kind, isDisabled}; kind is "primary" or "danger".
export function openDialog({title, body, actions}) {
  const id = uniqueId("title");
  const dialog = h("dialog", {"aria-labelledby": id}, h("h2", {id}, title), body);
  return new Promise((resolve) => {
    const buttons = actions.map((action) => h("button", {type: "button", class: action.kind, disabled: Boolean(action.isDisabled), onclick: () => close(action.value)}, action.label));
    const close = (value) => {
      dialog.close();
      resolve(value);
    };
    dialog.append(h("div", {class: "actions"}, buttons, h("button", {type: "button", onclick: () => close(null)}, actions.length ? text.dialog.cancel : text.dialog.close)));
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(null);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

// confirmByName asks the user to type a name before something is removed. The promise is true if
// the name was typed and the action chosen.
export function confirmByName({title, message, name, action}) {
  const input = h("input", {type: "text", autocomplete: "off", spellcheck: "false"});
  const body = h("div", {class: "stack"}, h("p", null, message), field(text.dialog.typeName(name), input));
  const answer = openDialog({title, body, actions: [{label: action, value: true, kind: "danger", isDisabled: true}]});
  const button = body.parentElement.querySelector("button.danger");
  input.addEventListener("input", () => { button.disabled = input.value !== name; });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !button.disabled) button.click();
  });
  input.focus();
  return answer.then((value) => value === true);
}

// busy disables a button and changes its text while work runs.
export async function busy(button, label, work) {
  const before = [...button.childNodes];
  button.disabled = true;
  fill(button, label);
  try {
    return await work();
  } finally {
    fill(button, before);
    button.disabled = false;
  }
}
