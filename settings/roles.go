package settings

import (
	"fmt"
	"slices"
	"strings"
)

// Roles has the names of the roles that a client can have.
var Roles = []string{"evaluate", "query", "deploy", "metrics", "admin", "grant"}

// NoRoles is the value of Auth.DefaultRoles for clients without a role.
const NoRoles = "none"

// roleList is a comma-separated list of roles, or NoRoles.
type roleList struct{ at *string }

func (v roleList) String() string { return *v.at }

func (v roleList) Set(list string) error {
	names := SplitList(list)
	if len(names) == 0 {
		return fmt.Errorf("must list roles, or be %s", NoRoles)
	}
	for _, name := range names {
		if !slices.Contains(Roles, name) && list != NoRoles {
			return fmt.Errorf("%s is not a role; the roles are %s", name, strings.Join(Roles, ", "))
		}
	}
	*v.at = list
	return nil
}
