package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"tabcell/cmd/tabcell/internal/grants"
	"tabcell/cmd/tabcell/internal/server"
	"tabcell/runtime"
	"tabcell/settings"

	"github.com/spf13/cobra"
)

// grantTimeout limits a test of a grant, with the resolution of the name.
const grantTimeout = 15 * time.Second

func (a *App) grantTestCommand() *cobra.Command {
	o := &grantOptions{src: settings.Sources{Environ: a.Environ}}
	cmd := &cobra.Command{
		Use:   "test NAME URL|PATH",
		Short: "Connect to a server or open a file as a script with a grant would",
		Long: `Connect to the server of URL, or open the file or folder at PATH, under the rules of the grant NAME
for the account or endpoint: the same checks of names and addresses, resolver, proxy and verified
TLS as for a script, without a script. No request is sent. A client without an account is tested
if neither --account nor --endpoint is given.

Run it on the host of the server, as its user. A confined server can use only the folders and ports
of the grants that it had at its start.

Exit codes:
  0    the script could connect or read
  1    it could not; the output has the error that it would get
  2    the command line is invalid`,
		Example: "  tabcell grant test geocoder --config tabpy.conf --account ann https://geo.example.com\n" +
			"  tabcell grant test lookup --config tabpy.conf --endpoint churn /models/churn.pkl",
		Args: cobra.ExactArgs(2),
		RunE: func(_ *cobra.Command, args []string) error { return a.grantTest(o, args[0], args[1]) },
	}
	o.addFlags(cmd)
	return cmd
}

// grantTestJSON is the JSON form of a test.
type grantTestJSON struct {
	Grant     string   `json:"grant"`
	Caller    string   `json:"caller"`
	Target    string   `json:"target"`
	Addresses []string `json:"addresses,omitempty"`
	Address   string   `json:"address,omitempty"`
	TLS       string   `json:"tls,omitempty"`
	Millis    int64    `json:"ms"`
	Error     string   `json:"error,omitempty"`
}

func (a *App) grantTest(o *grantOptions, name, place string) error {
	loaded, set, err := o.loadGrants()
	if err != nil {
		return err
	}
	if !hasGrant(loaded.Grants, name) {
		return fmt.Errorf("%s has no [Grant %s]; `tabcell grant list` shows all", o.src.File, name)
	}
	only, err := grants.Only(set.Of(o.caller), name)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), grantTimeout)
	defer cancel()
	r := grants.Check(ctx, only, server.GrantLimits(loaded.Settings), place)
	if o.asJSON {
		return a.printGrantJSON(name, o.caller, place, r)
	}
	return a.printGrantTest(name, o.caller, place, r)
}

func hasGrant(all []settings.Grant, name string) bool {
	for _, g := range all {
		if strings.EqualFold(g.Name, name) {
			return true
		}
	}
	return false
}

func (a *App) printGrantJSON(name string, caller grants.Caller, place string, r runtime.GrantReport) error {
	out := grantTestJSON{name, caller.String(), place, r.Addresses, r.Address, r.TLSVersion, r.Took.Milliseconds(), ""}
	if r.Err != nil {
		out.Error = r.Err.Error()
	}
	if err := a.printJSON(out); err != nil || r.Err == nil {
		return err
	}
	return errReported
}

func (a *App) printGrantTest(name string, caller grants.Caller, place string, r runtime.GrantReport) error {
	if len(r.Addresses) > 0 {
		fmt.Fprintf(a.Stdout, "the name resolves to %s\n", strings.Join(r.Addresses, ", "))
	}
	if r.Err != nil {
		return errors.New("with the grant " + name + ", a script of " + caller.String() + " fails: " + r.Err.Error())
	}
	switch {
	case grants.IsPath(place):
		fmt.Fprintf(a.Stdout, "ok: with the grant %s, a script of %s can read %s\n", name, caller, place)
	default:
		tls := ", without TLS"
		if r.TLSVersion != "" {
			tls = ", with " + r.TLSVersion
		}
		fmt.Fprintf(a.Stdout, "ok: with the grant %s, a script of %s connects to %s (%s%s, %d ms)\n", name, caller, r.Target, r.Address, tls, r.Took.Milliseconds())
	}
	return nil
}
