package authn_test

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"tabcell/authn"

	"github.com/golang-jwt/jwt/v5"
	"github.com/rs/zerolog"
)

// tempFile returns a path in a new temporary directory, and a function that removes the directory.
func tempFile(name string) (path string, remove func()) {
	dir, err := os.MkdirTemp("", "authn")
	if err != nil {
		log.Fatal(err)
	}
	return filepath.Join(dir, name), func() { _ = os.RemoveAll(dir) }
}

// Add an account to a new password file, then verify logins against it.
func ExampleNewHash() {
	path, remove := tempFile("passwords.txt")
	defer remove()
	hash, err := authn.NewHash(authn.DefaultScheme(), "correct horse")
	if err != nil {
		log.Fatal(err)
	}
	if err := authn.Edit(path, true, func(f *authn.File) error { return f.Add("Ann", hash) }); err != nil {
		log.Fatal(err)
	}

	passwords, err := authn.OpenPasswords(path, 256<<20)
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	fmt.Println(passwords.Verify(ctx, "ANN", "correct horse", "192.0.2.1"))
	fmt.Println(passwords.Verify(ctx, "ann", "battery staple", "192.0.2.1"))
	fmt.Println(passwords.Verify(ctx, "bob", "correct horse", "192.0.2.1"))
	// Output:
	// <nil>
	// Wrong password for user name "ann"
	// User name "bob" not found
}

// Parse a password file and list its accounts. An error names every invalid line.
func ExampleParse() {
	file, err := authn.Parse([]byte(`# name hash
user1 b8a63cf588cd2399da615042de4732f5b121c4d1042acfb91598a56d2dd3e1d7b9f785213262eddbbd00c7a8c9c3e89d7cb98f31d405cc644b1aeba92c3de40b
"two words" lost
`))
	if err != nil {
		log.Fatal(err)
	}
	for _, account := range file.Accounts {
		fmt.Printf("line %d: %s (%v)\n", account.Line, account.Name, account.Scheme)
	}

	_, err = authn.Parse([]byte("ann aa\nANN bb\n dora dd\n"))
	fmt.Println(err)
	// Output:
	// line 2: user1 (TabPy's scheme, 10 000 rounds, salted with the name)
	// line 3: two words (unknown scheme; this account cannot sign in)
	// line 2: the name "ann" is already on line 1
	// line 3: it begins with a space
}

// Accept bearer tokens of an issuer whose keys are in a file.
func ExampleNewTokens() {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		log.Fatal(err)
	}
	path, remove := tempFile("keys.json")
	defer remove()
	keys := fmt.Sprintf(`{"keys": [{"kid": "key-1", "kty": "OKP", "crv": "Ed25519", "x": %q}]}`,
		base64.RawURLEncoding.EncodeToString(public))
	if err := os.WriteFile(path, []byte(keys), 0o600); err != nil {
		log.Fatal(err)
	}

	logger := zerolog.Nop()
	tokens, err := authn.NewTokens(authn.TokenConfig{
		Issuer:         "https://login.example.com/",
		Audience:       "api://tabpy",
		RequiredScopes: "tabpy:use",
		KeySetFile:     path, // or JWKSURI: "https://login.example.com/keys.json"
	}, &logger)
	if err != nil {
		log.Fatal(err)
	}
	defer tokens.Close()

	// The issuer signs the token.
	token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, jwt.MapClaims{
		"iss": "https://login.example.com/", "aud": "api://tabpy", "sub": "ann", "scope": "tabpy:use tabpy:deploy",
		"iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix(),
	})
	token.Header["kid"] = "key-1"
	signed, err := token.SignedString(private)
	if err != nil {
		log.Fatal(err)
	}

	claims, err := tokens.Verify(context.Background(), signed)
	fmt.Println(claims.Subject, claims.Scopes, err)
	_, err = tokens.Verify(context.Background(), signed+"AAAA")
	fmt.Println(err)
	// Output:
	// ann [tabpy:use tabpy:deploy] <nil>
	// JWT validation failed: Signature verification failed
}

// Authenticate a request by the parts of its Authorization header.
func ExampleAuthenticator() {
	path, remove := tempFile("passwords.txt")
	defer remove()
	hash, err := authn.NewHash(authn.DefaultScheme(), "correct horse")
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("ann "+hash+"\n"), 0o600); err != nil {
		log.Fatal(err)
	}
	passwords, err := authn.OpenPasswords(path, 256<<20)
	if err != nil {
		log.Fatal(err)
	}

	authenticator := authn.Authenticator{Passwords: passwords}
	user, err := authenticator.Authenticate(context.Background(), authn.Credentials{
		Scheme: "Basic", WellFormed: true, Name: "ann", Password: "correct horse", Address: "192.0.2.1:4711",
	})
	fmt.Println(user.Name, user.Roles&authn.RoleDeploy != 0, err)
	_, err = authenticator.Authenticate(context.Background(), authn.Credentials{Scheme: "Bearer", WellFormed: true, Token: "x"})
	fmt.Println(err)
	// Output:
	// ann true <nil>
	// Authorization header did not match the expected "Basic" scheme
}
