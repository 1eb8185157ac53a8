// Package registry stores deployed endpoints: their names, their descriptions, and the code of
// their versions. It runs no code; to the registry, a model is bytes with a digest.
//
// Vocabulary:
//
//   - endpoint: a name that clients query. A model has code; an alias refers to another endpoint,
//     its target.
//   - version: the code of a model as deployed at one time. Versions are numbered from 1. Queries
//     use the newest one; a limited number of older ones is kept.
//   - rollback: the deployment of an older version's code as a new version, so that version numbers
//     only ever grow, as TabPy's client expects.
//   - sum: the SHA-256 of a version's code, which is also the name of its file.
//   - digest: the SHA-256 of a version's kind, function and sum. Versions with the same digest
//     behave the same.
//   - manifest: the file with everything about one endpoint except its code, and with a checksum.
//
// # Crash safety
//
// The folder contains manifests in endpoints/, code in code/, files that are being written in tmp/,
// the file lock, which the writing process holds, and server.json, which describes that process if
// it is a server. A deployment writes its code, then its
// manifest. Each file is written to tmp/, flushed to the disk and renamed into place, and then its
// folder is flushed. The rename of the manifest is the commit point. Before it, nothing refers to
// the new code, which the next Open removes. After it, everything that the manifest refers to is on
// the disk. Therefore an acknowledged change survives a crash, and a deployment is either complete
// or absent. When a step fails, the steps before it are undone.
//
// Readers never wait: they see the state before or after a change.
package registry
