//go:build grants && linux

package grants

import (
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/certs/certtest"
	"tabcell/cmd/tabcell/internal/e2e/harness"
)

// startMariaDB starts Debian's MariaDB with TLS and the user app.
func startMariaDB(t *testing.T, authority *certtest.Issued) (port string) {
	t.Helper()
	server := find(t, "/usr/sbin/mariadbd")
	d := newDaemon(t, "mysql")
	issued := certtest.Issue(t, "localhost", authority, certtest.ForHosts("localhost"))
	d.write(map[string]string{
		"server.crt": issued.CertPEM(), "server.key": issued.KeyPEM(),
		"init.sql": "create database if not exists app;\ncreate user 'app'@'localhost' identified by 'p4ss';\ngrant all on app.* to 'app'@'localhost';\n",
	})
	d.run("mariadb-install-db", "--no-defaults", "--datadir="+d.path("data"), "--auth-root-authentication-method=normal", "--skip-test-db")
	d.start(server, "--no-defaults", "--datadir="+d.path("data"), "--port="+d.port, "--bind-address=127.0.0.1", "--socket="+d.path("s"), "--pid-file="+d.path("pid"),
		"--ssl-cert="+d.path("server.crt"), "--ssl-key="+d.path("server.key"), "--init-file="+d.path("init.sql"), "--innodb-flush-log-at-trx-commit=0")
	return d.port
}

func TestMariaDB(t *testing.T) {
	authority := certtest.Authority(t, "authority", nil)
	port := startMariaDB(t, authority)
	e := harness.Must(t, driverEngine)
	secure, plain := grantsOf(connections(t, authority.Cert, "tls://localhost:"+port)), grantsOf(connections(t, nil, "tcp://localhost:"+port))
	with := func(options, script string) string {
		return strings.NewReplacer("PORT", port, "OPTIONS", options).Replace(`import ssl, pymysql
c = pymysql.connect(host='localhost', port=PORT, user='app', password='p4ss', database='app', connect_timeout=20, OPTIONS)
cursor = c.cursor()
` + script)
	}
	const verified = "ssl=ssl.create_default_context()"
	expectIn(t, e, secure, with(verified, `cursor.execute('create table t (id int primary key auto_increment, name varchar(20), price decimal(9, 2))')
cursor.executemany('insert into t (name, price) values (%s, %s)', [('ä', 1.5), (None, 2), ('c', 3)])
c.commit()
cursor.execute('select count(*), sum(price), max(name) from t where price > %s', (1,))
count, total, name = cursor.fetchone()
return [count, float(total), name]`), `[3, 6.5, "\u00e4"]`)
	expectIn(t, e, secure, with(verified, `cursor.execute("show status like 'Ssl_version'")
return list(cursor.fetchone())`), `["Ssl_version", "TLSv1.3"]`)
	expectIn(t, e, plain, with("ssl_disabled=True", `import pandas as pd
cursor.execute('select name, price from t order by id')
frame = pd.DataFrame(cursor.fetchall(), columns=['name', 'price'])
return [float(frame['price'].sum()), frame['name'].tolist()]`), `[6.5, ["\u00e4", null, "c"]]`)
	expectIn(t, e, plain, with("ssl_disabled=True", `cursor.execute("select repeat('x', 3000000)")
return len(cursor.fetchone()[0])`), `3000000`)
	expectIn(t, e, secure, with("autocommit=True", "return 1"), "!the script turned off the verification of certificates")
	expectIn(t, e, secure, with("ssl_disabled=True", "return 1"), "!the script must begin TLS first")
	expectIn(t, e, nil, with(verified, "return 1"), denied+"localhost:"+port)
}
