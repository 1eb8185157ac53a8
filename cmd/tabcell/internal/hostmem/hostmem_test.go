package hostmem

import (
	"os"
	"testing"
	"testing/fstest"
)

func TestAvailable(t *testing.T) {
	const unlimited = "9223372036854771712\n"
	type files map[string]string
	for name, c := range map[string]struct {
		files files
		want  Memory
	}{
		"host": {files{"proc/meminfo": "MemTotal:        8000 kB\nMemFree: 1 kB\n"}, Memory{8000 << 10, "the host"}},
		"version 2": {files{
			"proc/meminfo": "MemTotal: 8000000 kB\n", "proc/self/cgroup": "0::/system.slice/tabcell.service\n",
			"sys/fs/cgroup/system.slice/tabcell.service/memory.max": "419430400\n", "sys/fs/cgroup/system.slice/memory.max": "max\n",
		}, Memory{400 << 20, "the control group"}},
		"version 2, group above": {files{
			"proc/meminfo": "MemTotal: 8000000 kB\n", "proc/self/cgroup": "0::/a/b\n",
			"sys/fs/cgroup/a/b/memory.max": "max\n", "sys/fs/cgroup/a/memory.max": "1048576\n",
		}, Memory{1 << 20, "the control group"}},
		"container, path of the host": {files{
			"proc/meminfo": "MemTotal: 8000000 kB\n", "proc/self/cgroup": "0::/../../pod/x\n", "sys/fs/cgroup/memory.max": "1048576\n",
		}, Memory{1 << 20, "the control group"}},
		"version 1": {files{
			"proc/meminfo": "MemTotal: 8000000 kB\n", "proc/self/cgroup": "5:cpu,cpuacct:/x\n4:hugetlb,memory:/docker/1\n0::/\n",
			"sys/fs/cgroup/memory/docker/1/memory.limit_in_bytes": "1073741824\n", "sys/fs/cgroup/memory/memory.limit_in_bytes": unlimited,
		}, Memory{1 << 30, "the control group"}},
		"version 1, no limit": {files{
			"proc/meminfo": "MemTotal: 8000000 kB\n", "proc/self/cgroup": "4:memory:/\n", "sys/fs/cgroup/memory/memory.limit_in_bytes": unlimited,
		}, Memory{8000000 << 10, "the host"}},
		"both": {files{
			"proc/meminfo": "MemTotal: 8000000 kB\n", "proc/self/cgroup": "4:memory:/a\n0::/b\n",
			"sys/fs/cgroup/memory/a/memory.limit_in_bytes": "2097152\n", "sys/fs/cgroup/unified/b/memory.max": "1048576\n",
		}, Memory{1 << 20, "the control group"}},
		"nothing":  {nil, Memory{0, "the host"}},
		"nonsense": {files{"proc/meminfo": "MemTotal: many\n", "proc/self/cgroup": "x\n::\n0::\n", "sys/fs/cgroup/memory.max": "-1"}, Memory{0, "the host"}},
	} {
		root := fstest.MapFS{}
		for path, text := range c.files {
			root[path] = &fstest.MapFile{Data: []byte(text)}
		}
		if got := available(root); got != c.want {
			t.Errorf("%s: got %+v, want %+v", name, got, c.want)
		}
	}
}

func TestAvailableHere(t *testing.T) {
	if _, err := os.Stat("/proc/meminfo"); err == nil && Available().MB() < 64 {
		t.Errorf("this machine has %+v", Available())
	}
}
