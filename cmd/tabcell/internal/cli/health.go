package cli

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"tabcell/cmd/tabcell/internal/certs"
	"tabcell/runtime/registry"
	"tabcell/settings"

	"github.com/spf13/cobra"
)

const healthHelp = `Ask a running server whether it can run scripts, for supervisors and for the health check of a
container. The server needs no credentials for that.

Without a URL, it is the server of this machine: the one that has the models folder open, or else
the one of the configured port. Its certificate is not verified, because it may be for another name,
and nothing secret is sent.

The exit code is 0 if the server is ready. A server that requires a client certificate is asked with
--cert and --key; without them, it passes if it accepts connections.`

// healthOptions are the flags of the command health.
type healthOptions struct {
	src      settings.Sources
	live     bool
	timeout  time.Duration
	ca       string
	insecure bool
	client   certs.Files
}

func (a *App) healthCommand() *cobra.Command {
	o := healthOptions{src: settings.Sources{Environ: a.Environ}}
	cmd := &cobra.Command{
		Use:     "health [URL]",
		Short:   "Ask a running server whether it is ready",
		Long:    healthHelp + exitHelp,
		Example: "  tabcell health\n  tabcell health --live https://tabpy.example.com",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			ctx, cancel := a.signalContext()
			defer cancel()
			ctx, stop := context.WithTimeout(ctx, o.timeout)
			defer stop()
			return a.health(ctx, o, args)
		},
	}
	flags := cmd.Flags()
	addSettings(flags, &o.src, "host", "port")
	flags.BoolVar(&o.live, "live", false, "ask only whether the server accepts requests, even if it cannot run scripts yet")
	flags.DurationVar(&o.timeout, "wait", 5*time.Second, "`time` to wait for the response")
	flags.StringVar(&o.ca, "cacert", "", "PEM `file` of the authorities to trust for the URL, instead of the system's")
	flags.BoolVar(&o.insecure, "insecure", false, "do not verify the certificate of the URL's server")
	flags.StringVar(&o.client.Certificate, "cert", "", "PEM `file` of a client certificate")
	flags.StringVar(&o.client.Key, "key", "", "PEM `file` of its private key")
	return cmd
}

// health asks the server and prints its state. It returns an error unless the server is well.
func (a *App) health(ctx context.Context, o healthOptions, args []string) error {
	base, local, err := o.server(args)
	if err != nil {
		return err
	}
	o.insecure = o.insecure || local
	asker, err := o.healthAsker(local)
	if err != nil {
		return err
	}
	state, err := asker.ask(ctx, base, o.live)
	if err != nil {
		return fmt.Errorf("%s %w", base, err)
	}
	_, err = fmt.Fprintf(a.Stdout, "%s is %s\n", base, state)
	return err
}

// server returns the URL of the server, and whether it is the one of this machine.
func (o healthOptions) server(args []string) (base string, local bool, err error) {
	if len(args) == 1 {
		u, err := url.Parse(args[0])
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" {
			return "", false, fmt.Errorf("%q is not a valid server URL; write it like http://localhost:9004", args[0])
		}
		return strings.TrimSuffix(args[0], "/"), false, nil
	}
	loaded, err := loadSettings(o.src)
	if err != nil {
		return "", false, err
	}
	s := loaded.Settings
	if running, err := registry.ReadServer(s.Models.Path); err == nil {
		if u, err := url.Parse(running.URL); err == nil {
			return u.Scheme + "://" + u.Host, true, nil // the subdirectory does not precede the health checks
		}
	}
	return s.TLS.Protocol + "://" + net.JoinHostPort(reachable(s.Server.ListenHost()), strconv.Itoa(s.Server.Port)), true, nil
}

// reachable returns the address at which programs on this machine reach a server that listens on
// host.
func reachable(host string) string {
	if addr, err := netip.ParseAddr(host); err == nil && addr.IsUnspecified() {
		if addr.Is6() {
			return "::1"
		}
		return "127.0.0.1"
	}
	return host
}
