// Scripts to start from, each with data on which it runs. They stand in examples.json, line by
// line, where a Go test finds them too and runs them in cells. Their titles are among the strings.

import list from "./examples.json" with {type: "json"};

const join = (lines) => lines.join("\n") + "\n";

export const examples = list.map((example) => ({
  ...example,
  script: join(example.script),
  data: join(example.data),
}));
