"""pure.py SOURCE SITE: copies the Python files of a source distribution to SITE.

Its packages are in the first of src, python, lib and the top folder that has any. What is written in
other languages is left out: the packages have a form in Python for each of these parts. Packages
whose names begin with an underscore stand for compiled parts, too."""
import os
import shutil
import sys

FOLDERS = ("src", "python", "lib", "")
NOT_INSTALLED = {"bench", "benchmarks", "build", "docs", "examples", "packaging", "test", "tests", "tools"}


def packages(folder):
    return [name for name in sorted(os.listdir(folder)) if name not in NOT_INSTALLED and name[0] != "_" and os.path.exists(f"{folder}/{name}/__init__.py")]


def main(source, site):
    folder = next(f for f in (os.path.join(source, name) for name in FOLDERS) if os.path.isdir(f) and packages(f))
    for name in packages(folder):
        for place, _, files in os.walk(os.path.join(folder, name)):
            target = os.path.join(site, os.path.relpath(place, folder))
            for file in files:
                if file.endswith(".py"):
                    os.makedirs(target, exist_ok=True)
                    shutil.copy(os.path.join(place, file), target)


main(*sys.argv[1:])
