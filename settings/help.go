package settings

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// groupTitles has the headings of the groups in WriteHelp. A group is the first part of a path.
var groupTitles = map[string]string{
	"server": "Network", "auth": "Passwords and roles", "oauth": "Bearer tokens", "tls": "TLS and client certificates",
	"evaluate": "Scripts", "request": "Requests", "flight": "Arrow Flight", "static": "Files of the start page", "models": "Deployed endpoints", "cluster": "Cluster",
	"state": "TabPy's state", "cells": "Cells and the Python guest", "log": "Log", "audit": "Audit trail", "metrics": "Metrics", "console": "Console",
	"process": "Process",
}

// group returns the first part of the setting's path.
func (s setting) group() string {
	name, _, _ := strings.Cut(s.path, ".")
	return name
}

// WriteHelp writes a list of all settings, by group.
func WriteHelp(w io.Writer) {
	group := ""
	for _, s := range table {
		if s.group() != group {
			group = s.group()
			fmt.Fprintf(w, "\n%s:\n", groupTitles[group])
		}
		names := strings.Join(s.names(), ", ")
		if s.flag != "" {
			names += ", " + dashed(s.flag)
		}
		fmt.Fprintf(w, "  %s\n      %s (default %s)\n", names, s.help, s.defaultText())
	}
}

// WriteSetting writes the description of one setting. The name may be any of its names, in any
// case, or its flag. For a setting of TabPy that has no effect here, it writes the reason. It
// returns false if there is no such setting.
func WriteSetting(w io.Writer, name string) bool {
	if known, ok := unsupported[strings.ToUpper(name)]; ok {
		fmt.Fprintf(w, "%s has no effect: %s\n", strings.ToUpper(name), known.reason)
		return true
	}
	s, ok := byName(name)
	if !ok {
		s, ok = find(func(s setting) bool { return s.flag != "" && strings.TrimLeft(name, "-") == s.flag })
	}
	if ok {
		s.describe(w)
	}
	return ok
}

// describe writes the meaning of the setting, its default and values, and how to set it.
func (s setting) describe(w io.Writer) {
	d := Defaults()
	row := func(title, text string) {
		if text != "" {
			fmt.Fprintf(w, "  %-13s %s\n", title, text)
		}
	}
	fmt.Fprintln(w, s.own)
	row("meaning", s.help)
	row("default", s.defaultText())
	row("values", allowed(s.value(&d)))
	row("TabPy's name", cmp.Or(s.tabpy, "none; TabPy does not have this setting"))
	row("former name", formerNames[s.path].own)
	row("flag", dashed(s.flag))
	row("in a file", s.names()[0]+" = "+strings.ReplaceAll(s.exampleValue(), "%", "%%"))
	row("environment", s.own+"="+s.exampleValue())
	if s.flag != "" {
		row("command", "tabcell "+dashed(s.flag)+" "+s.exampleValue())
	}
}

// allowed describes the values that v accepts.
func allowed(v value) string {
	switch v := v.(type) {
	case integer:
		return fmt.Sprintf("a whole number from %d to %d", v.min, v.max)
	case boolean:
		return "true or false; also yes, no, on, off, 1, 0"
	case unlessFalse:
		return "false, or true for every other text"
	case seconds:
		return fmt.Sprintf("seconds from 0 to %d, with a fraction if needed", maxSeconds)
	case roleList:
		return "a comma-separated list of " + strings.Join(Roles, ", ") + "; or " + NoRoles
	case path, requiredPath:
		return "a path; ~ is the home folder"
	case auditTo:
		return "a path, stdout, syslog, syslog:udp://HOST:PORT or syslog:tcp://HOST:PORT"
	case text:
		if v.choices != nil {
			return strings.Join(v.choices, ", ")
		}
	}
	return "text"
}

// examples has values for the settings whose default is empty or depends on the machine.
var examples = map[string]string{
	"server.host":                    "0.0.0.0",
	"server.proxies":                 "10.0.0.5, 10.1.0.0/16",
	"server.hosts":                   "tabpy.example.com",
	"auth.passwords":                 "/etc/tabcell/passwords",
	"auth.roles":                     "/etc/tabcell/roles",
	"oauth.issuer":                   "https://login.example.com/",
	"oauth.jwks":                     "https://login.example.com/keys",
	"oauth.jwks_file":                "/etc/tabcell/keys.json",
	"oauth.audience":                 "api://tabpy",
	"oauth.scopes":                   "tabpy",
	"flight.port":                    "13700",
	"flight.tables":                  "2000",
	"flight.table":                   "500",
	"flight.ttl":                     "120",
	"tls.protocol":                   "https",
	"tls.certificate":                "/etc/tabcell/server.crt",
	"tls.key":                        "/etc/tabcell/server.key",
	"tls.client_ca":                  "/etc/tabcell/clients.pem",
	"tls.client_map":                 "/etc/tabcell/subjects",
	"static.path":                    "/srv/tabcell/static",
	"models.path":                    "/var/lib/tabcell/models",
	"cells.grant_connections":        "64",
	"cluster.listen":                 "10.0.0.11:9005",
	"cluster.advertise":              "node1.example.com:9005",
	"cluster.path":                   "/var/lib/tabcell/cluster",
	"cluster.voters":                 "5",
	"cluster.join":                   "10.0.0.11:9005, 10.0.0.12:9005",
	"cluster.token":                  "/etc/tabcell/cluster-token",
	"state.path":                     "/var/lib/tabpy",
	"cells.guest":                    "core",
	"cells.packages":                 "/srv/tabcell/wheels",
	"cells.timezone":                 "Europe/Berlin",
	"cells.weights":                  "tableau=4",
	"cells.cache":                    "/var/cache/tabcell",
	"cells.code":                     "/usr/lib/tabcell-code",
	"audit.to":                       "/var/log/tabcell/audit.jsonl",
	"process.confine":                "require",
	"log.level":                      "debug",
	"log.format":                     "json",
	"evaluate.timeout":               "120",
	"oauth.query":                    "sales:query",
	"oauth.evaluate":                 "sales:evaluate",
	"oauth.deploy":                   "sales:deploy",
	"auth.default_roles":             "evaluate,query",
	"tls.minimum":                    "TLSv1_3",
	"tls.client_cert":                "optional",
	"log.details":                    "true",
	"models.versions":                "20",
	"models.count":                   "200",
	"request.max":                    "200",
	"cells.concurrency":              "4",
	"server.port":                    "9005",
	"cells.memory":                   "1536",
	"models.size":                    "64",
	"server.connections":             "2048",
	"audit.size":                     "500",
	"audit.keep":                     "30",
	"cells.queue":                    "64",
	"log.repeats":                    "0",
	"request.buffer":                 "400",
	"cells.output":                   "64",
	"auth.memory":                    "512",
	"models.templates":               "2048",
	"server.connections_per_address": "512",
}

// exampleValue returns a valid value that differs from the default, for help texts.
func (s setting) exampleValue() string {
	d := Defaults()
	switch v := s.value(&d).(type) {
	case boolean:
		return strconv.FormatBool(!*v.at)
	case unlessFalse:
		return strconv.FormatBool(!*v.at)
	}
	return examples[s.path]
}

// Near returns the names of the settings that name may be a misspelling of, without repetitions.
func Near(name string) []string {
	var near []string
	add := func(known string) {
		if known != "" && editDistance(strings.ToUpper(name), known) <= 1+len(name)/4 && !slices.Contains(near, known) {
			near = append(near, known)
		}
	}
	for _, s := range table {
		add(s.own)
		add(s.tabpy)
	}
	return near
}
