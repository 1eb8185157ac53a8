// The pages of the console. A path is a list of segments after /console; a segment that begins
// with a colon matches anything and becomes a parameter. `nav` pages stand in the navigation.
// A page is shown to accounts with one of its roles, or to all if it has none; the server decides
// in any case about each call.

import {text} from "./strings.js";

export const routes = [
  {path: "", nav: text.nav.playground, roles: ["evaluate"], load: () => import("./pages/playground.js")},
];
