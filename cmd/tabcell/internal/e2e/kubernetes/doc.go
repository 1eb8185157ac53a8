// Package kubernetes runs a Kubernetes cluster with one machine for tests, and installs the Helm
// chart there.
//
// The cluster is real: etcd, the API server, the controllers, the scheduler, the kubelet with
// containerd and runc, and kube-proxy. Its programs are built from the modules that folder programs
// pins, or are Debian's; the DNS server is a small one of the folder's own. They run in namespaces
// of their own for processes, mounts and the network, so that nothing of them remains when the test
// ends. Network policies are checked by the API server but not enforced, and a metrics
// server is missing.
package kubernetes
