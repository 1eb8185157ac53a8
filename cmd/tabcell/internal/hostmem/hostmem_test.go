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

func TestFree(t *testing.T) {
	group := fstest.MapFS{
		"proc/meminfo":     {Data: []byte("MemTotal: 8000 kB\nMemAvailable: 3000 kB\n")},
		"proc/self/cgroup": {Data: []byte("0::/a\n")},
	}
	if got, want := free(group), (Memory{3000 << 10, "the host"}); got != want {
		t.Errorf("without a limit: got %+v, want %+v", got, want)
	}
	for name, text := range map[string]string{"memory.max": "2000000", "memory.current": "1500000", "memory.stat": "anon 1\ninactive_file 200000\n"} {
		group["sys/fs/cgroup/a/"+name] = &fstest.MapFile{Data: []byte(text + "\n")}
	}
	if got, want := free(group), (Memory{700000, "the control group"}); got != want {
		t.Errorf("with a limit: got %+v, want %+v", got, want)
	}
	group["sys/fs/cgroup/a/memory.current"] = &fstest.MapFile{Data: []byte("9000000\n")}
	if got, want := free(group), (Memory{1, "the control group"}); got != want {
		t.Errorf("beyond the limit: got %+v, want %+v", got, want)
	}
}

func TestAvailableHere(t *testing.T) {
	if _, err := os.Stat("/proc/meminfo"); err == nil && Available().MB() < 64 {
		t.Errorf("this machine has %+v", Available())
	}
}

func TestResident(t *testing.T) {
	for text, want := range map[string]uint64{"900 300 5 1 0 80 0\n": uint64(300 * os.Getpagesize()), "900": 0, "": 0, "900 many": 0} {
		if got := resident(fstest.MapFS{"proc/self/statm": {Data: []byte(text)}}); got != want {
			t.Errorf("%q: %d bytes, want %d", text, got, want)
		}
	}
	if got := resident(fstest.MapFS{}); got != 0 {
		t.Errorf("without the file: %d bytes", got)
	}
}
