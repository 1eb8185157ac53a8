// The header: product, navigation, account, and the choice of colours.

import {endSession, events, hasRole, session} from "./api.js";
import {fill, h} from "./dom.js";
import {link} from "./router.js";
import {requireSignIn} from "./signin.js";
import {text} from "./strings.js";
import {themeSelect} from "./theme.js";
import {forget} from "./playground/state.js";
import {toast} from "./components/toast.js";

// header returns the element with update(), which follows the session, and setCurrent(route).
export function header(routes) {
  const list = h("ul");
  const account = h("div", {class: "account"});
  const version = h("span", {class: "version"});
  let current = null;
  const nav = h("nav", {"aria-label": text.nav.label}, list);
  const element = h("header", {class: "top"},
    h("a", {class: "product", href: link("")}, h("b", null, text.app.name), " ", h("span", null, text.app.console)),
    nav,
    h("div", {class: "tools"}, version, account, themeSelect()));
  const update = () => {
    fill(list, routes.filter(isVisible).map((route) => item(route, current)));
    scrollTo(nav, list.querySelector("[aria-current]"));
    fill(account, accountControls());
    const now = session()?.version;
    fill(version, now ? text.app.version(now) : null);
    version.title = now ?? "";
  };
  return {element, update, setCurrent: (route) => { current = route; update(); }};
}

// scrollTo moves an item to the middle of a list that is wider than its place, as on a phone.
// scrollIntoView would scroll the page, too.
function scrollTo(nav, current) {
  if (!current || nav.scrollWidth <= nav.clientWidth) return;
  const [outer, inner] = [nav, current].map((e) => e.getBoundingClientRect());
  nav.scrollLeft += inner.left + inner.width / 2 - outer.left - outer.width / 2;
}

function isVisible(route) {
  if (!route.nav) return false;
  return !route.roles || hasRole(...route.roles);
}

function item(route, current) {
  const isCurrent = current === route || current?.path.startsWith(route.path + "/") && route.path !== "";
  return h("li", null, h("a", {href: link(route.path), "aria-current": isCurrent ? "page" : null}, route.nav));
}

function accountControls() {
  const now = session();
  if (!now || now.authentication === "off") return null;
  if (!now.signed_in) {
    return h("button", {type: "button", onclick: () => requireSignIn().catch(() => {})}, text.signIn.title);
  }
  const name = now.account || text.signIn.tokenAccount;
  return [h("span", {class: "who", title: text.signIn.signedInAs(name)}, name), h("button", {type: "button", onclick: signOut, title: text.signIn.outTitle}, text.signIn.out)];
}

// signOut forgets what was typed in this tab, because the next user of the browser may be another.
async function signOut() {
  try {
    await endSession();
    events.dispatchEvent(new Event("signed-out"));
    forget();
    location.assign(link(""));
  } catch (error) {
    toast(error.message, "error");
  }
}
