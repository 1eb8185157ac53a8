// Package endpoints stores deployed endpoints for the commands: in the models' folder of this
// machine, or on a running server. It also reads the endpoints that TabPy kept in its state folder,
// and carries the ready-made models.
package endpoints

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"tabcell/cmd/tabcell/internal/term"
	"tabcell/runtime"
	"tabcell/runtime/registry"
	"tabcell/settings"
)

// Store lists and changes endpoints.
type Store interface {
	// List returns all endpoints, sorted by name.
	List() ([]Endpoint, error)
	// Show returns one endpoint with its versions.
	Show(name string) (Endpoint, error)
	// Deploy stores a new endpoint, or a new version of one, and returns the version.
	Deploy(ctx context.Context, d registry.Deployment) (version int, err error)
	// Rollback deploys the code of an old version, the one before the current if to is 0.
	Rollback(name string, to int) (version int, err error)
	// Remove removes an endpoint with all its versions.
	Remove(name string) error
	// Export writes endpoints to w, all of them if names is empty, and returns their number.
	// A server's store returns ErrNoExport.
	Export(w io.Writer, names []string) (count int, err error)
	// Close releases the folder, the engine or the connections.
	Close() error
}

// Endpoint is what is shown of an endpoint; its JSON is a server's /endpoints/NAME/usage.
type Endpoint struct {
	Name        string    `json:"name"`
	Version     int       `json:"version"`
	Type        string    `json:"type"`
	Target      string    `json:"target,omitempty"`
	Status      string    `json:"status,omitempty"` // a server's only
	LastError   *string   `json:"last_error,omitempty"`
	Description string    `json:"description"`
	Docstring   string    `json:"docstring"`
	Signature   string    `json:"signature,omitempty"`
	Tableau     *Tableau  `json:"tableau,omitempty"`
	Curl        string    `json:"curl,omitempty"`
	Versions    []Version `json:"versions"`
}

type Tableau struct {
	Script string `json:"script"`
	Model  string `json:"model_extension"`
}

type Version struct {
	Number   int      `json:"number"`
	Kind     string   `json:"kind"`
	Function string   `json:"function,omitempty"`
	Requires []string `json:"requires,omitempty"`
	Size     int64    `json:"size"`
	Sum      string   `json:"sha256"`
	Deployed int64    `json:"deployed"`
	Copy     int      `json:"copy_of,omitempty"`
	Author   string   `json:"author,omitempty"`
}

// Print shows one endpoint to people.
func (e Endpoint) Print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	row := func(name, text string) {
		if text != "" {
			fmt.Fprintf(w, "%s\t%s\n", name, strings.Map(term.Visible, text))
		}
	}
	row("name", e.Name)
	row("type", KindText(e))
	row("version", strconv.Itoa(e.Version))
	row("status", e.Status)
	if e.LastError != nil {
		row("error", *e.LastError)
	}
	row("signature", e.Signature)
	row("description", e.Description)
	for i, line := range strings.Split(strings.TrimSpace(e.Docstring), "\n") {
		row([]string{"docstring", ""}[min(i, 1)], line)
	}
	if e.Tableau != nil {
		row("Tableau", e.Tableau.Model)
		row("", e.Tableau.Script)
	}
	row("curl", e.Curl)
	for _, v := range e.Versions {
		row(fmt.Sprintf("version %d", v.Number), v.text())
	}
	return w.Flush()
}

func (v Version) text() string {
	text := fmt.Sprintf("%s, %d bytes, sha256 %.12s, deployed %s", v.Kind, v.Size, v.Sum, timeText(v.Deployed))
	if v.Function != "" {
		text += ", function " + v.Function
	}
	if len(v.Requires) > 0 {
		text += ", requires " + strings.Join(v.Requires, " ")
	}
	if v.Copy > 0 {
		text += fmt.Sprintf(", version %d again", v.Copy)
	}
	if v.Author != "" {
		text += ", by " + v.Author
	}
	return text
}

// Options say how a store talks to people, servers and the guest.
type Options struct {
	User, Password, Token string // to sign in with at a server; empty ones are asked for
	CA                    string // file of the certificate that an https server must have; "" for the system's trust
	Stderr                io.Writer
	Ask                   func(prompt string, secret bool) (string, error)
	Start                 func(ctx context.Context, s settings.Settings) (ModelLoader, error)
}

// ModelLoader loads models in the guest, to find out whether they can be loaded.
type ModelLoader interface {
	LoadModel(ctx context.Context, m runtime.Model) (runtime.ModelInfo, error)
	Close() error
}

// Open opens the models' folder of a configuration. While a server has it open, it returns that
// server's store, if writes is true.
func Open(ctx context.Context, loaded *settings.Loaded, writes bool, o Options) (Store, error) {
	models := loaded.Settings.Models
	if models.Path == "" {
		return nil, errors.New("no folder is configured for deployed endpoints: name one (TABCELL_MODELS_PATH), or a running server (--url)")
	}
	options := RegistryOptions(models)
	options.ReadOnly = !writes
	kept, err := registry.Open(models.Path, options)
	if errors.Is(err, registry.ErrLocked) {
		url := serverURL(loaded)
		fmt.Fprintf(o.Stderr, "tabcell: a server has %s open: asking it at %s\n", models.Path, url)
		if o.CA == "" {
			o.CA = loaded.Settings.TLS.Certificate
		}
		return Dial(ctx, url, o)
	}
	if err != nil {
		return nil, err
	}
	for _, d := range kept.DamagedManifests() {
		fmt.Fprintf(o.Stderr, "tabcell: a deployed endpoint is damaged: %s: %v\n", d.File, d.Err)
	}
	return &localStore{start: o.Start, registry: kept, settings: loaded.Settings}, nil
}

// serverURL is where a server with these settings listens, from this machine.
func serverURL(loaded *settings.Loaded) string {
	s := loaded.Settings
	host := s.Server.ListenHost()
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	url := s.TLS.Protocol + "://" + net.JoinHostPort(host, strconv.Itoa(s.Server.Port))
	if sub := strings.Trim(loaded.Service.Subdirectory, "/"); sub != "" {
		url += "/" + sub
	}
	return url
}

func KindText(e Endpoint) string {
	if e.Target != "" {
		return e.Type + " of " + e.Target
	}
	return e.Type
}

func timeText(seconds int64) string {
	return time.Unix(seconds, 0).UTC().Format(time.DateTime) + " UTC"
}

func RegistryOptions(m settings.Models) registry.Options {
	o := registry.Options{MaxBytes: int64(m.MaxMB) << 20, MaxCount: m.MaxCount, KeepVersions: m.KeepVersions}
	if m.MaxCount == 0 {
		o.MaxCount = -1 // none, where 0 would be the default
	}
	return o
}
