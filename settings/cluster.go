package settings

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
)

// Cluster connects the servers that share their deployed endpoints. A server is a node of a cluster
// if the folder Path has the identity that cluster init or cluster join has put there. The other
// fields have no effect on a server that is alone.
type Cluster struct {
	// Path is the private folder of the node's log, certificate and key. The default is the path of
	// the models folder with "-cluster" at the end.
	Path string
	// Listen is the host and port to listen on for the other nodes. Without a host, the node listens
	// on all addresses; every connection needs a certificate of the cluster.
	Listen string
	// Advertise is the host and port at which the other nodes reach this one. If empty, it is the one
	// that cluster init or cluster join has stored, or Listen if that names a host.
	Advertise string
	// Voters is the number of nodes that decide about changes; 1-7. Nodes that join after them only
	// follow, until a voter is removed.
	Voters int
	// Join is a comma-separated list of the addresses of nodes. A server without an identity joins
	// their cluster when it starts, with the token in TokenFile.
	Join string
	// TokenFile is a file with the token for Join.
	TokenFile string
}

// Advertised returns the host and port at which the other nodes reach this one, or "" if the
// settings do not have it.
func (c Cluster) Advertised() string {
	if c.Advertise == "" && !unspecified(c.Listen) {
		return c.Listen
	}
	return c.Advertise
}

// Members returns the addresses of Join.
func (c Cluster) Members() []string { return SplitList(c.Join) }

// checkHostPort accepts a host or address and a port, such as node1:9005 or [2001:db8::1]:9005. An
// empty text is accepted, and an empty host, which stands for all addresses of the machine.
func checkHostPort(s string) error {
	if s == "" {
		return nil
	}
	host, port, err := net.SplitHostPort(s)
	n, portErr := strconv.Atoi(port)
	if err != nil || portErr != nil || n < 1 || n > 65535 || host != "" && strings.ContainsAny(host, " \t/[]%\"'@") {
		return errors.New("must be HOST:PORT, such as 10.0.0.11:9005 or [2001:db8::1]:9005")
	}
	return nil
}

// checkMembers accepts a list of hosts and ports.
func checkMembers(list string) error {
	for _, member := range SplitList(list) {
		if err := checkHostPort(member); err != nil {
			return fmt.Errorf("%s: %w", member, err)
		}
	}
	return nil
}

// unspecified reports whether an address names no host that others could connect to.
func unspecified(address string) bool {
	host, _, err := net.SplitHostPort(address)
	ip := net.ParseIP(host)
	return err == nil && (host == "" || ip != nil && ip.IsUnspecified())
}

// resolveCluster sets the folder of the node, unless it is configured.
func (l *loader) resolveCluster(s *Settings) {
	if !l.isSet("cluster.path") && s.Models.Path != "" {
		s.Cluster.Path = s.Models.Path + "-cluster"
	}
}

// checkCluster checks the settings of the cluster.
func (l *loader) checkCluster(s Settings) {
	c := s.Cluster
	if c.Advertise != "" && unspecified(c.Advertise) {
		l.reject("cluster.advertise", "names no host that other nodes can connect to")
	}
	if _, port, err := net.SplitHostPort(c.Listen); err == nil && l.isSet("cluster.listen") && port == strconv.Itoa(s.Server.Port) {
		l.reject("cluster.listen", "has the port of TABPY_PORT; choose another one")
	}
	if c.Voters%2 == 0 {
		l.warnAbout("cluster.voters", "an even number of voters survives the loss of no more nodes than one voter less; use an odd number")
	}
	switch {
	case c.Join == "":
		if l.isSet("cluster.token") {
			l.warnAbout("cluster.token", "has no effect without TABCELL_CLUSTER_JOIN")
		}
	case c.TokenFile == "":
		l.reject("cluster.join", "needs TABCELL_CLUSTER_TOKEN_FILE, a file with a token of `tabcell cluster token`")
	case c.Advertised() == "":
		l.reject("cluster.join", "needs TABCELL_CLUSTER_ADVERTISE, the HOST:PORT at which the other nodes reach this one")
	case s.Models.Path == "":
		l.reject("cluster.join", "needs a folder for the endpoints; set TABCELL_MODELS_PATH")
	}
}
