package main

import (
	"context"
	"flag"
	"log"
	"net"
	"strings"

	"github.com/miekg/dns"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	core "k8s.io/client-go/listers/core/v1"
	discovery "k8s.io/client-go/listers/discovery/v1"
	"k8s.io/client-go/tools/clientcmd"
)

// names answers questions for the IPv4 addresses of services, and of the pods of headless ones.
type names struct {
	services core.ServiceLister
	slices   discovery.EndpointSliceLister
}

// serveDNS is the cluster's DNS server. CoreDNS of this version of Kubernetes needs other modules
// than the programs above.
func serveDNS() {
	config := flag.String("kubeconfig", "", "")
	flag.Parse()
	rest, err := clientcmd.BuildConfigFromFlags("", *config)
	if err != nil {
		log.Fatal(err)
	}
	factory := informers.NewSharedInformerFactory(kubernetes.NewForConfigOrDie(rest), 0)
	n := names{factory.Core().V1().Services().Lister(), factory.Discovery().V1().EndpointSlices().Lister()}
	factory.Start(context.Background().Done())
	factory.WaitForCacheSync(context.Background().Done())
	log.Fatal((&dns.Server{Addr: ":53", Net: "udp", Handler: dns.HandlerFunc(n.serve)}).ListenAndServe())
}

func (n names) serve(w dns.ResponseWriter, request *dns.Msg) {
	response := new(dns.Msg).SetReply(request)
	response.Authoritative = true
	for _, q := range request.Question {
		addresses, exists := n.addresses(strings.ToLower(q.Name))
		if !exists {
			response.Rcode = dns.RcodeNameError
		}
		for _, address := range addresses {
			if q.Qtype == dns.TypeA {
				header := dns.RR_Header{Name: q.Name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 5}
				response.Answer = append(response.Answer, &dns.A{Hdr: header, A: net.ParseIP(address)})
			}
		}
	}
	if err := w.WriteMsg(response); err != nil {
		log.Print(err)
	}
}

// addresses returns the addresses of [POD.]SERVICE.NAMESPACE.svc.cluster.local, and whether the name
// exists. An endpoint that is not ready counts if the service publishes it.
func (n names) addresses(name string) (all []string, exists bool) {
	name, found := strings.CutSuffix(name, ".svc.cluster.local.")
	parts := strings.Split(name, ".")
	if !found || len(parts) < 2 || len(parts) > 3 {
		return nil, false
	}
	pod := ""
	if len(parts) == 3 {
		pod, parts = parts[0], parts[1:]
	}
	service, err := n.services.Services(parts[1]).Get(parts[0])
	if err != nil {
		return nil, false
	}
	if service.Spec.ClusterIP != "None" {
		return []string{service.Spec.ClusterIP}, pod == ""
	}
	slices, err := n.slices.EndpointSlices(parts[1]).List(labels.SelectorFromSet(labels.Set{"kubernetes.io/service-name": parts[0]}))
	if err != nil {
		return nil, false
	}
	for _, slice := range slices {
		for _, endpoint := range slice.Endpoints {
			published := endpoint.Conditions.Ready == nil || *endpoint.Conditions.Ready || service.Spec.PublishNotReadyAddresses
			if published && (pod == "" || endpoint.Hostname != nil && *endpoint.Hostname == pod) {
				all = append(all, endpoint.Addresses...)
			}
		}
	}
	return all, pod == "" || all != nil
}
