//go:build kubernetes && linux

package kubernetes

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// variants are values of the chart that make different objects, as JSON.
var variants = map[string]string{
	"password file": `{}`,
	"open":          `{"auth": {"passwordSecret": {"name": ""}, "allowAnonymous": true}, "persistence": {"enabled": false}}`,
	"tokens":        `{"auth": {"passwordSecret": {"name": ""}, "tokens": true}, "config": "TABPY_OAUTH_ENABLED = true\n"}`,
	"TLS":           `{"tls": {"secretName": "certificate"}}`,
	"client certificates": `{"auth": {"passwordSecret": {"name": ""}}, "tls": {"secretName": "certificate", "clientCA": {"secretName": "authority"}},
		"metrics": {"enabled": true, "serviceMonitor": {"enabled": true, "tlsConfig": {"insecureSkipVerify": true}}}}`,
	"Flight": `{"flight": {"enabled": true}, "service": {"type": "LoadBalancer", "annotations": {"a": "b"}}}`,
	"grants": `{"config": "[Grant files]\nread = /srv/files\n", "extraVolumes": [{"name": "files", "persistentVolumeClaim": {"claimName": "files"}}],
		"extraVolumeMounts": [{"name": "files", "mountPath": "/srv/files", "readOnly": true}], "networkPolicy": {"egress": [{"to": [{"ipBlock": {"cidr": "10.0.0.0/8"}}], "ports": [{"port": 443}]}]}}`,
	"compiled code": `{"image": {"tag": "", "compiledCode": true, "pullSecrets": [{"name": "registry"}]}, "cpuLimit": 4}`,
	"monitoring": `{"auth": {"roles": "account tableau evaluate\n"},
		"metrics": {"enabled": true, "serviceMonitor": {"enabled": true, "labels": {"release": "prometheus"},
		"basicAuth": {"username": {"name": "scraper", "key": "name"}, "password": {"name": "scraper", "key": "password"}}}}}`,
	"replicas": `{"replicas": 3, "endpoints": {"readOnly": true}, "persistence": {"existingClaim": "shared"}}`,
	"cluster":  `{"cluster": {"enabled": true, "bootstrap": true}}`,
	"workers":  `{"cluster": {"enabled": true, "voters": 5, "workers": {"min": 2, "max": 20}}, "tls": {"secretName": "certificate"}}`,
	"placement": `{"networkPolicy": {"enabled": false}, "resources": null, "nodeSelector": {"disk": "ssd"}, "tolerations": [{"key": "a", "operator": "Exists"}],
		"affinity": {"nodeAffinity": {}}, "priorityClassName": "", "podAnnotations": {"a": "b"}, "env": [{"name": "TABCELL_LOG_LEVEL", "value": "debug"}],
		"persistence": {"storageClass": "fast"}, "terminationGracePeriodSeconds": 120}`,
}

// TestVariants gives the objects of each variant to the API server, which checks them strictly
// against their schemas and the rules of Kubernetes, and stores nothing. ServiceMonitor has the
// definition of the Prometheus Operator.
func TestVariants(t *testing.T) {
	c := startWithoutMachine(t)
	c.useNamespace()
	c.Run("kubectl create -f " + monitors(t))
	c.Run("kubectl wait --for=condition=Established crd/servicemonitors.monitoring.coreos.com --timeout=60s")
	for name, more := range variants {
		c.write("variant.yaml", more)
		out, err := c.Try("helm template tabcell " + chart() + " --kube-version 1.33.0 --values values.yaml --values variant.yaml > objects.yaml && " +
			"kubectl apply --dry-run=server --validate=strict -f objects.yaml")
		if err != nil || strings.Contains(out, "Warning") {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
	if out, err := c.Try("sed 's/serviceName:/serviceNames:/' objects.yaml | kubectl apply --dry-run=server --validate=strict -f -"); err == nil {
		t.Errorf("an unknown field was accepted:\n%s", out)
	}
}

// operator is the module of the Prometheus Operator, whose source has the definition of its objects.
const operator = "github.com/prometheus-operator/prometheus-operator@v0.85.0"

// monitors returns the file with the definition of ServiceMonitor.
func monitors(t *testing.T) string {
	t.Helper()
	download := exec.Command("go", "mod", "download", "-json", operator)
	download.Dir = t.TempDir()
	out, err := download.Output()
	var module struct{ Dir string }
	if err == nil {
		err = json.Unmarshal(out, &module)
	}
	if err != nil {
		t.Fatalf("go mod download: %v\n%s", err, out)
	}
	return filepath.Join(module.Dir, "example", "prometheus-operator-crd", "monitoring.coreos.com_servicemonitors.yaml")
}
