package settings

// later is a setting of TabPy 2.16 that has no effect here.
type unsupportedSetting struct {
	off  []string // values, in lower case, that ask for nothing
	note string
}

// unsupported names TabPy's other settings. A file that sets one is read with a warning.
var unsupported = map[string]unsupportedSetting{
	"TABPY_QUERY_OBJECT_PATH": {note: "TabPy keeps nothing there either; deployed endpoints are in TABCELL_MODELS_PATH"},
	"TABPY_ARROW_ENABLE":      {off: []string{"0", "no", "false", "off"}, note: "Arrow Flight is not supported yet"},
	"TABPY_ARROWFLIGHT_PORT":  {note: "Arrow Flight is not supported yet"},
}
