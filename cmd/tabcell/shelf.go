package main

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

// shelf is where endpoints are, for the commands: a folder, or a server.
type shelf interface {
	list() ([]endpointView, error)
	show(name string) (endpointView, error)
	deploy(ctx context.Context, d registry.Deployment) (version int, err error)
	rollback(name string, to int) (version int, err error)
	remove(name string) error
	export(w io.Writer, names []string) (count int, err error) // all endpoints if there are no names
	close() error
}

// endpointView is what is shown of an endpoint; its JSON is a server's /endpoints/NAME/usage.
type endpointView struct {
	Name        string        `json:"name"`
	Version     int           `json:"version"`
	Type        string        `json:"type"`
	Target      string        `json:"target,omitempty"`
	Status      string        `json:"status,omitempty"` // a server's only
	LastError   *string       `json:"last_error,omitempty"`
	Description string        `json:"description"`
	Docstring   string        `json:"docstring"`
	Signature   string        `json:"signature,omitempty"`
	Tableau     *tableauView  `json:"tableau,omitempty"`
	Curl        string        `json:"curl,omitempty"`
	Versions    []versionView `json:"versions"`
}

type tableauView struct {
	Script string `json:"script"`
	Model  string `json:"model_extension"`
}

type versionView struct {
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

// print shows one endpoint to people.
func (e endpointView) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	row := func(name, text string) {
		if text != "" {
			fmt.Fprintf(w, "%s\t%s\n", name, strings.Map(term.Visible, text))
		}
	}
	row("name", e.Name)
	row("type", kindText(e))
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

func (v versionView) text() string {
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

// storeOptions say how a store talks to people, servers and the guest.
type storeOptions struct {
	user, password, token string // to sign in with at a server; empty ones are asked for
	ca                    string // file of the certificate that an https server must have; "" for the system's trust
	stderr                io.Writer
	ask                   func(prompt string, secret bool) (string, error)
	start                 func(ctx context.Context, s settings.Settings) (modelLoader, error)
}

// modelLoader loads models in the guest, to find out whether they can be loaded.
type modelLoader interface {
	LoadModel(ctx context.Context, m runtime.Model) (runtime.ModelInfo, error)
	Close() error
}

// openShelf opens the models' folder of a configuration. While a server has it open, it returns that server's store, if writes is true.
func openShelf(ctx context.Context, loaded *settings.Loaded, writes bool, o storeOptions) (shelf, error) {
	models := loaded.Settings.Models
	if models.Path == "" {
		return nil, errors.New("no folder is configured for deployed endpoints: name one (TABCELL_MODELS_PATH), or a running server (--url)")
	}
	options := registryOptions(models)
	options.ReadOnly = !writes
	kept, err := registry.Open(models.Path, options)
	if errors.Is(err, registry.ErrLocked) {
		url := serverURL(loaded)
		fmt.Fprintf(o.stderr, "tabcell: a server has %s open: asking it at %s\n", models.Path, url)
		if o.ca == "" {
			o.ca = loaded.Settings.TLS.Certificate
		}
		return dial(ctx, url, o)
	}
	if err != nil {
		return nil, err
	}
	for _, d := range kept.DamagedManifests() {
		fmt.Fprintf(o.stderr, "tabcell: a deployed endpoint is damaged: %s: %v\n", d.File, d.Err)
	}
	return &folder{start: o.start, kept: kept, settings: loaded.Settings}, nil
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

func kindText(e endpointView) string {
	if e.Target != "" {
		return e.Type + " of " + e.Target
	}
	return e.Type
}

func timeText(seconds int64) string {
	return time.Unix(seconds, 0).UTC().Format(time.DateTime) + " UTC"
}

func registryOptions(m settings.Models) registry.Options {
	o := registry.Options{MaxBytes: int64(m.MaxMB) << 20, MaxCount: m.MaxCount, KeepVersions: m.KeepVersions}
	if m.MaxCount == 0 {
		o.MaxCount = -1 // none, where 0 would be the default
	}
	return o
}
