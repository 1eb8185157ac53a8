"""Write formats.json, dates.json and literals.json, with the results of logging in CPython 3.13.

    python3.13 make.py
"""

import json
import logging
import logging.handlers
import os
import sys
import time

os.environ["TZ"] = "Europe/Berlin"
time.tzset()

RECORD = dict(
    name="tornado.access", levelno=30, levelname="WARNING", pathname="tabcell/httpapi/log.go", filename="log.go", module="log",
    lineno=45, funcName="logLine", created=1754035200.0625, msecs=62.0, relativeCreated=1234.5, threadName="MainThread",
    processName="MainProcess", taskName=None, msg="404 GET /x (127.0.0.1) 0.52ms é", args=None, exc_info=None, exc_text=None, stack_info=None,
)

FORMATS = [
    ("%(asctime)s [%(levelname)s] (%(filename)s:%(module)s:%(lineno)d): %(message)s", "%Y-%m-%d,%H:%M:%S", "%"),
    ("", "", "%"), ("", "", "{"), ("", "", "$"),
    ("%(asctime)s %(message)s", "", "%"),
    ("%(asctime)s.%(msecs)03d %(name)s", "%H:%M:%S", "%"),
    ("%(asctime)-30s|%(asctime)30s|%(asctime).10s|%(asctime)-12.10s|", "", "%"),
    ("%(levelname)-10s|%(levelname)10s|%(levelname).4s|%(levelname)10.4s|%(levelname)-10.4s|%(levelname)010s|%(levelname).s|", "", "%"),
    ("%(message).32s|%(message)40s|%(message)-40s|", "", "%"),
    ("%(lineno)d %(lineno)5d %(lineno)-5d| %(lineno)05d %(lineno)+d %(lineno)+05d % d %(lineno)s".replace("% d", "%(lineno) d"), "", "%"),
    ("%(lineno)x %(lineno)X %(lineno)o %(lineno)#x %(lineno)#X %(lineno)#o %(lineno)08x %(lineno)#08x %(lineno)i %(lineno)u", "", "%"),
    ("%(lineno).5d|%(lineno)8.5d|%(lineno)08.5d|%(lineno)-8.5d|%(lineno)ld|%(lineno)-05d|%(lineno)+ d", "", "%"),
    ("%(lineno)f %(lineno).1f %(lineno)e %(lineno)g %(levelno)s %(levelno)5s|%(levelno)-5s|%(levelno)05s|%(levelno).1s", "", "%"),
    ("%(created)f %(created)d %(created).3f %(created)e %(created)E %(created)g %(created).12g %(created)s", "", "%"),
    ("%(msecs)d %(msecs)03d %(msecs)3d %(msecs)s %(msecs).0f %(msecs)F %(msecs)G %(msecs)+.1f %(msecs)010.2f %(relativeCreated)d %(relativeCreated)s", "", "%"),
    ("100%% %(threadName)s %(processName)s %(taskName)s %(pathname)s %(funcName)s", "", "%"),
    ("one\ntwo %(message)s", "", "%"),
    ("{asctime} [{levelname:<8}] ({filename}:{lineno:>5}): {message}", "", "{"),
    ("{levelname:>10}|{levelname:^10}|{levelname:*^11}|{levelname:.4}|{levelname:10.4s}|{levelname!s:>9}|{levelname:010}|{levelname:-<9}", "", "{"),
    ("{lineno:d} {lineno:5} {lineno:<5}| {lineno:^5}| {lineno:05} {lineno:+} {lineno:+05d} {lineno: d} {lineno:x} {lineno:#x} {lineno:#X} {lineno:#o}", "", "{"),
    ("{lineno:=+6}|{lineno:x=6}|{lineno:f} {lineno:.2f} {lineno:%} {lineno:.0%} {lineno:e} {lineno:g} {lineno!s:>5}|{lineno:<05}|{lineno:>05}", "", "{"),
    ("{created:f} {created:.3f} {created:.0f} {created} {created:20} {created:<20}| {msecs:03.0f} {msecs:.0f} {msecs:010} {msecs:%} {msecs:g}", "", "{"),
    ("{{literal}} {message} }}{{ {name:}", "", "{"),
    ("{asctime:.10} {message}", "%d.%m.%Y %H:%M", "{"),
    ("$asctime $$ ${levelname} $message.", "%H:%M", "$"),
    ("${levelno}th $lineno$created", "", "$"),
]

DATES = [
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S%z", "%d/%b/%Y:%H:%M:%S %z", "%a %A %b %B %h %c", "%x|%X|%D|%F|%T|%R|%r", "%I %p %P %l %k %e %j",
    "%U %W %V %G %g %u %w %C %y %Y %s", "%Z %n%t%%", "%-d.%-m. %_H %^a %^b %-j %0e", "no date", "%S", "%Y%m%d",
]
TIMES = [0, 1754035200, 1735599599, 1735689600, 1743296400, 1761440399, 1709164800, 1577836800, 946684800, 1230768000, 1293836400]

LITERALS = [
    "(sys.stdout,)", "(sys.stderr,)", "()", "('tabpy_log.log', 'a', 1000000, 5)", '("tabpy.log",)', "('a' 'b', \"c\")", "['x', 1]", "[]", "( 'x' , )",
    "(1, -2, +3, 1_000, 0x1F, 0o17, 0b11, 1.5, .5, 5., 1e3, 1E-2, 1.5e+2)", "(10*1024*1024, 1024**2, 2**10*3, (1+2)*3, 7//2, 8/2, 7-10, -2**2)",
    "(True, False, None)", "('localhost', 514)", "(('localhost', handlers.SYSLOG_UDP_PORT), handlers.SysLogHandler.LOG_USER)",
    "('/dev/log', handlers.SysLogHandler.LOG_LOCAL7, handlers.socket.SOCK_STREAM)", "{'filename': 'x', 'maxBytes': 10,}", "{}", "{'a': (1, [2])}",
    r"(r'C:\logs\tabpy.log',)", r"('C:\logs\\tabpy.log',)", r"('tab\tnew\nquote\'back\\',)", r"('\x41\u00e9\U0001F600\101\0', u'x', R'\'')",
    "('''three ' \"quotes\"\nand lines''',)", "('a' # comment\n 'b',)  # more", "('a'\n,\n1)", "('é',)", "(WARNING, INFO)", "('a' + 'b',)", "('x')", "(((1)))",
    "'plain'", "5", "(1,)\n", "('%s',)", "(handlers.SysLogHandler.LOG_SOLCRON, handlers.SysLogHandler.LOG_AUTHPRIV)",
]


def format_case(text, dates, style):
    f = logging.Formatter(text or None, dates or None, style)
    return dict(format=text, dates=dates, style=style, want=f.format(logging.makeLogRecord(RECORD)))


def value(v):
    if v is sys.stdout or v is sys.stderr:
        return dict(stream="sys.stdout" if v is sys.stdout else "sys.stderr")
    if isinstance(v, (tuple, list)):
        return [value(x) for x in v]
    if isinstance(v, dict):
        return dict(dict={k: value(x) for k, x in v.items()})
    if isinstance(v, float):
        return dict(float=v)
    return v


def write(name, data):
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), name), "w", encoding="utf-8") as f:
        json.dump(data, f, indent=1, ensure_ascii=False)
        f.write("\n")


write("formats.json", [format_case(*c) for c in FORMATS])
write("dates.json", [dict(format=d, time=t, want=time.strftime(d, time.localtime(t))) for d in DATES for t in TIMES])
write("literals.json", [dict(text=t, want=value(eval(t.strip(), vars(logging)))) for t in LITERALS])
