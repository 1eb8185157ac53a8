package settings

// later is a setting of TabPy 2.16 that has no effect here.
type later struct {
	harmless []string // values, in lower case, that ask for nothing
	note     string
}

// notYet names TabPy's other settings. A file that sets one is read with a warning.
var notYet = map[string]later{
	"TABPY_QUERY_OBJECT_PATH": {note: "TabPy keeps nothing there either; deployed endpoints are in TABCELL_MODELS_PATH"},
	"TABPY_ARROW_ENABLE":      {harmless: []string{"0", "no", "false", "off"}, note: "Arrow Flight is not supported yet"},
	"TABPY_ARROWFLIGHT_PORT":  {note: "Arrow Flight is not supported yet"},
}
