package settings

import "strings"

// setting ties one field to all its names. To add a setting:
//
//  1. add the field to Settings, with a comment that gives meaning, unit, range and trap;
//  2. give it a value in Defaults;
//  3. add its line to the table below: a dotted path that no other line has; TabPy's name, if TabPy has that setting, which
//     then leaves the table notYet; our own name, always; a flag, if people change it from one start to the next;
//  4. add it to testdata/all.good.conf, and a bad value of it to testdata/values.bad.conf;
//  5. run `go test ./settings -update`, and read what changed in testdata and in the table of README.md;
//  6. let cmd/tabcell/serve.go hand it to the room that needs it.
//
// The environment variable of a setting has the name of the setting, either of them. Where one layer has both names, our own wins.
type setting struct {
	path  string
	tabpy string // TabPy's name, or ""
	own   string
	flag  string // without dashes, or ""
	help  string // one line, for --help and the README
	shown string // the default in words, where its value depends on the machine or is empty
	value func(*Settings) value
}

var table = []setting{
	{"server.host", "", "TABCELL_HOST", "host", "address to listen on; 0.0.0.0 opens the service to the network", "127.0.0.1",
		func(s *Settings) value { return text{at: &s.Server.Host, check: checkHost} }},
	{"server.port", "TABPY_PORT", "TABCELL_PORT", "port", "port to listen on; 0 takes any free one", "",
		func(s *Settings) value { return integer{&s.Server.Port, 0, 65535} }},
	{"evaluate.timeout", "TABPY_EVALUATE_TIMEOUT", "TABCELL_EVALUATE_TIMEOUT", "timeout", "seconds that a script may take, waiting included", "",
		func(s *Settings) value { return seconds{&s.Evaluate.Timeout} }},
	{"evaluate.enable", "TABPY_EVALUATE_ENABLE", "TABCELL_EVALUATE_ENABLE", "", "false refuses scripts sent to /evaluate", "",
		func(s *Settings) value { return boolean{&s.Evaluate.Enable} }},
	{"request.max", "TABPY_MAX_REQUEST_SIZE_MB", "TABCELL_MAX_REQUEST_SIZE_MB", "", "MiB that a request's body may have, inflated", "",
		func(s *Settings) value { return integer{&s.Request.MaxMB, 1, 2048} }},
	{"request.gzip", "TABPY_GZIP_ENABLE", "TABCELL_GZIP_ENABLE", "", "accept request bodies packed with gzip", "",
		func(s *Settings) value { return boolean{&s.Request.Gzip} }},
	{"state.path", "TABPY_STATE_PATH", "TABCELL_STATE_PATH", "", "folder of TabPy's state.ini, read for the service's name and CORS headers", "none",
		func(s *Settings) value { return text{at: &s.State.Path} }},
	{"cells.guest", "", "TABCELL_GUEST", "guest", "core (numpy, pandas), full (and scipy, scikit-learn), or auto: what each script needs", "",
		func(s *Settings) value { return text{at: &s.Cells.Guest, choices: guests} }},
	{"cells.packages", "", "TABCELL_PACKAGES", "packages", "folder of pure-Python wheels that scripts can import besides", "none",
		func(s *Settings) value { return text{at: &s.Cells.Packages} }},
	{"cells.memory", "", "TABCELL_MEMORY_LIMIT_MB", "memory", "MiB that a script may use, the interpreter included", "",
		func(s *Settings) value { return integer{&s.Cells.MemoryMB, 128, 4095} }},
	{"cells.output", "", "TABCELL_OUTPUT_LIMIT_MB", "", "MiB that an answer may have", "",
		func(s *Settings) value { return integer{&s.Cells.OutputMB, 1, 2048} }},
	{"cells.places", "", "TABCELL_PLACES", "places", "scripts that run at once", "number of cores",
		func(s *Settings) value { return integer{&s.Cells.Places, 1, 1024} }},
	{"cells.queue", "", "TABCELL_QUEUE", "", "scripts that may wait for a place; more are answered with 503", "",
		func(s *Settings) value { return integer{&s.Cells.Queue, 1, 100_000} }},
	{"cells.cache", "", "TABCELL_CACHE_DIR", "cache-dir", "private folder for compiled code", "tabcell in the user's cache folder",
		func(s *Settings) value { return text{at: &s.Cells.CacheDir} }},
	{"cells.interpreter", "", "TABCELL_ALLOW_INTERPRETER", "", "run, very slowly, where executable memory is forbidden", "",
		func(s *Settings) value { return boolean{&s.Cells.AllowInterpreter} }},
	{"cells.verify", "", "TABCELL_VERIFY_CELLS", "", "compare each cell with the image after use, for diagnosis; slow", "",
		func(s *Settings) value { return boolean{&s.Cells.Verify} }},
	{"log.level", "", "TABCELL_LOG_LEVEL", "log-level", "trace, debug, info, warn or error", "",
		func(s *Settings) value { return text{at: &s.Log.Level, choices: logLevels} }},
	{"log.format", "", "TABCELL_LOG_FORMAT", "log-format", "text, json, or auto: text on a terminal, json elsewhere", "",
		func(s *Settings) value { return text{at: &s.Log.Format, choices: logFormats} }},
	{"log.scripts", "", "TABCELL_LOG_SCRIPTS", "", "log the text of every script, at level debug", "",
		func(s *Settings) value { return boolean{&s.Log.Scripts} }},
}

var (
	guests     = []string{"auto", "core", "full"}
	logLevels  = []string{"trace", "debug", "info", "warn", "error"}
	logFormats = []string{"auto", "text", "json"}
)

// names are the setting's names from the weaker to the stronger.
func (s setting) names() []string {
	if s.tabpy == "" {
		return []string{s.own}
	}
	return []string{s.tabpy, s.own}
}

func (s setting) tabpyName() string { return s.tabpy }
func (s setting) ownName() string   { return s.own }

// byName finds a setting by one of its names in any case.
func byName(name string) (setting, bool) {
	return find(func(s setting) bool {
		return strings.EqualFold(name, s.own) || s.tabpy != "" && strings.EqualFold(name, s.tabpy)
	})
}

func byPath(path string) (setting, bool) {
	return find(func(s setting) bool { return s.path == path })
}

func find(is func(setting) bool) (setting, bool) {
	for _, s := range table {
		if is(s) {
			return s, true
		}
	}
	return setting{}, false
}
