package doctor

import (
	"fmt"

	"tabcell/cmd/tabcell/internal/packages"
	"tabcell/runtime/wheel"
)

// checkPackages checks the wheels in the folder of TABCELL_PACKAGES, without running them. The
// server starts without the wheels that it cannot use. It returns nothing if no folder is
// configured.
func checkPackages(dir string) []Finding {
	const subject = "packages"
	folder, err := packages.OpenConfigured(dir)
	if err != nil {
		return []Finding{{Failure, subject, err.Error(), "correct TABCELL_PACKAGES, or create the folder"}}
	}
	if folder == nil {
		return nil
	}
	var findings []Finding
	for i := range folder.Files {
		file := &folder.Files[i]
		if file.State == wheel.Refused {
			findings = append(findings, Finding{Warning, subject, file.File + " is not used: " + file.Reason, file.Advice})
		}
		for _, need := range file.Needs {
			if need.Problem != "" {
				findings = append(findings, Finding{Warning, subject, file.File + ": " + need.String(), need.Advice})
			}
		}
	}
	if findings == nil {
		text := fmt.Sprintf("%s: scripts can import %d of %d wheels; the others are not needed", dir, len(folder.Used()), len(folder.Files))
		findings = append(findings, Finding{OK, subject, text, "run tabcell packages check to import them in cells"})
	}
	return findings
}
