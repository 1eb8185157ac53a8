// Finds the page of an address and moves between pages without loading the document again.
// Addresses are real paths, because the fragment of an address can hold a shared script.

// base is the path under which the server is reached, with a slash at its end. Bundled files are
// in BASE/console/assets, so it holds behind every proxy.
export const base = new URL("../../", import.meta.url).pathname;

const home = base + "console";

// link returns the address of a page of the console, for example of "/endpoints".
export function link(path) {
  return home + path;
}

// page returns the address of a page with parameters, for example page("errors", id).
export function page(...segments) {
  return home + segments.map((s) => "/" + encodeURIComponent(s)).join("");
}

// match returns the route of a path and its parameters, or null.
export function match(routes, pathname) {
  if (!isOurs(pathname)) return null;
  const segments = split(pathname.slice(home.length));
  for (const route of routes) {
    const params = matchSegments(split(route.path), segments);
    if (params) return {route, params};
  }
  return null;
}

function isOurs(pathname) {
  return pathname === home || pathname.startsWith(home + "/");
}

function split(path) {
  return path.split("/").filter((s) => s !== "");
}

function matchSegments(pattern, segments) {
  if (pattern.length !== segments.length) return null;
  const params = {};
  for (const [i, part] of pattern.entries()) {
    if (part.startsWith(":")) params[part.slice(1)] = decode(segments[i]);
    else if (part !== segments[i]) return null;
  }
  return params;
}

function decode(segment) {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment; // a broken escape in an address that was typed by hand
  }
}

// startRouter calls show() now, and again whenever the address becomes another page of the console.
export function startRouter(show) {
  document.addEventListener("click", (event) => {
    const target = addressOf(event);
    if (!target) return;
    event.preventDefault();
    navigate(target.pathname + target.search + target.hash);
  });
  let shown = "";
  const showPage = () => {
    shown = location.pathname + location.search;
    show();
  };
  addEventListener("popstate", () => {
    if (shown !== location.pathname + location.search) showPage(); // else only a section of the page changed
  });
  addEventListener("console-navigate", showPage);
  showPage();
}

// navigate shows another page.
export function navigate(address) {
  history.pushState(null, "", address);
  dispatchEvent(new Event("console-navigate"));
}

function addressOf(event) {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return null;
  const anchor = event.composedPath().find((n) => n instanceof HTMLAnchorElement);
  if (!anchor || !anchor.href || anchor.target || anchor.hasAttribute("download")) return null;
  const url = new URL(anchor.href);
  if (url.origin !== location.origin || !isOurs(url.pathname) || url.pathname.startsWith(home + "/api/")) return null;
  if (url.pathname === location.pathname && url.search === location.search && url.hash) return null; // the skip link
  return url;
}
