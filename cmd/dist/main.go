// Command dist builds tabcell with the patched wazero. It applies the patches in
// runtime/engine/patches to copies of wazero's files and builds with go build -overlay, so that
// go.mod requires the released wazero, and neither the module cache nor the work tree changes.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"tabcell/cmd/dist/internal/gotool"
	"tabcell/cmd/dist/internal/source"
)

const help = `Build tabcell with the patches of runtime/engine/patches on its WebAssembly engine.

Usage:
  go run ./cmd/dist [-o FILE] [-platform OS/ARCH] [-version VERSION]
                                                build the program
  go run ./cmd/dist test|vet|run [ARGUMENTS]    run that go command with the patched engine
  go run ./cmd/dist release [FLAGS]             build all files of a release; see release -help
  go run ./cmd/dist overlay                     print the path of the overlay file, for
                                                go COMMAND -overlay FILE

Flags:
  -o FILE              the program (default dist/tabcell, on Windows dist/tabcell.exe)
  -platform OS/ARCH    the target, such as linux/arm64 (default: GOOS and GOARCH, or this machine);
                       use it with go run, which would build this command for GOOS and GOARCH too
  -version VERSION     the version to write into the program (default: from git). A commit with the
                       tag vX.Y.Z has the version X.Y.Z. Other commits have the next version with
                       their time and hash, such as 0.1.1-dev.20261129180000.gabcdef1234, and
                       .modified at the end if files differ from the commit

Examples:
  go run ./cmd/dist
  go run ./cmd/dist test ./runtime/...
  go run ./cmd/dist -platform darwin/arm64 -o dist/tabcell-darwin-arm64

The patched files are in the user's cache folder, under tabcell-engine. The program is reproducible:
the same commit and the same Go version give the same bytes.
`

// errUsage is the error of a wrong command line, after its message was printed.
var errUsage = errors.New("usage")

func main() {
	err := dist(os.Args[1:], os.Stdout, os.Stderr)
	var goFailed *exec.ExitError
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errUsage):
		os.Exit(2)
	case errors.As(err, &goFailed): // the go command has printed the reason
		os.Exit(max(1, goFailed.ExitCode()))
	default:
		fmt.Fprintln(os.Stderr, "dist:", err)
		os.Exit(1)
	}
}

// dist runs the command with the given arguments. It returns flag.ErrHelp after it has printed the
// help, and an *exec.ExitError if the go command failed.
func dist(args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("dist", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() { fmt.Fprint(stderr, help) }
	out := flags.String("o", "", "")
	platform := flags.String("platform", "", "")
	version := flags.String("version", "", "")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return err
		}
		return errUsage
	}
	t := gotool.Tool{Stdout: stdout, Stderr: stderr}
	if flags.NArg() == 0 {
		return build(t, *out, *platform, *version)
	}
	if *out != "" || *platform != "" || *version != "" {
		return fmt.Errorf("-o, -platform and -version cannot be used with the command %s; see -help", flags.Arg(0))
	}
	switch command := flags.Arg(0); command {
	case "run":
		return run(t, flags.Args()[1:])
	case "test", "vet":
		return t.Run(command, flags.Args()[1:])
	case "release": // a program of its own, see there
		return t.Go("", nil, append([]string{"run", "tabcell/cmd/dist/release"}, flags.Args()[1:]...)...)
	case "overlay":
		return t.PrintOverlay()
	default:
		return fmt.Errorf("unknown command %s; the commands are release, test, vet, run and overlay, see -help", strings.TrimSpace(command))
	}
}

// build builds the program. Without git, it has no version, unless one is given.
func build(t gotool.Tool, out, platform, version string) error {
	src, err := source.Read("", version)
	if err != nil && version != "" {
		return err
	}
	if err != nil {
		fmt.Fprintln(t.Stderr, "dist: the program gets no version, because git does not tell one:", err)
	}
	return t.Build(out, platform, src)
}

// run runs a program with the patched engine and its version.
func run(t gotool.Tool, args []string) error {
	src, _ := source.Read("", "") // without git, the program has no version
	return t.Run("run", append(gotool.Stamp(src), args...))
}
