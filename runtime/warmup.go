package runtime

import (
	"context"
	_ "embed"
	"fmt"
	"strings"

	"tabcell/runtime/internal/guest"

	"github.com/rs/zerolog"
)

// warmUpTable is an Arrow IPC stream that pyarrow has written. It has integers, floats, texts,
// booleans, dates and times, most of them with nulls.
//
//go:embed warmup.arrow
var warmUpTable []byte

// warmUp is the body of a request, and its table or nil.
type warmUp struct {
	body  string
	table [][]byte
}

// warmUps are evaluated once before the image is captured, so that the image already has everything
// that the interpreter does only in its first call.
var warmUps = []warmUp{
	{`{"data": {"_arg1": [1, 2.5, "é"]}, "script": "print(_arg1)\nreturn [_arg1, {'a': (None, True)}, 1e-300, str(tabpy.port)]"}`, nil},
	{`{"data": {}, "script": "return ("}`, nil},
	{`{"data": {}, "script": "\n  return {}['x']"}`, nil},
	{`{"data": {"_arg1": {"a": [1, 2]}}, "script": "return pandas.DataFrame(_arg1) if 'pandas' in globals() else NaN"}`, nil},
	{`{"data": {"_arg1": [NaN]}, "script": "return {1}"}`, nil},
	// Twice, because the interpreter adapts its code to the types that it has seen before.
	{`{"script": "return _arg1"}`, [][]byte{warmUpTable}},
	{`{"script": "return _arg1"}`, [][]byte{warmUpTable}},
}

// bootCall enters the guest during the boot, with the clock and random source src. If n is not
// negative, the guest reads the n-th warm-up.
func bootCall(ctx context.Context, src *bootSource, n int, enter func(context.Context) error) error {
	c := newCall(ctx, Call{}, DefaultLimits(), guest.Interruption{})
	c.boot = src
	if n >= 0 {
		c.body, c.table = []byte(warmUps[n].body), warmUps[n].table
	}
	err := enter(withCall(ctx, c))
	switch output := c.output.buf.String(); {
	case output == "":
	case err != nil:
		err = fmt.Errorf("%w\n%s", err, output)
	case n < 0: // the output of warm-ups is not logged
		zerolog.Ctx(ctx).Warn().Msg(strings.TrimSpace(output))
	}
	return err
}
