package doctor

import (
	"bufio"
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"tabcell/cmd/tabcell/internal/term"
)

// portOwners returns the processes that listen on a TCP port, such as "process 812 (tabpy)". It
// returns "" if there are none, or if this user may not see them.
func portOwners(port int) string { return portOwnersIn(os.DirFS("/proc"), port) }

// portOwnersIn is portOwners for the files of procfs. They are those of proc(5): net/tcp has the
// sockets with their inodes, and PID/fd has links with the inodes of a process's sockets.
func portOwnersIn(proc fs.FS, port int) string {
	var sockets []string
	for _, table := range []string{"net/tcp", "net/tcp6"} {
		sockets = append(sockets, listening(proc, table, port)...)
	}
	if len(sockets) == 0 {
		return ""
	}
	var owners []string
	pids, _ := fs.Glob(proc, "[0-9]*")
	for _, pid := range pids {
		if !hasSocket(proc, pid, sockets) {
			continue
		}
		name, _ := fs.ReadFile(proc, path.Join(pid, "comm"))
		owners = append(owners, fmt.Sprintf("process %s (%s)", pid, term.OneLine(strings.TrimSpace(string(name)))))
	}
	return strings.Join(owners, ", ")
}

// The columns of net/tcp, and the state of a listening socket.
const (
	localColumn, stateColumn, inodeColumn = 1, 3, 9
	listenState                           = "0A"
)

// listening returns the sockets in a table that listen on the port, as the links of descriptors
// name them.
func listening(proc fs.FS, table string, port int) (sockets []string) {
	text, _ := fs.ReadFile(proc, table)
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) > inodeColumn && fields[stateColumn] == listenState && strings.HasSuffix(fields[localColumn], fmt.Sprintf(":%04X", port)) {
			sockets = append(sockets, "socket:["+fields[inodeColumn]+"]")
		}
	}
	return sockets
}

// hasSocket reports whether a process has one of the sockets open.
func hasSocket(proc fs.FS, pid string, sockets []string) bool {
	links, _ := fs.Glob(proc, path.Join(pid, "fd", "*"))
	return slices.ContainsFunc(links, func(link string) bool {
		target, err := fs.ReadLink(proc, link)
		return err == nil && slices.Contains(sockets, target)
	})
}
