package server

import (
	"net"
	"strconv"
	"time"

	"tabcell/cmd/tabcell/internal/buildinfo"
	"tabcell/cmd/tabcell/internal/hostmem"
	"tabcell/httpapi"
	"tabcell/settings"
)

// apiConfig returns the configuration of the HTTP API. addr is the address of the listener.
func apiConfig(loaded *settings.Loaded, addr net.Addr) httpapi.Config {
	s, service := loaded.Settings, loaded.Service
	cfg := httpapi.DefaultConfig()
	cfg.Service = httpapi.Service{Name: service.Name, Description: service.Description, CreationTime: service.CreationTime}
	cfg.CORS = httpapi.CORS{Origin: service.AllowOrigin, Headers: service.AllowHeaders, Methods: service.AllowMethods}
	cfg.Subdirectory = service.Subdirectory
	cfg.Protocol = s.TLS.Protocol
	cfg.Port = strconv.Itoa(portOf(addr))
	cfg.AllowedHosts = hostNames(s.Server)
	cfg.TrustedProxies = settings.SplitList(s.Server.TrustedProxies)
	cfg.MaxConnections, cfg.MaxConnectionsPerAddress = s.Server.MaxConnections, s.Server.MaxConnectionsPerAddress
	cfg.StaticPath = s.Static.Path
	cfg.Staging = stagingFolder(s)
	cfg.MaxModelBytes = int64(s.Models.MaxMB) << 20
	cfg.MaxRequestBytes = maxRequest(s)
	cfg.MaxBufferedBytes = int64(s.Request.BufferMB) << 20
	cfg.AnonymousRoles = anonymousRoles(s.Auth)
	cfg.Arrow = s.Flight.Enable
	cfg.MaxTablesBytes, cfg.MaxTableBytes = int64(s.Flight.TablesMB)<<20, int64(s.Flight.TableMB)<<20
	cfg.TableLifetime = time.Duration(s.Flight.TTL) * time.Second
	cfg.GzipRequests = s.Request.Gzip
	cfg.EvaluateEnabled = s.Evaluate.Enable
	cfg.LogScript = s.Log.Scripts
	cfg.LogDetails = s.Log.Details
	cfg.Metrics = s.Metrics.Enable
	cfg.Program = buildinfo.Current().Version
	cfg.Console = s.Console.Enable
	cfg.Concurrency, cfg.Queue = s.Cells.Concurrency, s.Cells.Queue
	cfg.GrantConnections = s.Cells.GrantConnections
	if cfg.Metrics {
		info := buildinfo.Current()
		cfg.Build = httpapi.BuildInfo{Version: info.Version, Revision: info.Revision, Python: info.Python}
		cfg.AvailableMemory = hostmem.Available().Bytes
	}
	cfg.Weights, _ = settings.ParseWeights(s.Cells.Weights) // which Load has checked
	cfg.ResidentMemory = hostmem.Resident
	cfg.Timeout = s.Evaluate.Timeout.Duration()
	cfg.TimeoutText = s.Evaluate.Timeout.String()
	cfg.MemoryLimit = uint64(s.Cells.MemoryMB) << 20
	cfg.OutputLimit = uint64(s.Cells.OutputMB) << 20
	return cfg
}

// maxRequest returns the maximum size of a request in bytes.
func maxRequest(s settings.Settings) int64 { return int64(s.Request.MaxMB) << 20 }

// portOf returns the port of a TCP address, or 0.
func portOf(addr net.Addr) int {
	if tcp, ok := addr.(*net.TCPAddr); ok {
		return tcp.Port
	}
	return 0
}
