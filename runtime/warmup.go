package runtime

import (
	"context"
	"fmt"
	"strings"

	"tabcell/runtime/internal/guest"

	"github.com/rs/zerolog"
)

// warmUps are evaluated once before the image is captured, so that the image already has everything
// that the interpreter does only in its first call.
var warmUps = []string{
	`{"data": {"_arg1": [1, 2.5, "é"]}, "script": "print(_arg1)\nreturn [_arg1, {'a': (None, True)}, 1e-300, str(tabpy.port)]"}`,
	`{"data": {}, "script": "return ("}`,
	`{"data": {}, "script": "\n  return {}['x']"}`,
	`{"data": {"_arg1": {"a": [1, 2]}}, "script": "return pandas.DataFrame(_arg1) if 'pandas' in globals() else NaN"}`,
	`{"data": {"_arg1": [NaN]}, "script": "return {1}"}`,
}

// bootCall enters the guest during the boot, with the clock and random source src. If n is not
// negative, the guest reads the n-th warm-up.
func bootCall(ctx context.Context, src *bootSource, n int, enter func(context.Context) error) error {
	c := newCall(ctx, Call{}, DefaultLimits(), guest.Interruption{})
	c.boot = src
	if n >= 0 {
		c.body = []byte(warmUps[n])
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
