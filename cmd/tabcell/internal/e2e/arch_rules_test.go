package e2e

// internal is the folder of the packages behind the command.
const internal = "cmd/tabcell/internal/"

// imports lists every package of the module that has files besides tests, with the packages of the
// module that those files may import. A new package or a new dependency is added here.
var imports = map[string][]string{
	"assets":                   {},
	"authn":                    {"runtime/osfile"},
	"settings":                 {"settings/ini", "settings/internal/python", "settings/pylog"},
	"settings/ini":             {},
	"settings/internal/python": {},
	"settings/pylog":           {"settings/ini", "settings/internal/python"},

	"runtime": {
		"runtime/osfile", "runtime/internal/codecache", "runtime/internal/egress", "runtime/internal/enginefix", "runtime/internal/engineid", "runtime/internal/grant", "runtime/internal/guest", "runtime/internal/hostfs", "runtime/internal/linmem", "runtime/internal/memguard", "runtime/internal/pool",
		"runtime/internal/pysource", "runtime/internal/snapshot", "runtime/internal/vfs", "runtime/memfile",
	},
	"runtime/internal/codecache": {"runtime/internal/snapshot", "runtime/internal/wasmbin", "runtime/osfile"},
	"runtime/internal/egress":    {"runtime/internal/grant"},
	"runtime/internal/enginefix": {},
	"runtime/internal/engineid":  {},
	"runtime/internal/grant":     {},
	"runtime/internal/guest":     {},
	"runtime/internal/hostfs":    {"runtime/internal/grant"},
	"runtime/internal/linmem":    {"runtime/internal/memguard", "runtime/memfile"},
	"runtime/internal/memguard":  {},
	"runtime/internal/pool":      {"runtime/internal/linmem", "runtime/internal/snapshot", "runtime/memfile"},
	"runtime/internal/pysource":  {},
	"runtime/internal/snapshot":  {"runtime/internal/guest", "runtime/internal/linmem", "runtime/internal/memguard", "runtime/internal/wasmbin"},
	"runtime/internal/vfs":       {},
	"runtime/internal/wasmbin":   {},
	"runtime/memfile":            {},
	"runtime/osfile":             {},
	"runtime/cluster":            {"runtime/osfile", "runtime/registry"},
	"runtime/registry":           {"runtime/osfile"},
	"runtime/runtimetest":        {"runtime"},
	"runtime/wheel":              {"runtime/osfile", "runtime/wheel/requirement"},
	"runtime/wheel/requirement":  {},

	"httpapi":                   {"httpapi/console", "httpapi/console/faults", "httpapi/console/load", "httpapi/internal/arrowipc", "httpapi/internal/listener", "httpapi/internal/pyjson", "runtime", "runtime/memfile", "runtime/registry"},
	"httpapi/console":           {"httpapi/console/faults", "httpapi/console/load", "httpapi/console/session", "httpapi/console/web", "runtime"},
	"httpapi/console/faults":    {},
	"httpapi/console/load":      {},
	"httpapi/console/session":   {},
	"httpapi/console/web":       {},
	"httpapi/flight":            {"httpapi", "httpapi/flight/flightpb", "httpapi/internal/arrowipc", "runtime/memfile"},
	"httpapi/flight/flightpb":   {},
	"httpapi/flight/flighttest": {"httpapi/flight/flightpb"},
	"httpapi/internal/arrowipc": {"runtime/memfile"},
	"httpapi/internal/listener": {},
	"httpapi/internal/pyjson":   {},
	"httpapi/tck":               {},

	"cmd/dist":                    {"cmd/dist/internal/gotool", "cmd/dist/internal/source"},
	"cmd/dist/internal/archive":   {},
	"cmd/dist/internal/gotool":    {"cmd/dist/internal/overlay", "cmd/dist/internal/peversion", "cmd/dist/internal/source"},
	"cmd/dist/internal/image":     {},
	"cmd/dist/internal/overlay":   {},
	"cmd/dist/internal/packages":  {},
	"cmd/dist/internal/peversion": {},
	"cmd/dist/internal/signature": {},
	"cmd/dist/internal/source":    {},
	"cmd/dist/release": {
		"cmd/dist/internal/archive", "cmd/dist/internal/gotool", "cmd/dist/internal/image", "cmd/dist/internal/packages", "cmd/dist/internal/signature",
		"cmd/dist/internal/source",
	},

	"cmd/tabcell":          {internal + "cli"},
	internal + "bench":     {},
	internal + "confine":   {},
	internal + "service":   {}, // told by server, opened by cli
	internal + "hostmem":   {},
	internal + "manual":    {},
	internal + "buildinfo": {"assets", "runtime", "runtime/osfile", "settings"},
	internal + "sbom":      {"assets", internal + "buildinfo", "httpapi/console/web"},
	internal + "packages":  {"assets", "runtime", "runtime/wheel", "runtime/wheel/requirement"},
	internal + "grants":    {"runtime", "settings"},
	internal + "release":   {},
	internal + "term":      {},
	internal + "certs":     {"settings"},
	internal + "logging":   {internal + "term", "settings", "settings/pylog"},
	internal + "doctor":    {internal + "buildinfo", internal + "certs", internal + "confine", internal + "grants", internal + "hostmem", internal + "packages", internal + "term", "assets", "authn", "runtime", "runtime/cluster", "runtime/osfile", "runtime/wheel", "settings", "settings/pylog"},
	internal + "endpoints": {internal + "certs", internal + "term", "runtime", "runtime/osfile", "runtime/registry", "settings", "settings/ini"},
	internal + "audit":     {internal + "logging", "httpapi", "runtime/osfile", "settings", "settings/pylog"},
	internal + "consoleinfo": {
		internal + "audit", internal + "doctor", internal + "manual", internal + "packages", "assets", "authn", "httpapi/console", "runtime/cluster", "settings",
	},
	internal + "server": {
		internal + "audit",
		internal + "buildinfo", internal + "certs", internal + "confine", internal + "consoleinfo", internal + "endpoints", internal + "grants", internal + "hostmem", internal + "packages", internal + "service", "assets", "authn", "httpapi", "httpapi/flight", "runtime", "runtime/cluster", "runtime/registry", "runtime/wheel", "settings",
	},
	internal + "cli": {
		internal + "audit",
		internal + "bench", internal + "buildinfo", internal + "certs", internal + "confine", internal + "doctor", internal + "endpoints", internal + "grants", internal + "hostmem", internal + "logging",
		internal + "manual", internal + "packages", internal + "release", internal + "sbom", internal + "server", internal + "service", internal + "term", "assets", "authn", "runtime", "runtime/cluster", "runtime/osfile", "runtime/registry", "runtime/wheel", "settings",
	},
	internal + "certs/certtest": {internal + "testenv"},
	internal + "scripttest":     {internal + "certs/certtest", internal + "testenv"},
	internal + "testenv":        {},
	internal + "e2e/harness":    {internal + "cli", internal + "server", internal + "testenv", "assets", "runtime", "settings"},
	internal + "e2e/proxy":      {internal + "certs/certtest", internal + "testenv"},
	internal + "e2e/compare":    {internal + "e2e/harness", "runtime"},
	internal + "e2e/scripts":    {internal + "e2e/compare", internal + "e2e/harness", "runtime"},
	internal + "e2e/kubernetes": {internal + "testenv"},
}

