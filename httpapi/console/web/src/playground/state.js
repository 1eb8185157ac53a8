// What the user has typed, kept in the session storage of the browser: it survives a reload, a
// sign-in and a restart of the server, and ends with the tab.

const keys = {state: "tabcell.playground", data: "tabcell.playground.data"};
const ownerKey = "tabcell.account";
const maxKept = 2_000_000; // characters of the script or of the data; browsers keep about 5 million
const delay = 300; // ms between the last change and the writing

// starters are the scripts to start from, by the kind of the API.
export const starters = {
  script: "# The body of a function: _arg1, _arg2, ... are lists.\nreturn [x * 2 for x in _arg1]\n",
  table: "# _arg1 has a list for each column.\nreturn _arg1\n",
  prep: "def my_function(df):\n    # df is a DataFrame of the input.\n    return df\n",
};

export const defaults = {
  kind: "SCRIPT_REAL", // or another SCRIPT_ function, "table", "prep"
  script: starters.script,
  functionName: "",
  data: "Region,Sales\nWest,120.5\nEast,98\nNorth,143.25\nSouth,87\n",
  format: "auto",
  separator: "auto",
  header: "auto",
  types: {}, // chosen types by the name of the column
  args: null, // names of the columns in the order of the arguments; null takes all
};

defaults.args = ["Sales"];

// Keeper keeps a state. isKept is false after a state was too large or the browser refused it;
// onKept is called when that changes.
export class Keeper {
  constructor(read, onKept) {
    this.read = read;
    this.onKept = onKept;
    this.isKept = true;
    this.timer = null;
  }

  // later keeps the state after a short time without further changes.
  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.now(), delay);
  }

  // stop keeps nothing more.
  stop() {
    clearTimeout(this.timer);
    this.isStopped = true;
  }

  now() {
    clearTimeout(this.timer);
    if (this.isStopped) return;
    const {data, ...rest} = this.read();
    const isStateKept = put(keys.state, JSON.stringify(rest));
    const isDataKept = put(keys.data, data);
    if ((isStateKept && isDataKept) === this.isKept) return;
    this.isKept = !this.isKept;
    this.onKept(this.isKept);
  }
}

// put keeps the former value if the new one does not fit, so that a reload loses the least.
function put(key, value) {
  if (value.length > maxKept) return false;
  try {
    sessionStorage.setItem(key, value);
    return true;
  } catch {
    return false; // the storage is full or switched off
  }
}

// claimTab makes the tab that of an account, and reports whether it was another's, whose script and
// data are then forgotten: several people may use one browser.
export function claimTab(account) {
  try {
    const owner = sessionStorage.getItem(ownerKey);
    sessionStorage.setItem(ownerKey, account);
    if (owner === null || owner === account) return false;
  } catch {
    return false; // the storage is switched off, and nothing was kept
  }
  forget();
  return true;
}

// forget removes what was kept, for a sign-out.
export function forget() {
  try {
    for (const key of Object.values(keys)) sessionStorage.removeItem(key);
  } catch {
    // The storage is switched off, and nothing was kept.
  }
}

// keptState returns the state of before the reload, or null.
export function keptState() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(keys.state) ?? "null");
    return kept && typeof kept.script === "string" ? {...defaults, ...kept, data: sessionStorage.getItem(keys.data) ?? ""} : null;
  } catch {
    return null;
  }
}
