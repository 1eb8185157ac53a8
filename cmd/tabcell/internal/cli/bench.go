package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"tabcell/cmd/tabcell/internal/bench"

	"github.com/spf13/cobra"
)

const benchHelp = `Send requests as workbooks send them to a running server, and print how fast it responds.

The server may be any that speaks TabPy's protocol, including TabPy. Every response is checked.
The measurement keeps the server busy, so do not measure one that people are using. Credentials
come from the environment variables TABCELL_BENCH_USER and TABCELL_BENCH_PASSWORD.`

const benchExample = `  tabcell bench http://localhost:9004
  tabcell bench --connections 1,16 --case 'add 1 000 rows' --seconds 5 http://localhost:9004`

type benchOptions struct {
	connections []int
	cases       []string
	seconds     float64
	json, heavy bool
}

func (a *App) benchCommand() *cobra.Command {
	o := benchOptions{}
	cmd := &cobra.Command{
		Use:     "bench [flags] URL",
		Short:   "Measure how fast a running server responds",
		Long:    benchHelp + exitHelp,
		Example: benchExample,
		Args:    cobra.ExactArgs(1),
		RunE:    func(_ *cobra.Command, args []string) error { return a.bench(o, args[0]) },
	}
	cmd.Flags().IntSliceVar(&o.connections, "connections", []int{1, 4}, "`numbers` of concurrent requests; each case is measured with each")
	cmd.Flags().StringSliceVar(&o.cases, "case", nil, "`name` of a case; may be repeated (default: all cases but the heavy ones)")
	cmd.Flags().Float64Var(&o.seconds, "seconds", 1, "`number` of seconds that each measurement takes")
	cmd.Flags().BoolVar(&o.heavy, "heavy", false, "include the heavy cases, such as a million rows")
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON, one object per line")
	return cmd
}

func (a *App) bench(o benchOptions, address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("%q is not a valid server URL; write it like http://localhost:9004", address)
	}
	cases, err := bench.Select(o.cases, o.heavy)
	if err != nil {
		return err
	}
	for _, n := range o.connections {
		if n < 1 || n > 1024 {
			return fmt.Errorf("--connections %d is out of range; use 1 to 1024", n)
		}
	}
	ctx, cancel := a.signalContext()
	defer cancel()
	if !o.json {
		fmt.Fprintf(a.Stdout, "%-24s %11s %10s %9s %9s\n", "case", "connections", "requests/s", "p50 ms", "p99 ms")
	}
	failed := 0
	for _, c := range cases {
		failed += a.benchCase(ctx, o, strings.TrimSuffix(address, "/"), c)
		if ctx.Err() != nil {
			return errInterrupted
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d cases failed", failed, len(cases))
	}
	return nil
}

// benchCase measures one case and prints its lines. It returns 1 if the case failed, 0 otherwise.
func (a *App) benchCase(ctx context.Context, o benchOptions, address string, c bench.Case) int {
	l := bench.NewLoad(bench.NewClient(1024, http.DefaultTransport.(*http.Transport).Clone()), address, c)
	defer l.Client.CloseIdleConnections()
	l.User, l.Password = a.getenv("TABCELL_BENCH_USER"), a.getenv("TABCELL_BENCH_PASSWORD")
	err := l.WarmUp(ctx)
	for _, n := range o.connections {
		var m bench.Result
		if err == nil {
			m, err = l.Run(ctx, n, time.Duration(o.seconds*float64(time.Second)))
		}
		switch {
		case err != nil:
			fmt.Fprintf(a.Stderr, "tabcell: %v\n", err)
			return 1
		case o.json:
			_ = json.NewEncoder(a.Stdout).Encode(m)
		default:
			fmt.Fprintf(a.Stdout, "%-24s %11d %10.1f %9.2f %9.2f\n", m.Case, m.Connections, m.Rate(), bench.Milliseconds(m.P50), bench.Milliseconds(m.P99))
		}
	}
	return 0
}
