package tck

import "encoding/json"

// kindStartup is the kind of cases whose server must refuse to start; all others have no kind.
const kindStartup = "startup"

// Case is a recorded exchange, or a start that failed.
type Case struct {
	Group         string            `json:"-"`
	Name          string            `json:"name"` // unique in its group
	Kind          string            `json:"kind"`
	Config        string            `json:"config"`
	Needs         []string          `json:"needs"` // libraries that the script imports
	Fresh         bool              `json:"fresh"` // wants a server of its own
	Env           map[string]string `json:"env"`
	Files         map[string]string `json:"files"`       // put into the state folder
	ConfigText    string            `json:"config_text"` // instead of the configuration's
	StateINI      string            `json:"state_ini"`   // likewise
	Setup         []Step            `json:"setup"`
	Request       Request           `json:"request"`
	Response      Response          `json:"response"`
	Then          []Exchange        `json:"then"`         // sent afterwards
	JWKSFetches   int               `json:"jwks_fetches"` // how often the key set was fetched from the first request to the last
	Compare       Rules             `json:"compare"`
	ClientTimeout float64           `json:"client_timeout"` // seconds; 0 is 60
	Note          string            `json:"note"`
}

// Exchange is a request with its answer.
type Exchange struct {
	Request       Request  `json:"request"`
	Response      Response `json:"response"`
	Pause         float64  `json:"pause"`          // seconds before the request
	PickleArchive string   `json:"pickle_archive"` // the model that the client copied to the request's src_path before
}

// Step is something that was done before a case: one plain request, or an operation of TabPy's Python client, which is repeated by sending
// what the client sent.
type Step struct {
	Exchange
	Op          string            `json:"op"`
	Wire        []Exchange        `json:"wire"`
	Credentials []string          `json:"credentials"` // name and password
	Headers     map[string]string `json:"headers"`

	// What the client was asked for, and what it said. Nothing here is used.
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

// Request is what is sent. The body is one of three; without any there is none. A raw request is all bytes of a connection.
type Request struct {
	Method     string            `json:"method"`
	Path       string            `json:"path"` // as it stands in the request line
	Headers    map[string]string `json:"headers"`
	Body       *string           `json:"body"`
	BodyBase64 []byte            `json:"body_base64"`
	BodyGen    *GeneratedBody    `json:"body_gen"`
	Transfer   string            `json:"transfer"` // "chunked": in chunks of seven bytes
	Raw        string            `json:"raw"`      // Latin-1
	Wait       float64           `json:"wait"`     // seconds of silence after which a raw exchange is over
}

// GeneratedBody is a long body: prefix, count times repeat, suffix.
type GeneratedBody struct {
	Prefix string `json:"prefix"`
	Repeat string `json:"repeat"`
	Count  int    `json:"count"`
	Suffix string `json:"suffix"`
}

// Response is what TabPy answered.
type Response struct {
	Status         int               `json:"status"`
	Reason         string            `json:"reason"` // not compared: its wording is the library's
	Headers        map[string]string `json:"headers"`
	Body           json.RawMessage   `json:"body"`
	BodyIsJSON     bool              `json:"body_is_json"`
	BodyText       string            `json:"body_text"`
	BodyLeftOut    bool              `json:"body_left_out"` // a page of TabPy's own
	GzipDecoded    bool              `json:"gzip_decoded"`
	TransportError string            `json:"transport_error"` // there was no answer
	Statuses       []int             `json:"statuses"`        // of a raw request's answers, 1xx included
	Closed         bool              `json:"closed"`          // whether the server closed a raw request's connection
	Exit           int               `json:"exit"`            // exit status of a server that did not start
	Message        string            `json:"message"`         // what it printed, among other things
}

// Rules say what of an answer counts.
type Rules struct {
	Status       string   `json:"status"` // exact, in, peer-defect
	StatusIn     []int    `json:"status_in"`
	Body         string   `json:"body"`     // json-exact, json-approx, text, ignore
	Headers      []string `json:"headers"`  // equal, or absent on both sides
	Volatile     []string `json:"volatile"` // paths that are dropped on both sides: $.key at the top, $..key anywhere
	RelTol       float64  `json:"rel_tol"`
	PythonText   bool     `json:"python_text"`  // "Class : wording" is compared by the class
	LibraryText  bool     `json:"library_text"` // likewise
	Then         string   `json:"then"`         // compare
	JWKSFetches  bool     `json:"jwks_fetches"`
	Log          []string `json:"log"`          // regular expressions that the server's output has to match soon after the answer
	Alternatives [][]int  `json:"alternatives"` // other acceptable statuses of a raw request
	Closed       bool     `json:"closed"`
	Exit         string   `json:"exit"`    // exact, in startup cases
	Message      bool     `json:"message"` // true, in startup cases
	Note         string   `json:"note"`
}
