package guest

import (
	"strings"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/runtime"
)

// laughs defines an entity whose expansion has a billion words.
const laughs = `from lxml import etree
levels = "".join(f'<!ENTITY l{i} "{f"&l{i-1};" * 10}">' for i in range(1, 10))
text = f'<!DOCTYPE a [<!ENTITY l0 "laughs">{levels}]><a>&l9;</a>'
`

// style is the start of a style sheet with one template.
const style = `from lxml import etree
def run(body, sheet='<xsl:template match="/">{}</xsl:template>'):
    f = etree.XSLT(etree.XML('<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:e="http://exslt.org/common" extension-element-prefixes="e">' + sheet.format(body) + '</xsl:stylesheet>'))
    return str(f(etree.XML("<a/>")))
`

// hostileXML has scripts whose documents read files or addresses, or use memory, time or stack
// without an end. Each row has a part of the result or error; an empty text stands for any error.
var hostileXML = []struct{ name, script, want string }{
	{"many entities", laughs + "etree.fromstring(text)", "XMLSyntaxError"},
	{"many entities of a large tree", laughs + "etree.fromstring(text, etree.XMLParser(huge_tree=True))", ""},
	{"many entities while parsing piece by piece", laughs + `p = etree.XMLPullParser(huge_tree=True)
p.feed(text)
p.close()`, ""},
	{"long entity many times", `from lxml import etree
etree.fromstring('<!DOCTYPE a [<!ENTITY e "' + "x" * 100000 + '">]><a>' + "&e;" * 100000 + "</a>")`, "XMLSyntaxError"},
	{"entity of a file", `from lxml import etree
open("/tmp/secret.txt", "w").write("secret")
p = etree.XMLParser()
etree.fromstring('<!DOCTYPE a [<!ENTITY e SYSTEM "file:///tmp/secret.txt">]><a>&e;</a>', p)`, "XMLSyntaxError"},
	{"entity of the host", `from lxml import etree
p = etree.XMLParser(resolve_entities=True, load_dtd=True, no_network=False)
etree.fromstring('<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>[&e;]</a>', p)`, "XMLSyntaxError"},
	{"documents of the network", `from lxml import etree
p = etree.XMLParser(no_network=False)
errors = []
for url in ("http://127.0.0.1:1/x", "ftp://127.0.0.1/x", "https://localhost/x"):
    try:
        etree.parse(url, p)
    except OSError as error:
        errors.append(str(error).lower())
return str(all("load" in e or "read" in e for e in errors) and len(errors))`, `"3"`},
	{"included file", `from lxml import etree
t = etree.XML('<a xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="file:///etc/passwd" parse="text"/></a>').getroottree()
t.xinclude()`, "XIncludeError"},
	{"document of a style sheet", style + `return run('<xsl:copy-of select="document(&quot;file:///etc/passwd&quot;)"/>')`, ""},
	{"style sheet that writes", style + `return run('<e:document href="/etc/x">x</e:document>')`, ""},
	{"style sheet without an end", style + `return run('<xsl:call-template name="r"/>', '<xsl:template match="/">{}</xsl:template><xsl:template name="r"><xsl:call-template name="r"/></xsl:template>')`, ""},
	{"nested path", `from lxml import etree
etree.XPath("(" * 100000 + "1" + ")" * 100000)`, ""},
	{"nested conditions", `from lxml import etree
etree.XML("<a/>").xpath("a" + "[a" * 5000 + "]" * 5000)`, ""},
	{"deep tree", `from lxml import etree
t = etree.fromstring("<a>" * 2000 + "</a>" * 2000, etree.XMLParser(huge_tree=True))
return len(etree.tostring(t)) + len(list(t.iter()))`, "15997"},
	{"too deep tree", `from lxml import etree
return len(etree.tostring(etree.fromstring("<a>" * 1000000 + "</a>" * 1000000, etree.XMLParser(huge_tree=True))))`, ""},
	{"deep page", `from lxml import html
return len(html.tostring(html.fromstring("<div>" * 100000)))`, "2794"},
	{"pattern without an end", `from lxml import etree
s = etree.XMLSchema(etree.XML('<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="a"><xs:simpleType><xs:restriction base="xs:string"><xs:pattern value="((a*)*)*b"/></xs:restriction></xs:simpleType></xs:element></xs:schema>'))
return str(s.validate(etree.XML("<a>" + "a" * 60 + "</a>")))`, "False"},
}

// TestHostileXML runs scripts with hostile documents. Each ends in its limits, and the next script
// has a fresh cell.
func TestHostileXML(t *testing.T) {
	e := harness.Full(t)
	limits := runtime.Limits{Timeout: testenv.Scaled(20 * time.Second), Memory: 384 << 20}
	for _, c := range hostileXML {
		t.Run(c.name, func(t *testing.T) {
			r, err := e.Evaluate(t.Context(), runtime.Call{Body: harness.ScriptRequest(c.script, "{}"), Limits: limits})
			got := string(r.Body)
			if err != nil {
				got = err.Error()
			}
			if c.want != "" && !strings.Contains(got, c.want) {
				t.Errorf("got %.300q, want %q", got, c.want)
			}
			if c.want == "" && err == nil {
				t.Errorf("got the result %.300q, want an error", got)
			}
		})
	}
	r, err := e.Evaluate(t.Context(), runtime.Call{Body: harness.ScriptRequest("from lxml import etree\nreturn etree.XML('<a>1</a>').text", "{}")})
	if err != nil || string(r.Body) != `"1"` {
		t.Errorf("afterwards: %q, %v", r.Body, err)
	}
}
