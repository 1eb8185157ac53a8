package settings

// later is a setting of TabPy 2.16 that is not supported yet.
type later struct {
	harmless []string // values, in lower case, that ask for nothing
	protects bool     // it asks for protection: without it the service must not be reachable from the network
	note     string
}

const noOAuth = "bearer tokens are not supported yet"

// notYet names TabPy's other settings. A file that sets one is read with a warning.
var notYet = map[string]later{
	"TABPY_QUERY_OBJECT_PATH":             {note: "nothing is stored there"},
	"TABPY_STATIC_PATH":                   {note: "the landing page is built in"},
	"TABPY_PWD_FILE":                      {protects: true, note: "authentication is not supported yet"},
	"TABPY_TRANSFER_PROTOCOL":             {harmless: []string{"http"}, protects: true, note: "TLS is not supported yet"},
	"TABPY_CERTIFICATE_FILE":              {note: "TLS is not supported yet"},
	"TABPY_KEY_FILE":                      {note: "TLS is not supported yet"},
	"TABPY_MINIMUM_TLS_VERSION":           {note: "TLS is not supported yet"},
	"TABPY_LOG_DETAILS":                   {harmless: []string{"false"}, note: "every request is logged with its call id already"},
	"TABPY_ARROW_ENABLE":                  {harmless: []string{"0", "no", "false", "off"}, note: "Arrow Flight is not supported yet"},
	"TABPY_ARROWFLIGHT_PORT":              {note: "Arrow Flight is not supported yet"},
	"TABPY_OAUTH_ENABLED":                 {harmless: []string{"0", "no", "false", "off"}, protects: true, note: noOAuth},
	"TABPY_OAUTH_ISSUER":                  {note: noOAuth},
	"TABPY_OAUTH_JWKS_URI":                {note: noOAuth},
	"TABPY_OAUTH_ALLOW_NONPUBLIC_JWKS":    {note: noOAuth},
	"TABPY_OAUTH_AUDIENCE":                {note: noOAuth},
	"TABPY_OAUTH_REQUIRED_SCOPES":         {note: noOAuth},
	"TABPY_OAUTH_ENFORCE_ENDPOINT_SCOPES": {note: noOAuth},
	"TABPY_OAUTH_QUERY_SCOPE":             {note: noOAuth},
	"TABPY_OAUTH_EVALUATE_SCOPE":          {note: noOAuth},
	"TABPY_OAUTH_DEPLOY_SCOPE":            {note: noOAuth},
	"TABPY_OAUTH_LOG_USER":                {note: noOAuth},
}
