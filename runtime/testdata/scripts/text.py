import base64, difflib, hashlib, re, string, textwrap, unicodedata, zlib
t = "Größe: 12,5 cm; straße 東京 😀 " * 40
return [re.findall(r"(\w+)[:;] ?(\d+)?", t)[:5], re.sub(r"(?i)STRASSE|straße", lambda m: m[0].upper(), t)[:60], len(t.encode()), t.casefold()[:40],
        unicodedata.normalize("NFD", "é"), unicodedata.name("é"), hashlib.sha256(t.encode()).hexdigest(), hashlib.blake2b(t.encode()).hexdigest(), zlib.crc32(t.encode()),
        len(zlib.compress(t.encode(), 9)), base64.b85encode(t.encode()[:30]).decode(), textwrap.wrap(t, 30)[:3], string.Template("$a-$b").substitute(a=1, b=2),
        f"{3.14159:>10.2f}|{'x':^5}|{1234567:,}|{255:#x}", difflib.SequenceMatcher(None, "kitten", "sitting").ratio(), "a,b;c".translate({44: 59}).split(";"),
        "ß".upper(), "ǆ".title(), "%-5s|%05d|%+.1e" % ("a", 42, 12345.678), list("abc"[::-1]), sorted("bÄaäB", key=str.casefold)]
