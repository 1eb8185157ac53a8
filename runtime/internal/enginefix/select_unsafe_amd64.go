package enginefix

import (
	"crypto/sha256"
	"encoding/hex"
	_ "unsafe" // for go:linkname

	_ "github.com/tetratelabs/wazero" // has the table
)

// The numbers of wazero v1.12.0 in internal/engine/wazevo/backend/isa/amd64/instr.go.
const (
	instructions     = 59 // instrMax
	selection        = 51 // xmmCMov
	usesOne          = 2  // useKindOp1
	usesBoth         = 3  // useKindOp1Op2Reg
	digestOfReleased = "232d834701bd0711079f334536b30fe447c1cc44f5809b4da9846a98473d2e5c"
)

//go:linkname useKinds github.com/tetratelabs/wazero/internal/engine/wazevo/backend/isa/amd64.useKinds
var useKinds [instructions]byte

func init() {
	if digest := sha256.Sum256(useKinds[:]); hex.EncodeToString(digest[:]) == digestOfReleased {
		useKinds[selection] = usesBoth
	}
}