// testPackages may be imported by tests of any package.
var testPackages = []string{
	"httpapi/flight/flighttest", "httpapi/tck", "runtime/runtimetest", internal + "certs/certtest", internal + "e2e/compare", internal + "e2e/harness", internal + "e2e/scripts",
	internal + "scripttest", internal + "testenv",
}

// testImports lists the packages that the tests of a package may import, in addition to its own
// imports and testPackages.
var testImports = map[string][]string{
	"httpapi/flight":              {"runtime"},
	"runtime/internal/codecache":  {"runtime/internal/engineid"},
	"runtime/internal/enginetest": {"runtime/internal/enginefix", "runtime/internal/engineid", "runtime/internal/linmem", "runtime/internal/memguard"},
	"runtime/registry":            {"runtime"},
	"settings/pylog":              {"settings"},
	internal + "certs":            {internal + "certs/certtest"},
	internal + "consoleinfo":      {"httpapi"},
	internal + "cli":              {"httpapi"},
	internal + "logging":          {"settings"},
	internal + "manual":           {"assets"},
	internal + "server":           {"settings/pylog"},
}

// vendors lists the packages that may import a library which will change or end some day. Tests in
// the same part of the module, such as runtime, may import it as well.
var vendors = map[string][]string{
	"github.com/tetratelabs/wazero": {
		"runtime", "runtime/internal/codecache", "runtime/internal/enginefix", "runtime/internal/engineid", "runtime/internal/guest", "runtime/internal/linmem", "runtime/internal/memguard", "runtime/internal/pool", "runtime/internal/snapshot",
	},
	"github.com/hashicorp":          {"runtime/cluster"},
	"go.etcd.io":                    {"runtime/cluster"},
	"github.com/labstack/echo":      {"httpapi"},
	"google.golang.org/grpc":        {"httpapi/flight", "httpapi/flight/flightpb", "httpapi/flight/flighttest"},
	"google.golang.org/protobuf":    {"httpapi/flight", "httpapi/flight/flightpb"},
	"github.com/prometheus":         {"httpapi"},
	"github.com/knadh/koanf":        {"settings"},
	"golang.org/x/crypto":           {"authn", "cmd/dist/internal/image"}, // there for the certificates of authorities
	"golang.org/x/sync":             {"authn"},
	"github.com/golang-jwt/jwt":     {"authn"},
	"golang.org/x/term":             {internal + "cli", "cmd/dist/internal/signature"},
	"github.com/spf13/cobra":        {internal + "cli"},
	"github.com/spf13/pflag":        {internal + "cli", "settings"},
	"github.com/CycloneDX":          {internal + "sbom"},
	"github.com/santhosh-tekuri":    {internal + "sbom", internal + "e2e/console"}, // only their tests
	"github.com/bluekeyes":          {"cmd/dist/internal/overlay"},
	"github.com/google":             {"cmd/dist/internal/image", "cmd/dist/release", internal + "e2e/kubernetes", internal + "e2e/manual"}, // there for images and a registry
	"github.com/tc-hib":             {"cmd/dist/internal/peversion"},
	"github.com/Masterminds":        {"cmd/dist/internal/packages", "cmd/dist/internal/source", "cmd/dist/release"},
	"aead.dev/minisign":             {internal + "release", "cmd/dist/internal/signature"},
	"github.com/goreleaser":         {"cmd/dist/internal/packages"},
	"github.com/rogpeppe":           {internal + "certs/certtest", internal + "e2e/harness", internal + "e2e/scripts", internal + "scripttest"},
	"github.com/klauspost/compress": {"assets", "httpapi"},
	"github.com/landlock-lsm":       {internal + "confine"},
	"github.com/elastic":            {internal + "confine"},
	"github.com/yuin/goldmark":      {internal + "manual"},
	"kernel.org/pub/linux/libs":     {internal + "confine"},
}
