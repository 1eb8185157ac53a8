//go:build kubernetes && linux

package kubernetes

import (
	"fmt"
	"os"
)

// machineName is the name of the cluster's machine.
const machineName = "machine"

// pauseImage is the image of the process that holds the namespaces of a pod.
const pauseImage = "localhost/pause:1"

// containerdConfig lets no process be killed later than containerd itself when memory is short: hosts
// of tests, such as containers, may lack the right to lower that.
const containerdConfig = `version = 2
root = %q
state = "/run/containerd"
[grpc]
address = "/run/containerd/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "` + pauseImage + `"
disable_apparmor = true
restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "/usr/lib/cni"
conf_dir = %q
`

// networkConfig connects the pods with a bridge. Nothing outside of the sandbox can be reached.
const networkConfig = `{"cniVersion": "0.4.0", "name": "pods", "plugins": [
{"type": "bridge", "bridge": "cni0", "isGateway": true, "hairpinMode": true, "ipam": {
 "type": "host-local", "ranges": [[{"subnet": "` + podNetwork + `", "rangeStart": "10.244.0.10"}]],
 "routes": [{"dst": "0.0.0.0/0"}], "dataDir": "/var/lib/cni"}}]}
`

const kubeletConfig = `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication: {anonymous: {enabled: true}, webhook: {enabled: false}}
authorization: {mode: AlwaysAllow}
cgroupDriver: cgroupfs
cgroupRoot: /%s
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
clusterDNS: [` + machineAddress + `]
clusterDomain: cluster.local
evictionHard: {memory.available: 1Mi, nodefs.available: 1Mi, imagefs.available: 1Mi}
failSwapOn: false
imageGCHighThresholdPercent: 100
syncFrequency: 10s
`

const proxyConfig = `apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: iptables
clusterCIDR: ` + podNetwork + `
hostnameOverride: ` + machineName + `
clientConnection: {kubeconfig: %q}
conntrack: {maxPerCore: 0, min: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s}
`

// startMachine starts the services of each machine: containerd, the kubelet, kube-proxy, and the DNS
// server.
func (c *Cluster) startMachine() {
	c.t.Helper()
	if err := os.Mkdir(c.path("cni"), 0o755); err != nil {
		c.t.Fatal(err)
	}
	c.write("cni/pods.conflist", networkConfig)
	c.start("containerd", "--config="+c.write("containerd.toml", fmt.Sprintf(containerdConfig, c.path("containerd"), c.path("cni"))))
	c.eventually("containerd is ready", func() error {
		out, err := c.Try("ctr version")
		return failure(out, err)
	})
	c.importPause()
	c.start(c.program("kubelet"), "--config="+c.write("kubelet.yaml", fmt.Sprintf(kubeletConfig, c.cgroup)), "--kubeconfig="+c.path("kubeconfig"),
		"--hostname-override="+machineName, "--node-ip="+machineAddress, "--root-dir="+c.path("kubelet"))
	c.start(c.program("kube-proxy"), "--config="+c.write("proxy.yaml", fmt.Sprintf(proxyConfig, c.path("kubeconfig"))))
	c.start(c.program("kube-dns"), "-kubeconfig="+c.path("kubeconfig"))
}
