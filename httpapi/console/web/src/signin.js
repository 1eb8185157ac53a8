// The sign-in dialog. It opens above the page, which keeps everything that was typed.

import {ApiError, createSession, loadSession, session} from "./api.js";
import {field, fill, h, uniqueId} from "./dom.js";
import {text} from "./strings.js";

const rest = 60_000; // ms for which a dialog that was closed does not open by itself

let pending = null;
let closedAt = -Infinity;

// requireSignIn asks for credentials. All callers share one dialog. The promise is rejected with
// an ApiError if the user closes it, and at once if isQuiet is set and it was closed a short time
// ago: pages that read the server again and again must not open it again and again.
export function requireSignIn(isQuiet = false) {
  if (isQuiet && !pending && performance.now() - closedAt < rest) return Promise.reject(signedOut());
  pending ??= ask().finally(() => { pending = null; });
  return pending;
}

function signedOut() {
  return new ApiError(401, {code: "unauthenticated", message: text.api.signedOut, advice: text.api.signedOutAdvice});
}

async function ask() {
  const now = await loadSession();
  if (now.signed_in || now.authentication === "off") return now;
  return new Promise((resolve, reject) => openForm(resolve, reject));
}

function openForm(resolve, reject) {
  const form = signInForm();
  const title = uniqueId("title");
  const dialog = h("dialog", {"aria-labelledby": title, class: "sign-in"},
    h("h2", {id: title}, text.signIn.title), h("p", {class: "muted"}, text.signIn.intro), form.element);
  const finish = (settle, value) => {
    dialog.remove();
    settle(value);
  };
  form.onSubmit(async (credentials) => finish(resolve, await createSession(credentials)));
  form.onCancel(() => dialog.close());
  dialog.addEventListener("close", () => {
    closedAt = performance.now();
    finish(reject, signedOut());
  });
  document.body.append(dialog);
  dialog.showModal();
  form.focus();
}

function signInForm() {
  const user = h("input", {type: "text", name: "username", autocomplete: "username", autocapitalize: "none", spellcheck: "false", required: true});
  const password = h("input", {type: "password", name: "password", autocomplete: "current-password"});
  const token = h("input", {type: "password", name: "token", autocomplete: "off", spellcheck: "false", required: true});
  const problem = h("p", {class: "problem", role: "alert"});
  const submit = h("button", {type: "submit", class: "primary"}, text.signIn.title);
  const cancel = h("button", {type: "button"}, text.signIn.cancel);
  const withPassword = h("div", null, field(text.signIn.user, user), field(text.signIn.password, password));
  const withToken = h("div", {hidden: true}, field(text.signIn.token, token, text.signIn.tokenHint));
  const change = h("button", {type: "button", class: "link"});
  const methods = session()?.methods ?? ["basic"];
  const isCertificateOnly = methods.every((method) => method === "certificate");
  const certificate = h("button", {type: "button", class: isCertificateOnly ? "primary" : null, hidden: !methods.includes("certificate")}, text.signIn.certificate);
  const element = h("form", null, withPassword, withToken, h("p", null, change), problem, h("div", {class: "actions"}, submit, certificate, cancel));

  const useToken = (is) => {
    withPassword.hidden = is || isCertificateOnly;
    withToken.hidden = !is || isCertificateOnly;
    user.disabled = password.disabled = is;
    token.disabled = !is;
    fill(change, is ? text.signIn.usePassword : text.signIn.useToken);
  };
  const focus = () => (isCertificateOnly ? certificate : token.disabled ? user : token).focus();
  change.addEventListener("click", () => { useToken(token.disabled); focus(); });
  submit.hidden = isCertificateOnly;
  change.hidden = !(methods.includes("basic") && methods.includes("bearer"));
  useToken(!methods.includes("basic"));

  const attempt = async (send, credentials) => {
    submit.disabled = true;
    fill(problem);
    try {
      await send(credentials);
    } catch (error) {
      fill(problem, explain(error));
      focus();
    } finally {
      submit.disabled = false;
    }
  };
  const onSubmit = (send) => {
    element.addEventListener("submit", (event) => {
      event.preventDefault();
      attempt(send, token.disabled ? {username: user.value, password: password.value} : {token: token.value.trim()});
    });
    certificate.addEventListener("click", () => attempt(send, {}));
  };
  return {element, focus, onSubmit, onCancel: (f) => cancel.addEventListener("click", f)};
}

function explain(error) {
  if (error.status === 401) return text.signIn.refused;
  if (error.status === 429) return text.signIn.throttled(error.retryAfter);
  return [error.message, error.advice].filter(Boolean).join(" ");
}
