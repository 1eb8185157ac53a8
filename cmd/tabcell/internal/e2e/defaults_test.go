package e2e

import (
	"strconv"
	"testing"
	"time"

	"tabcell/httpapi"
	"tabcell/runtime"
	"tabcell/runtime/registry"
	"tabcell/settings"
)

// The libraries have their own defaults for zero values. They must equal the defaults of the
// settings, so that a library behaves in its tests as it does in the server.

// defaultPair is the default of one value, in a library and in the settings.
type defaultPair struct{ library, settings any }

func TestRuntimeDefaultsMatchSettings(t *testing.T) {
	s, limits := settings.Defaults(), runtime.DefaultLimits()
	compareDefaults(t, map[string]defaultPair{
		"timeout":         {limits.Timeout, s.Evaluate.Timeout.Duration()},
		"memory":          {limits.Memory, uint64(s.Cells.MemoryMB) << 20},
		"output":          {limits.Output, uint64(s.Cells.OutputMB) << 20},
		"request":         {limits.Request, uint64(s.Request.MaxMB) << 20},
		"concurrency":     {runtime.DefaultConcurrency, s.Cells.Concurrency},
		"queue":           {runtime.DefaultQueue, s.Cells.Queue},
		"template memory": {runtime.DefaultTemplateMemory, s.Models.TemplatesMB << 20},
	})
}

func TestRegistryDefaultsMatchSettings(t *testing.T) {
	models := settings.Defaults().Models
	compareDefaults(t, map[string]defaultPair{
		"model size":    {registry.DefaultMaxBytes, models.MaxMB << 20},
		"model count":   {registry.DefaultMaxCount, models.MaxCount},
		"kept versions": {registry.DefaultKeepVersions, models.KeepVersions},
	})
}

func TestAPIDefaultsMatchSettings(t *testing.T) {
	loaded, err := settings.Load(settings.Sources{})
	if err != nil {
		t.Fatal(err)
	}
	s, zero := settings.Defaults(), httpapi.Config{}.WithDefaults()
	compareDefaults(t, map[string]defaultPair{
		"service name":   {zero.Service.Name, loaded.Service.Name},
		"creation time":  {zero.Service.CreationTime, loaded.Service.CreationTime},
		"description":    {zero.Service.Description, loaded.Service.Description},
		"subdirectory":   {zero.Subdirectory, loaded.Service.Subdirectory},
		"CORS":           {zero.CORS, httpapi.CORS{Origin: loaded.Service.AllowOrigin, Headers: loaded.Service.AllowHeaders, Methods: loaded.Service.AllowMethods}},
		"protocol":       {zero.Protocol, s.TLS.Protocol},
		"port":           {zero.Port, strconv.Itoa(s.Server.Port)},
		"static folder":  {zero.StaticPath, s.Static.Path},
		"request size":   {zero.MaxRequestBytes, int64(s.Request.MaxMB) << 20},
		"model size":     {zero.MaxModelBytes, int64(s.Models.MaxMB) << 20},
		"timeout":        {zero.Timeout, s.Evaluate.Timeout.Duration()},
		"timeout text":   {zero.TimeoutText, s.Evaluate.Timeout.String()},
		"table":          {zero.MaxTableBytes, int64(s.Flight.TableMB) << 20},
		"tables":         {zero.MaxTablesBytes, int64(s.Flight.TablesMB) << 20},
		"table lifetime": {zero.TableLifetime, time.Duration(s.Flight.TTL) * time.Second},
		"memory":         {zero.MemoryLimit, uint64(s.Cells.MemoryMB) << 20},
		"output":         {zero.OutputLimit, uint64(s.Cells.OutputMB) << 20},
		"log details":    {zero.LogDetails, s.Log.Details},
		"log scripts":    {zero.LogScript, s.Log.Scripts},
		"metrics":        {zero.Metrics, s.Metrics.Enable},
	})
}

// TestAPISwitchesMatchSettings covers the switches that are on by default, which a zero value
// cannot be.
func TestAPISwitchesMatchSettings(t *testing.T) {
	s, cfg := settings.Defaults(), httpapi.DefaultConfig()
	compareDefaults(t, map[string]defaultPair{
		"gzip":     {cfg.GzipRequests, s.Request.Gzip},
		"evaluate": {cfg.EvaluateEnabled, s.Evaluate.Enable},
	})
}

func compareDefaults(t *testing.T, pairs map[string]defaultPair) {
	t.Helper()
	for name, p := range pairs {
		if p.library != p.settings {
			t.Errorf("%s: the library's default is %v, that of the settings is %v", name, p.library, p.settings)
		}
	}
}
