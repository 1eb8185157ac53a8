package wheel

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/csv"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// maxMismatches is the number of files that an error about digests names.
const maxMismatches = 3

// checkRecord compares the digest of every file with the one in RECORD (PEP 376). It returns an
// error if they differ, or if a file is not recorded.
func checkRecord(files map[string][]byte, infoDir string) error {
	text, ok := files[infoDir+"/RECORD"]
	if !ok {
		return errors.New("it has no RECORD, so that its files cannot be verified; download it again")
	}
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		return fmt.Errorf("RECORD: %w", err)
	}
	recorded := map[string]string{}
	for _, row := range rows {
		if len(row) == 3 {
			recorded[row[0]] = row[1]
		}
	}
	var wrong []string
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if name == infoDir+"/RECORD" || strings.HasPrefix(name, infoDir+"/RECORD.") {
			continue // RECORD itself and its signatures
		}
		if want := recorded[name]; want == "" || want != digest(want, files[name]) {
			wrong = append(wrong, fmt.Sprintf("%s (%q)", name, want))
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	more := ""
	if n := len(wrong) - maxMismatches; n > 0 {
		wrong, more = wrong[:maxMismatches], fmt.Sprintf(" and %d more", n)
	}
	return fmt.Errorf("the digest is not the one in RECORD for %s%s; download it again", strings.Join(wrong, ", "), more)
}

// digest returns the digest of a file in RECORD's form, with the algorithm of the recorded one.
func digest(recorded string, b []byte) string {
	algorithm, _, _ := strings.Cut(recorded, "=")
	var sum []byte
	switch algorithm {
	case "sha384":
		s := sha512.Sum384(b)
		sum = s[:]
	case "sha512":
		s := sha512.Sum512(b)
		sum = s[:]
	default:
		algorithm = "sha256"
		s := sha256.Sum256(b)
		sum = s[:]
	}
	return algorithm + "=" + base64.RawURLEncoding.EncodeToString(sum)
}
