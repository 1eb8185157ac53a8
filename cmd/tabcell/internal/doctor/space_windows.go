package doctor

import "golang.org/x/sys/windows"

// spaceOf returns the room that this user has on the volume of a folder, or of the nearest parent
// that exists.
func spaceOf(dir string) (space, bool) {
	path, err := windows.UTF16PtrFromString(existing(dir))
	if err != nil {
		return space{}, false
	}
	var free uint64
	err = windows.GetDiskFreeSpaceEx(path, &free, nil, nil)
	return space{bytes: free}, err == nil
}
