// The pages of the console. A path is a list of segments after /console; a segment that begins
// with a colon matches anything and becomes a parameter. `nav` pages stand in the navigation.
// A page is shown to accounts with one of its roles, or to all if it has none; the server decides
// in any case about each call, and leaves out of a response what an account may not see.

import {text} from "./strings.js";

export const routes = [
  {path: "", nav: text.nav.playground, roles: ["evaluate"], load: () => import("./pages/playground.js")},
  {path: "/endpoints", nav: text.nav.endpoints, load: () => import("./pages/endpoints.js")},
  {path: "/endpoints/:name", load: () => import("./pages/endpoint.js")},
  {path: "/load", nav: text.nav.load, load: () => import("./pages/load.js")},
  {path: "/errors", nav: text.nav.errors, load: () => import("./pages/errors.js")},
  {path: "/errors/:id", load: () => import("./pages/error.js")},
  {path: "/admin", nav: text.nav.admin, roles: ["admin"], load: () => import("./pages/admin.js")},
  {path: "/manual", nav: text.nav.manual, load: () => import("./pages/manual.js")},
  {path: "/manual/:topic", load: () => import("./pages/manual.js")},
];
