package server

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tabcell/assets"
)

func TestTimeZoneOfHost(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{"zone": "TZif2 content", "text": "Europe/Berlin\n", "large": "TZif" + strings.Repeat("x", maxZoneFile)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{"debian": "/usr/share/zoneinfo/Europe/Berlin", "relative": "../usr/share/zoneinfo/posix/Etc/UTC"} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Skip(err)
		}
	}
	for tz, want := range map[string]string{
		"": "UTC", ":": "UTC", "Asia/Tokyo": "Asia/Tokyo", ":Asia/Tokyo": "Asia/Tokyo", "EST5EDT,M3.2.0,M11.1.0": "EST5EDT,M3.2.0,M11.1.0",
		"/usr/share/zoneinfo/America/Lima":   "America/Lima",
		":" + filepath.Join(dir, "debian"):   "Europe/Berlin",
		":" + filepath.Join(dir, "relative"): "Etc/UTC",
		filepath.Join(dir, "zone"):           "TZif2 content",
		filepath.Join(dir, "text"):           "",
		filepath.Join(dir, "large"):          "",
		filepath.Join(dir, "missing"):        "",
	} {
		t.Setenv("TZ", tz)
		if got := timeZone(""); string(got) != want {
			t.Errorf("TZ=%s: %.40q, want %q", tz, got, want)
		}
		if got := timeZone("Asia/Seoul"); string(got) != "Asia/Seoul" {
			t.Errorf("TZ=%s takes precedence over the setting: %q", tz, got)
		}
	}
}

func TestCheckTimeZone(t *testing.T) {
	guest := assets.Guest{Resources: func() (map[string][]byte, error) {
		return map[string][]byte{zoneFolder + "Europe/Berlin": []byte("TZif")}, nil
	}}
	for name, want := range map[string]string{
		"": "", "Europe/Berlin": "",
		"europe/berlin": `"europe/berlin" (TABCELL_TIMEZONE) does not exist; it is written Europe/Berlin`,
		"Mars/Olympus":  `"Mars/Olympus" (TABCELL_TIMEZONE) does not exist; use a name of the tz database`,
	} {
		err := checkTimeZone(guest, name)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", name, err, want)
		}
	}
}
