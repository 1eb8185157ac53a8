// Builds dist from src: bundles and minifies with esbuild, names the files by their content, and
// writes manifest.json, with which a Go test recognises a dist that is older than its sources.
//
//   node build.mjs            writes dist
//   node build.mjs --verify   builds in memory and fails if dist differs

import {createHash} from "node:crypto";
import {mkdir, readFile, readdir, rm, writeFile} from "node:fs/promises";
import {dirname, join, relative, sep} from "node:path";
import {fileURLToPath} from "node:url";
import {build} from "esbuild";

const root = dirname(fileURLToPath(import.meta.url));
const dist = join(root, "dist");
const sha256 = (data) => createHash("sha256").update(data).digest("hex");

async function filesBelow(folder) {
  const entries = await readdir(folder, {recursive: true, withFileTypes: true});
  const names = entries.filter((e) => e.isFile()).map((e) => join(e.parentPath ?? e.path, e.name));
  return names.map((name) => relative(root, name).split(sep).join("/"));
}

// sourceDigest covers all that decides about dist. web_test.go computes it the same way.
async function sourceDigest() {
  const names = ["build.mjs", "package.json", "package-lock.json", ...(await filesBelow(join(root, "src")))];
  const lines = [];
  for (const name of names.sort()) lines.push(`${sha256(await readFile(join(root, name)))} ${name}\n`);
  return sha256(lines.join(""));
}

async function bundle() {
  const result = await build({
    absWorkingDir: root,
    entryPoints: ["src/app.js", "src/theme.css", "src/icon.svg"],
    outdir: "dist/assets",
    bundle: true,
    splitting: true,
    minify: true,
    format: "esm",
    // CodeMirror makes a segmenter when it is loaded, which takes 40 ms and serves commands that the
    // editor has no keys for.
    define: {"Intl.Segmenter": "undefined"},
    target: ["chrome123", "firefox120", "safari17.5"],
    loader: {".svg": "copy"},
    entryNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    assetNames: "[name]-[hash]",
    legalComments: "none",
    charset: "utf8",
    metafile: true,
    write: false,
    logLevel: "warning",
  });
  const files = new Map();
  for (const file of result.outputFiles) {
    files.set(relative(dist, file.path).split(sep).join("/"), file.contents);
  }
  return {files, outputs: result.metafile.outputs};
}

const short = (name) => name.replace(/^dist\//, "");

// page fills src/index.html with the names of the files. Its {{preloads}} stay: the server replaces
// them by links to the modules of the page that it shows.
async function page(outputs) {
  const nameOf = {};
  for (const [name, output] of Object.entries(outputs)) {
    const source = output.entryPoint ?? Object.keys(output.inputs)[0];
    if (source) nameOf[source] ??= short(name);
  }
  const html = await readFile(join(root, "src/index.html"), "utf8");
  return html.replace(/\{\{file ([^}]+)\}\}/g, (_, source) => `{{base}}/console/${nameOf[source]}`);
}

// modules lists the files that a browser needs beside the shell's entry, for the shell with most pages
// and for each page in src/pages that has files of its own. Without the list, it would learn of them
// one level of imports after the other. The largest one comes first, because it takes longest.
function modules(outputs) {
  const withImports = (name, found = new Set()) => {
    if (found.has(name)) return found;
    found.add(name);
    for (const i of outputs[name].imports) if (i.kind === "import-statement") withImports(i.path, found);
    return found;
  };
  const of = (source) => [...withImports(Object.keys(outputs).find((name) => outputs[name].entryPoint === source))];
  const [entry, ...shell] = of("src/app.js");
  const lists = {shell};
  const pages = Object.values(outputs).map((o) => o.entryPoint).filter((source) => source?.startsWith("src/pages/"));
  for (const source of pages.sort()) {
    const names = new Set([...shell, ...of(source)]);
    names.delete(entry); // with which pages share code
    lists[source.slice("src/pages/".length, -".js".length)] = [...names];
  }
  const ordered = (names) => names.sort((a, b) => outputs[b].bytes - outputs[a].bytes).map(short);
  return Object.fromEntries(Object.entries(lists).map(([name, names]) => [name, ordered(names)]));
}

// libraries lists the packages whose code is in the bundle, for NOTICE and the bill of materials.
async function libraries(outputs) {
  const names = new Set();
  for (const output of Object.values(outputs)) {
    for (const [input, {bytesInOutput}] of Object.entries(output.inputs)) {
      const name = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1];
      if (name && (bytesInOutput > 0 || input.endsWith(".css"))) names.add(name);
    }
  }
  const describe = async (name) => {
    const {version, license} = JSON.parse(await readFile(join(root, "node_modules", name, "package.json"), "utf8"));
    return {name, version, licence: license};
  };
  return Promise.all([...names].sort().map(describe));
}

async function makeAll() {
  const {files, outputs} = await bundle();
  files.set("index.html", Buffer.from(await page(outputs)));
  const names = [...files.keys()].sort();
  const list = names.map((name) => ({name, bytes: files.get(name).length, sha256: sha256(files.get(name))}));
  const manifest = {sources: await sourceDigest(), libraries: await libraries(outputs), modules: modules(outputs), files: list};
  files.set("manifest.json", Buffer.from(JSON.stringify(manifest, null, 1) + "\n"));
  return files;
}

async function write(files) {
  await rm(dist, {recursive: true, force: true});
  for (const [name, data] of files) {
    await mkdir(dirname(join(dist, name)), {recursive: true});
    await writeFile(join(dist, name), data);
  }
}

async function differences(files) {
  const there = (await filesBelow(dist)).map((name) => name.replace(/^dist\//, ""));
  const wrong = there.filter((name) => !files.has(name)).map((name) => `${name} is left over`);
  for (const [name, data] of files) {
    const old = there.includes(name) ? await readFile(join(dist, name)) : null;
    if (!old) wrong.push(`${name} is missing`);
    else if (!old.equals(Buffer.from(data))) wrong.push(`${name} differs`);
  }
  return wrong;
}

const files = await makeAll();
if (process.argv.includes("--verify")) {
  const wrong = await differences(files);
  if (wrong.length) {
    console.error(`dist differs from its sources; run task console:build:\n  ${wrong.join("\n  ")}`);
    process.exit(1);
  }
} else {
  await write(files);
}
