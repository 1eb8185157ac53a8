"""Expressions of the standard library's compiled modules, and their values as text. record.sh runs
them in a native Python on 64-bit Linux and writes recorded.json; TestStandardLibrary runs them in a
cell."""
import array
import bz2
import decimal
import fractions
import gc
import hashlib
import hmac
import io
import itertools
import lzma
import math
import operator
import os
import pickle
import random
import shutil
import sqlite3
import struct
import tempfile
import time
import types
import zlib

import numpy as np
import pandas as pd

DATA = bytes(i * i % 251 for i in range(10_000))


def drawn(seed, *version):
    r = random.Random()
    r.seed(seed, *version)
    return r.random(), r.getrandbits(70), r.gauss(0, 1)


def database():
    c = sqlite3.connect(":memory:")
    c.execute("create table sales(id integer primary key, region text, amount real, day text)")
    c.executemany("insert into sales(region, amount, day) values (?, ?, ?)", [(r, a / 4, f"2024-0{a % 9 + 1}-05") for a, r in enumerate("NSEWNSEW")])
    c.commit()
    return c


def rows(sql, *parameters):
    with database() as c:
        return c.execute(sql, parameters).fetchall()


def frame():
    return pd.DataFrame({"k": ["a", "b", "ü"], "i": [1, 2**40, -3], "f": [0.5, np.nan, 1e300], "t": pd.date_range("2024-03-30", periods=3)})


def through_sql(f):
    c = sqlite3.connect(":memory:")
    f.to_sql("f", c, index=False)
    return pd.read_sql("select * from f order by i", c, parse_dates=["t"]).to_dict("list"), pd.read_sql_query("select count(*) n from f where f is null", c).n.item()


def aggregate():
    class Product:
        def __init__(self):
            self.value = 1.0

        def step(self, x):
            self.value *= x + 1

        def finalize(self):
            return self.value

    c = database()
    c.create_aggregate("product", 1, Product)
    c.create_function("twice", 1, lambda x: 2 * x, deterministic=True)
    c.create_collation("backwards", lambda a, b: (a < b) - (a > b))
    return c.execute("select product(amount), twice(max(id)) from sales").fetchall(), c.execute("select distinct region from sales order by 1 collate backwards").fetchall()


def database_file():
    """Writes a database of several pages with a transaction that is rolled back, and reads it in
    another connection."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "sales.db")
        c = sqlite3.connect(path)
        c.execute("create table t(i integer primary key, s text unique)")
        c.executemany("insert into t(s) values (?)", [(str(i) * 50,) for i in range(2000)])
        c.commit()
        c.execute("delete from t where i > 5")
        c.rollback()
        c.execute("update t set s = s || 'x' where i % 2")
        c.commit()
        c.execute("vacuum")
        c.execute("attach database ? as other", (os.path.join(folder, "other.db"),))
        c.execute("create table other.t as select * from main.t where i < 100")
        c.commit()
        c.close()
        d = sqlite3.connect(path)
        pd.DataFrame({"a": [1, 2]}).to_sql("f", d, index=False)
        d.close()
        d = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        found = d.execute("select count(*), sum(length(s)), max(i) from t").fetchone(), d.execute("pragma integrity_check").fetchall(), d.execute("select sum(a) from f").fetchone()
        d.close()
        return found, sorted(os.listdir(folder)), os.path.getsize(path)


def locks():
    """Returns what two connections to a database see of each other's transactions."""
    with tempfile.TemporaryDirectory() as folder:
        a, b = (sqlite3.connect(os.path.join(folder, "l.db"), timeout=0.1) for _ in range(2))
        a.execute("create table t(i)")
        a.execute("insert into t values (1)")
        a.commit()
        a.execute("insert into t values (2)")
        found = [b.execute("select * from t").fetchall()]
        try:
            b.execute("insert into t values (3)")
        except sqlite3.OperationalError as e:
            found.append(str(e))
        b.rollback()
        a.commit()
        reader = b.execute("select * from t")
        found += [reader.fetchone(), a.execute("select count(*) from t").fetchone()]
        try:
            a.execute("delete from t")
            a.commit()
        except sqlite3.OperationalError as e:
            found.append(str(e))
        reader.close()
        a.commit()
        found.append(b.execute("select count(*) from t").fetchone())
        a.close()
        b.close()
        return found


