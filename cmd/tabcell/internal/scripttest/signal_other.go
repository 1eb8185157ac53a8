//go:build !unix

package scripttest

import "os"

// hangup stands in for SIGHUP, which this system does not have. Sessions that use it are skipped.
var hangup = os.Kill
