package doctor

import (
	"fmt"

	"tabcell/settings"
)

func checkSystem(settings.Settings) []Finding {
	return []Finding{{OK, "shared images", "not available on this system; each cell copies the image", ""}}
}

// checkConnections shows the connections that the server accepts. Windows has no limit of open
// files that matters to them.
func checkConnections(s settings.Server) Finding {
	return Finding{OK, "connections", fmt.Sprintf("at most %d, and %d of one address", s.MaxConnections, s.MaxConnectionsPerAddress), ""}
}