def copies():
    a, b = database(), sqlite3.connect(":memory:")
    a.backup(b)
    c = sqlite3.connect(":memory:")
    c.deserialize(a.serialize())
    return [x.execute("select total(amount) from sales").fetchone() for x in (a, b, c)], "\n".join(a.iterdump())


def compressed():
    text = io.BytesIO()
    frame().to_csv(text, compression={"method": "xz"}, index=False)
    text.seek(0)
    return pd.read_csv(text, compression="xz").to_dict("list")


def through_lzma(**options):
    return lzma.decompress(lzma.compress(DATA, **options), format=lzma.FORMAT_RAW if "filters" in options and options["format"] == lzma.FORMAT_RAW else lzma.FORMAT_AUTO,
                           filters=options.get("filters") if options.get("format") == lzma.FORMAT_RAW else None) == DATA


EXPRESSIONS = r"""
sqlite3.connect(':memory:').execute('select 1 + 1').fetchone()
rows('select region, count(*), sum(amount), avg(amount) from sales group by region order by 1')
rows('select id, sum(amount) over (partition by region order by id) from sales order by id')
rows('with recursive n(i) as (values(1) union all select i + 1 from n where i < 10) select group_concat(i), sum(i) from n')
rows("select json_extract('{\"a\": [1, {\"b\": 2.5}]}', '$.a[1].b'), json_array(1, null, 'x'), '{\"a\":3}' ->> 'a'")
rows('select sqrt(2), pow(2, 0.5), ln(10), log(100), log2(8), ceil(1.2), mod(7, 3), pi(), degrees(1)')
rows("select strftime('%Y-%W', day), julianday(day), date(day, 'start of month', '+1 month', '-1 day') from sales limit 3")
rows("select upper('straße'), length('ü'), substr('hello', -3), printf('%08.3f', 3.14159), hex(x'ff00'), typeof(1.0), 7 / 2, 7 % 3, 1e400")
rows("select * from sales where region in (?, ?) and amount > ? order by amount desc", 'N', 'E', .5)
rows('select nothing from sales')
rows('selec 1')
rows('select ?')
rows('select median(amount) from sales')
[r.keys() for c in [database()] for c.row_factory in [sqlite3.Row] for r in c.execute('select id, region as r from sales limit 1')]
sqlite3.connect(':memory:').execute("create table t(a unique)").execute("insert into t values (1), (1)")
sqlite3.connect(':memory:').execute("insert into t values (1)")
[c.execute(s).fetchall() for c in [sqlite3.connect(':memory:')] for s in ("create virtual table d using fts5(t)", "insert into d values ('the quick fox'), ('lazy dogs')", "select rowid, highlight(d, 0, '<', '>') from d where d match 'quick OR dog*'")]
[c.execute(s).fetchall() for c in [sqlite3.connect(':memory:')] for s in ("create virtual table d using fts4(t)", "insert into d values ('the quick fox'), ('lazy dogs')", "select t from d where d match '(quick OR cat) AND fox'")]
[c.execute(s).fetchall() for c in [sqlite3.connect(':memory:')] for s in ("create virtual table r using rtree(id, a, b)", "insert into r values (1, 0, 5), (2, 7, 9)", "select id from r where a <= 8 and b >= 8")]
aggregate()
copies()
through_sql(frame())
database_file()
locks()
sqlite3.paramstyle, sqlite3.apilevel, sqlite3.complete_statement('select 1;')
[c.execute('select ?, ?', (2**62, b'\0x')).fetchall() for c in [sqlite3.connect(':memory:')]]
sqlite3.connect(':memory:').execute('select ?', (2**63,))
sqlite3.connect('file::memory:?cache=shared', uri=True).execute('select 5').fetchall()
[c.in_transaction for c in [database()] for _ in [c.execute('insert into sales(id) values (99)')]]
sqlite3.connect('/nowhere/x.db')
through_lzma()
through_lzma(preset=9)
through_lzma(format=lzma.FORMAT_ALONE)
through_lzma(check=lzma.CHECK_SHA256, preset=1 | lzma.PRESET_EXTREME)
through_lzma(format=lzma.FORMAT_XZ, filters=[{'id': lzma.FILTER_DELTA, 'dist': 5}, {'id': lzma.FILTER_LZMA2, 'preset': 7}])
through_lzma(format=lzma.FORMAT_XZ, filters=[{'id': lzma.FILTER_X86}, {'id': lzma.FILTER_LZMA2}])
through_lzma(format=lzma.FORMAT_RAW, filters=[{'id': lzma.FILTER_LZMA1, 'lc': 2, 'pb': 1}])
len(lzma.compress(DATA)), hashlib.md5(lzma.compress(DATA)).hexdigest(), hashlib.md5(lzma.compress(DATA, preset=2)).hexdigest()
lzma.decompress(b'not xz')
lzma.decompress(lzma.compress(DATA)[:50])
lzma.is_check_supported(lzma.CHECK_SHA256), lzma.LZMADecompressor().needs_input
pickle.loads(lzma.decompress(lzma.compress(pickle.dumps({'a': [1, 2.5]}))))
lzma.open(io.BytesIO(lzma.compress(b'one\ntwo\n')), 'rt').readlines()
compressed()
hashlib.md5(bz2.compress(DATA)).hexdigest(), zlib.crc32(DATA), zlib.adler32(DATA)
sorted(hashlib.algorithms_available), sorted(hashlib.algorithms_guaranteed)
{n: hashlib.new(n, DATA).hexdigest() for n in sorted(hashlib.algorithms_available) if 'shake' not in n}
{n: [hashlib.new(n, DATA[:k]).hexdigest()[:12] for k in range(50, 135)] for n in ('ripemd160', 'sha512_224', 'sha512_256', 'sm3', 'md5-sha1')}
[(h.name, h.digest_size, h.block_size, h.copy().hexdigest()[:8]) for n in ('ripemd160', 'sha512_256', 'md5-sha1', 'SHA-256', 'RMD160', 'sha3-384', 'BLAKE2b512', 'SHA2-512/224', 'sha-1') for h in [hashlib.new(n)]]
hashlib.new('nope')
hashlib.new(5)
hashlib.new('ripemd160', 'text')
hashlib.new('ripemd160', 5)
hashlib.sha256('text')
hashlib.new('ripemd160', b'a', usedforsecurity=False).digest()
{n: hashlib.pbkdf2_hmac(n, b'password', b'salt', 1000).hex() for n in sorted(hashlib.algorithms_available) if 'shake' not in n}
[hashlib.pbkdf2_hmac('sha256', b'p' * 200, bytearray(b'salt'), 3, n).hex() for n in (1, 31, 32, 33, 100)]
hashlib.pbkdf2_hmac('sha256', b'secret', b'salt', 600_000).hex()
hashlib.pbkdf2_hmac('SHA-512', b'', b'', 1, dklen=10)
hashlib.pbkdf2_hmac('nope', b'', b'', 1)
hashlib.pbkdf2_hmac('sha256', 'a', b'', 1)
hashlib.pbkdf2_hmac('sha256', b'', b'', 0)
hashlib.pbkdf2_hmac('sha256', b'', b'', 2**40)
hashlib.pbkdf2_hmac('sha256', b'', b'', 2**70)
hashlib.pbkdf2_hmac('sha256', b'', b'', 1, 0)
hashlib.pbkdf2_hmac('sha256', b'', b'', 1, 'x')
hashlib.pbkdf2_hmac(5, b'', b'', 1)
hashlib.scrypt(b'password', salt=b'NaCl', n=1024, r=8, p=16).hex()
hashlib.scrypt(b'password', salt=b'salt', n=2**14, r=8, p=1, dklen=32).hex()
hashlib.scrypt(b'', salt=b'', n=16, r=1, p=1).hex()
hashlib.scrypt(b'x', salt=b'y', n=2**15, r=8, p=1, maxmem=2**26).hex()
hashlib.scrypt(b'x', salt=b'y', n=2**15, r=8, p=1)
hashlib.scrypt(b'x', salt=b'y', n=3, r=8, p=1)
hashlib.scrypt(b'x', salt=b'y', n=2, r=0, p=1)
hashlib.scrypt(b'x', salt=b'y', n=2, r=1, p=2**40)
hashlib.scrypt(b'x', salt=b'y', n=2**40, r=1, p=1)
hashlib.scrypt(b'x', salt=b'y', n=2, r=1)
hashlib.scrypt(b'x')
hashlib.scrypt(b'x', salt=b'y', n=2, r=1, p=1, maxmem=-1)
hashlib.scrypt(b'x', salt=b'y', n=2, r=1, p=1, dklen=0)
hashlib.scrypt('x', salt=b'y', n=2, r=1, p=1)
{n: (hmac.new(b'key', DATA, n).hexdigest(), hmac.digest(b'k' * 300, DATA, n).hex()) for n in sorted(hashlib.algorithms_available) if 'shake' not in n}
hmac.new(b'key', b'message', 'nope')
hmac.digest(b'key', b'message', 'nope')
hmac.new(b'key', b'message')
hmac.digest('key', b'message', 'sha256')
hmac.new(b'key', b'message', hashlib.sha256).hexdigest() == hmac.digest(b'key', b'message', hashlib.sha256).hex()
hmac.compare_digest(b'a', b'a'), hmac.new(b'k', b'm', 'ripemd160').name
hashlib.file_digest(io.BytesIO(DATA), 'sha512_256').hexdigest()
[drawn(x) for x in (1.5, -1.5, 0.1, -0.0, 0.0, 1e300, 5e-324, 2.0**61, 2.0**61 - 2**9, 1e18, math.pi, -math.e, 3.0, float('inf'), float('-inf'))]
[drawn(np.float64(x)) for x in (1.5, 1e20)], drawn(np.float32(1.5)) if isinstance(np.float32(1.5), float) else None
[drawn(x) for x in (0, 1, -1, 2**31, 2**64, -2**100, True, 'text', b'bytes', bytearray(b'x'), '')]
[drawn(x, 1) for x in (1.5, 'text', b'bytes', '', 12, -2.25)]
random.Random(1.5).sample(range(100), 5), random.Random(2.5).choice('abcdef'), random.Random(0.1).shuffle([])
random.seed(fractions.Fraction(1, 2))
random.seed(decimal.Decimal('1.5'))
random.seed((1, 2))
[struct.calcsize(c) for c in 'bBhHiIlLqQnNPfde?'], [struct.calcsize(f) for f in ('il', 'cl', 'lc', '=l', '<L', '@lP', 'hnb', '>q')]
struct.pack('ilc', 1, -2, b'x'), struct.unpack('lL', struct.pack('lL', -2**63, 2**64 - 1)), struct.pack('nN', -1, 5), struct.pack('P', 2**40)
struct.pack('l', 2**63)
struct.pack('L', -1)
struct.pack('L', 2**64)
struct.pack('n', 2**63)
struct.pack('l', 1.5)
struct.unpack('l', b'1234')
list(struct.iter_unpack('lh', bytes(range(20)) + bytes(12)))
[array.array(c).itemsize for c in 'bBhHiIlLqQfd']
array.array('l', [1, -2, 2**40, -2**63]), array.array('L', [2**64 - 1]), array.array('l', b'12345678')
array.array('l', [2**63])
array.array('L', [2**64])
array.array('L', [-1])
array.array('l', [1.5])
array.array('l', ['x'])
[pickle.loads(pickle.dumps(a, p)) == a for p in range(6) for a in [array.array('l', [1, 2**40]), array.array('L', [2**63])]]
pickle.loads(b'\x80\x04\x95<\x00\x00\x00\x00\x00\x00\x00\x8c\x05array\x94\x8c\x14_array_reconstructor\x94\x93\x94(\x8c\x05array\x94\x8c\x05array\x94\x93\x94\x8c\x01l\x94K\x0cC\x08\x01\x00\x00\x00\x01\x00\x00\x00\x94t\x94R\x94.')
array.array('l', [3, 1, 2]).tobytes(), array.array('l', [1, 2]) < array.array('l', [1, 3]), array.array('l', [1]) == array.array('i', [1])
sorted(array.array('l', [3, -1, 2])), sum(array.array('l', [2**40] * 3)), array.array('l', [1, 2, 3])[::-1], array.array('l', [1, 2]) * 2
np.array(array.array('l', [1, 2**40])), np.array(array.array('L', [2**63])), np.frombuffer(array.array('l', [1, -2]), np.int64), np.asarray(array.array('l', [5])).dtype
np.asarray(memoryview(bytes(16)).cast('l')).dtype, np.asarray(memoryview(bytes(16)).cast('L')).sum(), np.array(memoryview(array.array('l', [7, 8]))).tolist()
pd.Series(array.array('l', [1, 2**40])).sum(), pd.Series(np.asarray(array.array('l', [1]))).dtype
[(m.itemsize, m.shape, m.format, m.tolist()) for c in 'lLnNqQ' for m in [memoryview(bytes(range(16))).cast(c)]]
[m.tolist() for m in [memoryview(bytearray(16)).cast('l')] for m[1] in [-2**63]], [m.tobytes() for m in [memoryview(bytearray(8)).cast('L')] for m[0] in [2**64 - 1]]
memoryview(bytes(12)).cast('l')
memoryview(array.array('l', [1, 2])).tolist(), memoryview(array.array('l', [1, 2])) == memoryview(array.array('q', [1, 2])), memoryview(array.array('l', [1])) == array.array('l', [1])
memoryview(np.array([1, -2], np.int32)).tolist(), memoryview(np.array([1, -2], np.int32)).itemsize, memoryview(np.array([2**40])).tolist(), memoryview(np.array([1, 2], np.int32)) == memoryview(array.array('i', [1, 2]))
memoryview(np.array([[1, 2], [3, 4]], np.int32)).tolist(), memoryview(np.array([1, 2], np.uint32)).tolist(), memoryview(np.arange(5))[1:4:2].tolist()
[m.tolist() for m in [memoryview(bytearray(16)).cast('l')] for m[:] in [array.array('l', [3, 4])]], [list(m) for m in [memoryview(np.zeros(2, np.int32))] for m[:] in [np.array([3, 4], np.int32)]]
random.Random(3).sample(range(10**12), 3), random.Random(3).choice(range(7, 10**15, 3)), random.Random(3).choices(range(10**11), k=2), random.Random(3).sample(range(100), 4)
[type(n).__name__ for n in shutil.disk_usage('/')], shutil.disk_usage('/').free <= shutil.disk_usage('/').total, os.cpu_count() > 0
[type(f()).__name__ for f in (time.thread_time, time.thread_time_ns)], time.thread_time() <= time.thread_time(), time.get_clock_info('thread_time').monotonic
[0 for a in [types.SimpleNamespace()] for a.m in [operator.methodcaller('upper', 1, key=2)] for a.a in [a]], gc.collect() > 0
""".strip().splitlines()


# In a cell these definitions are local variables of a function.
NAMES = dict(locals())


def value(expression):
    try:
        return repr(eval(expression, NAMES))
    except Exception as e:
        return f"{type(e).__name__}: {e}"


def results():
    return {e: value(e) for e in EXPRESSIONS}
