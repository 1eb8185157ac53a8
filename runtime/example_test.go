package runtime_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"tabcell/runtime"
)

// testGuest returns the small guest of this package's tests. It has no Python: it obeys the first
// letter of the request's body. The guests of package assets take the JSON body of an /evaluate
// request instead, such as
//
//	{"script": "return _arg1", "data": {"_arg1": [1, 2]}}
func testGuest() runtime.Guest {
	wasm, err := os.ReadFile("testdata/guest.wasm")
	if err != nil {
		log.Fatal(err)
	}
	digest := sha256.Sum256(wasm)
	return runtime.Guest{
		Name:      "test",
		Digest:    hex.EncodeToString(digest[:]),
		Wasm:      func() ([]byte, error) { return wasm, nil },
		Resources: func() (map[string][]byte, error) { return nil, nil },
	}
}

func ExampleEngine_Evaluate() {
	ctx := context.Background()
	engine, err := runtime.New(ctx, runtime.Config{
		Guest:       testGuest(),
		Concurrency: 2,
		Limits:      runtime.Limits{Timeout: 5 * time.Second, Memory: 32 << 20},
		// CacheDir makes later starts faster.
	})
	if err != nil {
		log.Fatal(err)
	}
	defer engine.Close()

	// The letter e returns the rest of the body.
	result, err := engine.Evaluate(ctx, runtime.Call{Body: []byte("ehello")})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n", result.Body)
	// Output: hello
}

func ExampleEngine_Evaluate_errors() {
	ctx := context.Background()
	engine, err := runtime.New(ctx, runtime.Config{Guest: testGuest()})
	if err != nil {
		log.Fatal(err)
	}
	defer engine.Close()

	for _, body := range []string{
		"x", // raises an exception
		"l", // loops
		"t", // traps
	} {
		call := runtime.Call{Body: []byte(body), Limits: runtime.Limits{Timeout: time.Second}}
		_, err := engine.Evaluate(ctx, call)
		var scriptErr *runtime.ScriptError
		switch {
		case errors.As(err, &scriptErr):
			fmt.Printf("line %d: %v\n", scriptErr.Line, scriptErr)
		case errors.Is(err, context.DeadlineExceeded):
			fmt.Println(err)
		case errors.Is(err, runtime.ErrCrash):
			fmt.Println("crash")
		}
	}
	// Output:
	// line 3: ValueError : boom
	// the script exceeded its time limit of 1s (TABCELL_EVALUATE_TIMEOUT)
	// crash
}

func ExampleEngine_QueryModel() {
	ctx := context.Background()
	engine, err := runtime.New(ctx, runtime.Config{Guest: testGuest()})
	if err != nil {
		log.Fatal(err)
	}
	defer engine.Close()

	model := runtime.Model{
		Name: "greeting", Version: 1, Kind: runtime.ModelSource, Digest: "digest of the code",
		Content: func(context.Context) ([]byte, error) { return []byte("def greeting(): ..."), nil },
	}
	info, err := engine.LoadModel(ctx, model)
	if err != nil {
		log.Fatal(err)
	}
	result, err := engine.QueryModel(ctx, model, runtime.Call{Body: []byte("ehello")})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("function %s returned %s\n", info.Function, result.Body)
	// Output: function f returned hello
}

// A server accepts requests at once. They wait until the engine has started.
func ExamplePendingEngine() {
	ctx := context.Background()
	engine := runtime.NewPendingEngine(64, 30*time.Second)
	go engine.Start(func() (runtime.Evaluator, error) {
		return runtime.New(ctx, runtime.Config{Guest: testGuest()})
	})

	result, err := engine.Evaluate(ctx, runtime.Call{Body: []byte("ehello")})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n", result.Body)
	if err := engine.Close(); err != nil {
		log.Fatal(err)
	}
	// Output: hello
}

// A script that imports a module of the large guest only waits until that guest has been loaded.
func ExampleRouter() {
	ctx := context.Background()
	small, err := runtime.New(ctx, runtime.Config{Guest: testGuest()})
	if err != nil {
		log.Fatal(err)
	}
	router := runtime.NewRouter(small, []string{"scipy"}, func() (*runtime.Engine, error) {
		fmt.Println("loading the large guest")
		return runtime.New(ctx, runtime.Config{Guest: testGuest(), ShareQueueWith: small})
	})
	defer router.Close()

	for _, body := range []string{"eimport math", "eimport scipy"} {
		result, err := router.Evaluate(ctx, runtime.Call{Body: []byte(body)})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s\n", result.Body)
	}
	// Output:
	// import math
	// loading the large guest
	// import scipy
}
