package settings

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

const maxWeight = 100

// checkWeights accepts a list that ParseWeights can parse.
func checkWeights(list string) error {
	_, err := ParseWeights(list)
	return err
}

// ParseWeights parses a list of accounts and addresses with their weights, such as tableau=4. It
// returns an empty map for an empty list.
func ParseWeights(list string) (map[string]int, error) {
	weights := map[string]int{}
	for _, item := range SplitList(list) {
		at := strings.LastIndexByte(item, '=')
		if at < 1 {
			return nil, fmt.Errorf("%s has no weight; write it as NAME=WEIGHT", item)
		}
		name, text := strings.TrimSpace(item[:at]), strings.TrimSpace(item[at+1:])
		weight, err := strconv.Atoi(text)
		if err != nil || weight < 1 || weight > maxWeight {
			return nil, fmt.Errorf("the weight of %s must be from 1 to %d", name, maxWeight)
		}
		if _, twice := weights[name]; twice {
			return nil, errors.New(name + " has two weights")
		}
		weights[name] = weight
	}
	return weights, nil
}
