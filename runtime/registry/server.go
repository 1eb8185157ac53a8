package registry

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"tabcell/runtime/osfile"
)

// serverName is the file that describes the server which has the registry open. It is not the lock
// file itself, because the lock belongs to that file, and could not be replaced as a whole.
const serverName = "server.json"

// maxServerBytes limits the size of that file.
const maxServerBytes = 64 << 10

// ErrNoServer means that the process which has a registry open is not a server, or one that has not
// announced itself yet.
var ErrNoServer = errors.New("the process that has the registry open is not a server")

// Server describes a server that has a registry open for writing.
type Server struct {
	URL string `json:"url"` // at which programs on its machine reach it
	// Certificate is the absolute path of its certificate chain, or "" if it uses plain HTTP.
	Certificate string    `json:"certificate,omitempty"`
	PID         int       `json:"pid"`
	Host        string    `json:"host"` // name of its machine or container
	Started     time.Time `json:"started"`
}

// Announce describes the server that has the registry open, until the registry is closed. Processes
// that find it locked read the description with ReadServer. It returns ErrReadOnly if the registry
// is read-only.
func (r *Registry) Announce(s Server) error {
	if r.options.ReadOnly {
		return ErrReadOnly
	}
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return r.disk.files.Replace(serverName, append(text, '\n'))
}

// ReadServer returns the server that has the registry in dir open. It is only meaningful after Open
// has returned ErrLocked: Open removes the description of an earlier server when it takes the lock,
// so that a description is that of the lock's holder. It returns ErrNoServer if there is none, and
// an error if another user could have written it.
func ReadServer(dir string) (s Server, err error) {
	path := filepath.Join(dir, serverName)
	folder, err := os.Stat(dir)
	if err != nil {
		return s, err
	}
	switch err := serverPolicy(folder).CheckPath(path); {
	case errors.Is(err, fs.ErrNotExist):
		return s, ErrNoServer
	case err != nil:
		return s, err
	}
	root, err := openDisk(dir)
	if err != nil {
		return s, err
	}
	text, err := root.read(serverName, maxServerBytes)
	if err = errors.Join(err, root.root.Close()); err != nil {
		return s, err
	}
	if err := json.Unmarshal(text, &s); err != nil || s.URL == "" {
		return s, fmt.Errorf("%s does not describe a server: %w", path, errors.Join(err, ErrNoServer))
	}
	return s, nil
}

// serverPolicy returns the policy for the description: its reader may send a password to the
// server, so it must be from the owner of the folder, from the reader or from the administrator.
func serverPolicy(folder fs.FileInfo) osfile.Policy {
	return osfile.Policy{Denied: 0o077, Owners: []int{osfile.OwnerOf(folder), osfile.CurrentUser(), 0}}
}

// removeServer removes the description of this or an earlier server.
func (r *Registry) removeServer() error { return ignoreMissing(r.disk.root.Remove(serverName)) }
