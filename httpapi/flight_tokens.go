package httpapi

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"sync"
	"time"
)

const (
	// loginLifetime is the time for which a token is accepted, as in TabPy.
	loginLifetime = time.Hour
	// loginRenewal is the time before the end of a token in which a new one is issued.
	loginRenewal = 5 * time.Minute
	// maxFlightLogins bounds the number of valid tokens.
	maxFlightLogins = 8192
)

// flightLogins has the tokens that clients of the Flight service got in exchange for a password.
//
// The server keeps neither a token nor a password. A token is computed from the password, so that
// the same client gets the same one again, and the password is encrypted with the token. Each use of
// a token checks the password again, which costs nothing while the password file is unchanged: a
// token ends with its account and with its password.
type flightLogins struct {
	key [32]byte // of the tokens; random
	now func() time.Time

	mu      sync.Mutex               // guards the maps
	begins  map[[32]byte]time.Time   // of the token in use, by the MAC of the login
	byToken map[[32]byte]sealedLogin // by SHA-256
}

// sealedLogin is a name and a password, encrypted with a token.
type sealedLogin struct {
	sealed []byte
	login  [32]byte // key of begins
	ends   time.Time
}

// login is a name and a password.
type login struct{ Name, Password string }

func newFlightLogins() *flightLogins {
	l := &flightLogins{now: time.Now, begins: map[[32]byte]time.Time{}, byToken: map[[32]byte]sealedLogin{}}
	_, _ = rand.Read(l.key[:]) // never fails
	return l
}

// issue returns a token for a login that was accepted. It is the same until shortly before its end.
func (l *flightLogins) issue(name, password string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	now, id := l.now(), l.mac("login", login{name, password})
	begin, ok := l.begins[id]
	if ok && now.Before(begin.Add(loginLifetime-loginRenewal)) {
		return l.token(login{name, password}, begin)
	}
	l.makeRoom(now)
	l.begins[id] = now
	token := l.token(login{name, password}, now)
	l.byToken[sha256.Sum256([]byte(token))] = sealedLogin{seal(token, login{name, password}), id, now.Add(loginLifetime)}
	return token
}

// token returns the token of a login that begins at the given time. It has TabPy's form of 43
// characters.
func (l *flightLogins) token(of login, begin time.Time) string {
	mac := l.mac(strconv.FormatInt(begin.UnixNano(), 10), of)
	return base64.RawURLEncoding.EncodeToString(mac[:])
}

func (l *flightLogins) mac(purpose string, of login) [32]byte {
	mac := hmac.New(sha256.New, l.key[:])
	fmt.Fprintf(mac, "%s %d %s%s", purpose, len(of.Name), of.Name, of.Password)
	return [32]byte(mac.Sum(nil))
}

// makeRoom removes the tokens that have ended or, if there are too many, any. The caller holds l.mu.
func (l *flightLogins) makeRoom(now time.Time) {
	if len(l.byToken) < maxFlightLogins {
		return
	}
	for id, s := range l.byToken {
		if now.After(s.ends) || len(l.byToken) >= maxFlightLogins {
			l.remove(id, s)
		}
	}
}

// remove removes a token. The caller holds l.mu.
func (l *flightLogins) remove(id [32]byte, s sealedLogin) {
	delete(l.byToken, id)
	if l.begins[s.login].Add(loginLifetime).Equal(s.ends) { // there is no newer one
		delete(l.begins, s.login)
	}
}

// find returns the login of a token, unless the token is unknown or has ended.
func (l *flightLogins) find(token string) (login, bool) {
	id := sha256.Sum256([]byte(token))
	l.mu.Lock()
	s, ok := l.byToken[id]
	if ok && l.now().After(s.ends) {
		l.remove(id, s)
		ok = false
	}
	l.mu.Unlock()
	if !ok {
		return login{}, false
	}
	return open(token, s.sealed)
}

// sealer returns the cipher of a token. A token encrypts a single text, so that the nonce is zero.
func sealer(token string) cipher.AEAD {
	key := sha256.Sum256([]byte("flight login " + token))
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic(err) // the length of the key is right
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err) // AES has the block size that GCM needs
	}
	return aead
}

func seal(token string, l login) []byte {
	text, _ := json.Marshal(l) // two strings
	aead := sealer(token)
	return aead.Seal(nil, make([]byte, aead.NonceSize()), text, nil)
}

func open(token string, sealed []byte) (l login, ok bool) {
	aead := sealer(token)
	text, err := aead.Open(nil, make([]byte, aead.NonceSize()), sealed, nil)
	return l, err == nil && json.Unmarshal(text, &l) == nil
}
