package doctor

import "tabcell/settings"

func checkSystem(s settings.Settings) []Finding {
	return []Finding{
		{OK, "shared images", "not available on this system; each cell copies the image", ""},
		checkAddressSpace(s),
	}
}
