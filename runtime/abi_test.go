package runtime

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"tabcell/runtime/internal/grant"
	"tabcell/runtime/internal/guest"
)

// goABI has the numbers and names of the interface with the guest, by their names in bridge.h.
var goABI = map[string]string{
	"INPUT_BODY":        number(guest.InputBody),
	"INPUT_CONTEXT":     number(guest.InputContext),
	"INPUT_MODEL":       number(guest.InputModel),
	"INPUT_RESPONSE":    number(guest.InputAnswer),
	"INPUT_CODE":        number(guest.InputCode),
	"INPUT_TABLE":       number(guest.InputTable),
	"INPUT_ENV":         number(guest.InputEnv),
	"INPUT_PARSED":      number(guest.InputParsed),
	"REPLY_VALUE":       number(kindValue),
	"REPLY_SCRIPT":      number(KindScript),
	"REPLY_EMPTY":       number(KindEmpty),
	"REPLY_DATA":        number(KindData),
	"REPLY_NAMES":       number(KindNames),
	"REPLY_NO_RESPONSE": number(KindNoResponse),
	"REPLY_TIMEOUT":     number(KindTimeout),
	"REPLY_QUERY_BODY":  number(KindQueryBody),
	"REPLY_QUERY":       number(KindQuery),
	"REPLY_TABLE":       number(kindTable),
	"SERVICE_QUERY":     strconv.Quote(string(ServiceQuery)),
	"SERVICE_LIST":      strconv.Quote(string(ServiceList)),
	"SERVICE_STATUS":    strconv.Quote(string(ServiceStatus)),
	"SERVICE_DEPLOY":    strconv.Quote(string(ServiceDeploy)),
	"SERVICE_UPDATE":    strconv.Quote(string(ServiceUpdate)),
	"SERVICE_REMOVE":    strconv.Quote(string(ServiceRemove)),
	"HOST_DENIED":       number(grant.Denied),
	"HOST_HANDLE":       number(grant.BadHandle),
	"HOST_INVALID":      number(grant.Invalid),
	"HOST_AGAIN":        number(grant.Again),
	"HOST_TIMEOUT":      number(grant.Timeout),
	"HOST_INTERRUPTED":  number(grant.Interrupted),
	"HOST_NOT_FOUND":    number(grant.NotFound),
	"HOST_RESOLVE":      number(grant.Resolve),
	"HOST_REFUSED":      number(grant.Refused),
	"HOST_UNREACHABLE":  number(grant.Unreachable),
	"HOST_RESET":        number(grant.Reset),
	"HOST_PIPE":         number(grant.Pipe),
	"HOST_CERTIFICATE":  number(grant.Certificate),
	"HOST_TLS":          number(grant.TLS),
	"HOST_LIMIT":        number(grant.Limit),
	"HOST_NOT_FOLDER":   number(grant.NotFolder),
	"HOST_IS_FOLDER":    number(grant.IsFolder),
	"HOST_IO":           number(grant.IO),
	"HOST_PROXY":        number(grant.Proxy),
}

func number[T ~int | ~uint8](n T) string { return strconv.Itoa(int(n)) }

const abiName = `((?:INPUT|REPLY|SERVICE|HOST)_[A-Z_]+)`

func TestABIMatchesHeader(t *testing.T) {
	header := readABI(t, "bridge.h", `(?m)(?:^#define |^enum \{ |^ +)`+abiName+`(?: = | )(\d+|"\w+")`)
	if !maps.Equal(header, goABI) {
		t.Errorf("the interface differs:\nbridge.h %v\nGo       %v", header, goABI)
	}
}

// Python does not use INPUT_PARSED and the codes of host functions, which the C half of the bridge
// handles.
func TestPythonABIMatchesHeader(t *testing.T) {
	python := readABI(t, "tabcell_guest/abi.py", `(?m)^`+abiName+` = (\d+|"\w+")$`)
	want := maps.Clone(goABI)
	maps.DeleteFunc(want, func(name, _ string) bool { return name == "INPUT_PARSED" || strings.HasPrefix(name, "HOST_") })
	if !maps.Equal(python, want) {
		t.Errorf("the interface differs:\nabi.py %v\nwant   %v", python, want)
	}
}

// readABI returns the definitions in a file of the guest's sources, by name.
func readABI(t *testing.T, name, pattern string) map[string]string {
	t.Helper()
	source, err := os.ReadFile(filepath.Join("..", "assets", "guest", name))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, m := range regexp.MustCompile(pattern).FindAllSubmatch(source, -1) {
		out[string(m[1])] = string(m[2])
	}
	return out
}
