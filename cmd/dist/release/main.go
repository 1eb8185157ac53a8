// Command release builds all files of a release of tabcell. It is started by "go run ./cmd/dist
// release". It is a program of its own, because its libraries for packages and images are many more
// modules than building the program needs.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
)

const help = `Build the files of a release in a folder, with their digests and signatures.

Usage:
  go run ./cmd/dist release [FLAGS]

Flags:
  -version VERSION      the version, such as 1.2.3 (default: from git, see go run ./cmd/dist -help)
  -platforms LIST       platforms, separated by commas (default %s)
  -formats LIST         kinds of files (default: all of %s)
  -o FOLDER             the folder, which is replaced as a whole (default dist/release)
  -key FILE             sign with this private key of minisign
  -password-file FILE   the first line is the password of the key; - is stdin. By default, the
                        terminal asks for it if the key has one
  -compare              build everything a second time, from a clone of the commit in another folder
                        and with an empty build cache, and compare the bytes

Formats:
  archive   tar.gz with the program, and zip for Windows
  deb, rpm, apk
            packages for Linux
  msi       the package for Windows on amd64, if wixl is installed
  image     container images, as OCI layout and for docker load
  code      packages and images with compiled code, for the platform of this machine if it is Linux;
            they fit processors with the same features
  chart     the Helm chart

In any case there are a bill of materials for each platform, the changes of the version, and
SHA256SUMS. The times of all files are that of the commit, or SOURCE_DATE_EPOCH. After the modules
have been downloaded, no network is used.

Examples:
  go run ./cmd/dist release -platforms linux/amd64 -formats archive,deb
  go run ./cmd/dist release -compare -key minisign.key
`

// allPlatforms are the platforms that a release is for.
var allPlatforms = []string{"linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64", "windows/amd64", "windows/arm64"}

// allFormats are the kinds of files of a release.
var allFormats = []string{"archive", "deb", "rpm", "apk", "msi", "image", "code", "chart"}

// errUsage is the error of a wrong command line, after its message was printed.
var errUsage = errors.New("usage")

func main() {
	// Also after a signal, temporary folders are removed.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	o, err := parse(os.Args[1:], os.Stderr)
	if err == nil {
		err = release(ctx, o, os.Stdout, os.Stderr)
	}
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errUsage):
		os.Exit(2)
	default:
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

// options are the flags of the command line.
type options struct {
	version, out, key, passwordFile string
	platforms, formats              []string
	compare                         bool
}

// parse reads the command line. It returns flag.ErrHelp after it has printed the help.
func parse(args []string, stderr io.Writer) (o options, err error) {
	flags := flag.NewFlagSet("release", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() { fmt.Fprintf(stderr, help, strings.Join(allPlatforms, ","), strings.Join(allFormats, ",")) }
	flags.StringVar(&o.version, "version", "", "")
	flags.StringVar(&o.out, "o", "dist/release", "")
	flags.StringVar(&o.key, "key", "", "")
	flags.StringVar(&o.passwordFile, "password-file", "", "")
	flags.BoolVar(&o.compare, "compare", false, "")
	platforms := flags.String("platforms", strings.Join(allPlatforms, ","), "")
	formats := flags.String("formats", strings.Join(allFormats, ","), "")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return o, err
	} else if err != nil {
		return o, errUsage
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q; see -help", flags.Arg(0))
	}
	if o.platforms, err = list("platform", *platforms, allPlatforms); err != nil {
		return o, err
	}
	o.formats, err = list("format", *formats, allFormats)
	return o, err
}

// list splits a list at commas. Its items, without duplicates, must be among the allowed ones.
func list(name, text string, allowed []string) (items []string, err error) {
	for _, item := range strings.Split(text, ",") {
		item = strings.TrimSpace(item)
		if !slices.Contains(allowed, item) {
			return nil, fmt.Errorf("unknown %s %q; choose from %s", name, item, strings.Join(allowed, ", "))
		}
		if !slices.Contains(items, item) {
			items = append(items, item)
		}
	}
	return items, nil
}
