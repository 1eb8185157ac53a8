package authn

import (
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
)

const (
	// newMemory and newPasses are of new hashes. OWASP's Password Storage Cheat Sheet asks for two
	// passes over 19 MiB in one lane; more memory makes guessing on graphics processors dearer.
	newMemory = 64 << 10 // KiB
	newPasses = 2

	// The limits of hashes in a file. A check at the limit of the work takes some seconds.
	minLaneMemory = 8       // KiB for each lane (RFC 9106)
	maxMemory     = 1 << 20 // KiB
	maxWork       = 4 << 20 // KiB that all passes write together
	maxLanes      = 16

	argon2SumSize    = 32 // bytes, of new hashes; other sizes are accepted within these limits:
	minArgon2SumSize = 16
	maxArgon2SumSize = 64

	argon2Prefix = "$argon2id$"
)

var (
	errArgon2Syntax  = errors.New("the hash does not have the form " + argon2Prefix + "v=19$m=KIB,t=PASSES,p=LANES$SALT$HASH")
	errArgon2Version = errors.New("the version of the argon2id hash is not v=19")
)

// parseArgon2 parses a hash of Argon2Scheme after its prefix.
func parseArgon2(text string) (hash, error) {
	fields := strings.Split(text, "$")
	if len(fields) != 4 {
		return hash{}, errArgon2Syntax
	}
	if fields[0] != "v=19" {
		return hash{}, errArgon2Version
	}
	c, err := parseArgon2Cost(fields[1])
	if err != nil {
		return hash{}, err
	}
	salt, sum, ok := decodeSaltAndSum(fields[2], fields[3], minArgon2SumSize, maxArgon2SumSize)
	if !ok {
		return hash{}, errArgon2Syntax
	}
	return hash{c, salt, sum}, nil
}

// parseArgon2Cost parses m=KIB,t=PASSES,p=LANES.
func parseArgon2Cost(text string) (cost, error) {
	fields := strings.Split(text, ",")
	if len(fields) != 3 {
		return cost{}, errArgon2Syntax
	}
	var n [3]uint64
	for i, prefix := range []string{"m=", "t=", "p="} {
		digits, found := strings.CutPrefix(fields[i], prefix)
		var err error
		if n[i], err = strconv.ParseUint(digits, 10, 32); err != nil || !found {
			return cost{}, errArgon2Syntax
		}
	}
	memory, passes, lanes := n[0], n[1], n[2]
	switch {
	case lanes < 1 || lanes > maxLanes:
		return cost{}, fmt.Errorf("the argon2id hash has p=%d; the limits are 1 and %d", lanes, maxLanes)
	case memory > maxMemory || memory < minLaneMemory*lanes:
		return cost{}, fmt.Errorf("the argon2id hash has m=%d, which is in KiB; the limits are %d and %d (%d MiB)",
			memory, minLaneMemory*lanes, maxMemory, maxMemory>>10)
	case passes < 1 || passes*memory > maxWork:
		return cost{}, fmt.Errorf("the argon2id hash has t=%d passes over m=%d KiB; the limits are 1 and %d passes", passes, memory, maxWork/memory)
	}
	return cost{Argon2Scheme, int(passes), uint32(memory), uint8(lanes)}, nil
}

// newArgon2 returns a new hash. The memory is in KiB.
func newArgon2(password string, memory uint32, passes int) string {
	h := hash{cost: cost{Argon2Scheme, passes, memory, 1}, salt: newSalt()}
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("%sv=%d$m=%d,t=%d,p=%d$%s$%s", argon2Prefix, argon2.Version, memory, passes, h.lanes,
		b64(h.salt), b64(h.deriveArgon2(password, argon2SumSize)))
}

func (h hash) checkArgon2(password string) bool {
	return subtle.ConstantTimeCompare(h.deriveArgon2(password, len(h.sum)), h.sum) == 1
}

// deriveArgon2 computes argon2id (RFC 9106). The size is that of the result in bytes.
func (h hash) deriveArgon2(password string, size int) []byte {
	return argon2.IDKey([]byte(password), h.salt, uint32(h.rounds), h.memory, h.lanes, uint32(size))
}
