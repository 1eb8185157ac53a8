//go:build helm

package helm

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/settings"
)

const withPasswords = `auth={"passwordSecret":{"name":"accounts","key":"passwd"}}`

func TestLint(t *testing.T) {
	out, err := helm(append(arguments("lint", []string{withPasswords}), "--strict")...)
	if err != nil || !strings.Contains(out, "0 chart(s) failed") {
		t.Errorf("helm lint: %v\n%s", err, out)
	}
}

// The values are refused that would install an open or a broken server.
func TestRefusedValues(t *testing.T) {
	for values, want := range map[string]string{
		"":                                    "everyone who can reach the service could run scripts",
		"auth.allowAnonymous=true|replicas=2": "replicas do not see the endpoints",
		withPasswords + `|replicas=2|endpoints={"readOnly":true}`:                  "existingClaim must name a volume",
		`tls.clientCA={"secretName":"ca","key":"ca.crt"}`:                          "tls.clientCA needs tls.secretName",
		withPasswords + "|cluster.enabled=true|replicas=3":                         "replicas has to be 1",
		withPasswords + "|cluster.enabled=true|persistence.enabled=false":          "forgets changes",
		withPasswords + "|cluster.enabled=true|cluster.voters=2":                   "voters",
		withPasswords + `|cluster.enabled=true|cluster.workers={"min":3,"max":2}`:  "is greater than",
		withPasswords + `|cluster.enabled=true|persistence.existingClaim="shared"`: "a volume of its own",
		withPasswords + "|cluster.enabled=true|flight.enabled=true":                "flight.enabled needs a single pod",
		withPasswords + "|limits.memoryLimitMB=64":                                 "minimum: got 64, want 128",
		withPasswords + "|limit.concurrency=4":                                     "'limit' not allowed",
		withPasswords + "|metrics.serviceMonitor.enabled=true":                     "needs metrics.enabled=true",
	} {
		args := arguments("template", slices.DeleteFunc(strings.Split(values, "|"), func(v string) bool { return v == "" }))
		if _, err := helm(args...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("values %q: %v, want %q", values, err, want)
		}
	}
}

// The container may do nothing that the server does not need.
func TestSecurity(t *testing.T) {
	objects := render(t, withPasswords)
	c, pod := container(t, objects), at(objects["StatefulSet"], "spec", "template", "spec")
	for path, want := range map[string]any{
		"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": object{"drop": []any{"ALL"}},
	} {
		if got := at(c, "securityContext", path); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("container: %s is %v, want %v", path, got, want)
		}
	}
	for path, want := range map[string]any{"runAsNonRoot": true, "runAsUser": 65532, "fsGroup": 65532, "seccompProfile": object{"type": "RuntimeDefault"}} {
		if got := at(pod, "securityContext", path); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("pod: %s is %v, want %v", path, got, want)
		}
	}
	if at(pod, "automountServiceAccountToken") != false || at(pod, "enableServiceLinks") != false {
		t.Errorf("the pod has a token or the variables of services: %v", pod)
	}
	policy := objects["NetworkPolicy"]
	if got := at(policy, "spec", "egress"); fmt.Sprint(got) != "[]" || fmt.Sprint(at(policy, "spec", "policyTypes")) != "[Ingress Egress]" {
		t.Errorf("the server may connect to %v", got)
	}
	for i := range 10 {
		if mode := at(pod, "volumes", i, "secret", "defaultMode"); mode != nil && mode != 0o440 {
			t.Errorf("the files of a secret have the mode %v", mode)
		}
	}
	if pod := objects["Pod"]; at(pod, "spec", "securityContext", "runAsNonRoot") != true || at(pod, "metadata", "labels", "app.kubernetes.io/name") == "tabcell" {
		t.Errorf("the pod of the test runs as root, or belongs to the service: %v", pod)
	}
}

