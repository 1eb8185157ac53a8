package settings

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"tabcell/settings/ini"
)

// Service is the section [Service Info] of TabPy's state.ini, which describes the service. tabcell
// reads the file and never writes it.
type Service struct {
	Name         string // "TabPy Server" without a file
	Description  string
	CreationTime string // seconds since 1970 as text; "0" without a file
	AllowOrigin  string // CORS header, sent if not empty; the next two fields too
	AllowHeaders string
	AllowMethods string
	Subdirectory string // prefix of every route, without a slash at its ends
}

const serviceSection = "Service Info"

// StateFile returns the path of the state file in dir, or "" if dir is "".
func StateFile(dir string) string {
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, "state.ini")
}

// readState reads the state file in dir, whose option names are case-sensitive. If there is none,
// it returns defaultService; TabPy copies a template there, with the same content.
func readState(dir string) (Service, error) {
	service := defaultService()
	path := StateFile(dir)
	if path == "" {
		return service, nil
	}
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return service, nil
	}
	if err != nil {
		return service, err
	}
	file, err := ini.Dialect{CaseSensitive: true, AllowNoValue: true}.Parse(raw)
	if err != nil {
		return service, fmt.Errorf("%s: %s", path, strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	section := file.Section(serviceSection)
	if section == nil {
		//lint:ignore ST1005 TabPy's text
		return service, fmt.Errorf("Config error: Expected [%s] section in %s", serviceSection, path)
	}
	service.fill(file, section)
	return service, nil
}

func (s *Service) fill(file *ini.File, section *ini.Section) {
	for name, field := range map[string]*string{
		"Name":                         &s.Name,
		"Description":                  &s.Description,
		"Creation Time":                &s.CreationTime,
		"Access-Control-Allow-Origin":  &s.AllowOrigin,
		"Access-Control-Allow-Headers": &s.AllowHeaders,
		"Access-Control-Allow-Methods": &s.AllowMethods,
		"Subdirectory":                 &s.Subdirectory,
	} {
		if o := section.Option(name); o != nil {
			*field = readValue(file, section, o)
		}
	}
}

// readValue returns the value of an option with %% as a percent sign, which is how TabPy writes it.
//
// GAP: TabPy does not start if a % is followed by something else. Here the value is used as it is.
func readValue(file *ini.File, section *ini.Section, o *ini.Option) string {
	if value, err := file.Interpolate(section, o); err == nil {
		return value
	}
	return o.Value
}
