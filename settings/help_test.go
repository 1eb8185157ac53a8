package settings

import (
	"slices"
	"strings"
	"testing"
)

func TestHelpNamesEverySetting(t *testing.T) {
	var b strings.Builder
	WriteHelp(&b)
	for _, s := range table {
		if !strings.Contains(b.String(), s.own) || !strings.Contains(b.String(), s.tabpy) || !strings.Contains(b.String(), dashed(s.flag)) {
			t.Errorf("the help does not have all names of %s", s.own)
		}
		if groupTitles[s.group()] == "" {
			t.Errorf("%s: the group %q has no title", s.own, s.group())
		}
	}
}

// Each setting is described under all its names, with an example that is valid and has an effect.
func TestSettingHelp(t *testing.T) {
	for _, s := range table {
		var want strings.Builder
		if !WriteSetting(&want, s.own) || !strings.Contains(want.String(), s.help) || !strings.Contains(want.String(), s.defaultText()) {
			t.Errorf("%s: got %q", s.own, want.String())
		}
		for _, name := range []string{s.tabpy, strings.ToLower(s.own), s.flag, dashed(s.flag), formerNames[s.path].own} {
			var got strings.Builder
			if name != "" && (!WriteSetting(&got, name) || got.String() != want.String()) {
				t.Errorf("%s: got\n%swant\n%s", name, got.String(), want.String())
			}
		}
		changed := Defaults()
		if err := s.value(&changed).Set(s.exampleValue()); err != nil || changed == Defaults() {
			t.Errorf("%s = %q: error %v; an example changes the default", s.own, s.exampleValue(), err)
		}
	}
}

func TestSettingHelpValues(t *testing.T) {
	for name, want := range map[string]string{
		"TABPY_PORT":               "a whole number from 0 to 65535",
		"TABCELL_GUEST":            "auto, core, full",
		"TABPY_EVALUATE_TIMEOUT":   "seconds from 0 to 86400",
		"TABPY_GZIP_ENABLE":        "true or false",
		"TABCELL_AUDIT":            "syslog:udp://HOST:PORT",
		"TABPY_QUERY_OBJECT_PATH":  "TABPY_QUERY_OBJECT_PATH has no effect: ",
		"TABCELL_PLACES":           "former name",
		"TABPY_TRANSFER_PROTOCOL":  "environment TABCELL_TRANSFER_PROTOCOL=https",
		"TABCELL_MEMORY_LIMIT_MB":  "tabcell --memory 1536",
		"TABCELL_DEFAULT_ROLES":    "evaluate, query, deploy, metrics, admin, grant; or none",
		"TABCELL_MODELS_MAX_COUNT": "none; TabPy does not have this setting",
	} {
		var got strings.Builder
		if !WriteSetting(&got, name) || !strings.Contains(strings.Join(strings.Fields(got.String()), " "), strings.Join(strings.Fields(want), " ")) {
			t.Errorf("%s: got %q, want %q", name, got.String(), want)
		}
	}
	for _, name := range []string{"", "nope", "-", "TABPY_PORTS"} {
		var got strings.Builder
		if WriteSetting(&got, name) || got.Len() > 0 {
			t.Errorf("%q is no setting, but has the help %q", name, got.String())
		}
	}
}

func TestNear(t *testing.T) {
	for name, want := range map[string]string{"TABPY_PRT": "TABPY_PORT", "tabcell_queu": "TABCELL_QUEUE", "nope": "", "": ""} {
		if got := Near(name); (want == "") != (len(got) == 0) || want != "" && !slices.Contains(got, want) {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}
