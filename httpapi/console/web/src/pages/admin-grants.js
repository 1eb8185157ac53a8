// Administration: what scripts and endpoints may reach outside their cells.

import {notice} from "../components/notice.js";
import {dataTable} from "../components/table.js";
import {h} from "../dom.js";
import {count} from "../format.js";
import {link} from "../router.js";
import {text} from "../strings.js";

const words = text.admin.grantSection;

// grants shows the grants of the configuration in force.
export function grants({grants: rows, more}) {
  const about = h("p", null, h("a", {href: link("/manual/grants")}, words.about));
  if (rows.length === 0) return [notice("info", words.none), about];
  return [
    dataTable({caption: text.admin.sections.grants, isCaptionHidden: true, rows, columns}),
    more > 0 && notice("info", words.more(count(more))),
    about,
  ];
}

const columns = [
  {key: "name", label: words.name, header: true, sort: true},
  {key: "accounts", label: words.accounts, render: (accounts) => list(accounts.map((name) => (name === "*" ? words.everyone : name)))},
  {key: "endpoints", label: words.endpoints, render: list},
  {key: "read", label: words.read, render: (folders) => list(folders.map(({path, host}) => (path === host ? path : words.mapped(path, host))))},
  {key: "connect", label: words.connect, render: list},
  {key: "env", label: words.variables, render: list},
  {key: "ca", label: words.through, render: (ca, row) => list([row.proxy && words.proxy(row.proxy), ca && words.ca(ca)].filter(Boolean))},
  {key: "max_connections", label: words.limits, render: (connections, row) => words.limit(count(connections), count(row.max_mb))},
];

function list(items) {
  return items.length ? h("ul", {class: "list"}, items.map((item) => h("li", null, item))) : "–";
}
