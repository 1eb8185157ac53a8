// The shell: header, navigation, status line, and the page of the address.

import {ApiError, events, hasRole, loadSession, onSignIn, session} from "./api.js";
import {notice} from "./components/notice.js";
import {announce} from "./components/toast.js";
import {fill, h} from "./dom.js";
import {header} from "./header.js";
import {claimTab} from "./playground/state.js";
import {match, startRouter} from "./router.js";
import {routes} from "./routes.js";
import {requireSignIn} from "./signin.js";
import {statusLine} from "./status.js";
import {text} from "./strings.js";

const main = document.getElementById("main");
const head = header(routes);
let leave = new AbortController(); // ends what the present page has started
let isFirst = true;
let shown = null; // the page that is shown, and the account for which it was chosen

function show() {
  const found = match(routes, location.pathname);
  leave.abort();
  leave = new AbortController();
  head.setCurrent(found?.route);
  shown = {found, account: accountKey()};
  render(found, leave.signal);
}

async function render(found, signal) {
  if (!found) return renderMessage(text.app.notFoundTitle, notice("info", text.app.notFound));
  const reason = refusal(found.route);
  if (reason) return renderMessage(found.route.title ?? text.app.noAccessTitle, reason);
  try {
    const page = await found.route.load();
    if (signal.aborted) return;
    const root = h("div", {class: "page"});
    const params = {...found.params, query: new URLSearchParams(location.search)};
    renderMessage(typeof page.title === "function" ? page.title(found.params) : page.title, root);
    await page.render(root, params, signal);
  } catch (error) {
    if (!signal.aborted) main.append(failure(error));
  }
}

// refusal explains why the account may not see a page, or returns null.
function refusal(route) {
  const now = session();
  if (!now) return notice("error", text.api.unreachable, h("p", null, text.api.unreachableAdvice));
  if (!now.signed_in && now.authentication !== "off") {
    const button = h("button", {class: "primary", type: "button", onclick: () => requireSignIn().catch(() => {})}, text.signIn.title);
    return notice("info", text.signIn.needed, h("p", null, button));
  }
  if (route.roles && !hasRole(...route.roles)) return notice("info", text.app.noAccess(route.roles));
  return null;
}

function renderMessage(title, content) {
  const heading = h("h1", {tabindex: -1}, title);
  document.title = title + " – " + text.app.product;
  fill(main, heading, content);
  if (!isFirst) {
    heading.focus({preventScroll: true});
    scrollTo(0, 0);
    announce(title);
  }
  isFirst = false;
}

function failure(error) {
  if (error instanceof ApiError) return notice("error", error.message, error.advice && h("p", null, error.advice));
  console.error(error);
  return notice("error", text.app.failed, h("p", null, text.app.failedAdvice));
}

function accountKey() {
  const now = session();
  return now ? `${now.authentication !== "off" && !now.signed_in}|${now.account ?? ""}|${(now.roles ?? []).join()}` : "";
}

// onSession shows another page only if the account changed: a page that is open when its session
// expires keeps everything, and goes on after the sign-in with the same account.
function onSession() {
  head.update();
  const now = session();
  if (isOthers(now)) {
    events.dispatchEvent(new Event("signed-out")); // the page must not keep its text once more
    location.reload();
    return;
  }
  const isSignedOut = !now.signed_in && now.authentication !== "off";
  if (shown && !isSignedOut && accountKey() !== shown.account) show();
}

// isOthers reports whether the tab has belonged to another account until now.
function isOthers(now) {
  return Boolean(now?.signed_in && now.account) && claimTab(now.account);
}

// start loads the first page's code while the session is asked for.
async function start() {
  onSignIn(requireSignIn);
  document.getElementById("shell").append(head.element, statusLine());
  match(routes, location.pathname)?.route.load().catch(() => {});
  await loadSession().catch(() => {});
  isOthers(session());
  events.addEventListener("session", onSession);
  head.update();
  startRouter(show);
  if (session() && !session().signed_in && session().authentication !== "off") requireSignIn().catch(() => {});
}

start();
