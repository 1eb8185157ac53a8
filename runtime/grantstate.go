package runtime

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"tabcell/runtime/internal/egress"
	"tabcell/runtime/internal/grant"
	"tabcell/runtime/internal/hostfs"
)

// grantState has the grants of a call, and its connections and files of the host. Without grants and
// until the first use, nothing is open.
type grantState struct {
	grants  *Grants
	network *egress.Network
	session *egress.Session // nil until it is needed
	files   *hostfs.FS      // nil until it is needed
	record  bool            // keep the state of the files that are used
	text    string          // of the last error
	memory  uint64          // bytes of the cell's memory at the last call of a host function
}

// maxGrantFolders is the number of folders that the context of a call names.
const maxGrantFolders = 64

// grantContext is the part of a call's context about its grants.
type grantContext struct {
	Connect bool     `json:"connect"`
	Folders []string `json:"folders"`
}

// context returns the part of the call's context about its grants, or nil if it has none.
func (s *grantState) context() *grantContext {
	if s.grants == nil {
		return nil
	}
	c := &grantContext{Connect: s.grants.Connects(), Folders: []string{}}
	folders := s.grants.Folders()
	for _, f := range folders[:min(len(folders), maxGrantFolders)] {
		c.Folders = append(c.Folders, f.Guest)
	}
	return c
}

// environment returns the environment variables of the grants as JSON, or false if there are none.
func (s *grantState) environment() ([]byte, bool) {
	env := s.grants.Env()
	if len(env) == 0 {
		return nil, false
	}
	b, err := json.Marshal(env)
	return b, err == nil
}

// owner returns the account or endpoint of the call for texts.
func (c *call) owner() string {
	if c.grants.grants != nil || c.account == "" {
		return c.grants.grants.OwnerText()
	}
	switch method, name, found := strings.Cut(c.account, " "); {
	case !found:
		return "account " + c.account
	case method == "Basic":
		return "account " + name
	}
	return "an account that signs in by token" // its name must not be in logs
}

// session returns the connections of the call, or nil if it has no grants.
func (c *call) session() *egress.Session {
	s := &c.grants
	if s.session == nil && s.grants != nil && s.network != nil {
		s.session = s.network.NewSession(c.ctx, egress.Options{Grants: s.grants, Used: c.noteUse, Park: c.park})
	}
	return s.session
}

// hostFiles returns the files of the host for the call, or nil if it has no grants.
func (c *call) hostFiles() *hostfs.FS {
	s := &c.grants
	if s.files == nil && s.grants != nil {
		s.files = hostfs.New(c.ctx, hostfs.Options{Grants: s.grants, Used: c.noteUse, Record: s.record})
	}
	return s.files
}

// endGrants closes all that the call has open outside of its cell. If states are recorded, it
// returns those of the files.
func (c *call) endGrants() (files *hostfs.State) {
	s := &c.grants
	if s.session != nil {
		s.session.End()
	}
	if s.files != nil {
		files = s.files.State()
		s.files.End()
	}
	return files
}

// park gives the permit of the call to another one until the returned function is called.
func (c *call) park() (resume func()) {
	p, begun := permitOf(c.ctx), time.Now()
	if p == nil || p.held == nil || !p.held.Suspend(c.grants.memory-min(c.grants.memory, c.imageSize)) {
		return func() { c.trace.Wait += time.Since(begun) }
	}
	return func() {
		p.held.Resume(c.ctx)
		c.trace.Wait += time.Since(begun)
	}
}

// loadGrants returns the part of a model's grants that it has while it is loaded: the folders. An
// image must hold neither variables nor data from the network.
func loadGrants(g *Grants) *Grants {
	if len(g.Folders()) == 0 {
		return nil
	}
	folders := &Grants{Owner: g.Owner, Observe: g.Observe}
	for _, one := range g.List {
		folders.List = append(folders.List, &Grant{Name: one.Name, Folders: one.Folders})
	}
	return folders
}

// folderKey returns a text that stands for the folders of grants.
func folderKey(g *Grants) string {
	var all []string
	for _, f := range g.Folders() {
		all = append(all, f.Host, f.Guest)
	}
	return strings.Join(all, "\x00")
}

// TestGrants makes a connection to a target, such as https://geo.example.com, as a script with the
// grants would: under the same rules, with the same resolver, and with TLS if the target has it.
func TestGrants(ctx context.Context, g *Grants, l GrantLimits, target string) GrantReport {
	return egress.Test(ctx, g, l.WithDefaults(DefaultConcurrency, DefaultMemory), target)
}

// StatGrants returns the reason why a script with the grants cannot read the file or folder at a
// path, or nil.
func StatGrants(ctx context.Context, g *Grants, path string) error {
	if g == nil {
		return hostfs.NoGrant(path, g.OwnerText())
	}
	fs := hostfs.New(ctx, hostfs.Options{Grants: g, Used: func() {}})
	defer fs.End()
	info, err := fs.Stat(path)
	if err == nil && info.Kind == hostfs.File {
		_, err = fs.Open(path)
	}
	if err == nil {
		return nil
	}
	if err.Code == grant.NotFound && !fs.Covers(path) {
		err = hostfs.NoGrant(path, g.OwnerText())
	}
	return errors.New(err.Text)
}
