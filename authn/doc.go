// Package authn tells who is asking: by name and password, as a password file of TabPy's holds them, or by a bearer token. It knows
// nothing of the requests that ask: what it finds out about a client it returns, and the reasons are for the server's log, never for the client. By
// itself it logs only what becomes of a key set.
//
// Vocabulary:
//
//   - account: a name and the hash of its password; names are compared in lower case.
//   - password file: one account a line, read as Python's csv module reads it with a space between the fields.
//   - form: how the text of a hash is written. There are two, told apart by their texts: TabPy's and the salted one.
//   - rounds: repetitions of PBKDF2; the work that one guess costs.
//   - proof: a keyed digest of a name and a password that were right; whoever sends them again need not pay the rounds again.
//   - attempt: one check of a password that is being paid for; the same guess by the same source joins it.
//   - source: where a request comes from, an address; wrong guesses are counted by it.
//   - person: who a request turned out to be from, and what that person may do.
//   - token: a JSON Web Token (RFC 7519) in its compact form, three segments of base64url: header, payload, signature.
//   - claims: the members of the payload: what a token says of its bearer, believed once its signature was verified.
//   - scope: a word in the claim of that name; it stands for something that the bearer may do.
//   - key set: the public keys of whoever signs tokens (JWKS, RFC 7517), each with a name, the kid; from an address or a file.
package authn
