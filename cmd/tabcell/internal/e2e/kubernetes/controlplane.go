//go:build kubernetes && linux

package kubernetes

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"path/filepath"
)

// kubeconfig is that of the administrator, whom all programs of the cluster are.
const kubeconfig = `apiVersion: v1
kind: Config
clusters: [{name: test, cluster: {server: "https://` + machineAddress + `:6443", certificate-authority: %q}}]
users: [{name: admin, user: {token: %s}}]
contexts: [{name: test, context: {cluster: test, user: admin}}]
current-context: test
`

// startControlPlane starts the API server and the programs behind it, and waits until it is ready.
func (c *Cluster) startControlPlane() {
	c.t.Helper()
	token := rand.Text()
	c.start("etcd", "--data-dir="+c.path("etcd"), "--unsafe-no-fsync")
	authority := c.path("apiserver/apiserver.crt")
	keys := c.write("accounts.pem", newKey(c))
	c.write("kubeconfig", fmt.Sprintf(kubeconfig, authority, token))
	c.start(c.program("kube-apiserver"),
		"--etcd-servers=http://127.0.0.1:2379",
		"--cert-dir="+filepath.Dir(authority), "--advertise-address="+machineAddress,
		"--token-auth-file="+c.write("tokens.csv", token+",admin,admin,system:masters\n"),
		"--authorization-mode=RBAC", "--service-cluster-ip-range="+serviceNetwork,
		"--service-account-issuer=https://kubernetes.default.svc", "--service-account-key-file="+keys, "--service-account-signing-key-file="+keys,
		"--kubelet-preferred-address-types=InternalIP")
	c.eventually("the API server is ready", func() error {
		out, err := c.Try("kubectl get --raw /readyz")
		return failure(out, err)
	})
	c.start(c.program("kube-controller-manager"), "--kubeconfig="+c.path("kubeconfig"), "--leader-elect=false",
		"--service-account-private-key-file="+keys, "--root-ca-file="+authority, "--horizontal-pod-autoscaler-sync-period=5s")
	c.start(c.program("kube-scheduler"), "--kubeconfig="+c.path("kubeconfig"), "--leader-elect=false")
}

// program returns the path of a program that was built.
func (c *Cluster) program(name string) string { return filepath.Join(c.programs, name) }

// newKey returns a private key in PEM, with which the API server signs the tokens of accounts.
func newKey(c *Cluster) string {
	c.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		c.t.Fatal(err)
	}
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		c.t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der}))
}
