// Administration: what the server runs with, and what it thinks of its host. Nothing can be changed
// here.

import {api, session} from "../api.js";
import {tabs} from "../components/tabs.js";
import {text} from "../strings.js";
import {accounts} from "./admin-accounts.js";
import {audit} from "./admin-audit.js";
import {grants} from "./admin-grants.js";
import {certificates, doctor} from "./admin-host.js";
import {nodes} from "./admin-nodes.js";
import {libraries, settings} from "./admin-settings.js";
import {deferred} from "./common.js";

const words = text.admin;

const title = words.title;

// sections have a name in the address, and a function that makes the content from the resource of
// that name in the API. Only a server that belongs to a cluster has nodes.
const ofAll = [
  ["settings", settings], ["libraries", libraries], ["doctor", doctor], ["audit", audit], ["certificates", certificates], ["accounts", accounts], ["grants", grants],
];
const ofClusters = [["nodes", nodes]];

function render(root, params, signal) {
  const sections = session()?.cluster ? [...ofAll, ...ofClusters] : ofAll;
  const selected = sections.findIndex(([name]) => name === params.query.get("section"));
  const items = sections.map(([name, build]) => ({
    label: words.sections[name],
    panel: () => deferred(() => api.get(`admin/${name}`, {signal}), (content) => build(content, signal), signal),
  }));
  root.append(tabs(words.title, items, Math.max(0, selected), (index) => remember(sections[index][0])));
}

// remember keeps the section in the address, so that a reload and a link show it again.
function remember(name) {
  const url = new URL(location.href);
  url.searchParams.set("section", name);
  history.replaceState(history.state, "", url);
}

export default {title, render};
