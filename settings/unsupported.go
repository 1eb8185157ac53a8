package settings

// unsupportedSetting is a setting of TabPy 2.16 that has no effect in tabcell.
type unsupportedSetting struct {
	off    []string // values, in lower case, that switch the feature off and need no warning
	reason string
}

// unsupported has TabPy's settings that are not in the table, by name. Setting one is a warning.
var unsupported = map[string]unsupportedSetting{
	"TABPY_QUERY_OBJECT_PATH": {reason: "TabPy does not use it either; deployed endpoints are in TABCELL_MODELS_PATH"},
}
