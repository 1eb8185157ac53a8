package tck

import "encoding/json"

// kindStartup marks a case whose server must refuse to start. All other cases have no kind.
const kindStartup = "startup"

// Case is a recorded exchange, or a recorded start that failed.
type Case struct {
	Group         string            `json:"-"`
	Name          string            `json:"name"` // unique within the group
	Kind          string            `json:"kind"` // "startup" or ""
	Config        string            `json:"config"`
	Needs         []string          `json:"needs"`       // libraries that the script imports
	Fresh         bool              `json:"fresh"`       // requires its own server
	Env           map[string]string `json:"env"`         // for the server
	Files         map[string]string `json:"files"`       // to create in the state directory
	ConfigText    string            `json:"config_text"` // replaces the text of Config
	StateINI      string            `json:"state_ini"`   // replaces the state.ini of Config
	Setup         []Step            `json:"setup"`
	Request       Request           `json:"request"`
	Response      Response          `json:"response"`
	Then          []Exchange        `json:"then"`         // sent after Request
	JWKSFetches   int               `json:"jwks_fetches"` // during Request and Then
	Compare       Rules             `json:"compare"`
	ClientTimeout float64           `json:"client_timeout"` // in seconds; 0 means 60
	Note          string            `json:"note"`
}

// Exchange is a request and its recorded response.
type Exchange struct {
	Request  Request  `json:"request"`
	Response Response `json:"response"`
	Pause    float64  `json:"pause"` // in seconds, before the request
	// PickleArchive is the model file below testdata that TabPy's client copied to the src_path of
	// the request before it sent the request.
	PickleArchive string `json:"pickle_archive"`
}

// Step is one step of a case's setup: a plain request, or an operation of TabPy's Python client. An
// operation is replayed by sending the requests in Wire, which the client sent.
type Step struct {
	Exchange
	Op          string            `json:"op"` // "" for a plain request
	Wire        []Exchange        `json:"wire"`
	Credentials []string          `json:"credentials"` // user name and password
	Headers     map[string]string `json:"headers"`

	// The remaining fields record the arguments of the client's operation and the exception that it
	// raised. They are not used, but Load rejects unknown fields.
	Name        string          `json:"name"`
	Source      string          `json:"source"`
	Function    string          `json:"function"`
	Description string          `json:"description"`
	IsPublic    bool            `json:"is_public"`
	Override    bool            `json:"override"`
	Schema      json.RawMessage `json:"schema"`
	Kwargs      json.RawMessage `json:"kwargs"`
	Raised      *string         `json:"raised"`
}

// Request is a request to send. At most one of Body, BodyBase64 and BodyGen is set. If Raw is set,
// it is everything that is sent on the connection, and the other fields are ignored except Wait.
type Request struct {
	Method     string            `json:"method"`
	Path       string            `json:"path"` // verbatim, as in the request line
	Headers    map[string]string `json:"headers"`
	Body       *string           `json:"body"`
	BodyBase64 []byte            `json:"body_base64"`
	BodyGen    *GeneratedBody    `json:"body_gen"`
	Transfer   string            `json:"transfer"` // "chunked" sends chunks of seven bytes
	Raw        string            `json:"raw"`      // Latin-1
	Wait       float64           `json:"wait"`     // seconds of silence that end a raw exchange
}

// GeneratedBody is a long body: Prefix, Repeat repeated Count times, and Suffix.
type GeneratedBody struct {
	Prefix string `json:"prefix"`
	Repeat string `json:"repeat"`
	Count  int    `json:"count"`
	Suffix string `json:"suffix"`
}

// Response is TabPy's response, or the outcome of a startup case.
type Response struct {
	Status         int               `json:"status"`
	Reason         string            `json:"reason"` // not compared: the HTTP library chooses it
	Headers        map[string]string `json:"headers"`
	Body           json.RawMessage   `json:"body"`
	BodyIsJSON     bool              `json:"body_is_json"`
	BodyText       string            `json:"body_text"`
	BodyLeftOut    bool              `json:"body_left_out"` // the body is a page of TabPy's own
	GzipDecoded    bool              `json:"gzip_decoded"`
	TransportError string            `json:"transport_error"` // set if there was no response

	// For raw requests.
	Statuses []int `json:"statuses"` // of all responses, 1xx included
	Closed   bool  `json:"closed"`   // the server closed the connection

	// For startup cases.
	Exit    int    `json:"exit"`    // exit status of the server
	Message string `json:"message"` // part of the server's output
}

// Rules describes how to compare a response with the recorded one.
type Rules struct {
	Status       string   `json:"status"`       // exact, in, peer-defect
	StatusIn     []int    `json:"status_in"`    // acceptable if Status is "in"
	Body         string   `json:"body"`         // json-exact, json-approx, text, ignore
	Headers      []string `json:"headers"`      // must be equal, or absent in both responses
	Volatile     []string `json:"volatile"`     // not compared: $.key (top level), $..key (anywhere)
	RelTol       float64  `json:"rel_tol"`      // tolerance of json-approx
	PythonText   bool     `json:"python_text"`  // "Class : text" is compared by the class alone
	LibraryText  bool     `json:"library_text"` // the same
	Then         string   `json:"then"`         // "compare" compares the responses of Case.Then
	JWKSFetches  bool     `json:"jwks_fetches"` // compare Case.JWKSFetches
	Log          []string `json:"log"`          // patterns that the server's output must match
	Alternatives [][]int  `json:"alternatives"` // other acceptable Statuses of a raw request
	Closed       bool     `json:"closed"`       // compare Response.Closed
	Exit         string   `json:"exit"`         // "exact" in startup cases
	Message      bool     `json:"message"`      // true in startup cases
	Note         string   `json:"note"`
}
