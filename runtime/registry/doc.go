// Package registry keeps deployed endpoints: what they are called, what is said about them, and the code of their versions. It runs
// nothing; to it a model is bytes with a checksum.
//
// The words:
//
//   - endpoint: a name that clients query. A model has code; an alias names another endpoint, its target.
//   - version: the code of a model as it was deployed once, counted from 1. The newest is the one that is queried; some older ones are kept.
//   - rollback: an old version's code deployed once more, as a new version, so that numbers only ever grow, as TabPy's client expects.
//   - sum: the SHA-256 of a version's code, by which its file is named; digest: that of kind, function and code together.
//   - manifest: the file that holds everything about one endpoint but code, with a sum of its own.
//
// # What a crash can do
//
// The folder has manifests in endpoints/, code in code/, files that are being written in tmp/, and lock, which the one writing process
// holds. A deployment writes its code, then its manifest: each whole into tmp/, forced to the disk, renamed into place, and the folder
// forced to the disk. The manifest's rename is the moment at which the deployment is made. Before it nothing refers to the new code,
// which the next start sweeps away; after it everything the manifest refers to is on the disk. So whatever was acknowledged survives
// a kill, and a deployment is there whole or not at all. When a step fails, the ones before it are taken back.
//
// Readers never wait: they see the snapshot of before or after a change.
package registry
