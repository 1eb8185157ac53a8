import assert from "node:assert/strict";
import {beforeEach, test} from "node:test";
import {Keeper, claimTab, forget, keptState} from "../src/playground/state.js";

// A storage with room for 100 000 characters.
class Storage {
  values = new Map();
  getItem(key) { return this.values.get(key) ?? null; }
  removeItem(key) { this.values.delete(key); }
  setItem(key, value) {
    if (value.length > 100_000) throw new DOMException("", "QuotaExceededError");
    this.values.set(key, value);
  }
}

beforeEach(() => { globalThis.sessionStorage = new Storage(); });

function keep(state) {
  const changes = [];
  const keeper = new Keeper(() => state, (isKept) => changes.push(isKept));
  keeper.now();
  return {keeper, changes};
}

test("a state is kept and forgotten", () => {
  keep({kind: "table", script: "s", data: "d"});
  assert.deepEqual([keptState().kind, keptState().script, keptState().data], ["table", "s", "d"]);
  forget();
  assert.equal(keptState(), null);
});

test("a text that is too large is reported, and the former one stays", () => {
  keep({script: "s", data: "d"});
  const {changes} = keep({script: "t", data: "x".repeat(100_001)});
  assert.deepEqual(changes, [false]);
  assert.deepEqual([keptState().script, keptState().data], ["t", "d"]);
});

test("a keeper that is stopped keeps nothing more", () => {
  const {keeper} = keep({script: "s", data: "d"});
  forget();
  keeper.stop();
  keeper.now();
  assert.equal(keptState(), null);
});

test("another account does not see what the first has typed", () => {
  assert.equal(claimTab("anna"), false);
  keep({script: "s", data: "d"});
  assert.equal(claimTab("anna"), false);
  assert.equal(keptState().script, "s");
  assert.equal(claimTab("ben"), true);
  assert.equal(keptState(), null);
});

test("damaged storage is ignored", () => {
  sessionStorage.setItem("tabcell.playground", "{");
  assert.equal(keptState(), null);
  sessionStorage.setItem("tabcell.playground", "{\"script\":5}");
  assert.equal(keptState(), null);
});
