//go:build grants && linux

package grants

import (
	"path/filepath"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/certs/certtest"
	"tabcell/cmd/tabcell/internal/e2e/harness"
)

// startPostgreSQL starts Debian's PostgreSQL with TLS and the user app.
func startPostgreSQL(t *testing.T, authority *certtest.Issued) (port string) {
	t.Helper()
	bin := filepath.Dir(find(t, "/usr/lib/postgresql/*/bin/initdb"))
	d := newDaemon(t, "postgres")
	issued := certtest.Issue(t, "localhost", authority, certtest.ForHosts("localhost"))
	d.write(map[string]string{"password": "p'ss", "server.crt": issued.CertPEM(), "server.key": issued.KeyPEM()})
	d.run(bin+"/initdb", "-D", d.path("data"), "-A", "scram-sha-256", "-U", "app", "--pwfile", d.path("password"), "-E", "UTF8", "--locale", "C")
	d.start(bin+"/postgres", "-D", d.path("data"), "-p", d.port, "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
		"-c", "ssl=on", "-c", "ssl_cert_file="+d.path("server.crt"), "-c", "ssl_key_file="+d.path("server.key"), "-c", "fsync=off")
	return d.port
}

const postgreSQL = `import ssl, pg8000.dbapi
c = pg8000.dbapi.connect(user='app', password="p'ss", host='localhost', port=PORT, database='postgres', timeout=20, ssl_context=CONTEXT)
cursor = c.cursor()
`

func TestPostgreSQL(t *testing.T) {
	authority := certtest.Authority(t, "authority", nil)
	port := startPostgreSQL(t, authority)
	e := harness.Must(t, driverEngine)
	secure, plain := grantsOf(connections(t, authority.Cert, "tls://localhost:"+port)), grantsOf(connections(t, authority.Cert, "tcp://localhost:"+port))
	with := func(context, script string) string {
		return strings.NewReplacer("PORT", port, "CONTEXT", context).Replace(postgreSQL + script)
	}
	const verified = "ssl.create_default_context()"
	expectIn(t, e, secure, with(verified, `cursor.execute('create table t (id serial, name text, price numeric, at timestamptz)')
cursor.executemany('insert into t (name, price, at) values (%s, %s, now())', [('ä', 1.5), (None, 2), ('c', 3)])
c.commit()
cursor.execute('select count(*), sum(price)::float8, max(name) from t where price > %s', (1,))
return list(cursor.fetchone())`), `[3, 6.5, "\u00e4"]`)
	expectIn(t, e, secure, with(verified, `import pandas as pd
cursor.execute('select name, price::float8 p from t order by id')
frame = pd.DataFrame(cursor.fetchall(), columns=[d[0] for d in cursor.description])
return [frame['p'].sum(), frame['name'].tolist()]`), `[6.5, ["\u00e4", null, "c"]]`)
	expectIn(t, e, secure, with(verified, `cursor.execute('select ssl, version from pg_stat_ssl where pid = pg_backend_pid()')
return list(cursor.fetchone())`), `[true, "TLSv1.3"]`)
	expectIn(t, e, plain, with("False", `cursor.execute("select repeat('x', 3000000)")
return len(cursor.fetchone()[0])`), `3000000`)
	expectIn(t, e, plain, with(verified, "cursor.execute('select 1')\nreturn cursor.fetchone()[0]"), `1`)
	expectIn(t, e, secure, with("None", "return 1"), "!the script turned off the verification of certificates")
	expectIn(t, e, secure, with("False", "return 1"), "!the script must begin TLS first")
	expectIn(t, e, grantsOf(connections(t, nil, "tls://localhost:"+port)), with(verified, "return 1"), "!SSLCertVerificationError")
	expectIn(t, e, nil, with(verified, "return 1"), denied+"localhost:"+port)
	expectIn(t, e, plain, strings.ReplaceAll(with("False", "return 1"), "p'ss", "wrong"), "!password authentication failed")
}
