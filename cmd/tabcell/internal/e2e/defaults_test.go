package e2e

import (
	"testing"

	"tabcell/httpapi"
	"tabcell/runtime"
	"tabcell/runtime/registry"
	"tabcell/settings"
)

// The libraries have defaults of their own for a zero value. They must equal the defaults of the
// settings, so that a library behaves in its tests as it does in the server.
func TestLibraryDefaultsMatchSettings(t *testing.T) {
	s := settings.Defaults()
	limits, api := runtime.DefaultLimits(), httpapi.DefaultConfig()
	for name, c := range map[string]struct{ library, settings any }{
		"timeout":         {limits.Timeout, s.Evaluate.Timeout.Duration()},
		"memory":          {limits.Memory, uint64(s.Cells.MemoryMB) << 20},
		"output":          {limits.Output, uint64(s.Cells.OutputMB) << 20},
		"queue":           {runtime.DefaultQueue, s.Cells.Queue},
		"template memory": {runtime.DefaultTemplateMemory, s.Models.TemplatesMB << 20},
		"model size":      {registry.DefaultMaxBytes, s.Models.MaxMB << 20},
		"model count":     {registry.DefaultMaxCount, s.Models.MaxCount},
		"kept versions":   {registry.DefaultKeepVersions, s.Models.KeepVersions},
		"request size":    {int64(httpapi.DefaultMaxRequestBytes), int64(s.Request.MaxMB) << 20},
		"gzip":            {api.GzipRequests, s.Request.Gzip},
		"evaluate":        {api.EvaluateEnabled, s.Evaluate.Enable},
		"log details":     {api.LogDetails, s.Log.Details},
		"log scripts":     {api.LogScript, s.Log.Scripts},
		"metrics":         {api.Metrics, s.Metrics.Enable},
	} {
		if c.library != c.settings {
			t.Errorf("%s: the library's default is %v, that of the settings is %v", name, c.library, c.settings)
		}
	}
}
