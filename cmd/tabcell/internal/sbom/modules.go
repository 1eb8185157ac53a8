package sbom

import (
	"cmp"
	"path"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

// engineModule is the Go module that patches may have changed.
const engineModule = "github.com/tetratelabs/wazero"

// module has the facts about a Go module that the program lacks.
type module struct {
	licence         string // SPDX expression
	vendor, product string // of the CPE name; by default the last elements of the path
}

// modules lists the Go modules that a program can contain, by path.
var modules = map[string]module{
	"aead.dev/minisign":                             {licence: "MIT", vendor: "minisign_project", product: "minisign"},
	"github.com/CycloneDX/cyclonedx-go":             {licence: "Apache-2.0"},
	"github.com/beorn7/perks":                       {licence: "MIT"},
	"github.com/bluekeyes/go-gitdiff":               {licence: "MIT"},
	"github.com/cespare/xxhash/v2":                  {licence: "MIT"},
	"github.com/elastic/go-seccomp-bpf":             {licence: "Apache-2.0"},
	"github.com/fatih/color":                        {licence: "MIT"},
	"github.com/go-viper/mapstructure/v2":           {licence: "MIT"},
	"github.com/golang-jwt/jwt/v5":                  {licence: "MIT", vendor: "golang-jwt", product: "jwt"},
	"github.com/hashicorp/go-hclog":                 {licence: "MIT"},
	"github.com/hashicorp/go-immutable-radix":       {licence: "MPL-2.0"},
	"github.com/hashicorp/go-metrics":               {licence: "MIT"},
	"github.com/hashicorp/go-msgpack/v2":            {licence: "MIT"},
	"github.com/hashicorp/golang-lru":               {licence: "MPL-2.0"},
	"github.com/hashicorp/raft":                     {licence: "MPL-2.0"},
	"github.com/inconshreveable/mousetrap":          {licence: "Apache-2.0"},
	"github.com/klauspost/compress":                 {licence: "BSD-3-Clause AND MIT AND Apache-2.0"},
	"github.com/knadh/koanf/maps":                   {licence: "MIT"},
	"github.com/knadh/koanf/providers/confmap":      {licence: "MIT"},
	"github.com/knadh/koanf/providers/env/v2":       {licence: "MIT"},
	"github.com/knadh/koanf/providers/posflag":      {licence: "MIT"},
	"github.com/knadh/koanf/providers/rawbytes":     {licence: "MIT"},
	"github.com/knadh/koanf/v2":                     {licence: "MIT"},
	"github.com/labstack/echo/v4":                   {licence: "MIT", vendor: "labstack", product: "echo"},
	"github.com/labstack/gommon":                    {licence: "MIT"},
	"github.com/landlock-lsm/go-landlock":           {licence: "MIT"},
	"github.com/mattn/go-colorable":                 {licence: "MIT"},
	"github.com/mattn/go-isatty":                    {licence: "MIT"},
	"github.com/mitchellh/copystructure":            {licence: "MIT"},
	"github.com/mitchellh/reflectwalk":              {licence: "MIT"},
	"github.com/munnerz/goautoneg":                  {licence: "BSD-3-Clause"},
	"github.com/pandatix/go-abnf":                   {licence: "MIT"},
	"github.com/prometheus/client_golang":           {licence: "Apache-2.0", vendor: "prometheus", product: "client_golang"},
	"github.com/prometheus/client_model":            {licence: "Apache-2.0"},
	"github.com/prometheus/common":                  {licence: "Apache-2.0"},
	"github.com/prometheus/procfs":                  {licence: "Apache-2.0"},
	"github.com/rs/zerolog":                         {licence: "MIT"},
	"github.com/spf13/cobra":                        {licence: "Apache-2.0"},
	"github.com/spf13/pflag":                        {licence: "BSD-3-Clause"},
	"github.com/tetratelabs/wazero":                 {licence: "Apache-2.0"},
	"github.com/valyala/bytebufferpool":             {licence: "MIT"},
	"github.com/valyala/fasttemplate":               {licence: "MIT"},
	"github.com/yuin/goldmark":                      {licence: "MIT"},
	"go.etcd.io/bbolt":                              {licence: "MIT"},
	"golang.org/x/crypto":                           {licence: "BSD-3-Clause", vendor: "golang", product: "crypto"},
	"golang.org/x/net":                              {licence: "BSD-3-Clause", vendor: "golang", product: "networking"},
	"golang.org/x/sync":                             {licence: "BSD-3-Clause", vendor: "golang", product: "sync"},
	"golang.org/x/sys":                              {licence: "BSD-3-Clause", vendor: "golang", product: "sys"},
	"golang.org/x/term":                             {licence: "BSD-3-Clause", vendor: "golang", product: "term"},
	"golang.org/x/text":                             {licence: "BSD-3-Clause", vendor: "golang", product: "text"},
	"google.golang.org/genproto/googleapis/rpc":     {licence: "Apache-2.0", vendor: "google", product: "genproto"},
	"google.golang.org/grpc":                        {licence: "Apache-2.0", vendor: "grpc", product: "grpc"},
	"google.golang.org/protobuf":                    {licence: "BSD-3-Clause", vendor: "golang", product: "protobuf"},
	"kernel.org/pub/linux/libs/security/libcap/psx": {licence: "BSD-3-Clause", vendor: "libcap_project", product: "libcap"},
}

// goLicence is the licence of Go's standard library.
const goLicence = "BSD-3-Clause"

// addProgram adds the Go modules, Go's standard library, and the administrator's packages.
func (b *bill) addProgram() {
	version := strings.TrimPrefix(b.info.Go, "go")
	version, _, _ = strings.Cut(version, " ") // an experiment of the compiler may follow
	b.add(programRef, cdx.Component{
		Type: cdx.ComponentTypeLibrary, BOMRef: "go:stdlib@" + version, Name: "stdlib", Version: version, Licenses: licence(goLicence),
		PackageURL: packageURL("golang", "stdlib", version), CPE: cpe("golang", "go", version),
	})
	linked := slices.Clone(b.info.Modules())
	slices.SortFunc(linked, func(a, b *debug.Module) int { return strings.Compare(a.Path, b.Path) })
	for _, m := range linked {
		b.add(programRef, b.module(m))
	}
	for _, p := range b.info.Packages {
		b.add(programRef, cdx.Component{
			Type: cdx.ComponentTypeLibrary, BOMRef: "added:" + p.File, Name: p.Name, Version: p.Version, Hashes: sha256(p.Sha256),
			PackageURL: packageURL("pypi", normalised(p.Name), p.Version), CPE: cpe(p.Name+"_project", p.Name, p.Version),
		})
	}
}

// module describes a Go module. The digest of a module in go.sum is not that of a file, so it is a
// property.
func (b *bill) module(m *debug.Module) cdx.Component {
	facts := modules[m.Path]
	vendor, product := moduleNames(m.Path)
	url := packageURL("golang", m.Path, m.Version)
	component := cdx.Component{
		Type: cdx.ComponentTypeLibrary, BOMRef: url, Name: m.Path, Version: m.Version, PackageURL: url, Licenses: licence(facts.licence),
		CPE: cpe(cmp.Or(facts.vendor, vendor), cmp.Or(facts.product, product), strings.TrimPrefix(m.Version, "v")),
	}
	if m.Sum != "" {
		component.Properties = &[]cdx.Property{{Name: "tabcell:go_sum", Value: m.Sum}}
	}
	if m.Path == engineModule && b.info.Patches != "" {
		component.Pedigree = pedigree("wazero")
		component.Pedigree.Notes = "changed by tabcell's patches in runtime/engine/patches, whose digest is " + b.info.Patches
	}
	return component
}

// majorVersion matches the last element of the path of a module from version 2 on.
var majorVersion = regexp.MustCompile(`/v[0-9]+$`)

// moduleNames returns the organisation and the name of a module, such as spf13 and cobra.
func moduleNames(modulePath string) (vendor, product string) {
	modulePath = majorVersion.ReplaceAllString(modulePath, "")
	parts := strings.Split(modulePath, "/")
	if len(parts) < 2 {
		return modulePath + "_project", modulePath
	}
	return parts[len(parts)-2], path.Base(modulePath)
}
