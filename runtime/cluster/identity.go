package cluster

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tabcell/runtime/osfile"
)

// The files of a data folder. identity.json is written last.
const (
	identityFile  = "identity.json"
	keyFile       = "node.key"
	chainFile     = "node.crt"
	bundleFile    = "authorities.crt"
	authorityFile = "authority.key" // of the first node, until the log has the authority
	lockFile      = "lock"
	runningFile   = "running.json"
	logFile       = "raft.db"
)

const (
	identityFormat = 1
	maxIdentity    = 1 << 20
)

// Identity identifies a node and its cluster, also while the node does not run.
type Identity struct {
	Format    int    `json:"format"`
	Cluster   string `json:"cluster"` // id
	Node      string `json:"node"`    // id
	Name      string `json:"name"`
	Advertise string `json:"advertise"` // HOST:PORT at which the other nodes reach it
	Founder   bool   `json:"founder"`   // it was the first node
	Voter     bool   `json:"voter"`     // is to become a voter
	Joined    bool   `json:"joined"`    // it has a certificate; false after an interrupted join
	Left      bool   `json:"left"`      // it was a member, and is a single server again
	Discard   bool   `json:"discard"`   // endpoints of its own are set aside at its first start
	// Peers has the members at the time of the join, by id, until the log has them.
	Peers map[string]string `json:"peers,omitempty"`

	Expires     time.Time `json:"-"` // of the certificate
	Fingerprint string    `json:"-"` // of the newest authority
}

// ReadIdentity returns the identity in a data folder. It returns ErrNoIdentity if there is none, or
// if a join is not complete.
func ReadIdentity(dir string) (Identity, error) {
	id, err := readIdentity(dir)
	if err == nil && !id.Joined {
		err = ErrNoIdentity
	}
	if err != nil {
		return id, err
	}
	return id, id.readCertificates(dir)
}

func readIdentity(dir string) (Identity, error) {
	var id Identity
	if err := checkReadable(dir); err != nil {
		return id, err
	}
	text, err := readFile(dir, identityFile)
	if errors.Is(err, fs.ErrNotExist) {
		return id, ErrNoIdentity
	}
	if err == nil {
		err = json.Unmarshal(text, &id)
	}
	if err == nil {
		err = id.check()
	}
	if err != nil {
		return id, fmt.Errorf("%s: %w", filepath.Join(dir, identityFile), err)
	}
	return id, nil
}

func (id Identity) check() error {
	if id.Format != identityFormat {
		return fmt.Errorf("the identity has format %d, this program reads format %d", id.Format, identityFormat)
	}
	return errors.Join(checkID(id.Node), checkID(id.Cluster), checkNodeName(id.Name), checkAddress(id.Advertise))
}

// readCertificates sets the fields that come from the certificates.
func (id *Identity) readCertificates(dir string) error {
	for file, use := range map[string]func([]byte) error{
		chainFile: func(text []byte) error {
			certificate, err := parseCertificate(text)
			if err == nil {
				id.Expires = certificate.NotAfter
			}
			return err
		},
		bundleFile: func(text []byte) error {
			certificate, err := parseCertificate(text)
			if err == nil {
				id.Fingerprint = fingerprint(certificate.Raw)
			}
			return err
		},
	} {
		text, err := readFile(dir, file)
		if err == nil {
			err = use(text)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", filepath.Join(dir, file), err)
		}
	}
	return nil
}

// write writes the identity, which is the commit point of Init and Join.
func (id Identity) write(dir string) error {
	text, err := json.Marshal(id)
	if err != nil {
		return err
	}
	return writeFile(dir, identityFile, append(text, '\n'))
}

// checkDataFolder returns an error if other users have access to a data folder that exists.
func checkDataFolder(dir string) error { return checkFolder(dir, osfile.CurrentUser()) }

// checkReadable is checkDataFolder for commands that only read. Root may ask the nodes of all users.
func checkReadable(dir string) error {
	owners := []int{osfile.CurrentUser()}
	if owners[0] == 0 {
		owners = nil
	}
	return checkFolder(dir, owners...)
}

func checkFolder(dir string, owners ...int) error {
	err := osfile.Policy{Folder: true, Denied: 0o077, Owners: owners}.CheckPath(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return ErrNoIdentity
	}
	return err
}

// openDataFolder creates the folder if necessary, and takes its lock.
func openDataFolder(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if err := checkDataFolder(dir); err != nil {
		return nil, err
	}
	lock, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := osfile.Lock(lock); err != nil {
		if errors.Is(err, osfile.ErrLocked) {
			err = fmt.Errorf("a server uses the cluster folder %s; stop it first", dir)
		}
		return nil, errors.Join(err, lock.Close())
	}
	return lock, nil
}

func writeFile(dir, name string, content []byte) error {
	return osfile.Writer{}.Replace(filepath.Join(dir, name), content)
}

// readFile returns the content of a small file in a data folder.
func readFile(dir, name string) ([]byte, error) {
	path := filepath.Join(dir, name)
	info, err := os.Lstat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular() || info.Size() > maxIdentity:
		return nil, fmt.Errorf("%s is not a regular file of at most %d bytes", path, maxIdentity)
	}
	return os.ReadFile(path)
}

// nodeKey returns the key of the node, which it creates if there is none.
func nodeKey(dir string) (*ecdsa.PrivateKey, error) {
	text, err := readFile(dir, keyFile)
	if err == nil {
		return parseKey(text)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	if text, err = encodeKey(key); err != nil {
		return nil, err
	}
	return key, writeFile(dir, keyFile, text)
}

// newID returns a random id.
func newID() string { return strings.ToLower(rand.Text())[:16] }
