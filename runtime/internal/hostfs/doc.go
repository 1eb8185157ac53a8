// Package hostfs shows the granted folders of the host to a call: regular files and folders, to be
// read only.
//
// Each folder is opened once for a call, as an os.Root. All paths below it are resolved by the root,
// so that no link leads out of the folder, not even one that is replaced at that moment. Devices,
// sockets and named pipes are refused; a pipe is opened without waiting for its other end.
//
// A file system may hang, as one over a network does when its server is gone. Every operation runs
// on a goroutine that is left behind if the call ends before.
package hostfs