// The server that the container starts accepts the settings, and its memory is what the chart
// requests. The server gives no warning about them.
func TestSettingsFit(t *testing.T) {
	for _, values := range [][]string{
		{withPasswords},
		{withPasswords, "limits.concurrency=8", "limits.memoryLimitMB=2000", `limits.guest="core"`},
		{"auth.allowAnonymous=true", "limits.concurrency=1", "limits.memoryLimitMB=256", "limits.modelsMB=64", "limits.bufferMB=96", "limits.evaluateTimeoutSeconds=90.5"},
	} {
		c := container(t, render(t, values...))
		var limit int
		if _, err := fmt.Sscanf(at(c, "resources", "limits", "memory").(string), "%dMi", &limit); err != nil {
			t.Fatal(err)
		}
		if got := at(c, "resources", "requests", "memory"); got != fmt.Sprintf("%dMi", limit) {
			t.Errorf("%v: %v are requested, the limit is %d MiB", values, got, limit)
		}
		env := environment(c)
		dir := t.TempDir()
		for name, value := range env { // files of secrets
			if strings.HasPrefix(value, "/etc/tabcell/") {
				env[name] = filepath.Join(dir, filepath.Base(value))
				testenv.WriteFile(t, env[name], "")
			}
		}
		loaded, err := settings.Load(settings.Sources{Environ: list(env), HostMemoryMB: limit})
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range loaded.Warnings {
			if !strings.Contains(w.Text, "disabled") && !strings.Contains(w.Text, "unencrypted") { // of the values themselves
				t.Errorf("%v: %s", values, w)
			}
		}
		sum := loaded.Settings.MemorySumMB()
		if reserve := float64(limit-sum) / float64(limit); reserve < 0.049 || reserve > 0.06 {
			t.Errorf("%v: the server may use %d MiB of %d", values, sum, limit)
		}
		if got := fmt.Sprint(at(c, "resources", "requests", "cpu")); got != fmt.Sprint(loaded.Settings.Cells.Concurrency) {
			t.Errorf("%v: %s CPUs for %d scripts at once", values, got, loaded.Settings.Cells.Concurrency)
		}
	}
}

func list(env map[string]string) (all []string) {
	for _, name := range slices.Sorted(maps.Keys(env)) {
		all = append(all, name+"="+env[name])
	}
	return all
}

// Probes use the protocol of the server. If clients need a certificate, the program asks, because
// the kubelet has none.
func TestProbes(t *testing.T) {
	tls := `tls.secretName="certificate"`
	for values, want := range map[string]string{
		withPasswords:             "map[path:/health/ready port:http scheme:HTTP]",
		withPasswords + "|" + tls: "map[path:/health/ready port:http scheme:HTTPS]",
		tls + `|tls.clientCA={"secretName":"ca","key":"ca.crt"}`:                           "[/usr/bin/tabcell health]",
		tls + `|tls.clientCA={"secretName":"ca","key":"ca.crt"}|tls.clientCert="optional"`: "map[path:/health/ready port:http scheme:HTTPS]",
	} {
		c := container(t, render(t, strings.Split(values, "|")...))
		got := at(c, "readinessProbe", "httpGet")
		if got == nil {
			got = at(c, "readinessProbe", "exec", "command")
		}
		if fmt.Sprint(got) != want || at(c, "livenessProbe") == nil || at(c, "startupProbe") == nil {
			t.Errorf("values %s: the readiness probe is %v, want %s", values, got, want)
		}
	}
}

// The objects depend on the values: storage, image, configuration, monitoring.
func TestObjects(t *testing.T) {
	objects := render(t, withPasswords, `config="TABPY_MAX_REQUEST_SIZE_MB = 10\nTABCELL_QUEUE = 5\n"`, `auth.roles="account ann deploy\n"`,
		"metrics.enabled=true", "metrics.serviceMonitor.enabled=true", "image.compiledCode=true", `image.repository="registry.example/tabcell"`)
	conf := filepath.Join(t.TempDir(), "tabcell.conf")
	testenv.WriteFile(t, conf, at(objects["ConfigMap"], "data", "tabcell.conf").(string))
	loaded, err := settings.Load(settings.Sources{File: conf})
	if err != nil || loaded.Settings.Request.MaxMB != 10 || loaded.Settings.Cells.Queue != 5 {
		t.Errorf("the configuration file is read as %+v (%v)", loaded, err)
	}
	c := container(t, objects)
	if env := environment(c); env["TABCELL_ROLES_FILE"] != "/etc/tabcell/config/roles" || at(objects["ConfigMap"], "data", "roles") != "account ann deploy\n" {
		t.Errorf("the roles file is missing: %v", env)
	}
	if image := fmt.Sprint(c["image"]); !strings.HasPrefix(image, "registry.example/tabcell:") || !strings.HasSuffix(image, "-code") {
		t.Errorf("the image is %s", image)
	}
	if at(objects["ServiceMonitor"], "spec", "endpoints", 0, "scheme") != "http" || at(objects["StatefulSet"], "spec", "volumeClaimTemplates", 0, "metadata", "name") != "data" {
		t.Errorf("objects %v", objects)
	}
	several := render(t, withPasswords, "replicas=3", `endpoints={"readOnly":true}`, `persistence.existingClaim="shared"`, `networkPolicy.enabled=false`)
	if env := environment(container(t, several)); env["TABCELL_DEFAULT_ROLES"] != "evaluate,query,metrics" || several["NetworkPolicy"] != nil || at(several["StatefulSet"], "spec", "volumeClaimTemplates") != nil {
		t.Errorf("several replicas: %v", several["StatefulSet"])
	}
}

