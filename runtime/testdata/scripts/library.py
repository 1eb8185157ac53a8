import ast, configparser, copy, csv, decimal, email.message, html, io, ipaddress, json, logging, random, secrets, tomllib, urllib.parse, uuid, xml.etree.ElementTree as et, zipfile
r = random.Random(42)
decimal.getcontext().prec = 40
z = io.BytesIO()
with zipfile.ZipFile(z, "w") as f:
    f.writestr("a.txt", "hello " * 100)
m = email.message.EmailMessage()
m["Subject"] = "Grüße"
m.set_content("text")
return [json.loads(json.dumps({"a": [1, None, 1.5, "é"]}, indent=1)), list(csv.reader(io.StringIO('a,"b,c"\n1,2'))), str(decimal.Decimal(1) / 7), decimal.Decimal(2).sqrt(),
        [r.random(), r.gauss(0, 1), r.sample(range(100), 5), r.choice("abc")], et.fromstring("<a><b c='d'>t</b></a>")[0].attrib, html.escape("<a&b>"), urllib.parse.urlsplit("http://h:1/p?q=1").port,
        tomllib.loads("a = [1, 2.5]"), str(uuid.UUID(int=5)), str(ipaddress.ip_network("10.0.0.0/8")[5]), ast.literal_eval("{'a': (1, 2)}"), zipfile.ZipFile(z).read("a.txt").decode()[:11],
        m.as_string()[:40], ast.unparse(ast.parse("x = [i for i in y if i]")), len(secrets.token_hex(4))]
