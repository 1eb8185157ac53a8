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

// Service is what TabPy's state.ini says of the service, in its section [Service Info]. It is only read here.
type Service struct {
	Name         string // "TabPy Server" without a file
	Description  string
	CreationTime string // seconds since 1970 as text; "0" without a file
	AllowOrigin  string // the three CORS headers, each sent as it is when it is not empty
	AllowHeaders string
	AllowMethods string
	Subdirectory string // a prefix of every route, without slashes at its ends
}

const serviceSection = "Service Info"

// StateFile is where a state folder has its file; "" for no folder.
func StateFile(dir string) string {
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, "state.ini")
}

// readState reads dir's state.ini, whose option names keep their case. A file that does not exist is a service that was never named: TabPy
// copies a template there, which says the same.
func readState(dir string) (Service, error) {
	service := Service{Name: "TabPy Server", CreationTime: "0"}
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
	file, err := ini.Dialect{CaseSensitive: true, AllowBare: true}.Parse(raw)
	if err != nil {
		return service, fmt.Errorf("%s: %s", path, strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	section := file.Section(serviceSection)
	if section == nil {
		return service, fmt.Errorf("Config error: Expected [%s] section in %s", serviceSection, path) //nolint:staticcheck // TabPy's sentence
	}
	service.fill(section)
	return service, nil
}

func (s *Service) fill(section *ini.Section) {
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
			*field = o.Value
		}
	}
}
