import assert from "node:assert/strict";
import {test} from "node:test";

// router.js derives the base path from its own address, which here is that of the file.
const {base, link, match, page} = await import("../src/router.js");

const routes = [{path: ""}, {path: "/endpoints"}, {path: "/endpoints/:name"}];

test("the base is the parent of the folder above the module's", () => {
  assert.match(base, /\/console\/$/);
});

test("an address is matched with its parameters", () => {
  assert.equal(match(routes, link("")).route, routes[0]);
  assert.equal(match(routes, link("/")).route, routes[0]);
  assert.equal(match(routes, link("/endpoints")).route, routes[1]);
  assert.deepEqual(match(routes, page("endpoints", "a b/c")).params, {name: "a b/c"});
  assert.deepEqual(match(routes, link("/endpoints/%zz")).params, {name: "%zz"});
});

test("other addresses have no page", () => {
  for (const path of ["/nothing", "/endpoints/a/b"]) assert.equal(match(routes, link(path)), null);
  assert.equal(match(routes, base + "consoles"), null);
  assert.equal(match(routes, "/elsewhere"), null);
});
