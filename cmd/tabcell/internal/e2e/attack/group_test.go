//go:build attack && linux

package attack

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/e2e/harness"
)

// newGroup creates a control group with a memory limit, and removes it at the end of the test. It
// skips the test if this process may not do that.
func newGroup(t *testing.T, limit int64) (folder string) {
	t.Helper()
	name := fmt.Sprintf("tabcell-test-%d-%d", os.Getpid(), limit>>20)
	for _, version := range []struct{ root, file string }{
		{"/sys/fs/cgroup/memory", "memory.limit_in_bytes"},
		{"/sys/fs/cgroup", "memory.max"},
	} {
		folder = filepath.Join(version.root, name)
		if os.Mkdir(folder, 0o755) != nil {
			continue
		}
		t.Cleanup(func() {
			if err := os.Remove(folder); err != nil {
				t.Error(err)
			}
		})
		if err := os.WriteFile(filepath.Join(folder, version.file), fmt.Append(nil, limit), 0); err == nil {
			return folder
		}
	}
	t.Skip("this process may not create a control group with a memory limit")
	return ""
}

// hostileScripts try to use more memory than a script may. In each of them, deep is a model that
// queries itself and keeps memory at each level.
var hostileScripts = []string{
	"return len(bytearray(2**30))",
	"x = []\nwhile True:\n    x.append(bytearray(10**6))",
	"x = []\nwhile True:\n    try:\n        x.append(bytearray(10**6))\n    except MemoryError:\n        return len(x)",
	"return 'x' * (60 << 20)",
	"s = 'x'\nwhile True:\n    s += s",
	"return tabpy.query('deep', 8)",
	"x = bytearray(30 << 20)\nreturn tabpy.query('deep', 8)",
	"import numpy as np\nreturn float(np.ones((20000, 20000)).sum())",
	"return list(range(10**8))[0]",
}

// deepModel is the deployment of the model deep.
const deepModel = `{"name": "deep", "type": "model", "description": "", "source": "def deep(n):\n    x = bytearray(30 << 20)\n    return tabpy.query('deep', n - 1)['response'] + 1 if n else len(x)"}`

// TestControlGroup runs hostile scripts, several at once, in a server whose control group has
// little memory. They end with an error or are refused, and the server goes on.
func TestControlGroup(t *testing.T) {
	harness.Core(t) // compiled before the first server starts
	for _, limit := range []int64{400 << 20, 1 << 30} {
		t.Run(fmt.Sprint(limit>>20), func(t *testing.T) {
			v := startVictim(t, attack{group: newGroup(t, limit), settings: []string{"TABCELL_EVALUATE_TIMEOUT=20"}})
			if code, text := v.post(t, "/endpoints", deepModel); code != http.StatusCreated {
				t.Fatalf("the model was not deployed: %d %s", code, text)
			}
			for range 2 {
				var all sync.WaitGroup
				for _, script := range hostileScripts {
					all.Go(func() { v.expectRefusal(t, script) })
				}
				all.Wait()
			}
			if code, text := v.post(t, "/evaluate", string(harness.ScriptRequest("return 1", "{}"))); code != http.StatusOK {
				t.Errorf("after the hostile scripts, another one returned %d %s", code, text)
			}
		})
	}
}

// expectRefusal runs a script that may only succeed, fail for lack of memory or time, or be
// refused.
func (v *victim) expectRefusal(t *testing.T, script string) {
	code, text := v.post(t, "/evaluate", string(harness.ScriptRequest(script, "{}")))
	switch {
	case code == http.StatusOK, code == http.StatusRequestTimeout, code == http.StatusServiceUnavailable:
	case code == http.StatusInsufficientStorage && strings.Contains(text, "TABCELL_BUFFER_MB"): // for the response
	case code == http.StatusInternalServerError && (strings.Contains(text, "MemoryError") || strings.Contains(text, "Overflow") || strings.Contains(text, "KeyError")):
	default:
		t.Errorf("%q returned %d %.300s", script, code, text)
	}
}

// post sends a body and returns the status and the beginning of the response.
func (v *victim) post(t *testing.T, path, body string) (code int, text string) {
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, v.url+path, strings.NewReader(body))
	if err != nil {
		t.Error(err)
		return 0, ""
	}
	response, err := v.attacker().Do(r)
	if err != nil {
		t.Error(err)
		return 0, ""
	}
	defer response.Body.Close()
	var start bytes.Buffer
	_, _ = io.CopyN(&start, response.Body, 2000)
	_, _ = io.Copy(io.Discard, response.Body)
	return response.StatusCode, start.String()
}
