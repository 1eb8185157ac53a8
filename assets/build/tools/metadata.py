"""metadata.py SOURCE SITE: completes the .dist-info folder of the package that is installed in SITE,
which importlib.metadata reads.

Wheels have one. Builds with meson do not: its METADATA is the PKG-INFO of the source, and its entry
points are in pyproject.toml. top_level.txt is added where it is missing, because the guest has no
lists of installed files."""
import glob
import os
import re
import shutil
import sys
import tomllib


def make_folder(source, site):
    with open(source + "/PKG-INFO") as f:
        fields = dict(re.findall(r"^(Name|Version): (.*)$", f.read(), re.MULTILINE))
    folder = f"{site}/{re.sub(r'[-_.]+', '_', fields['Name'])}-{fields['Version']}.dist-info"
    os.mkdir(folder)
    shutil.copyfile(source + "/PKG-INFO", folder + "/METADATA")
    write_entry_points(source, folder)
    return folder


def write_entry_points(source, folder):
    if not os.path.exists(source + "/pyproject.toml"):
        return
    with open(source + "/pyproject.toml", "rb") as f:
        project = tomllib.load(f).get("project", {})
    groups = {"console_scripts": project.get("scripts", {}), **project.get("entry-points", {})}
    lines = [line for group, points in groups.items() if points for line in (f"[{group}]", *(f"{k} = {v}" for k, v in points.items()), "")]
    if lines:
        with open(folder + "/entry_points.txt", "w") as f:
            f.write("\n".join(lines))


def top_level(site):
    for name in sorted(os.listdir(site)):
        if glob.glob(f"{site}/{name}/**/*.py", recursive=True) or name.endswith(".py"):
            yield name.removesuffix(".py")


def main(source, site):
    folders = glob.glob(site + "/*.dist-info")
    folder = folders[0] if folders else make_folder(source, site)
    if not os.path.exists(folder + "/top_level.txt"):
        with open(folder + "/top_level.txt", "w") as f:
            f.writelines(name + "\n" for name in top_level(site))


main(*sys.argv[1:])
