// Package authn authenticates clients: by name and password, checked against a password file in
// TabPy's format, or by a bearer token. It does not depend on HTTP: it takes a client's credentials
// and returns an identity or an error. Errors are meant for the server's log, never for the client.
// The package itself logs only events of the key set.
//
// Vocabulary:
//
//   - account: a name and the hash of its password. Names are compared in lower case.
//   - password file: one account per line, read as Python's csv module does with a space as
//     delimiter.
//   - hash scheme: how a password is hashed and written. There are four, distinguished by their
//     text: TabPy's scheme, PBKDF2, argon2id and bcrypt.
//   - cost: the scheme of a hash and its parameters, that is, the work and the memory of one guess.
//   - login digest: a keyed digest of a name and a password. The digest of a verified login is kept
//     for an hour, so that a client that repeats the login does not pay for the work again.
//   - attempt: a password check in progress. The same login from the same source joins it.
//   - source: the address, or IPv6 network, that a request comes from. Failed logins are counted by
//     source.
//   - trusted login: a login that succeeded from a source within the last day. It is never
//     throttled.
//   - token: a JSON Web Token (RFC 7519) in compact form, three segments of base64url: header,
//     payload and signature.
//   - claims: the members of a token's payload, trusted only after the signature has been verified.
//   - scope: a word in the claim "scope" that grants its bearer a permission.
//   - key set: the public keys of the token issuer (JWKS, RFC 7517), each with a name, its kid. It
//     comes from a URL or a file.
package authn
