"""Record the results of CPython 3.13's logging: the files that receive each record (routes.json), and the files
that rotating handlers leave behind (sizes.json, times.json).

    python3.13 make.py
"""

import json
import logging
import logging.config
import logging.handlers
import os
import random
import shutil
import tempfile
import time
import types

HERE = os.path.dirname(os.path.abspath(__file__))

START, REQUEST, ACCESS = "tabpy.tabpy_server.app.app", "tabpy.tabpy_server.handlers.base_handler", "tornado.access"

HEAD = "[loggers]\nkeys=%s\n[handlers]\nkeys=a,b,c\n[formatters]\nkeys=f\n[formatter_f]\nformat=%%(levelname)s %%(name)s %%(message)s\n" + "".join(
    "[handler_%s]\nclass=FileHandler\nformatter=f\nargs=('%s.log',)\n%s" % (h, h, level) for h, level in (("a", ""), ("b", "level=WARNING\n"), ("c", "level=ERROR\n")))

ROUTES = [
    ("root", "[logger_root]\nlevel=DEBUG\nhandlers=a,b,c\n"),
    ("root", "[logger_root]\nhandlers=a\n"),
    ("root", "[logger_root]\nlevel=NOTSET\nhandlers=a,a,b\n"),
    ("root", "[logger_root]\nlevel=CRITICAL\nhandlers=a\n"),
    ("root,x", "[logger_root]\nlevel=INFO\nhandlers=a\n[logger_x]\nqualname=tornado\nlevel=DEBUG\nhandlers=b\n"),
    ("root,x", "[logger_root]\nlevel=INFO\nhandlers=a\n[logger_x]\nqualname=tornado.access\nlevel=ERROR\nhandlers=b\npropagate=0\n"),
    ("root,x", "[logger_root]\nlevel=INFO\nhandlers=a\n[logger_x]\nqualname=tornado.access\nhandlers=b\npropagate=0\n"),
    ("root,x,y", "[logger_root]\nlevel=WARNING\nhandlers=a\n[logger_x]\nqualname=tabpy\nlevel=DEBUG\nhandlers=b\n[logger_y]\nqualname=tabpy.tabpy_server.handlers\nhandlers=c\npropagate=0\n"),
    ("root,x,y", "[logger_root]\nlevel=ERROR\nhandlers=a\n[logger_x]\nqualname=tabpy\nlevel=WARNING\nhandlers=\npropagate=0\n[logger_y]\nqualname=tabpy.tabpy_server\nhandlers=b\n"),
    ("root,x", "[logger_root]\nlevel=DEBUG\nhandlers=a\n[logger_x]\nqualname=tab\nlevel=ERROR\nhandlers=b\npropagate=0\n"),
    ("root,x", "[logger_root]\nlevel=DEBUG\nhandlers=a\n[logger_x]\nqualname=__main__\nlevel=ERROR\nhandlers=b\n"),
]


def contents(folder):
    found = {}
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), encoding="utf-8") as f:
            found[name] = f.read()
    return found


def inside(work):
    folder = tempfile.mkdtemp()
    before = os.getcwd()
    os.chdir(folder)
    try:
        return work() or contents(folder)
    finally:
        os.chdir(before)
        shutil.rmtree(folder)


def route(keys, sections):
    def work():
        logging.root.manager.loggerDict.clear()
        logging.root.setLevel(logging.WARNING)
        with open("../c.conf", "w") as f:
            f.write(HEAD % keys + sections)
        logging.config.fileConfig("../c.conf", disable_existing_loggers=False)
        for name in (START, REQUEST, ACCESS):
            for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR):
                logging.getLogger(name).log(level, "said")
        logging.shutdown()

    return dict(config=HEAD % keys + sections, files=inside(work))


def record(text):
    return logging.makeLogRecord(dict(msg=text, levelno=20, levelname="INFO"))


def size(most, backups, lines, before):
    def work():
        for name, text in before.items():
            with open(name, "w") as f:
                f.write(text)
        h = logging.handlers.RotatingFileHandler("x.log", "a", most, backups)
        for line in lines:
            h.emit(record(line))
        h.close()

    return dict(most=most, backups=backups, lines=lines, before=before, files=inside(work))


def timed(zone, when, interval, backups, utc, steps, before):
    os.environ["TZ"] = zone
    time.tzset()
    clock = types.SimpleNamespace(now=steps[0])
    fake = types.ModuleType("time")
    fake.__dict__.update({n: getattr(time, n) for n in dir(time) if not n.startswith("__")})
    fake.time = lambda: clock.now
    real, logging.handlers.time = logging.handlers.time, fake

    def work():
        for name in before:
            open(name, "w").close()
        open("x.log", "w").close()
        os.utime("x.log", (steps[0], steps[0]))  # the first period begins at the last modification
        h = logging.handlers.TimedRotatingFileHandler("x.log", when, interval, backups, utc=utc)
        for i, at in enumerate(steps):
            clock.now = at
            h.emit(record("line %02d" % i))
        h.close()

    try:
        files = inside(work)
    finally:
        logging.handlers.time = real
    return dict(zone=zone, when=when, interval=interval, backups=backups, utc=utc, steps=steps, before=before, files=files)


def walk(seed, start, count, most):
    chance = random.Random(seed)
    at, steps = start, []
    for _ in range(count):
        steps.append(at)
        at += chance.randrange(1, most)
    return steps


def write(name, data):
    with open(os.path.join(HERE, name), "w", encoding="utf-8") as f:
        json.dump(data, f, indent=1)
        f.write("\n")


LINES = ["%d %s" % (i, "x" * n) for i, n in enumerate([3, 8, 20, 1, 40, 2, 2, 2, 11, 5, 7, 30, 1, 1])]
write("routes.json", [route(*r) for r in ROUTES])
write("sizes.json", [size(most, backups, LINES, before) for most in (0, 1, 20, 33, 1000) for backups in (0, 1, 2, 5)
                     for before in ({}, {"x.log": "old\n", "x.log.1": "one\n", "x.log.3": "three\n", "x.log.9": "nine\n"})])
SPRING, AUTUMN, PLAIN = 1743206400, 1761350400, 1754000000  # the days before the clocks change in Berlin, and a day in summer
write("times.json", [
    timed(zone, when, interval, backups, utc, walk(when + str(start), start, 12, most), before)
    for zone, start in (("Europe/Berlin", SPRING), ("Europe/Berlin", AUTUMN), ("America/New_York", PLAIN), ("UTC", PLAIN))
    for when, interval, most in (("S", 1, 4), ("s", 10, 9), ("M", 5, 200), ("h", 1, 4000), ("D", 1, 50000), ("midnight", 1, 50000),
                                 ("MIDNIGHT", 3, 90000), ("W0", 1, 400000), ("w3", 2, 500000), ("W6", 1, 300000))
    for backups, utc, before in ((0, False, []), (2, True, []), (2, False, ["x.log.2000-01-01", "x.log.2000-01-01_00-00-00", "x.log.1", "y.log.2000-01-01"]))
])
