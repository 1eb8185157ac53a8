package cluster

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// InitOptions configures the first node of a cluster.
type InitOptions struct {
	Name      string // default: the name of the host
	Advertise string // HOST:PORT at which the other nodes will reach it
}

// Init makes the data folder that of the first node of a new cluster. If the folder is that already,
// it returns its identity. The endpoints of the server become those of the cluster when it starts.
func Init(dir string, o InitOptions) (Identity, error) {
	if id, done, err := joined(dir, o.Name, o.Advertise); done {
		return id, err
	}
	lock, err := openDataFolder(dir)
	if err != nil {
		return Identity{}, err
	}
	defer lock.Close()
	id, err := readIdentity(dir)
	switch {
	case err == nil && !id.Left:
		return id, fmt.Errorf("%s has the beginning of a join; repeat `tabcell cluster join`, or remove the folder", dir)
	case err != nil && !errors.Is(err, ErrNoIdentity):
		return id, err
	}
	if err := archiveLeft(dir, id); err != nil {
		return id, err
	}
	id = Identity{Format: identityFormat, Cluster: newID(), Node: newID(), Name: nodeName(o.Name), Advertise: o.Advertise, Founder: true, Voter: true, Joined: true}
	if err := id.check(); err != nil {
		return id, err
	}
	if err := id.createAuthority(dir, time.Now()); err != nil {
		return id, err
	}
	return id, errors.Join(id.write(dir), id.readCertificates(dir))
}

// joined returns the identity of a folder that is that of a member already, and true. The server may
// be running. The error says that the name or the address is another one.
func joined(dir, name, advertise string) (Identity, bool, error) {
	id, err := readIdentity(dir)
	if err != nil || !id.Joined || id.Left {
		return id, false, err
	}
	return id, true, errors.Join(id.checkSame(name, advertise), id.readCertificates(dir))
}

func nodeName(name string) string {
	host, _ := os.Hostname()
	return cmp.Or(name, host, "node")
}

// checkSame returns an error if the options of a repeated command differ from the identity.
func (id Identity) checkSame(name, advertise string) error {
	if name != "" && name != id.Name || advertise != "" && advertise != id.Advertise {
		return fmt.Errorf("this machine is the node %q at %s of a cluster already; it can leave with `tabcell cluster leave`", id.Name, id.Advertise)
	}
	return nil
}

// createAuthority writes the authority of a new cluster and the certificate of its first node.
func (id Identity) createAuthority(dir string, now time.Time) error {
	a, err := newAuthority(id.Cluster, now)
	if err != nil {
		return err
	}
	key, err := nodeKey(dir)
	if err != nil {
		return err
	}
	chain, err := a.sign(id.Cluster, id.Node, key.Public(), now)
	if err != nil {
		return err
	}
	return errors.Join(writeFile(dir, authorityFile, []byte(a.Key)), writeFile(dir, bundleFile, []byte(a.Certificate)), writeFile(dir, chainFile, chain))
}

// archiveLeft moves the files of a cluster that the node has left out of the way.
func archiveLeft(dir string, id Identity) error {
	if !id.Left {
		return nil
	}
	old := filepath.Join(dir, "left-"+id.Node)
	if err := os.MkdirAll(old, 0o700); err != nil {
		return err
	}
	for _, name := range []string{logFile, "snapshots", keyFile, chainFile, bundleFile, authorityFile, identityFile} {
		err := os.Rename(filepath.Join(dir, name), filepath.Join(old, name))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

// loadCertificate returns the certificate of the node with its key.
func loadCertificate(dir string) (tls.Certificate, error) {
	chain, err := readFile(dir, chainFile)
	if err != nil {
		return tls.Certificate{}, err
	}
	key, err := readFile(dir, keyFile)
	if err != nil {
		return tls.Certificate{}, err
	}
	certificate, err := tls.X509KeyPair(chain, key)
	if err != nil {
		return certificate, fmt.Errorf("the certificate of the node in %s: %w", dir, err)
	}
	return certificate, nil
}
