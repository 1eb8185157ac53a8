//go:build helm

package helm

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/testenv"

	"go.yaml.in/yaml/v3"
)

// kubernetes is the version of the cluster for which the chart is rendered.
const kubernetes = "--kube-version=1.30.0"

// helm runs the program and returns its output and its messages.
func helm(args ...string) (string, error) {
	program, err := testenv.Helm()
	if err != nil {
		return "", err
	}
	cmd := exec.Command(program, args...)
	cmd.Dir = testenv.File("assets/install/helm")
	var messages bytes.Buffer
	cmd.Stderr = &messages
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("%w: %s%s", err, out, messages.String())
	}
	return string(out), err
}

// object is an object of Kubernetes, or a part of one.
type object = map[string]any

// render returns the objects of the chart by their kinds, and by KIND NAME. Each value is NAME=VALUE.
func render(t *testing.T, values ...string) map[string]object {
	t.Helper()
	text, err := helm(arguments("template", values)...)
	if err != nil {
		t.Fatal(err)
	}
	objects := map[string]object{}
	for in := yaml.NewDecoder(strings.NewReader(text)); ; {
		var o object
		if err := in.Decode(&o); errors.Is(err, io.EOF) {
			return objects
		} else if err != nil {
			t.Fatalf("%v:\n%s", err, text)
		}
		objects[o["kind"].(string)] = o
		objects[o["kind"].(string)+" "+fmt.Sprint(at(o, "metadata", "name"))] = o
	}
}

func arguments(command string, values []string) []string {
	args := []string{command}
	if command == "template" {
		args = append(args, "release")
	}
	args = append(args, "tabcell", kubernetes)
	for _, value := range values {
		args = append(args, "--set-json", value)
	}
	return args
}

// at returns the part of an object at a path of keys and indexes, or nil.
func at(o any, path ...any) any {
	for _, key := range path {
		switch part := o.(type) {
		case object:
			o = part[key.(string)]
		case []any:
			if key.(int) >= len(part) {
				return nil
			}
			o = part[key.(int)]
		default:
			return nil
		}
	}
	return o
}

// container returns the container of the server.
func container(t *testing.T, objects map[string]object) object {
	t.Helper()
	c, ok := at(objects["StatefulSet"], "spec", "template", "spec", "containers", 0).(object)
	if !ok {
		t.Fatalf("there is no container in %v", objects)
	}
	return c
}

// environment returns the variables of the container. Those that Kubernetes fills in have values of
// a pod.
func environment(c object) map[string]string {
	env := map[string]string{"POD_NAME": "release-tabcell-1", "POD_IP": "10.1.2.3"}
	expand := strings.NewReplacer("$(POD_NAME)", env["POD_NAME"], "$(POD_IP)", env["POD_IP"])
	for _, v := range c["env"].([]any) {
		if value, ok := v.(object)["value"].(string); ok {
			env[v.(object)["name"].(string)] = expand.Replace(value)
		}
	}
	return env
}
