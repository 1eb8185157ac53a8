// The pages of the console. A path is a list of segments after /console; a segment that begins
// with a colon matches anything and becomes a parameter. `nav` pages stand in the navigation.
// A page is shown to accounts with one of its roles, or to all if it has none; the server decides
// in any case about each call, and leaves out of a response what an account may not see.

import admin from "./pages/admin.js";
import endpoint from "./pages/endpoint.js";
import endpoints from "./pages/endpoints.js";
import error from "./pages/error.js";
import errors from "./pages/errors.js";
import load from "./pages/load.js";
import manual from "./pages/manual.js";
import {text} from "./strings.js";

// A page is {title, render(root, params, signal)}; title is a text or a function of the parameters.
// The playground is large and has a file of its own. The others share most of their code.
const loaded = (page) => async () => page;

export const routes = [
  {path: "", nav: text.nav.playground, roles: ["evaluate"], load: async () => (await import("./pages/playground.js")).default},
  {path: "/endpoints", nav: text.nav.endpoints, load: loaded(endpoints)},
  {path: "/endpoints/:name", load: loaded(endpoint)},
  {path: "/load", nav: text.nav.load, load: loaded(load)},
  {path: "/errors", nav: text.nav.errors, load: loaded(errors)},
  {path: "/errors/:id", load: loaded(error)},
  {path: "/admin", nav: text.nav.admin, roles: ["admin"], load: loaded(admin)},
  {path: "/manual", nav: text.nav.manual, load: loaded(manual)},
  {path: "/manual/:topic", load: loaded(manual)},
];
