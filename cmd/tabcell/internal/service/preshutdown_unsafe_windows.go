package service

import (
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/svc/mgr"
)

// setPreShutdownTime sets the time that a service has to stop before the system shuts down.
func setPreShutdownTime(s *mgr.Service, limit time.Duration) error {
	info := struct{ milliseconds uint32 }{uint32(limit.Milliseconds())} // SERVICE_PRESHUTDOWN_INFO
	return windows.ChangeServiceConfig2(s.Handle, windows.SERVICE_CONFIG_PRESHUTDOWN_INFO, (*byte)(unsafe.Pointer(&info)))
}
