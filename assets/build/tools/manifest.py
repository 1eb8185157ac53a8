"""manifest.py GUEST: prints assets/MANIFEST with a new entry for GUEST.

The entries of other guests in $OUT/MANIFEST are preserved. Each entry has the modules and
distributions that core does not have, the sizes and digests of the guest's files, compressed and
raw, and inputs_sha256, a digest of the inputs it was built from. The entry of extra lists the parts
of its file: the entries of /lib in each, its position, and its sizes and digest.
components: the sources that became part of a guest, with versions and licences; the names of crates
begin with "crate:". tools: the host's packages that built it. inputs: the recipe and the guest's
own sources, by path below assets; assets_test.go compares their digests with the tree."""
import hashlib
import json
import os
import re
import subprocess
import sys
import tarfile

ENV = os.environ
GUEST = sys.argv[1]
TOOLS = "clang-{0} lld-{0} llvm-{0} libclang-rt-{0}-dev-wasm32 libc++-{0}-dev-wasm32 libc++abi-{0}-dev-wasm32 f2c zstd".format(ENV["LLVM"]).split()
# The libraries of the compiler that are linked in.
LINKED = {"libc++-{0}-dev-wasm32": "libc++", "libc++abi-{0}-dev-wasm32": "libc++abi", "libclang-rt-{0}-dev-wasm32": "compiler-rt"}


def sha256(path):
    with open(path, "rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


def rows(name):
    with open(f"{ENV['BUILD']}/{name}") as f:
        return [line.split(None, 6) for line in f if line.strip() and not line.startswith("#")]


def output(compressed, *raw):
    packed = f"{ENV['OUT']}/data/{compressed}"
    return {"file": f"data/{compressed}", "size": os.path.getsize(packed), "sha256": sha256(packed), **raw_output(*raw)}


def raw_output(*files):
    """Returns the size and the digest of the files, one after the other."""
    digest = hashlib.sha256()
    for name in files:
        with open(name, "rb") as f:
            digest.update(f.read())
    return {"raw_size": sum(map(os.path.getsize, files)), "raw_sha256": digest.hexdigest()}


def guest():
    raw = f"{ENV['WORK']}/guests/{GUEST}"
    preload = [m for r in rows("packages.txt") if r[0] in ("core", GUEST) and r[3].strip() != "-" for m in r[3].strip().split(",")]
    modules, distributions = (top_level(raw + ".tar"), packages()) if GUEST != "core" else ([], [])
    return {"name": GUEST, "preload": preload, "modules": modules, "distributions": distributions, "wasm": output(GUEST + ".wasm.zst", raw + ".wasm"),
            "resources": output(GUEST + ".res.zst", raw + ".tar"), "inputs_sha256": digest(inputs())}


def extra():
    """Returns the entry of the archive whose parts are compressed each on its own."""
    folder = f"{ENV['WORK']}/guests/extra"
    names, parts, offset = sorted(os.listdir(folder)), [], 0
    for name in names:
        size = os.path.getsize(f"{folder}.packed/{name}")
        parts.append({"name": name.removesuffix(".tar"), "entries": library_entries(f"{folder}/{name}"), "offset": offset, "size": size,
                      **raw_output(f"{folder}/{name}")})
        offset += size
    return {"resources": output("extra.res.zst", *(f"{folder}/{name}" for name in names)), "parts": parts, "inputs_sha256": digest(inputs())}


def library_entries(archive):
    """Returns the files and folders of /lib that an archive contains; the names of folders end in a
    slash."""
    found = set()
    with tarfile.open(archive) as tar:
        for entry in tar:
            module, path = entry.name.startswith("m/"), entry.name[2:].removeprefix("lib/")
            if module:
                path = path.replace(".", "/") + ("/" if tar.extractfile(entry).read(1) == b"P" else ".py")
            top, slash, _ = path.partition("/")
            found.add(top + slash)
    return sorted(found)


def top_level(archive):
    """Returns the top-level modules of a library. That of a guest other than core has only its own."""
    with tarfile.open(archive) as tar:
        return sorted({name[2:].partition(".")[0] for name in tar.getnames() if name.startswith("m/")})


def packages():
    """Returns the names of the guest's packages as importlib.metadata normalises them."""
    return sorted(re.sub(r"[-_.]+", "-", r[1]).lower() for r in rows("packages.txt") if r[0] == GUEST)


def outputs():
    """Returns the entries of the guests and of extra. Those that were not built now are from the
    existing MANIFEST."""
    try:
        with open(ENV["OUT"] + "/MANIFEST") as f:
            old = json.load(f)
    except FileNotFoundError:
        old = {"guests": []}
    known = {g["name"]: g for g in old["guests"]}
    if GUEST != "extra":
        known[GUEST] = guest()
    return {"guests": [known[name] for name in dict.fromkeys(r[0] for r in rows("packages.txt")) if name in known],
            "extra": extra() if GUEST == "extra" else old.get("extra")}


def installed(package):
    return subprocess.check_output(["dpkg-query", "-W", "-f", "${Version}", package], text=True)


def components():
    fields = "name", "version", "file", "sha256", "licence"
    fetched = [dict(zip(fields, (r[0], r[1], r[4], r[5], r[6].strip()))) for r in rows("versions.lock") if r[2] != "rust-tool"]
    for line in rows("crates.lock"):
        name, version, sum, use, licence = " ".join(line).split(None, 4)
        if use == "linked":
            fetched.append(dict(zip(fields, ("crate:" + name, version, f"{name}-{version}.crate", sum, licence.strip()))))
    linked = [{"name": name, "version": installed(p.format(ENV["LLVM"])), "licence": "Apache-2.0 WITH LLVM-exception"} for p, name in LINKED.items()]
    return fetched + linked


def inputs():
    """Returns the digests of all files of the recipe and of the guest's sources, by path.

    Files that do not affect the guest are not inputs: documents, tests, checks of the result."""
    out = {}
    for top in ("build", "guest"):
        for folder, folders, names in os.walk(f"{ENV['ASSETS']}/{top}"):
            folders[:] = sorted(f for f in folders if f not in ("__pycache__", "check"))
            for name in names:
                if not name.endswith(".md") and not name.startswith(("test_", ".")):
                    path = os.path.join(folder, name)
                    out[os.path.relpath(path, ENV["ASSETS"])] = sha256(path)
    return dict(sorted(out.items()))


def digest(files):
    """Returns the digest of the lines that sha256sum would print for the files."""
    return hashlib.sha256("".join(f"{sum}  {path}\n" for path, sum in files.items()).encode()).hexdigest()


python = next(r[1] for r in rows("versions.lock") if r[0] == "cpython")
print(json.dumps({"format": 1, "python": python, **outputs(), "components": components(), "tools": {t: installed(t) for t in TOOLS},
                  "inputs": inputs()}, indent=1))
