package authn

import (
	"testing"
	"time"
)

// BenchmarkCheck measures one check of a password, without the cache of verified logins.
func BenchmarkCheck(b *testing.B) {
	pbkdf2, _ := NewHash(PBKDF2Scheme, "right")
	argon2, _ := NewHash(Argon2Scheme, "right")
	for name, text := range map[string]string{"tabpy": user1Hash, "pbkdf2": pbkdf2, "argon2id": argon2, "bcrypt-5": bcryptHash} {
		b.Run(name, func(b *testing.B) {
			h := mustParse(b, "user1", text)
			for b.Loop() {
				if _, err := h.matches("right", []cost{h.cost}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkVerify measures a login that was verified before.
func BenchmarkVerify(b *testing.B) {
	p, _ := openTestFile(b, saltedLine(b, "ann", "right"))
	p.lockout.now = time.Now
	for b.Loop() {
		if err := p.verifyFrom("ann", "right", clientA); err != nil {
			b.Fatal(err)
		}
	}
}