// The chart packs into one file, which helm can read again.
func TestPackage(t *testing.T) {
	dir := t.TempDir()
	if _, err := helm("package", "tabcell", "--destination", dir); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 {
		t.Fatalf("%v, error %v", files, err)
	}
	if out, err := helm("show", "chart", filepath.Join(dir, files[0].Name())); err != nil || !strings.Contains(out, "name: tabcell") {
		t.Errorf("helm show: %v\n%s", err, out)
	}
}

// The port of Arrow Flight is open only if the service is enabled.
func TestFlight(t *testing.T) {
	for enabled, want := range map[bool]int{true: 2, false: 1} {
		objects := render(t, withPasswords, fmt.Sprint("flight.enabled=", enabled))
		c := container(t, objects)
		for name, ports := range map[string]any{
			"container": at(c, "ports"), "service": at(objects["Service"], "spec", "ports"), "network policy": at(objects["NetworkPolicy"], "spec", "ingress", 0, "ports"),
		} {
			if got := ports.([]any); len(got) != want {
				t.Errorf("enabled %v: the %s has the ports %v", enabled, name, got)
			}
		}
		if got := environment(c)["TABCELL_ARROWFLIGHT_PORT"]; (got == "13622") != enabled {
			t.Errorf("enabled %v: the port is %q", enabled, got)
		}
	}
}

// Grants are sections after the other lines of the configuration, and their folders are volumes.
func TestGrants(t *testing.T) {
	folder := t.TempDir()
	objects := render(t, withPasswords, fmt.Sprintf("config=%q", "TABCELL_QUEUE = 5\n\n[Grant prices]\nread = "+folder+"=/prices\nendpoints = prices\nallow_anonymous = yes\n"),
		`extraVolumes=[{"name":"prices","nfs":{"server":"nas","path":"/prices"}}]`, fmt.Sprintf(`extraVolumeMounts=[{"name":"prices","mountPath":%q,"readOnly":true}]`, folder),
		`networkPolicy={"egress":[{"ports":[{"port":5432}]}]}`)
	conf := filepath.Join(t.TempDir(), "tabcell.conf")
	testenv.WriteFile(t, conf, at(objects["ConfigMap"], "data", "tabcell.conf").(string))
	loaded, err := settings.Load(settings.Sources{File: conf})
	if err != nil || len(loaded.Grants) != 1 || loaded.Settings.Cells.Queue != 5 {
		t.Errorf("the configuration file is read as %+v (%v)", loaded, err)
	}
	if mounts := fmt.Sprint(at(container(t, objects), "volumeMounts")); !strings.Contains(mounts, "mountPath:"+folder+" name:prices readOnly:true") {
		t.Errorf("the container has the volumes %s", mounts)
	}
	if volumes := fmt.Sprint(at(objects["StatefulSet"], "spec", "template", "spec", "volumes")); !strings.Contains(volumes, "name:prices nfs:map[path:/prices server:nas]") {
		t.Errorf("the pod has the volumes %s", volumes)
	}
	if egress := at(objects["NetworkPolicy"], "spec", "egress", 0, "ports", 0, "port"); egress != 5432 {
		t.Errorf("connections are permitted to %v", egress)
	}
}
