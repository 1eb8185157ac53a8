package doctor

import (
	"fmt"
	"os"
	"time"
)

// checkClock checks that the clock is synchronized, as far as the system tells, and that it is not
// before the time at which the program's file was written. Tokens and certificates are valid only
// by the clock, and the audit trail has its times.
func checkClock(now time.Time, program string) Finding {
	const subject = "clock"
	text := now.UTC().Format("2006-01-02 15:04:05 UTC")
	if info, err := os.Stat(program); err == nil && now.Add(24*time.Hour).Before(info.ModTime()) {
		return Finding{Failure, subject, fmt.Sprintf("it shows %s, but the program was installed on %s", text, info.ModTime().UTC().Format(time.DateOnly)),
			"correct the clock (timedatectl set-ntp true): certificates and tokens are checked by it"}
	}
	switch synchronized, known := clockSynchronized(); {
	case !known:
		return Finding{OK, subject, text + "; whether it is synchronized cannot be read on this system", ""}
	case !synchronized:
		return Finding{Warning, subject, text + "; the kernel does not know it to be synchronized", "run a time service: timedatectl set-ntp true, chrony, or that of the virtual machine's host"}
	}
	return Finding{OK, subject, text + ", synchronized", ""}
}
