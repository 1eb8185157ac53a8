package cli

import (
	"maps"
	"strings"
	"testing"
)

func TestParseTabPyUser(t *testing.T) {
	for line, want := range map[string]string{
		"add -u a -f b":                             "add a  b",
		"add -p c -u a -f b":                        "add a c b",
		"-u a update -f b":                          "update a  b",
		"update -ua -pc -fb":                        "update a c b",
		"add --username a --pwdfile b --password c": "add a c b",
		"add --username=a --pwdfile=b --password=c": "add a c b",
		"add --user a --pwd b --pa c":               "add a c b",
		"add -u a -f b -p -x":                       "add a -x b",
		"add -u a -f b -p=x":                        "add a =x b",
	} {
		o, err := parseTabPyUser(strings.Fields(line))
		got := strings.Join([]string{o.verb, o.values["--username"], o.values["--password"], o.values["--pwdfile"]}, " ")
		if err != nil || got != want {
			t.Errorf("%q: %q %v, want %q", line, got, err, want)
		}
	}
	for _, line := range []string{"-h", "--help", "--h", "add -h", "add -u a -f b --help"} {
		if o, err := parseTabPyUser(strings.Fields(line)); err != nil || !o.help {
			t.Errorf("%q: %+v, error %v", line, o, err)
		}
	}
	for _, line := range []string{"", "add", "add -u a", "add -f b", "-u a -f b", "remove -u a -f b", "add update -u a -f b", "add -u a -u b -f c",
		"add -u a -f b -p", "add -u a -f b --p c", "add -u a -f b -x", "add -u a -f b --verbose", "add -u a -f b extra", "add -u= -f b --", "--help=x"} {
		if o, err := parseTabPyUser(strings.Fields(line)); err == nil {
			t.Errorf("%q was accepted as %+v", line, o)
		}
	}
	if o, _ := parseTabPyUser([]string{"add", "-u", "a", "-f", "b", "-p", ""}); !maps.Equal(o.values, map[string]string{"--username": "a", "--pwdfile": "b", "--password": ""}) {
		t.Errorf("values with an empty password: %v", o.values)
	}
}
